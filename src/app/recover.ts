// What a crash left, found by looking at the state and not at events. Runs at every start and every minute.

import { isFinal } from "../domain/run.ts";
import type { App } from "./app.ts";

/** The bell that published a run so lately is probably still queueing its jobs. */
const JUST_PUBLISHED_MS = 20_000;

/**
 * Claimed files without an end ring their bell again; runs that await wrapping up are closed; changes without an outcome
 * and without a job get a job. Harmless when there is nothing to find.
 */
export async function recover(app: App): Promise<void> {
  await ringForClaimedFiles(app);
  await reviveJobs(app);
  for (const runId of await app.runs.closing()) {
    const run = await app.runs.get(runId);
    if (run !== null) await app.bell.ring({ kind: "close", runId, dataId: run.dataId });
  }
}

async function ringForClaimedFiles(app: App): Promise<void> {
  for (const file of await app.files.claimed()) {
    const run = await app.runs.get(file.runId);
    if (run !== null && isFinal(run.state)) {
      // Ended, but the file was not yet moved when the process died.
      const path =
        run.state === "refused" || run.state === "failed"
          ? await app.files.refuse(file.path, run.because ?? "")
          : await app.files.archive(file.path, new Date(run.startedAt));
      await app.runs.update(file.runId, { filePath: path });
      continue;
    }
    await app.bell.ring({
      kind: "roster",
      runId: file.runId,
      dataId: app.files.dataId,
      fileName: file.fileName,
      filePath: file.path,
      trigger: run?.trigger ?? "inbox",
      isForced: false,
    });
  }
}

async function reviveJobs(app: App): Promise<void> {
  const applying = (await app.runs.unfinished()).filter((run) => run.state === "applying");
  const open = applying.reduce((sum, run) => sum + run.counts.open, 0);
  if (open === 0 || (await app.provisioning.outstanding()) >= open) return;
  for (const { runId, plannedAt } of applying) {
    if (plannedAt !== null && app.clock.now() - Date.parse(plannedAt) < JUST_PUBLISHED_MS) continue;
    app.log.warn({ run: runId }, "queueing changes of a run again that have no job");
    for await (const changes of app.runs.openChanges(runId)) {
      await app.provisioning.revive(changes.map(({ key, op }) => ({ runId, key, op })));
    }
  }
}
