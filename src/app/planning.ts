// Roster and ledger in, plan out. Used by `sync`, which goes on, and by `plan`, which stops here.

import { type Day, dayAt } from "../domain/day.ts";
import type { Employee, ReadingSummary, RosterRow } from "../domain/employee.ts";
import type { Account, KnownAccount, Standing } from "../domain/ledger.ts";
import { judge, type Verdict } from "../domain/limits.ts";
import { type PlanPart, type PlanTotals, planFlow } from "../domain/plan.ts";
import { draftPortrait, type RosterPortrait } from "../domain/portrait.ts";
import { type Fingerprint, normaliseEmail } from "../domain/profile.ts";
import type { App } from "./app.ts";
import { compareWithAccepted } from "./comparing.ts";
import { inFlight } from "./in-flight.ts";
import { createPlanHash } from "./plan-hash.ts";
import type { Ledger } from "./ports.ts";

export type Standings = Pick<Ledger, "standings" | "plainStandings" | "size">;

/** So many batches more are read before one's answer is needed: a part of the plan that is being put away keeps the store busy. */
const BATCHES_AHEAD = 3;

/** What a roster came to; the plan itself went part by part to whoever asked for it. */
export interface Planned {
  readonly asOf: Day;
  readonly sha256: string;
  readonly totals: PlanTotals;
  readonly verdict: Verdict;
  readonly summary: ReadingSummary;
  readonly planHash: string;
  /** For comparing the next roster with this one. */
  readonly portrait: RosterPortrait;
  /** What this one was compared with, in a sentence; null: the accepted content once more. */
  readonly comparison: string | null;
}

/** Where the parts of a plan go, one after the other, numbered from 0; the next may be asked for while one is being put away. */
export type TakePart = (part: PlanPart, number: number) => Promise<void>;

/**
 * Reads the roster at `path` (a path that the reader can open), decides for everybody in it, and compares it with the last
 * accepted one. `sha256`: the file's hash, where it is known already. Three things go on at once: reading rows, asking how the
 * rows before stand, and putting away what was decided.
 * @throws RosterRefused when the file cannot be taken for a roster
 */
export async function planRoster(
  path: string,
  sha256: string | null,
  standings: Standings,
  take: TakePart,
  app: Pick<App, "reader" | "clock" | "settings" | "fingerprint" | "runs">,
): Promise<Planned> {
  const { settings } = app;
  const asOf = dayAt(app.clock.now(), settings.timeZone);
  const flow = planFlow({ asOf, leadDays: settings.leadDays });
  const hash = createPlanHash(app.fingerprint);
  const portraitDraft = draftPortrait();
  const parts = inFlight(1);
  let number = 0;

  async function putAway(): Promise<void> {
    const part = flow.take();
    for (const change of part.changes) hash.add(change);
    for (const { line } of part.withdrawn) hash.remove(line);
    const which = number++;
    await parts.put(() => take(part, which));
  }

  const reading = app.reader.open(path, sha256);
  try {
    for await (const { rows, known } of withStandings(reading.rows(), standings)) {
      let employee = 0;
      for (const row of rows) {
        flow.add(row, row.kind === "employee" ? (known[employee] ?? null) : null);
        if (row.kind === "employee") employee += 1;
        portraitDraft.add(row);
      }
      if (flow.size() >= settings.planPartSize) await putAway();
    }
    if (flow.size() > 0) await putAway();
  } finally {
    // Also when the roster is refused: nothing comes after the last part.
    await parts.end();
  }

  const summary = reading.summary();
  const totals = flow.totals();
  const portrait = portraitDraft.finish(summary);
  const { doubts, text: comparison } = await compareWithAccepted(portrait, summary.sha256, app);
  const verdict = judge(totals.changes, await standings.size(), settings.limits, doubts);
  return { asOf, sha256: summary.sha256, totals, verdict, summary, planHash: hash.value(), portrait, comparison };
}

interface Known {
  readonly rows: readonly RosterRow[];
  /** Of the employees among them, in order. */
  readonly known: readonly Standing[];
}

/** Each batch with how its people stand; the next ones are read while the answers are on their way. */
async function* withStandings(
  batches: AsyncIterable<readonly RosterRow[]>,
  standings: Standings,
): AsyncGenerator<Known> {
  const waiting: Promise<Known>[] = [];
  for await (const rows of batches) {
    const people: Employee[] = [];
    for (const row of rows) if (row.kind === "employee") people.push(row.employee);
    const asked = standingsOf(people, standings).then((known) => ({ rows, known }));
    // Its failure is met where it is awaited; until then it is nobody's.
    asked.catch(() => undefined);
    waiting.push(asked);
    if (waiting.length > BATCHES_AHEAD) yield await (waiting.shift() as Promise<Known>);
  }
  for (const last of waiting) yield await last;
}

/** Most people are known plainly or not at all; the others are asked for once more, in full. */
async function standingsOf(people: readonly Employee[], standings: Standings): Promise<readonly Standing[]> {
  const plain = await standings.plainStandings(people);
  const others = people.filter((_, index) => plain[index] == null);
  const full = (await standings.standings(others)).values();
  return plain.flatMap((standing) => standing ?? full.next().value ?? []);
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

/**
 * Reads Tallyfy's members into the ledger's list of known accounts. Where another process has put a newer list there meanwhile, that one is
 * as good. @throws TallyfyError, ListingLost
 */
export async function refreshAccounts(app: App): Promise<void> {
  async function* pages() {
    for await (const page of app.tallyfy.listMembers()) {
      yield page.map((account) => ({
        emailHash: emailHashOf(account.email, app.fingerprint),
        account: toKnown(account),
      }));
    }
  }
  const begun = await app.ledger.beginListing(app.clock.now());
  const { isReplaced, count } = await app.ledger.replaceAccounts(begun, pages());
  if (isReplaced) app.log.info({ members: count }, "read the members that Tallyfy has");
  else app.log.info({ members: count }, "another process began to read the members later; its list counts");
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
    plainStandings: async (people) => people.map(() => null),
    async size() {
      return Math.max(await ledger.size(), accounts.size);
    },
  };
}
