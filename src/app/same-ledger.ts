// The ledger at hand and the data folder that belongs to it: looked at before anything is planned, remembered while files are taken.
// What is decided of it is in domain/other-ledger.ts. Nobody else needs the two ports, so they stand here; assembly.ts makes them.

import {
  type FolderPast,
  isOtherLedger,
  type LedgerFound,
  type LedgerMemory,
  OtherLedger,
} from "../domain/other-ledger.ts";
import type { ClaimedFile, Log, PastRuns, RosterFiles, RunStore } from "./ports.ts";

/** The ledger in the Redis that is configured. */
export interface LedgerAtHand {
  /** In which Redis it is, for people. */
  readonly where: string;
  /** Null: it has no id. */
  id(): Promise<string | null>;
  /** The ledger's id; `wanted` becomes it where there is none. `isKept`: the store has had it for so long that it keeps it. */
  giveId(wanted: string): Promise<{ readonly id: string; readonly isKept: boolean }>;
  /** An id that no ledger has. */
  newId(): string;
  entries(): Promise<number>;
}

/** What the data folder remembers of its ledger. */
export interface FolderMemory {
  readonly dataDir: string;
  /** Null: nothing. */
  read(): Promise<LedgerMemory | null>;
  write(memory: LedgerMemory): Promise<void>;
  forget(): Promise<void>;
}

export interface SameLedgerNeeds {
  readonly app: {
    readonly runs: Pick<RunStore, "accepted" | "get" | "list">;
    readonly files: Pick<RosterFiles, "dataId">;
    readonly log: Log;
  };
  readonly ledgerAtHand: LedgerAtHand;
  readonly folderMemory: FolderMemory;
  readonly past: Pick<PastRuns, "rosters" | "answers">;
}

type Ports = Pick<SameLedgerNeeds, "ledgerAtHand" | "folderMemory">;

/** Runs that are looked through for one of this folder. */
const RUNS_LOOKED_AT = 50;

/** Null: this Redis has the ledger of the data folder, or there is nothing to lose. */
export async function lookAtLedger(needs: SameLedgerNeeds): Promise<OtherLedger | null> {
  const { app, ledgerAtHand, folderMemory, past } = needs;
  const remembered = await folderMemory.read();
  const rosters = await past.rosters();
  const answers = rosters.length === 0 || remembered === null ? await readableAnswers(past) : [];
  const folder: FolderPast = {
    dataDir: folderMemory.dataDir,
    remembered,
    hasHistory: rosters.length + answers.length > 0,
    hasApplied: answers.some(({ verdict }) => verdict === "closed"),
  };
  const knowsNewest = await knowsNewestOf(rosters, app.runs);
  const found: LedgerFound = {
    id: await ledgerAtHand.id(),
    where: ledgerAtHand.where,
    entries: await ledgerAtHand.entries(),
    knowsNewest,
    knowsFolder: knowsNewest || (await knowsRuns(app)),
  };
  return isOtherLedger(folder, found) ? new OtherLedger(folder, found) : null;
}

/** @throws OtherLedger before anything is planned by a ledger that is not this folder's */
export async function requireSameLedger(needs: SameLedgerNeeds): Promise<void> {
  const other = await lookAtLedger(needs);
  if (other !== null) throw other;
}

/**
 * For whoever takes files out of the folder, to be called again and again: the ledger gets its id, and the folder remembers it as soon as
 * Redis has kept it for a while. Otherwise a Redis that lost its first moments would be taken for another one. Gives what `lookAtLedger` does
 * when the ledger is gone while we are at work. Never fails: a full disk is no reason not to work.
 */
export function ledgerKeeper(needs: SameLedgerNeeds): () => Promise<OtherLedger | null> {
  const { app, ledgerAtHand, folderMemory } = needs;
  const { where } = ledgerAtHand;
  let known: string | null = null;
  let isDone = false;
  let isSaid = false;
  return async () => {
    try {
      const found = await ledgerAtHand.id();
      if (isDone && found !== known) {
        await markLost(folderMemory);
        const other = await lookAtLedger(needs);
        if (other !== null) return other;
        isDone = false;
      }
      if (isDone) return null;
      const remembered = await folderMemory.read();
      const wanted = found ?? (await idToGive(needs, remembered));
      // Let in all the same: nothing was planned by the other one. Commands are let in from now on, too.
      if (remembered !== null && wanted !== remembered.id && wanted !== remembered.nextId) await folderMemory.forget();
      const { id, isKept } = await ledgerAtHand.giveId(wanted);
      known = id;
      const isRemembered = remembered?.id === id && remembered.where === where && remembered.nextId === null;
      if (!isRemembered && isKept) await folderMemory.write({ id, where, nextId: null });
      isDone = isRemembered || isKept;
    } catch (error) {
      if (!isSaid)
        app.log.warn({ err: error }, "the data folder could not note which ledger it belongs to; it is tried again");
      isSaid = true;
    }
    return null;
  };
}

/** What Redis had kept for a while is gone. By the next start it may know runs of the folder again, planned by a ledger that is empty. */
async function markLost(folderMemory: FolderMemory): Promise<void> {
  const remembered = await folderMemory.read();
  if (remembered !== null) await folderMemory.write({ ...remembered, nextId: remembered.nextId ?? remembered.id });
}

/** The remembered one only where this Redis has proved to be the folder's: two ledgers with one id could not be told apart. */
async function idToGive(
  { app, ledgerAtHand, past }: SameLedgerNeeds,
  remembered: LedgerMemory | null,
): Promise<string> {
  if (remembered === null || remembered.nextId !== null || remembered.where !== ledgerAtHand.where)
    return ledgerAtHand.newId();
  const isProved = await knowsNewestOf(await past.rosters(), app.runs);
  return isProved ? remembered.id : ledgerAtHand.newId();
}

/**
 * The id that a rebuilt ledger gets: a new one, so that the Redis which had the lost one, or which is moved away from, is not this folder's any
 * more.
 */
export async function nextLedgerId({ ledgerAtHand, folderMemory }: Ports): Promise<string> {
  return (await folderMemory.read())?.nextId ?? ledgerAtHand.newId();
}

/**
 * Before a rebuilding writes: whoever dies then is neither kept out of what is whole nor let in where it is not. Gives what takes it back, for a
 * rebuilding that was refused.
 */
export async function announceLedger(
  { ledgerAtHand, folderMemory }: Ports,
  nextId: string,
): Promise<() => Promise<void>> {
  const before = await folderMemory.read();
  const now = before ?? { id: nextId, where: ledgerAtHand.where };
  await folderMemory.write({ ...now, nextId });
  return () => (before === null ? folderMemory.forget() : folderMemory.write(before));
}

/** A person said that this ledger is the folder's from now on. Redis may still lose it with its last moments. */
export async function rememberLedger({ ledgerAtHand, folderMemory }: Ports): Promise<void> {
  const id = await ledgerAtHand.id();
  if (id !== null) await folderMemory.write({ id, where: ledgerAtHand.where, nextId: id });
}

async function readableAnswers(past: SameLedgerNeeds["past"]) {
  const answers = await past.answers();
  return answers.flatMap((answer) => (answer.kind === "answer" ? [answer.summary] : []));
}

async function knowsNewestOf(rosters: readonly ClaimedFile[], runs: Pick<RunStore, "get">): Promise<boolean> {
  const newest = rosters.at(-1);
  return newest !== undefined && (await runs.get(newest.runId)) !== null;
}

async function knowsRuns({ runs, files }: SameLedgerNeeds["app"]): Promise<boolean> {
  if ((await runs.accepted())?.dataId === files.dataId) return true;
  return (await runs.list(RUNS_LOOKED_AT)).some(({ dataId }) => dataId === files.dataId);
}
