// The ledger in Redis and the data folder that belongs to it: looked at before anything is planned, remembered while files are taken.

import { randomBytes } from "node:crypto";
import type { ClaimedFile } from "./app/ports.ts";
import type { Assembly } from "./assembly.ts";
import {
  type FolderPast,
  isOtherLedger,
  type LedgerFound,
  type LedgerMemory,
  OtherLedger,
} from "./domain/other-ledger.ts";
import { forgetLedger, readLedgerMemory, writeLedgerMemory } from "./inbox/ledger-memory.ts";
import { archivedRosters, pastAnswers } from "./inbox/past-runs.ts";
import { addressFrom, describeAddress } from "./store/address.ts";
import { makeLedgerId, readLedgerId } from "./store/ledger-id.ts";

type Needs = Pick<Assembly, "app" | "config" | "redis" | "keys">;

/** Runs that are looked through for one of this folder. */
const RUNS_LOOKED_AT = 50;

/** Null: this Redis has the ledger of the data folder, or there is nothing to lose. */
export async function lookAtLedger({ app, config, redis, keys }: Needs): Promise<OtherLedger | null> {
  const { dataDir } = config;
  const remembered = await readLedgerMemory(dataDir);
  const rosters = await archivedRosters(dataDir);
  const answers = rosters.length === 0 || remembered === null ? await answersIn(dataDir) : [];
  const past: FolderPast = {
    dataDir,
    remembered,
    hasHistory: rosters.length + answers.length > 0,
    hasApplied: answers.some(({ verdict }) => verdict === "closed"),
  };
  const knowsNewest = await knowsNewestOf(rosters, app);
  const found: LedgerFound = {
    id: await readLedgerId(redis, keys),
    where: whereIs({ config }),
    entries: await redis.hlen(keys.ledger),
    knowsNewest,
    knowsFolder: knowsNewest || (await knowsRuns(app)),
  };
  return isOtherLedger(past, found) ? new OtherLedger(past, found) : null;
}

/** @throws OtherLedger before anything is planned by a ledger that is not this folder's */
export async function requireSameLedger(needs: Needs): Promise<void> {
  const other = await lookAtLedger(needs);
  if (other !== null) throw other;
}

/**
 * For whoever takes files out of the folder, to be called again and again: the ledger gets its id, and the folder remembers it as soon as
 * Redis has kept it for a while. Otherwise a Redis that lost its first moments would be taken for another one. Gives what `lookAtLedger` does
 * when the ledger is gone while we are at work. Never fails: a full disk is no reason not to work.
 */
export function ledgerKeeper(needs: Needs): () => Promise<OtherLedger | null> {
  const { app, config, redis, keys } = needs;
  let known: string | null = null;
  let isDone = false;
  let isSaid = false;
  return async () => {
    try {
      const found = await readLedgerId(redis, keys);
      if (isDone && found !== known) {
        await markLost(config.dataDir);
        const other = await lookAtLedger(needs);
        if (other !== null) return other;
        isDone = false;
      }
      if (isDone) return null;
      const remembered = await readLedgerMemory(config.dataDir);
      const where = whereIs({ config });
      const wanted = found ?? (await idToGive(needs, remembered));
      // Let in all the same: nothing was planned by the other one. Commands are let in from now on, too.
      if (remembered !== null && wanted !== remembered.id && wanted !== remembered.nextId)
        await forgetLedger(config.dataDir);
      const { id, isKept } = await makeLedgerId(redis, keys, wanted);
      known = id;
      const isRemembered = remembered?.id === id && remembered.where === where && remembered.nextId === null;
      if (!isRemembered && isKept) await writeLedgerMemory(config.dataDir, { id, where, nextId: null });
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
async function markLost(dataDir: string): Promise<void> {
  const remembered = await readLedgerMemory(dataDir);
  if (remembered !== null)
    await writeLedgerMemory(dataDir, { ...remembered, nextId: remembered.nextId ?? remembered.id });
}

/** The remembered one only where this Redis has proved to be the folder's: two ledgers with one id could not be told apart. */
async function idToGive({ app, config }: Needs, remembered: LedgerMemory | null): Promise<string> {
  if (remembered === null || remembered.nextId !== null || remembered.where !== whereIs({ config }))
    return newLedgerId();
  const isProved = await knowsNewestOf(await archivedRosters(config.dataDir), app);
  return isProved ? remembered.id : newLedgerId();
}

/**
 * The id that a rebuilt ledger gets: a new one, so that the Redis which had the lost one, or which is moved away from, is not this folder's any
 * more.
 */
export async function nextLedgerId({ dataDir }: { readonly dataDir: string }): Promise<string> {
  return (await readLedgerMemory(dataDir))?.nextId ?? newLedgerId();
}

/**
 * Before a rebuilding writes: whoever dies then is neither kept out of what is whole nor let in where it is not. Gives what takes it back, for a
 * rebuilding that was refused.
 */
export async function announceLedger({ config }: Needs, nextId: string): Promise<() => Promise<void>> {
  const before = await readLedgerMemory(config.dataDir);
  const now = before ?? { id: nextId, where: whereIs({ config }) };
  await writeLedgerMemory(config.dataDir, { ...now, nextId });
  return () => (before === null ? forgetLedger(config.dataDir) : writeLedgerMemory(config.dataDir, before));
}

/** A person said that this ledger is the folder's from now on. Redis may still lose it with its last moments. */
export async function rememberLedger({ config, redis, keys }: Needs): Promise<void> {
  const id = await readLedgerId(redis, keys);
  if (id !== null) await writeLedgerMemory(config.dataDir, { id, where: whereIs({ config }), nextId: id });
}

async function answersIn(dataDir: string) {
  const answers = await pastAnswers(dataDir);
  return answers.flatMap((answer) => (answer.kind === "answer" ? [answer.summary] : []));
}

async function knowsNewestOf(rosters: readonly ClaimedFile[], { runs }: Assembly["app"]): Promise<boolean> {
  const newest = rosters.at(-1);
  return newest !== undefined && (await runs.get(newest.runId)) !== null;
}

async function knowsRuns({ runs, files }: Assembly["app"]): Promise<boolean> {
  if ((await runs.accepted())?.dataId === files.dataId) return true;
  return (await runs.list(RUNS_LOOKED_AT)).some(({ dataId }) => dataId === files.dataId);
}

function whereIs({ config }: Pick<Needs, "config">): string {
  const address = addressFrom(config.redis);
  if (address === null) return "its private Redis (without REDIS_URL)";
  return "url" in address ? `Redis at ${describeAddress(address)}` : describeAddress(address);
}

function newLedgerId(): string {
  return randomBytes(8).toString("hex");
}
