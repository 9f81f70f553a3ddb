// What a run does that cannot be planned because Tallyfy does not answer or refuses our credentials: it waits, visibly.

import { pauseMs } from "../domain/reaction.ts";
import type { TallyfyError } from "../domain/tallyfy-error.ts";
import type { App } from "./app.ts";
import { halt } from "./halts.ts";

export interface Later {
  readonly delayMs: number;
}

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 300_000;

/** Notes on the run why it waits, and says when to try again. Costs nothing: the file stays where it is. */
export async function waitForTallyfy(
  runId: string,
  error: TallyfyError,
  startsBefore: number,
  app: App,
): Promise<Later> {
  const { kind, message } = error.failure;
  const isRefused = kind === "unauthorized" || kind === "forbidden" || kind === "not-found" || kind === "invalid";
  await app.runs.update(runId, { waitingFor: isRefused ? "credentials" : "tallyfy", because: message });
  if (isRefused) {
    await halt("credentials", message, app);
    return { delayMs: app.settings.probeMs };
  }
  const delayMs =
    kind === "rate-limited"
      ? pauseMs(error.failure, app.settings.retry)
      : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(startsBefore, 10));
  app.log.warn({ run: runId, kind, delayMs }, "the run waits for Tallyfy");
  return { delayMs };
}
