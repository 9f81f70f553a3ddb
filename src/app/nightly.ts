// The night's run: the last accepted roster planned again for the new day. Asks what is due; rings at most one bell.

import { decideNight } from "../domain/night.ts";
import type { App } from "./app.ts";

/**
 * Called at the appointed minute, every minute besides, and at every start: a run that was missed is made up once.
 * @param latestDueMs the last appointed moment that is not in the future (milliseconds since 1970); null: none
 */
export async function ringIfNightIsDue(latestDueMs: number | null, app: App): Promise<void> {
  const now = app.clock.now();
  const night = decideNight(await app.runs.nightFulfilled(), latestDueMs, now);
  if (night.kind === "nothing") return;
  const accepted = night.kind === "due" ? await app.runs.accepted() : null;
  if (accepted !== null) {
    const runId = await app.newRunId();
    const due = new Date(night.dueMs).toISOString();
    // Several daemons ring for the same moment: the bell's id is the moment, so that it rings once.
    await app.bell.ring({ kind: "nightly", runId, dataId: accepted.dataId, due });
    app.log.info({ due }, "the nightly run is due");
  }
  await app.runs.fulfilNight(night.dueMs);
}
