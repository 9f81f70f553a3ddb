// One run, as a story: gather, decide, record, publish, carry out. Each step can be repeated after a crash, because the
// run's state says how far it came. Watcher, schedule and command line only ring the bell that leads here.

import { holdMessage, releaseCommand } from "../domain/hold.ts";
import { RosterRefused } from "../domain/roster-refused.ts";
import { noCounts, type Run, type RunCounts } from "../domain/run.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import type { App } from "./app.ts";
import { carryOut, putAway, wrapUp } from "./carry-out.ts";
import { type Planned, planRoster, refreshAccounts } from "./planning.ts";
import type { Bell, Reading } from "./ports.ts";
import { type Later, waitForTallyfy } from "./waiting.ts";

type RosterBell = Extract<Bell, { kind: "roster" | "nightly" }>;

/**
 * Works on one roster: a file that was claimed, or the last accepted one again (nightly).
 * @returns null when the run is on its way or over; otherwise when to try again
 * @throws ReadingLost when another process reads the same roster meanwhile
 */
export async function sync(bell: RosterBell, startsBefore: number, app: App): Promise<Later | null> {
  const opened = await openRun(bell, app);
  if (opened === null) return null;
  if (opened.state !== "reading") {
    await carryOut(opened.runId, app);
    return null;
  }
  // Starts afresh after a crash: nobody has seen any of what was recorded.
  const reading = await app.runs.beginReading(opened.runId);
  const run = await hashed(opened, app);
  try {
    if (await cannotGoOn(run, reading, app)) return null;
    if (await isNothingNew(run, reading, bell, app)) return null;
    await gather(run, app);
    const planned = await record(run, reading, app);
    if (planned.totals.changes > 0) await app.tallyfy.ensureAccess();
    await publish(run, reading, planned, app);
  } catch (error) {
    if (error instanceof TallyfyError) return waitForTallyfy(run, error, startsBefore, app);
    if (!(error instanceof RosterRefused)) throw error;
    await refuse(run, reading, error, app);
    return null;
  }
  await carryOut(run.runId, app);
  return null;
}

/** The run that belongs to the bell, new or as a crash left it. Null: there is nothing to work on. */
async function openRun(bell: RosterBell, app: App): Promise<Run | null> {
  const known = await app.runs.get(bell.runId);
  if (known !== null) return known.state === "reading" && bell.kind === "roster" ? whereItLies(known, app) : known;
  const roster = bell.kind === "nightly" ? await rosterOfNight(app) : await claimedRoster(bell.runId, app);
  if (roster === null) return null;
  return app.runs.open({
    runId: bell.runId,
    state: "reading",
    trigger: bell.kind === "roster" ? bell.trigger : "nightly",
    fileName: roster.fileName,
    dataId: bell.dataId,
    filePath: roster.filePath,
    sha256: roster.sha256,
    asOf: null,
    planHash: null,
    breaches: [],
    comparison: null,
    counts: noCounts(),
    because: null,
    waitingFor: null,
    supersededBy: null,
    decidedBy: null,
    isCarriedOut: false,
    reason: null,
    startedAt: new Date(app.clock.now()).toISOString(),
    plannedAt: null,
    endedAt: null,
  });
}

type RosterFile = Pick<Run, "fileName" | "filePath" | "sha256">;

/** The last accepted roster. A night in which a run is under way has nothing to add to it: whoever comes due comes with the next. */
async function rosterOfNight(app: App): Promise<RosterFile | null> {
  const busy = (await app.runs.unfinished()).find((run) => run.state === "applying");
  if (busy !== undefined) app.log.info({ run: busy.runId }, "no nightly run: this run is still under way");
  return busy === undefined ? app.runs.accepted() : null;
}

async function claimedRoster(runId: string, app: App): Promise<RosterFile | null> {
  const file = await app.files.find(runId);
  return file === null ? null : { fileName: file.fileName, filePath: file.path, sha256: null };
}

/** A Redis that lost its last moments knows the run as it was before its file was put away. */
async function whereItLies(run: Run, app: App): Promise<Run> {
  if (run.filePath !== null && (await app.files.exists(run.filePath))) return run;
  const file = await app.files.find(run.runId);
  if (file === null) return run;
  app.log.warn({ run: run.runId }, "the roster lies further on than Redis knows; it is read there");
  await app.runs.update(run.runId, { filePath: file.path });
  return { ...run, filePath: file.path };
}

/** The run with its file's hash; a night has that of the roster it was rung for. */
async function hashed(run: Run, app: App): Promise<Run> {
  if (run.trigger === "nightly") return run;
  const sha256 = await app.files.hash(run.filePath ?? "");
  await app.runs.update(run.runId, { sha256 });
  return { ...run, sha256 };
}

/** A night can only go on with the very file that it was rung for. */
async function cannotGoOn(run: Run, reading: Reading, app: App): Promise<boolean> {
  if (run.trigger !== "nightly") return false;
  const accepted = await app.runs.accepted();
  if (accepted !== null && accepted.sha256 !== run.sha256) {
    const because = `Superseded by run ${accepted.runId}: a newer roster was accepted before this night's run was planned.`;
    await finish(run, reading, { state: "superseded", supersededBy: accepted.runId, because }, app);
    return true;
  }
  const path = run.filePath ?? "";
  const isThere = await app.files.exists(path);
  if (isThere && (await app.files.hash(path)) === run.sha256) return false;
  const what = isThere ? "was changed" : "is gone";
  const because = `The last accepted roster ${what} (${path}), so tonight nobody came due. Drop the newest roster again.`;
  await finish(run, reading, { state: "failed", because }, app);
  return true;
}

/** The same content as the last accepted roster, or as a run under way, is not run again by accident. */
async function isNothingNew(run: Run, reading: Reading, bell: RosterBell, app: App): Promise<boolean> {
  if (bell.kind === "nightly" || bell.isForced) return false;
  const { sha256 } = run;
  const accepted = await app.runs.accepted();
  const sameRun = (await app.runs.unfinished()).find((other) => other.sha256 === sha256 && other.runId !== run.runId);
  const earlier = sameRun?.runId ?? (accepted?.sha256 === sha256 ? accepted.runId : null);
  if (earlier === null) return false;
  const because =
    sameRun?.state === "held"
      ? `Nothing new: run ${earlier} has the same content and is held; release it with: ${releaseCommand(earlier, sameRun.breaches)}`
      : `Nothing new: the content is that of run ${earlier}. To run it again all the same: roster-sync sync --force FILE`;
  await finish(run, reading, { state: "nothing-new", because }, app);
  return true;
}

/** Tallyfy's members are read at first contact and every night. */
async function gather(run: Run, app: App): Promise<void> {
  if (!app.tallyfy.canList) return;
  if (run.trigger === "nightly" || (await app.ledger.listedAt()) === null) await refreshAccounts(app);
}

/** Decides for everybody; what is decided is put away as it comes. */
async function record(run: Run, reading: Reading, app: App): Promise<Planned> {
  const path = app.files.absolute(run.filePath ?? "");
  return planRoster(path, run.sha256, app.ledger, (part, number) => app.runs.recordPart(reading, number, part), app);
}

/** From here on the plan is a fact: what was recorded is what runs. */
async function publish(run: Run, reading: Reading, planned: Planned, app: App): Promise<void> {
  const { asOf, sha256, totals, verdict, planHash, portrait, comparison } = planned;
  const state = verdict.kind === "hold" ? "held" : "applying";
  const breaches = verdict.kind === "hold" ? verdict.breaches : [];
  const accepted = await app.runs.accepted();
  const { rows, unchanged, changes, adoptions, skipped } = totals;
  const counts: RunCounts = { ...noCounts(), rows, planned: changes, unchanged, adopted: adoptions, skipped };

  await app.runs.keepPortrait(reading, portrait);
  const fields: Partial<Run> = {
    sha256,
    asOf,
    planHash,
    breaches,
    comparison,
    counts,
    because: state === "held" ? holdMessage(run, breaches, accepted?.fileName ?? null) : null,
    waitingFor: null,
    plannedAt: new Date(app.clock.now()).toISOString(),
  };
  const published = await app.runs.publish(reading, state, fields);
  for (const runId of published.superseded)
    app.log.info({ run: runId, by: run.runId }, "a newer plan supersedes this run");
  const { adopted } = counts;
  const over = breaches.map(({ limit, counted, allowed }) => ({ limit, counted, allowed }));
  const { state: became } = published;
  app.log.info(
    { run: run.runId, state: became, over, rows, planned: changes, unchanged, adopted, skipped },
    "planned a run",
  );
}

async function refuse(run: Run, reading: Reading, refusal: RosterRefused, app: App): Promise<void> {
  const because = refusal.issues
    .map(({ line, message, fix }) => `${line === null ? "" : `Line ${line}: `}${message} ${fix}`)
    .join("\n");
  await finish(run, reading, { state: "refused", because }, app);
  const codes = [...new Set(refusal.issues.map((issue) => issue.code))];
  app.log.warn({ run: run.runId, codes }, "the roster was refused; the reason lies beside it");
}

/** Ends a run that came to no plan. The file is moved last: until the state is final, a crash means to read it again. */
export async function finish(run: Run, reading: Reading, fields: Partial<Run>, app: App): Promise<void> {
  // Parts may have been recorded before the roster was refused: they are nobody's plan.
  const last = await app.runs.beginReading(run.runId, reading);
  await putAway(await wrapUp({ ...run, ...fields }, app, last), app);
}
