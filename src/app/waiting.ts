// What a run does that cannot be planned because Tallyfy does not answer or refuses our credentials: it waits, visibly.

import { CLIENT_REFUSED, pauseMs } from "../domain/reaction.ts";
import type { Run } from "../domain/run.ts";
import { TallyfyError, type TallyfyFailure } from "../domain/tallyfy-error.ts";
import type { App } from "./app.ts";
import { halt } from "./halts.ts";

export interface Later {
  readonly delayMs: number;
}

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 300_000;

/**
 * Notes on the run that it waits, and says when to try again. Costs nothing: the file stays where it is. Why it waits stands on one that has no
 * reason of its own yet: of one that gave way or was discarded, that stays.
 */
export async function waitForTallyfy(
  { runId, state }: Pick<Run, "runId" | "state">,
  error: TallyfyError,
  startsBefore: number,
  app: App,
): Promise<Later> {
  const { kind, message } = error.failure;
  const isRefused = kind === "unauthorized" || kind === "forbidden" || kind === "not-found" || kind === "invalid";
  const waitingFor = isRefused ? "credentials" : "tallyfy";
  await app.runs.update(runId, state === "reading" ? { waitingFor, because: message } : { waitingFor });
  if (isRefused) {
    // Listing needs the acting admin, creating does not: the queue is halted only when we ourselves are refused.
    if (await isRefusedAltogether(error.failure, app)) await halt("credentials", message, app);
    else
      app.log.warn({ run: runId, kind, reason: message }, "the run waits: Tallyfy refuses to tell who its members are");
    return { delayMs: app.settings.probeMs };
  }
  const delayMs =
    kind === "rate-limited"
      ? Math.max(1_000, pauseMs(error.failure))
      : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(startsBefore, 10));
  app.log.warn({ run: runId, kind, reason: message, delayMs }, "the run waits for Tallyfy");
  return { delayMs };
}

async function isRefusedAltogether(failure: TallyfyFailure, app: App): Promise<boolean> {
  if (failure.code === CLIENT_REFUSED) return true;
  try {
    return (await app.tallyfy.probe()) !== null;
  } catch (error) {
    if (error instanceof TallyfyError) return error.kind === "unauthorized";
    throw error;
  }
}
