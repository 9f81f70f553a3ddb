// What a crash left, found by looking at the state and not at events. Runs at every start and every minute.

import { isFinal } from "../domain/run.ts";
import type { App } from "./app.ts";
import { putAway } from "./carry-out.ts";

/** The bell that published a run so lately is probably still queueing its jobs. */
const JUST_PUBLISHED_MS = 20_000;

/**
 * Claimed files without an end ring their bell again; runs that were released but not carried out are; runs that await
 * wrapping up are closed; changes without an outcome and without a job get a job. Harmless when there is nothing to find.
 * What cannot be mended now keeps nothing else from being mended.
 */
export async function recover(app: App): Promise<void> {
  for (const mend of [ringForClaimedFiles, ringForReleasedRuns, reviveJobs, ringForClosingRuns]) {
    await mend(app).catch((error: unknown) => {
      app.log.error(
        { err: error, what: mend.name },
        "something that a crash left could not be mended; it is tried again",
      );
    });
  }
}

async function ringForClosingRuns(app: App): Promise<void> {
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
      await putAway({ ...run, filePath: file.path }, app).catch((error: unknown) => {
        app.log.error(
          { run: file.runId, err: error },
          "the file of an ended run could not be moved; it is tried again",
        );
      });
      continue;
    }
    await app.bell.ring({
      kind: "roster",
      runId: file.runId,
      dataId: app.files.dataId,
      trigger: run?.trigger ?? "inbox",
      isForced: false,
    });
  }
}

async function ringForReleasedRuns(app: App): Promise<void> {
  for (const { runId, state, dataId, isCarriedOut } of await app.runs.unfinished()) {
    if (state === "applying" && !isCarriedOut) await app.bell.ring({ kind: "apply", runId, dataId });
  }
}

async function reviveJobs(app: App): Promise<void> {
  // Counted first: jobs that end meanwhile are never missed, and those of a run published meanwhile are not yet due.
  const outstanding = await app.provisioning.outstanding();
  const applying = (await app.runs.unfinished()).filter((run) => run.state === "applying" && run.isCarriedOut);
  const open = applying.reduce((sum, run) => sum + run.counts.open, 0);
  if (open === 0 || outstanding >= open) return;
  for (const { runId, plannedAt } of applying) {
    if (plannedAt !== null && app.clock.now() - Date.parse(plannedAt) < JUST_PUBLISHED_MS) continue;
    app.log.warn({ run: runId }, "queueing changes of a run again that have no job");
    for await (const changes of app.runs.openChanges(runId)) {
      await app.provisioning.revive(changes.map(({ key, op }) => ({ runId, key, op })));
    }
  }
}
