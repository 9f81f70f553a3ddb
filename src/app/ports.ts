// What the use cases need from the outside world, in their own words. Implemented on floor 2, passed in by the daemon.
// Types only: no Redis, no BullMQ, no HTTP, no file system is named here.

import type { Day } from "../domain/day.ts";
import type { KnownReading, ReadingSummary, RosterRow } from "../domain/employee.ts";
import type { Account, KnownAccount, LedgerEntry, Standing } from "../domain/ledger.ts";
import type { Breach } from "../domain/limits.ts";
import type { HaltKind, Outcome } from "../domain/outcome.ts";
import type { PaceState } from "../domain/pace-state.ts";
import type { Adoption, Change, Operation, PlanPart, Skip } from "../domain/plan.ts";
import type { RosterPortrait } from "../domain/portrait.ts";
import type { PersonKey, Profile } from "../domain/profile.ts";
import type { Run, RunCounts, RunState, RunTrigger } from "../domain/run.ts";
import type { ToldLimit } from "../domain/told-limit.ts";

// ---------------------------------------------------------------------------------------------------- Tallyfy

export interface TallyfyApi {
  /** Whether an acting admin is configured, so that members can be listed and looked up. */
  readonly canList: boolean;
  /** Makes sure that a valid app token is at hand. @throws TallyfyError */
  ensureAccess(): Promise<void>;
  /** Creates ("provisions") one user: exactly one attempt, apart from one repeat with a fresh token after a 401. @throws TallyfyError */
  createUser(profile: Profile): Promise<Account>;
  /** The member with this address in our organisation, or null. Needs `canList`. @throws TallyfyError */
  findMember(email: string): Promise<Account | null>;
  /**
   * All members, page by page. Ends normally only when as many members came as Tallyfy's own `total` says.
   * Needs `canList`. @throws TallyfyError of kind `protocol` when the count does not add up
   */
  listMembers(): AsyncIterable<readonly Account[]>;
  /**
   * Asks, without changing anything, whether Tallyfy still accepts our credentials for this organisation.
   * Null: accepted. Otherwise the failure that every job would meet. Network trouble is thrown. @throws TallyfyError
   */
  probe(): Promise<{ readonly status: number | null; readonly message: string } | null>;
}

/**
 * What a call is for: only creating takes from the hourly budget before it goes. Tokens never wait, neither an app's ("token") nor a
 * member's ("mint").
 */
export type CallPurpose = "create" | "read" | "token" | "mint";

/** How a call ended, as far as the pace is concerned. */
export interface CallEnd {
  /** False: no answer came. */
  readonly isAnswered: boolean;
  /** 429. */
  readonly isTooMany: boolean;
  readonly retryAfterMs: number | null;
  readonly told: readonly ToldLimit[];
}

/** Leave to make one call now. */
export interface Permit {
  /** To be told once, before anything follows from the answer. Never fails: what Tallyfy answered must not be lost over it. */
  ended(end: CallEnd): Promise<void>;
}

/** What every call to Tallyfy passes before it is sent. */
export interface Gate {
  /** Resolves when the call may go. @throws TallyfyError of kind `rate-limited` when it is to come again later; nothing was sent */
  enter(purpose: CallPurpose): Promise<Permit>;
}

export interface StoredToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly obtainedAt: number;
  readonly expiresAt: number;
}

/** Keeps tokens encrypted for all processes. A vault without a key keeps nothing and still excludes. */
export interface TokenVault {
  load(name: string): Promise<StoredToken | null>;
  save(name: string, token: StoredToken): Promise<void>;
  forget(name: string): Promise<void>;
  /** Runs `work` while no other process runs work of the same name. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
}

// ----------------------------------------------------------------------------------------------------- roster

export interface RosterReader {
  /**
   * Reads a roster file as a stream: rows in file order, some hundreds at a time. `sha256`: its hash, where it was just computed;
   * a file that no longer has it is refused.
   * @throws RosterRefused from `rows` when the file as a whole cannot be taken for a roster (also after some rows)
   */
  open(path: string, sha256?: string | null): RosterReading;
}

export interface RosterReading {
  rows(): AsyncIterable<readonly RosterRow[]>;
  /** Complete only after the last row was taken. @throws Error before that */
  summary(): ReadingSummary;
  /** What was found out so far: all that there is when a file is refused. */
  known(): KnownReading;
}

// ------------------------------------------------------------------------------------------------------ files

/** The roster files of one data folder. Paths are relative to it and use `/`. */
export interface RosterFiles {
  /** Marks this data folder; kept in it. */
  readonly dataId: string;
  /** The path on this machine, for reading. */
  absolute(path: string): string;
  exists(path: string): Promise<boolean>;
  /** SHA-256 of the content, hex. */
  hash(path: string): Promise<string>;
  /** Copies a file from anywhere into `processing/` under the run's name; the original stays. Returns its path. */
  bring(source: string, runId: string): Promise<string>;
  /** Moves a claimed file to `archive/YYYY/MM/`. Repeating it after a crash is harmless. Returns the new path. */
  archive(path: string, at: Date): Promise<string>;
  /** Moves a claimed file to `refused/` with a reason file beside it. Repeating it is harmless. Returns the new path. */
  refuse(path: string, reason: string): Promise<string>;
  /** Writes both answer files into `outbox/`, each whole or not at all. Repeating it replaces them. */
  answer(fileName: string, runId: string, rows: AsyncIterable<AnswerRow>, summary: AnswerSummary): Promise<void>;
  /** Files in `processing/`, with the run that each was claimed for. */
  claimed(): Promise<readonly ClaimedFile[]>;
  /** The roster of this run, wherever in the data folder it lies; null: nowhere. */
  find(runId: string): Promise<ClaimedFile | null>;
  /** The roster of the newest run in the archive; null: it is empty. */
  newestArchived(): Promise<ClaimedFile | null>;
}

export interface ClaimedFile {
  readonly runId: string;
  /** The name under which the person dropped it. */
  readonly fileName: string;
  readonly path: string;
}

/** One line of `<name>.<run>.result.csv`. */
export interface AnswerRow {
  readonly line: number | null;
  readonly key: PersonKey | null;
  /** An outcome status, or the situation of somebody left alone. */
  readonly outcome: string;
  readonly reason: string;
}

/** `<name>.<run>.result.json`. */
export interface AnswerSummary {
  readonly run: string;
  readonly file: string;
  readonly sha256: string | null;
  readonly trigger: RunTrigger;
  readonly verdict: RunState;
  readonly because: string | null;
  readonly asOf: Day | null;
  /** What it was compared with, the limits that it went over, and who released it why. */
  readonly comparison: string | null;
  readonly breaches: readonly Breach[];
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly counts: RunCounts;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

// ------------------------------------------------------------------------------------------------------ store

/** Tallyfy's members at one moment, by e-mail fingerprint. */
export interface Listing {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly accounts: ReadonlyMap<string, KnownAccount>;
}

/** A list of Tallyfy's members that is being read. */
export interface BegunListing {
  readonly id: string;
  /** When it began, by the clock of this machine (milliseconds since 1970). */
  readonly atMs: number;
}

export interface ListedAccount {
  readonly emailHash: string;
  readonly account: KnownAccount;
}

/** The list of known accounts that counts from now on. */
export interface AccountsInForce {
  /** False: it is not the one that was given, but one that began later. */
  readonly isReplaced: boolean;
  readonly count: number;
}

export interface Ledger {
  /** What is known about each of these people, in the same order. */
  standings(
    people: readonly { readonly key: PersonKey; readonly emailHash: string }[],
    /** Members read just now, to be used instead of the list that is kept. */
    listing?: Listing,
  ): Promise<readonly Standing[]>;
  /**
   * A quick answer where there is nothing to weigh: a standing that decides alike for people who are plainly known
   * (`plainStanding`) and for those of whom nothing is known. Null: ask `standings`.
   */
  plainStandings(
    people: readonly { readonly key: PersonKey; readonly emailHash: string }[],
  ): Promise<readonly (Standing | null)[]>;
  /** How many people are known: ledger entries or listed accounts, whichever is more. */
  size(): Promise<number>;
  /** When the list of known accounts began to be read (milliseconds since 1970); null: there never was a complete one. */
  listedAt(): Promise<number | null>;
  /** To be called before Tallyfy is asked for its first member: of two lists the one that began later counts. */
  beginListing(atMs: number): Promise<BegunListing>;
  /**
   * Replaces the list of known accounts, all at once, when `pages` ends normally, unless one that began later is there.
   * @throws ListingLost when some of it got lost meanwhile
   */
  replaceAccounts(begun: BegunListing, pages: AsyncIterable<readonly ListedAccount[]>): Promise<AccountsInForce>;
  /** Every ledger entry. */
  entries(): AsyncIterable<readonly LedgerEntry[]>;
}

/** A change that a job may work on now. */
export type Begun =
  /** Settled already, or its run is no longer being applied: nothing is to be done. */
  | { readonly kind: "gone" }
  /** Another run is working on the same person at this moment. */
  | { readonly kind: "busy" }
  | {
      readonly kind: "yours";
      readonly change: Change;
      readonly entry: LedgerEntry | null;
      /** True when an earlier attempt may have reached Tallyfy without our seeing its answer. */
      readonly wasTriedBefore: boolean;
      readonly sha256: string;
    };

/**
 * One go at a run's roster, from its first row to the plan. A process that was suspended, or cut off from the store, may still be
 * at an earlier one while its successor reads: of a run only the latest reading records and publishes.
 */
export interface Reading {
  readonly runId: string;
  readonly id: string;
}

export interface RunStore {
  /** Registers a run in state `reading`; an existing one is left as it is. Returns what is stored. */
  open(run: Run): Promise<Run>;
  get(runId: string): Promise<Run | null>;
  /** Newest first. */
  list(limit: number): Promise<readonly Run[]>;
  update(runId: string, fields: Partial<Run>): Promise<void>;
  /** Runs that are held or being applied. */
  unfinished(): Promise<readonly Run[]>;
  /**
   * Removes what was recorded of the run's plan and ends every earlier reading of the run, whichever process is at it.
   * `before`: only while that is the latest one. @throws ReadingLost when it is not, or the run is past being read; so does
   * everything below that takes a reading, and then has changed nothing
   */
  beginReading(runId: string, before?: Reading): Promise<Reading>;
  /**
   * Writes one part of the run's plan, invisible to jobs until `publish`. Parts come in the order of the roster and are numbered
   * from 0 without a gap; writing one again replaces it.
   */
  recordPart(reading: Reading, number: number, part: PlanPart): Promise<void>;
  /** Keeps the portrait of the run's roster until the run is closed; replaces what a crashed reading left. */
  keepPortrait(reading: Reading, portrait: RosterPortrait): Promise<void>;
  /** Null: it was drawn by another version, or the run is over. */
  portrait(runId: string): Promise<RosterPortrait | null>;
  /**
   * In one transaction: a run in state `reading` becomes `applying` or `held`, and other unfinished runs become
   * `superseded` by it; or it becomes `superseded` itself, because a newer roster is applied or was accepted meanwhile (the table
   * of who gives way to whom stands in store/run-scripts.ts). `fields.counts` says how many changes were recorded.
   * Once more by the same reading, it changes nothing. @throws Error when not all changes are there
   */
  publish(
    reading: Reading,
    state: "applying" | "held",
    fields: Partial<Run>,
  ): Promise<{ readonly state: RunState; readonly superseded: readonly string[] }>;
  /**
   * In one transaction: a held run whose plan hash is still this one becomes `applying` (superseding every other
   * unfinished run) or `discarded`, with who decided it, their reason, and why it stands as it does. False: it was not held
   * any more, or the plan is another.
   */
  decideHeld(
    runId: string,
    planHash: string,
    decision: "applying" | "discarded",
    said: { readonly decidedBy: string; readonly reason: string | null; readonly because: string },
  ): Promise<boolean>;
  /** Writes the run's planned adoptions into the ledger. Repeating it is harmless. */
  applyAdoptions(runId: string): Promise<void>;
  /** A job for each change without an outcome yet, in the order of the roster. Not for runs that are over. */
  openJobs(runId: string): AsyncIterable<readonly ProvisioningJob[]>;
  /** Changes without an outcome yet, each once, in the order of the roster. Not for runs that are over. */
  openChanges(runId: string): AsyncIterable<readonly Change[]>;
  /**
   * Open changes of a run that Tallyfy may have made without our seeing its answer, and which the run `by` (null: none) does
   * not plan as well. `isClaimed`: one of the run's jobs holds the person.
   */
  inDoubt(
    runId: string,
    by: string | null,
  ): AsyncIterable<readonly { readonly change: Change; readonly isClaimed: boolean }[]>;
  /** Claims a change for one job. The same job may begin again after a crash. */
  begin(job: ProvisioningJob, jobId: string): Promise<Begun>;
  /** Gives the person free again without an outcome. `wasSent`: whether Tallyfy may have seen the request. */
  release(job: ProvisioningJob, jobId: string, wasSent: boolean): Promise<void>;
  /**
   * In one transaction: the outcome, the ledger entry (where there is one) and the counts. An account that was made (`applied`)
   * also ends the rows of refusals and trouble of `Signals`. A second settling of the same change keeps the first outcome but
   * still writes the entry. Returns how many changes of the run are still open.
   */
  settle(job: ProvisioningJob, outcome: Outcome, entry: LedgerEntry | null): Promise<number>;
  /** Gives every change still open the same outcome (`stale`), for runs that were superseded or discarded. */
  settleRest(runId: string, outcome: Outcome): Promise<void>;
  /** Every change with its outcome, null as long as it is open: each once, in the order of the roster. */
  changes(
    runId: string,
  ): AsyncIterable<readonly { readonly key: PersonKey; readonly line: number; readonly outcome: Outcome | null }[]>;
  /** In any order. */
  outcomes(
    runId: string,
  ): AsyncIterable<readonly { readonly key: PersonKey; readonly line: number | null; readonly outcome: Outcome }[]>;
  /** In the order of the roster, as are adoptions; neither knows of what was withdrawn. */
  skips(runId: string): AsyncIterable<readonly Skip[]>;
  adoptions(runId: string): AsyncIterable<readonly Adoption[]>;
  /** Runs whose last change has its outcome, or that were superseded or discarded, but are not wrapped up yet. */
  closing(): Promise<readonly string[]>;
  /**
   * The run is wrapped up: its final state and fields, and it is no longer among `closing` and `unfinished`. `reading`: the
   * one that came to no plan. False: the store was set back meanwhile, and the run is not over.
   */
  close(runId: string, fields: Partial<Run>, reading?: Reading): Promise<boolean>;
  /** The due moment of the last nightly run that was made (milliseconds since 1970); null before the first start. */
  nightFulfilled(): Promise<number | null>;
  fulfilNight(dueMs: number): Promise<void>;
  /** The last accepted roster; null before the first. */
  accepted(): Promise<AcceptedRoster | null>;
  /** What the next roster is compared with; null: there is none, or it was drawn by another version. */
  acceptedPortrait(): Promise<RosterPortrait | null>;
  /**
   * In one transaction: the accepted roster and its portrait. Not where its run is unknown or not released, since Redis was set back and it is
   * planned again; not where it is over; and not where a newer one is accepted.
   */
  accept(roster: AcceptedRoster, portrait: RosterPortrait | null): Promise<void>;
}

export interface AcceptedRoster {
  readonly runId: string;
  readonly fileName: string;
  readonly filePath: string;
  readonly sha256: string;
  readonly dataId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What earlier runs left in the data folder, for rebuilding the ledger from it. Paths as in RosterFiles. */
export interface PastRuns {
  /** Every roster in the archive, oldest run first. */
  rosters(): Promise<readonly ClaimedFile[]>;
  /** Every pair of answer files, oldest run first. */
  answers(): Promise<readonly PastAnswer[]>;
  /** The rows of one of them. @throws AnswerUnreadable, also after some rows */
  answerRows(path: string): AsyncIterable<readonly AnswerRow[]>;
}

export type PastAnswer =
  | { readonly kind: "answer"; readonly summary: AnswerSummary; readonly rowsPath: string }
  | { readonly kind: "unreadable"; readonly path: string };

/** Writing a ledger that was lost. */
export interface RebuildStore {
  look(): Promise<{
    readonly entries: number;
    /** Runs that are being read, held, applied or closed at this moment. */
    readonly underWay: readonly string[];
  }>;
  /** Puts runs that have ended back into the history; one that is there is left as it is. */
  restoreRuns(runs: readonly Run[]): Promise<void>;
  /**
   * In one transaction: the ledger becomes `entries`, and where they are missing (or older) the accepted roster, its portrait and
   * the night. Before that nothing of it is visible. False: the ledger no longer has `seenEntries` entries, or a run is under way.
   */
  replaceLedger(
    entries: Iterable<LedgerEntry>,
    facts: {
      readonly seenEntries: number;
      readonly accepted: AcceptedRoster | null;
      readonly portrait: RosterPortrait | null;
      readonly nightFulfilledMs: number;
    },
  ): Promise<boolean>;
}

/** Why nobody calls Tallyfy at the moment. */
export interface Halt {
  readonly kind: HaltKind;
  /** Why Tallyfy refused, which is of this kind. */
  readonly message: string;
  /** What the last look met that says nothing of that reason; absent: it met the reason itself, or nobody looked yet. */
  readonly metSince?: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** When to see whether it has healed. */
  readonly probeAt: number;
}

/** Says whose pause it is. */
export interface PauseMark {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly id: string;
}

/** Calls in a row to which Tallyfy gave no proper answer. */
export interface Trouble {
  readonly message: string;
  readonly inARow: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly last: number;
}

/** State that every process shares about the way to Tallyfy. */
export interface Signals {
  halt(): Promise<Halt | null>;
  setHalt(halt: Halt): Promise<void>;
  /** Takes back this halt; one that was set since stays. False: there was another, or none. */
  clearHalt(seen: Halt): Promise<boolean>;
  /** Notes that the queue is about to be paused for a halt, not by a person. A person's pause beside the mark ends with the halt. */
  markPause(nowMs: number): Promise<void>;
  /** The mark of the last such pause; null: if the queue is paused, a person did it. */
  pauseMark(): Promise<PauseMark | null>;
  /** Takes back this mark; one that was made since stays. */
  unmarkPause(seen: PauseMark): Promise<void>;
  /** Notes that Tallyfy gave no proper answer; returns how many times in a row. A call that is answered ends the row. */
  noteTrouble(message: string, nowMs: number): Promise<number>;
  trouble(): Promise<Trouble | null>;
  /** Notes an identical refusal of a whole call (400, 403, 404); returns how many came in a row. `null` resets. */
  noteRefusal(code: string | null): Promise<number>;
}

/** Whether a call may go, and when. Slots are given out one after the other over all processes. */
export type SlotAnswer =
  | {
      readonly kind: "slot";
      readonly version: string;
      /** Microseconds since 1970 by the store's clock; names the call. */
      readonly slotUs: number;
      readonly aheadUs: number;
      /** After a refusal this call goes alone: its end must be told. */
      readonly isProbe: boolean;
    }
  | {
      readonly kind: "wait";
      readonly version: string;
      readonly waitMs: number;
      readonly because: "pause" | "probe" | "pace" | "budget" | "halt";
    };

/** What one observation changed. `version` is the state's afterwards. */
export interface PaceNews {
  readonly before: PaceState;
  readonly after: PaceState;
  readonly version: string;
}

/** The pace that all processes share, and what was learned of Tallyfy's limits. */
export interface PaceMemory {
  /**
   * @param waitedMs for how long whoever asks has been waiting
   * @param givenBackUs a slot that was not used: its call was never made
   */
  ask(purpose: CallPurpose, waitedMs: number, givenBackUs?: number | null): Promise<SlotAnswer>;
  /** A call that was let through may have arrived so long after its slot. */
  arrivedLate(slotUs: number, byMs: number): Promise<void>;
  refused(slotUs: number, retryAfterMs: number | null): Promise<PaceNews>;
  admitted(slotUs: number): Promise<PaceNews>;
  told(limits: readonly ToldLimit[]): Promise<PaceNews>;
  /** Puts this process's configuration in force. */
  configure(): Promise<PaceNews>;
  read(): Promise<{
    readonly state: PaceState;
    readonly version: string;
    /** Calls in the last sixty minutes, and how many there may be; 0: any number. */
    readonly usedThisHour: number;
    readonly budget: number;
  }>;
}

// ------------------------------------------------------------------------------------------------------ queue

/** A pointer: no names, no addresses in job data. */
export interface ProvisioningJob {
  readonly runId: string;
  readonly key: PersonKey;
  readonly op: Operation;
}

export interface ProvisionQueue {
  /** Adds one job for each; those that are queued already are left alone. */
  enqueue(jobs: readonly ProvisioningJob[]): Promise<void>;
  /** Like `enqueue`, and jobs that ended although their change is still open start again. */
  revive(jobs: readonly ProvisioningJob[]): Promise<void>;
  /** Jobs that are waiting, delayed or at work. */
  outstanding(): Promise<number>;
  /** Takes waiting jobs back. */
  withdraw(jobs: readonly ProvisioningJob[]): Promise<void>;
  /** Stops and restarts the whole queue, on all machines. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  isPaused(): Promise<boolean>;
}

/** What rings the one bell: work on rosters and runs, one at a time over all processes. */
export type Bell =
  | {
      readonly kind: "roster";
      readonly runId: string;
      readonly dataId: string;
      readonly trigger: RunTrigger;
      readonly isForced: boolean;
    }
  | { readonly kind: "nightly"; readonly runId: string; readonly dataId: string; readonly due: string }
  | { readonly kind: "apply"; readonly runId: string; readonly dataId: string }
  | { readonly kind: "close"; readonly runId: string; readonly dataId: string };

export interface SyncQueue {
  /** Rings; a bell that already rings for the same thing is not rung twice. */
  ring(bell: Bell): Promise<void>;
}

// ------------------------------------------------------------------------------------------------------- else

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** At least 0, below 1. */
  random(): number;
}

/** A log: a fixed message with data as fields. Fields carry person keys, never names or addresses. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
