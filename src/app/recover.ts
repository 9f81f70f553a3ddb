// What a crash left, found by looking at the state and not at events. Runs at every start and every minute.

import { isFinal } from "../domain/run.ts";
import { makeRunId } from "../domain/run-id.ts";
import type { App } from "./app.ts";
import { putAway } from "./carry-out.ts";

/** The bell that published a run so lately is probably still queueing its jobs. */
const JUST_PUBLISHED_MS = 20_000;
/** Whoever claimed a file so lately is probably just ringing for it, and knows more: whether it was forced, by whom. */
const JUST_CLAIMED_MS = 5_000;
/** A Redis that knows no roster at all was emptied or exchanged, unless this happened only just now. */
const LATELY_MS = 3_600_000;
/** Far enough back to see the last roster between its nights. */
const RUNS_LOOKED_AT = 50;

/**
 * Claimed files without an end ring their bell again, and so does the newest roster when Redis forgot it; runs that were released but
 * not carried out are carried out; runs that await wrapping up are closed; changes without an outcome and without a job get a job.
 * Harmless when there is nothing to find. What cannot be mended now keeps nothing else from being mended.
 */
export async function recover(app: App): Promise<void> {
  const mends = [ringForClaimedFiles, ringForForgottenRoster, ringForReleasedRuns, reviveJobs, ringForClosingRuns];
  for (const mend of mends) {
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
    if (run === null && isJustClaimed(file.runId, app)) continue;
    await app.bell.ring({
      kind: "roster",
      runId: file.runId,
      dataId: app.files.dataId,
      trigger: run?.trigger ?? "inbox",
      isForced: false,
    });
  }
}

/**
 * A Redis that lost its last moments (a power cut, a replica that took over) may not know a run whose file is put away already. Only
 * the newest roster counts; that it is newer than everything known tells it from those that the history no longer keeps.
 */
async function ringForForgottenRoster(app: App): Promise<void> {
  // Looked at first: a file is put away after its run was opened, so that one put away meanwhile is known.
  const newest = await app.files.newestArchived();
  if (newest === null) return;
  const [runs, accepted] = await Promise.all([app.runs.list(RUNS_LOOKED_AT), app.runs.accepted()]);
  const { dataId } = app.files;
  // Put away, and yet being read: Redis is back before the plan was published, and its bell may have been answered since.
  for (const { runId, state, trigger, filePath } of runs) {
    if (state !== "reading" || trigger === "nightly") continue;
    if ((runId === newest.runId || filePath?.startsWith("archive/") === true) && (await app.files.find(runId)) !== null)
      await app.bell.ring({ kind: "roster", runId, dataId, trigger, isForced: false });
  }
  const known = runs.filter((run) => run.trigger !== "nightly").map((run) => run.runId);
  if (accepted !== null) known.push(accepted.runId);
  const isForgotten =
    known.length > 0 ? known.every((runId) => runId < newest.runId) : isSince(newest.runId, LATELY_MS, app);
  if (!isForgotten) return;
  app.log.warn(
    { run: newest.runId },
    "Redis lost its last moments and does not know the newest roster; it is planned again",
  );
  const { runId } = newest;
  await app.bell.ring({ kind: "roster", runId, dataId, trigger: "inbox", isForced: false });
}

/** A name from the future shows that clocks differ, and nothing else. */
function isJustClaimed(runId: string, app: App): boolean {
  return isSince(runId, JUST_CLAIMED_MS, app) && !isSince(runId, -JUST_CLAIMED_MS, app);
}

/** Whether a run got its name within the last `ms`. */
function isSince(runId: string, ms: number, app: App): boolean {
  return runId > makeRunId(app.clock.now() - ms, () => 0);
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
