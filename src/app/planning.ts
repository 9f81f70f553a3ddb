// Roster and ledger in, plan out. Used by `sync`, which goes on, and by `plan`, which stops here.

import { dayAt } from "../domain/day.ts";
import type { ReadingSummary } from "../domain/employee.ts";
import type { Account, KnownAccount } from "../domain/ledger.ts";
import { judge, type Verdict } from "../domain/limits.ts";
import { type Change, canonicalChange, draftPlan, type Plan } from "../domain/plan.ts";
import { draftPortrait, type RosterPortrait } from "../domain/portrait.ts";
import { type Fingerprint, normaliseEmail } from "../domain/profile.ts";
import type { App } from "./app.ts";
import { compareWithAccepted } from "./comparing.ts";
import type { Ledger } from "./ports.ts";

export type Standings = Pick<Ledger, "standings" | "size">;

export interface Planned {
  readonly plan: Plan;
  readonly verdict: Verdict;
  readonly summary: ReadingSummary;
  readonly planHash: string;
  /** For comparing the next roster with this one. */
  readonly portrait: RosterPortrait;
  /** What this one was compared with, in a sentence; null: the accepted content once more. */
  readonly comparison: string | null;
}

/**
 * Reads the roster at `path` (a path that the reader can open), decides for everybody in it, and compares it with the last
 * accepted one.
 * @throws RosterRefused when the file cannot be taken for a roster
 */
export async function planRoster(
  path: string,
  runId: string,
  standings: Standings,
  app: Pick<App, "reader" | "clock" | "settings" | "fingerprint" | "runs">,
): Promise<Planned> {
  const { settings } = app;
  const asOf = dayAt(app.clock.now(), settings.timeZone);
  const draft = draftPlan({ asOf, leadDays: settings.leadDays });
  const portraitDraft = draftPortrait();
  const reading = app.reader.open(path);
  for await (const rows of reading.rows()) {
    const people = rows.flatMap((row) => (row.kind === "employee" ? [row.employee] : []));
    const known = (await standings.standings(people)).values();
    for (const row of rows) {
      draft.add(row, row.kind === "employee" ? (known.next().value ?? null) : null);
      portraitDraft.add(row);
    }
  }
  const summary = reading.summary();
  const plan = draft.finish({ runId, sha256: summary.sha256 });
  const portrait = portraitDraft.finish(summary);
  const { doubts, text: comparison } = await compareWithAccepted(portrait, summary.sha256, app);
  const verdict = judge(plan.changes.length, await standings.size(), settings.limits, doubts);
  return { plan, verdict, summary, planHash: hashOf(plan.changes, app.fingerprint), portrait, comparison };
}

/** The plan's fingerprint: the same changes in any order give the same. A person approves this. */
export function hashOf(changes: readonly Change[], fingerprint: Fingerprint): string {
  return fingerprint(`plan\n${changes.map(canonicalChange).sort().join("\n")}`);
}

/** What the ledger keeps of a listed member. */
export function toKnown(account: Account): KnownAccount {
  const { accountId, role, status, isBot, isDefaultAdmin } = account;
  return { accountId, role, status, isBot, isDefaultAdmin };
}

/** The fingerprint under which an address is compared everywhere. */
export function emailHashOf(email: string, fingerprint: Fingerprint): string {
  return fingerprint(`email\n${normaliseEmail(email)}`);
}

/** Reads Tallyfy's members into the ledger's list of known accounts. @throws TallyfyError */
export async function refreshAccounts(app: App): Promise<void> {
  async function* pages() {
    for await (const page of app.tallyfy.listMembers()) {
      yield page.map((account) => ({
        emailHash: emailHashOf(account.email, app.fingerprint),
        account: toKnown(account),
      }));
    }
  }
  const count = await app.ledger.replaceAccounts(pages(), app.clock.now());
  app.log.info({ members: count }, "read the members that Tallyfy has");
}

/** The ledger as it is, but with the members that Tallyfy has at this moment; nothing is stored. @throws TallyfyError */
export async function liveStandings({
  ledger,
  tallyfy,
  fingerprint,
  clock,
}: Pick<App, "ledger" | "tallyfy" | "fingerprint" | "clock">): Promise<Standings> {
  const atMs = clock.now();
  const accounts = new Map<string, KnownAccount>();
  for await (const page of tallyfy.listMembers()) {
    for (const account of page) accounts.set(emailHashOf(account.email, fingerprint), toKnown(account));
  }
  return {
    standings: (people) => ledger.standings(people, { atMs, accounts }),
    async size() {
      return Math.max(await ledger.size(), accounts.size);
    },
  };
}
