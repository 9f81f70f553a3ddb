// `users`: the members Tallyfy has, and how each stands to the ledger. `token` and `tasks`: acting as one of them.

import { createHash } from "node:crypto";
import { emailHashOf } from "../app/planning.ts";
import { lookAtLedger } from "../app/same-ledger.ts";
import type { Assembly } from "../assembly.ts";
import { ACTING_ADMIN_MISSING, ConfigProblems } from "../config/problem.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import type { Account, LedgerEntry } from "../domain/ledger.ts";
import { normaliseEmail } from "../domain/profile.ts";
import { counted } from "../domain/quoting.ts";
import { say, sayJson, warn } from "./output.ts";
import { type GlobalOptions, withPassingAssembly } from "./session.ts";

interface UserLine {
  readonly account_id: number | null;
  readonly email: string;
  readonly role: string | null;
  readonly status: string;
  /** How the ledger came to know the account; null: it does not. */
  readonly ledger: LedgerEntry["origin"] | null;
  readonly key: string | null;
  readonly run: string | null;
  readonly line: number | null;
  readonly roster_sha256: string | null;
  readonly since: string | null;
}

export async function usersCommand(options: GlobalOptions & { readonly json?: boolean }): Promise<ExitCode> {
  return withPassingAssembly(options, async (assembly, { dataDir }) => {
    const { app } = assembly;
    if (!app.tallyfy.canList) {
      throw new ConfigProblems([ACTING_ADMIN_MISSING]);
    }
    const entries = new Map<string, LedgerEntry>();
    for await (const page of app.ledger.entries()) for (const entry of page) entries.set(entry.emailHash, entry);
    const isLedgerEmpty = entries.size === 0;
    const lines: UserLine[] = [];
    for await (const page of app.tallyfy.listMembers()) {
      for (const account of page) {
        const hash = emailHashOf(account.email, app.fingerprint);
        lines.push(userLine(account, entries.get(hash) ?? null));
        entries.delete(hash);
      }
    }
    if (options.json === true) sayJson(JSON.stringify(lines, null, 2));
    else say(usersText(lines, entries.size));
    const other = await lookAtLedger(assembly);
    if (other !== null) warn(other.message);
    else if (isLedgerEmpty) {
      warn(
        `Note: the ledger is empty (data folder ${dataDir}). Before the first run that is so; otherwise set DATA_DIR, REDIS_URL ` +
          "and --config as the daemon has them.",
      );
    }
    return EXIT.done;
  });
}

function userLine(account: Account, entry: LedgerEntry | null): UserLine {
  return {
    account_id: account.accountId,
    email: account.email,
    role: account.role,
    status: account.isBot ? "bot" : account.status,
    ledger: entry?.origin ?? null,
    key: entry?.key ?? null,
    run: entry?.runId ?? null,
    line: entry?.line ?? null,
    roster_sha256: entry?.sha256 ?? null,
    since: entry?.at ?? null,
  };
}

function usersText(lines: readonly UserLine[], withoutAccount: number): string {
  const width = Math.max(10, ...lines.map((line) => line.email.length)) + 2;
  const rows = lines.map(({ account_id, email, role, status, ledger, key, run, line }) => {
    const standing = ledger === null ? "not in the ledger" : `${ledger} as ${key} by run ${run}, line ${line ?? "?"}`;
    return `${String(account_id ?? "?").padStart(8)}  ${email.padEnd(width)}${(role ?? "?").padEnd(10)}${status.padEnd(10)}${standing}`;
  });
  const known = lines.filter((line) => line.ledger !== null).length;
  const summary = [`${counted(lines.length, "member")} in Tallyfy, ${known} of them in the ledger.`];
  if (withoutAccount > 0) {
    summary.push(
      `${withoutAccount} ledger entries have no member any more; they show up as "vanished" in the next plan.`,
    );
  }
  return [...rows, ...summary].join("\n");
}

export async function tokenCommand(
  email: string,
  options: GlobalOptions & { readonly reveal?: boolean },
): Promise<ExitCode> {
  return withPassingAssembly(options, async (assembly) => {
    const token = await assembly.tallyfy.mintFor(normaliseEmail(email), (address) => isKnown(address, assembly));
    const lifetimeS = Math.round((token.expiresAt - token.obtainedAt) / 1000);
    const print = createHash("sha256").update(token.token).digest("hex").slice(0, 16);
    say(`expires in    ${lifetimeS} s (${new Date(token.expiresAt).toISOString()})`);
    say(`fingerprint   sha256:${print}`);
    if (options.reveal === true) say(`token         ${token.token}`);
    else say("The token itself is shown with --reveal. It can do everything this person may do, and is not kept here.");
    return EXIT.done;
  });
}

export async function tasksCommand(email: string, options: GlobalOptions): Promise<ExitCode> {
  return withPassingAssembly(options, async (assembly) => {
    const token = await assembly.tallyfy.mintFor(normaliseEmail(email), (address) => isKnown(address, assembly));
    const tasks = await assembly.tallyfy.tasks(token.token);
    for (const { id, title, status, deadline } of tasks) {
      say(`${id}  ${(status ?? "?").padEnd(12)}${deadline ?? "no deadline"}  ${title ?? "(without a title)"}`);
    }
    say(tasks.length === 0 ? "No tasks." : `${tasks.length} tasks.`);
    return EXIT.done;
  });
}

/** Known to the ledger, to the last listing, or to Tallyfy's list at this moment. */
async function isKnown(email: string, { app }: Assembly): Promise<boolean> {
  const emailHash = emailHashOf(email, app.fingerprint);
  const [standing] = await app.ledger.standings([{ key: emailHash, emailHash }]);
  if (standing !== undefined && (standing.emailOwner !== null || standing.account !== null)) return true;
  return app.tallyfy.canList && (await app.tallyfy.findMember(email)) !== null;
}
