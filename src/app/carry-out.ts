// What follows once a run's plan is published: its file goes to the archive, its jobs are queued, and at the end it is
// wrapped up with a report. Every function here may run again after a crash and then changes nothing more.

import { wasHeld } from "../domain/hold.ts";
import { isFinal, type Run } from "../domain/run.ts";
import { answerRows } from "./answers.ts";
import type { App } from "./app.ts";
import { portraitToAccept } from "./comparing.ts";
import { clearDoubts } from "./in-doubt.ts";
import { inFlight } from "./in-flight.ts";
import type { Reading } from "./ports.ts";
import type { Later } from "./waiting.ts";

const STALE_BECAUSE = {
  superseded: "A newer roster took over before this was done.",
  discarded: "A person discarded the run.",
} as const;

/** Does for a published run what its state asks for. */
export async function carryOut(runId: string, app: App): Promise<void> {
  const found = await app.runs.get(runId);
  if (found === null) return;
  const run = await putAway(found, app);
  if (run.state === "held") await writeAnswers(run, app);
  if (run.state === "applying") await apply(run, app);
  for (const closing of await app.runs.closing()) {
    const other = await app.runs.get(closing);
    await app.bell.ring({ kind: "close", runId: closing, dataId: other?.dataId ?? run.dataId });
  }
}

/** Moves a claimed file to where its run's state says, unless it is there already. Returns the run as it is now. */
export async function putAway(run: Run, app: App): Promise<Run> {
  if (run.trigger === "nightly" || run.filePath === null || !run.filePath.startsWith("processing/")) return run;
  const filePath =
    run.state === "refused" || run.state === "failed"
      ? await app.files.refuse(run.filePath, run.because ?? "")
      : await app.files.archive(run.filePath, new Date(run.startedAt));
  await app.runs.update(run.runId, { filePath });
  return { ...run, filePath };
}

async function apply(run: Run, app: App): Promise<void> {
  await settleIn(run, app);
  // The queue's store takes one part while the next is made ready.
  const parts = inFlight(2);
  try {
    for await (const jobs of app.runs.openJobs(run.runId)) await parts.put(() => app.provisioning.enqueue(jobs));
  } finally {
    await parts.end();
  }
  await app.runs.update(run.runId, { isCarriedOut: true });
}

/** What a run means for everybody who needs no job: its adoptions, and that its roster is the accepted one. */
async function settleIn(run: Run, app: App): Promise<void> {
  const { runId, fileName, filePath, sha256, dataId, trigger } = run;
  await app.runs.applyAdoptions(runId);
  if (trigger === "nightly" || filePath === null || sha256 === null) return;
  const accepted = await app.runs.accepted();
  if (accepted !== null && accepted.runId >= runId) return;
  const at = new Date(app.clock.now()).toISOString();
  const portrait = await portraitToAccept(run, accepted, app);
  await app.runs.accept({ runId, fileName, filePath, sha256, dataId, at }, portrait);
}

/**
 * Ends a run whose changes all have outcomes, or that was superseded or discarded.
 * @returns null: it is over, or was not to be ended; otherwise when to try again
 */
export async function closeRun(runId: string, startsBefore: number, app: App): Promise<Later | null> {
  const run = await app.runs.get(runId);
  if (run === null || run.endedAt !== null) return null;
  if (run.state === "superseded" || run.state === "discarded") {
    for await (const changes of app.runs.openChanges(runId)) {
      await app.provisioning.withdraw(changes.map(({ key, op }) => ({ runId, key, op })));
    }
    const later = await clearDoubts(run, startsBefore, app);
    if (later !== null) return later;
    await app.runs.settleRest(runId, { status: "stale", message: STALE_BECAUSE[run.state] });
    const because = run.state === "superseded" ? whySuperseded(run) : run.because;
    await wrapUp({ ...run, because }, app);
    return null;
  }
  if (run.state !== "applying" || run.counts.open > 0) return null;
  const settledIn = await putAway(run, app);
  if (!run.isCarriedOut) {
    await settleIn(settledIn, app);
    await app.runs.update(runId, { isCarriedOut: true });
  }
  await wrapUp({ ...settledIn, state: "closed" }, app);
  return null;
}

/** What a roster was held for may matter more than the one that took its place. */
function whySuperseded({ breaches, decidedBy, because, supersededBy }: Run): string {
  const by = `Superseded by run ${supersededBy}.`;
  if (breaches.length === 0) return by;
  // Whoever released it is named there, too.
  return `${decidedBy === null || because === null ? wasHeld(breaches) : because}\n${by}`;
}

/** Writes the answer files, then the final state: after a crash in between, both are simply done again. Returns the run as it ended. */
export async function wrapUp(run: Run, app: App, reading?: Reading): Promise<Run> {
  const counts = (await app.runs.get(run.runId))?.counts ?? run.counts;
  const ended: Run = { ...run, counts, endedAt: new Date(app.clock.now()).toISOString() };
  await writeAnswers(ended, app);
  const { state, because, filePath, endedAt } = ended;
  const isOver = await app.runs.close(run.runId, { state, because, filePath, endedAt, waitingFor: null }, reading);
  if (isOver) app.log.info({ run: run.runId, state, ...counts }, "run ended");
  else app.log.warn({ run: run.runId }, "Redis was set back while the run was ended; it is looked at again");
  return ended;
}

/** One pair of answer files for every file; a night in which nothing was to be done leaves none. */
async function writeAnswers(run: Run, app: App): Promise<void> {
  if (run.trigger === "nightly" && run.counts.planned === 0 && isFinal(run.state)) return;
  await app.files.answer(
    run.fileName,
    run.runId,
    answerRows({ runId: run.runId, wasReleased: wasReleased(run) }, app.runs),
    {
      run: run.runId,
      file: run.fileName,
      sha256: run.sha256,
      trigger: run.trigger,
      verdict: run.state,
      because: run.because,
      asOf: run.asOf,
      comparison: run.comparison,
      breaches: run.breaches,
      decidedBy: run.decidedBy,
      reason: run.reason,
      counts: run.counts,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
    },
  );
}

/** A run that went over a limit did nothing unless a person let it. */
function wasReleased({ breaches, decidedBy, state }: Run): boolean {
  return breaches.length === 0 || (decidedBy !== null && state !== "discarded");
}
