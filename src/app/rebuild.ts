// The ledger lost with Redis, made again: everything is read first and told, and written only when a person says so. Reads
// the archive with today's reader and configuration; what differs from then is told, too.

import type { RosterRow } from "../domain/employee.ts";
import { draftPortrait, type RosterPortrait } from "../domain/portrait.ts";
import { draftRebuild, type Members, type Mention, type Rebuilt } from "../domain/rebuild.ts";
import { RosterRefused } from "../domain/roster-refused.ts";
import { isFinal, type Run, type RunState } from "../domain/run.ts";
import { momentOf } from "../domain/run-id.ts";
import { traceIn } from "./answers.ts";
import type { App } from "./app.ts";
import { emailHashOf, toKnown } from "./planning.ts";
import type {
  AcceptedRoster,
  AnswerSummary,
  BegunListing,
  ClaimedFile,
  ListedAccount,
  PastRuns,
  RebuildStore,
} from "./ports.ts";

export type FileUnknownKind =
  | "answer-unreadable"
  | "roster-missing"
  | "roster-unanswered"
  | "run-undecided"
  | "roster-refused"
  | "rows-unreadable";

/** Something about a run or its files that could not be known. `count`: people or rows it concerns, where that can be said. */
export interface FileUnknown {
  readonly kind: FileUnknownKind;
  readonly runId: string | null;
  readonly path: string;
  readonly count: number | null;
}

export interface Rebuild extends Rebuilt {
  readonly fileUnknowns: readonly FileUnknown[];
  /** Null: Tallyfy was not asked. */
  readonly members: ReadMembers | null;
  /** Ended runs for the history, oldest first. */
  readonly runs: readonly Run[];
  readonly accepted: AcceptedRoster | null;
  readonly portrait: RosterPortrait | null;
  /** Entries that the ledger had before, and keeps. */
  readonly kept: number;
  readonly rosters: number;
  readonly answers: number;
}

/** Why the ledger is not rebuilt now. */
export class RebuildRefused extends Error {
  override readonly name = "RebuildRefused";
}

interface ReadMembers extends Members {
  readonly begun: BegunListing;
}

type Answer = { readonly summary: AnswerSummary; readonly rowsPath: string };

/**
 * Reads everything and decides; writes nothing.
 * @param asks whether Tallyfy is asked for its members
 * @param adds whether a ledger that is not empty is added to
 * @throws RebuildRefused, TallyfyError
 */
export async function planRebuild(
  { asks, adds }: { readonly asks: boolean; readonly adds: boolean },
  past: PastRuns,
  store: RebuildStore,
  app: App,
): Promise<Rebuild> {
  const { entries: kept, underWay } = await store.look();
  if (underWay.length > 0) throw new RebuildRefused(await underWayText(underWay, app));
  if (kept > 0 && !adds) throw new RebuildRefused(notEmptyText(kept));

  const draft = draftRebuild();
  const fileUnknowns: FileUnknown[] = [];
  for await (const page of app.ledger.entries()) for (const entry of page) draft.keep(entry);

  const rosters = await past.rosters();
  const answers: Answer[] = [];
  for (const answer of await past.answers()) {
    if (answer.kind === "answer") answers.push(answer);
    else fileUnknowns.push({ kind: "answer-unreadable", runId: null, path: answer.path, count: null });
  }
  const traced = await traceAll(answers, past, draft.trace, fileUnknowns);
  const acceptedAnswer = answers.findLast(
    ({ summary }) => summary.verdict === "closed" && summary.trigger !== "nightly" && summary.sha256 !== null,
  );
  const read = await readArchive(rosters, answers, acceptedAnswer?.summary.sha256 ?? null, draft.mention, app);
  fileUnknowns.push(...read.fileUnknowns, ...undecided(answers, rosters));
  for (const [sha256, { summary, count }] of traced) {
    if (count > 0 && !read.pathOf.has(sha256)) {
      fileUnknowns.push({ kind: "roster-missing", runId: summary.run, path: summary.file, count });
    }
  }

  const members = asks ? await readMembers(app) : null;
  const { entries, unknowns } = draft.finish(members);
  const accepted = acceptedAnswer === undefined ? null : acceptedFrom(acceptedAnswer.summary, read.pathOf, app);
  return {
    entries,
    unknowns,
    fileUnknowns,
    members,
    runs: answers
      .filter(({ summary }) => isFinal(summary.verdict))
      .map(({ summary }) => runFrom(summary, read.pathOf, app)),
    accepted,
    portrait: accepted === null ? null : read.portrait,
    kept,
    rosters: rosters.length,
    answers: answers.length,
  };
}

/**
 * Writes what was planned. Ended runs and the list of members come first and are seen at once; both are true by themselves. The ledger comes
 * last and all at once: with one that is there, rebuilding again would be refused, and what had to follow would be missing for good.
 * @throws RebuildRefused, ListingLost
 */
export async function carryOutRebuild(rebuild: Rebuild, store: RebuildStore, app: App): Promise<void> {
  const { members, runs, entries, kept, accepted, portrait } = rebuild;
  await store.restoreRuns(runs);
  // Where a list that began later is there by now, it is as good.
  if (members !== null) await app.ledger.replaceAccounts(members.begun, pagesOf(members));
  const facts = { seenEntries: kept, accepted, portrait, nightFulfilledMs: app.clock.now() };
  const isDone = await store.replaceLedger(entries, facts);
  if (!isDone) {
    throw new RebuildRefused(
      [
        "The ledger was not rebuilt: a run began, or the ledger changed, meanwhile. Nothing was written to it. The history of ended runs and the",
        "list of Tallyfy's members may have been brought up to date before that; both are right and can stay. When no run is under way any more",
        "(roster-sync runs shows them), give the same command again: it begins afresh.",
      ].join(" "),
    );
  }
  app.log.info({ entries: entries.length, runs: runs.length }, "rebuilt the ledger");
}

/** Every account that an answer file tells of. Returns how many each roster has, by its hash. */
async function traceAll(
  answers: readonly Answer[],
  past: PastRuns,
  trace: ReturnType<typeof draftRebuild>["trace"],
  fileUnknowns: FileUnknown[],
): Promise<ReadonlyMap<string, { readonly summary: AnswerSummary; readonly count: number }>> {
  const traced = new Map<string, { readonly summary: AnswerSummary; readonly count: number }>();
  for (const { summary, rowsPath } of answers) {
    if (!isFinal(summary.verdict) || summary.sha256 === null) continue;
    const { run: runId, sha256, startedAt, endedAt } = summary;
    let count = 0;
    try {
      for await (const rows of past.answerRows(rowsPath)) {
        for (const row of rows) {
          const found = row.key === null ? null : traceIn(row);
          if (found === null || row.key === null) continue;
          const at = found.origin === "adopted" ? startedAt : (endedAt ?? startedAt);
          const { origin, accountId } = found;
          trace({ key: row.key, line: row.line, runId, sha256, at, origin, accountId });
          count += 1;
        }
      }
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "AnswerUnreadable") throw error;
      fileUnknowns.push({ kind: "answer-unreadable", runId, path: rowsPath, count: null });
    }
    // Of runs of one content, the one that made accounts is named.
    if (count > 0) traced.set(sha256, { summary, count: count + (traced.get(sha256)?.count ?? 0) });
  }
  return traced;
}

interface ArchiveRead {
  /** By content. */
  readonly pathOf: ReadonlyMap<string, ClaimedFile>;
  readonly portrait: RosterPortrait | null;
  readonly fileUnknowns: readonly FileUnknown[];
}

const WITHOUT_PLAN: readonly RunState[] = ["refused", "nothing-new", "failed"];

/** Reads every roster once, and draws the accepted one's portrait. */
async function readArchive(
  rosters: readonly ClaimedFile[],
  answers: readonly Answer[],
  acceptedSha256: string | null,
  mention: ReturnType<typeof draftRebuild>["mention"],
  app: App,
): Promise<ArchiveRead> {
  // A run without a plan counted nothing, whatever its file has.
  const planned = answers.filter(({ summary }) => !WITHOUT_PLAN.includes(summary.verdict));
  const unreadableThen = new Map(
    planned.map(({ summary }) => [summary.sha256, summary.counts.skipped.unreadable ?? 0]),
  );
  const pathOf = new Map<string, ClaimedFile>();
  const fileUnknowns: FileUnknown[] = [];
  let portrait: RosterPortrait | null = null;
  for (const roster of rosters) {
    const { path, runId } = roster;
    const sha256 = await app.files.hash(path);
    if (pathOf.has(sha256)) continue;
    pathOf.set(sha256, roster);
    const drawn = draftPortrait();
    const reading = app.reader.open(app.files.absolute(path), sha256);
    try {
      for await (const rows of reading.rows()) {
        for (const row of rows) {
          drawn.add(row);
          const person = mentioned(row);
          if (person !== null) mention({ ...person, runId, sha256 });
        }
      }
    } catch (error) {
      if (!(error instanceof RosterRefused)) throw error;
      fileUnknowns.push({ kind: "roster-refused", runId, path, count: null });
      continue;
    }
    const { unreadable } = reading.summary();
    const more = unreadable - (unreadableThen.get(sha256) ?? 0);
    if (more > 0) fileUnknowns.push({ kind: "rows-unreadable", runId, path, count: more });
    if (sha256 === acceptedSha256) portrait = drawn.finish(reading.summary());
  }
  return { pathOf, portrait, fileUnknowns };
}

/** Null: nobody whose key and address can be read. */
function mentioned(row: RosterRow): Omit<Mention, "runId" | "sha256"> | null {
  if (row.kind === "out-of-scope") return null;
  const { key, emailHash, line } = row.kind === "employee" ? row.employee : row;
  if (key === null || emailHash === null) return null;
  return { key, emailHash, line, isWorking: row.kind === "employee" && row.employee.isWorking };
}

/** Runs that were held or under way: their plans are lost, and nobody can say how far they came. */
function undecided(answers: readonly Answer[], rosters: readonly ClaimedFile[]): readonly FileUnknown[] {
  const answered = new Set(answers.map(({ summary }) => summary.run));
  const pathOf = new Map(rosters.map(({ runId, path }) => [runId, path]));
  const found: FileUnknown[] = [];
  for (const { runId, path } of rosters) {
    if (!answered.has(runId)) found.push({ kind: "roster-unanswered", runId, path, count: null });
  }
  for (const { summary } of answers) {
    if (isFinal(summary.verdict)) continue;
    const { run: runId, counts } = summary;
    found.push({ kind: "run-undecided", runId, path: pathOf.get(runId) ?? summary.file, count: counts.planned });
  }
  return found;
}

async function readMembers(app: App): Promise<ReadMembers> {
  const begun = await app.ledger.beginListing(app.clock.now());
  const accounts = new Map<string, ReturnType<typeof toKnown>>();
  for await (const page of app.tallyfy.listMembers()) {
    for (const account of page) accounts.set(emailHashOf(account.email, app.fingerprint), toKnown(account));
  }
  return { atMs: begun.atMs, accounts, begun };
}

async function* pagesOf({ accounts }: Members) {
  let page: ListedAccount[] = [];
  for (const [emailHash, account] of accounts) {
    page.push({ emailHash, account });
    if (page.length < 1000) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** Null: its file is no longer in the archive, so that no night could go on with it. */
function acceptedFrom(
  { run, file, sha256, endedAt, startedAt }: AnswerSummary,
  pathOf: ReadonlyMap<string, ClaimedFile>,
  app: App,
): AcceptedRoster | null {
  const archived = pathOf.get(sha256 ?? "");
  if (archived === undefined || sha256 === null) return null;
  const { dataId } = app.files;
  return { runId: run, fileName: file, filePath: archived.path, sha256, dataId, at: endedAt ?? startedAt };
}

function runFrom(summary: AnswerSummary, pathOf: ReadonlyMap<string, ClaimedFile>, app: App): Run {
  const { run: runId, file: fileName, verdict: state, ...told } = summary;
  return {
    ...told,
    runId,
    fileName,
    state,
    dataId: app.files.dataId,
    filePath: pathOf.get(summary.sha256 ?? "")?.path ?? null,
    planHash: null,
    waitingFor: null,
    supersededBy: null,
    isCarriedOut: true,
    plannedAt: null,
    endedAt: summary.endedAt ?? momentOf(runId),
  };
}

async function underWayText(runIds: readonly string[], { runs }: App): Promise<string> {
  const lines = await Promise.all(
    runIds.map(async (runId) => `  run ${runId} ${howItEnds(runId, (await runs.get(runId))?.state ?? "under way")}`),
  );
  return [
    "The ledger is not rebuilt while runs are under way or held. Nothing was changed. Bring them to their end, and run it again:",
    ...lines,
  ].join("\n");
}

function howItEnds(runId: string, state: string): string {
  if (state === "held") return `is held: drop it with: roster-sync discard ${runId}`;
  if (state === "discarded" || state === "superseded")
    return `is ${state} and not wrapped up: roster-sync discard ${runId} does it`;
  return `is ${state}: the daemon brings it to its end (roster-sync start), or roster-sync sync with the same file`;
}

function notEmptyText(entries: number): string {
  return (
    `The ledger was not lost: it has ${entries} entries. Nothing was changed. ` +
    "If only a part of it was lost: --add keeps every entry that is there, and adds people whom it lacks."
  );
}
