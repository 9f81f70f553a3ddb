// A run that gives way may leave people behind whom Tallyfy made without our seeing its answer. Where the newer roster names them,
// its own jobs find out. Where it does not, nobody would ever: they are looked up before the run is wrapped up.

import type { LedgerEntry } from "../domain/ledger.ts";
import type { Run } from "../domain/run.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import type { App } from "./app.ts";
import { type Later, waitForTallyfy } from "./waiting.ts";

const AT_WORK_DELAY_MS = 1_000;

/** @returns null: nobody is in doubt any more, as far as it can be known; otherwise when to look again */
export async function clearDoubts(run: Run, startsBefore: number, app: App): Promise<Later | null> {
  // Without an acting admin nobody can be looked up. The person stays marked, and the next roster that names them finds out.
  if (!app.tallyfy.canList) return null;
  const { runId } = run;
  let isAtWork = false;
  try {
    for await (const doubts of app.runs.inDoubt(runId, run.supersededBy)) {
      for (const { change, isClaimed } of doubts) {
        // A job is on its way to Tallyfy with it at this moment, or died and will be found.
        isAtWork ||= isClaimed;
        const member = isClaimed ? null : await app.tallyfy.findMember(change.after.email);
        if (member === null) continue;
        const { key, op, emailHash, line } = change;
        const { accountId } = member;
        const at = new Date(app.clock.now()).toISOString();
        const entry: LedgerEntry = {
          key,
          emailHash,
          accountId,
          origin: "created",
          runId,
          sha256: run.sha256 ?? "",
          line,
          at,
        };
        const message = "An earlier attempt, whose answer was lost, had created the account.";
        await app.runs.settle({ runId, key, op }, { status: "already", accountId, message }, entry);
        app.log.info({ run: runId, key }, "found a person whom a run that gave way had created");
      }
    }
  } catch (error) {
    if (error instanceof TallyfyError) return waitForTallyfy(run, error, startsBefore, app);
    throw error;
  }
  return isAtWork ? { delayMs: AT_WORK_DELAY_MS } : null;
}
