// The night's run: the last accepted roster planned again for the new day. Asks what is due; rings at most one bell.

import { makeRunId } from "../domain/run-id.ts";
import type { App } from "./app.ts";

/**
 * Called at the appointed minute, every minute besides, and at every start: a run that was missed is made up once.
 * @param latestDueMs the last appointed moment that is not in the future (milliseconds since 1970)
 */
export async function ringIfNightIsDue(latestDueMs: number, app: App): Promise<void> {
  const fulfilled = await app.runs.nightFulfilled();
  if (fulfilled === null) {
    // The first start ever: nothing was missed.
    await app.runs.fulfilNight(latestDueMs);
    return;
  }
  if (latestDueMs <= fulfilled) return;
  const accepted = await app.runs.accepted();
  if (accepted !== null) {
    const runId = makeRunId(app.clock.now(), app.clock.random);
    const due = new Date(latestDueMs).toISOString();
    // Several daemons ring for the same moment: the bell's id is the moment, so that it rings once.
    await app.bell.ring({ kind: "nightly", runId, dataId: accepted.dataId, due });
    app.log.info({ due }, "the nightly run is due");
  }
  await app.runs.fulfilNight(latestDueMs);
}
