// Puts the program together from its parts: Redis, store, queues, Tallyfy client, reader and files. Daemon and commands
// share it. What is opened is closed in reverse order, also when opening fails half-way.

import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "./app/app.ts";
import type { Gate, Log, PaceMemory, PastRuns, RunStore, Signals } from "./app/ports.ts";
import type { FolderMemory, LedgerAtHand } from "./app/same-ledger.ts";
import { Closers } from "./closers.ts";
import type { Config } from "./config/config.ts";
import type { PaceRules } from "./domain/pace-state.ts";
import type { RunState } from "./domain/run.ts";
import { makeRunId } from "./domain/run-id.ts";
import { openDataFolder } from "./inbox/data-folder.ts";
import { forgetLedger, readLedgerMemory, writeLedgerMemory } from "./inbox/ledger-memory.ts";
import { archivedRosters, pastAnswers } from "./inbox/past-runs.ts";
import { createRosterFiles } from "./inbox/roster-files.ts";
import { createPacer, type Pacer } from "./queue/pacer.ts";
import { createProvisionQueue } from "./queue/provision-queue.ts";
import { openQueues, type Queues } from "./queue/queues.ts";
import { createSyncQueue } from "./queue/sync-queue.ts";
import { readAnswerRows } from "./roster/answer-rows.ts";
import { createRosterReader } from "./roster/reader.ts";
import { addressFrom, describeAddress, ledgerPlace, type RedisAddress, redisAt } from "./store/address.ts";
import { awaitRedis, openConnection, type RedisConnection, RedisUnreachable } from "./store/connection.ts";
import { ensureEmbeddedRedis } from "./store/embedded-redis.ts";
import { fingerprintFor, type Keys, keysFor } from "./store/keys.ts";
import { createLedger } from "./store/ledger.ts";
import { countEntries, makeLedgerId, newLedgerId, readLedgerId } from "./store/ledger-id.ts";
import { createPaceMemory } from "./store/pace.ts";
import { missingRights, rightsAdvice } from "./store/redis-rights.ts";
import { createRunClock } from "./store/run-clock.ts";
import { createRunStore } from "./store/runs.ts";
import { createSignals } from "./store/signals.ts";
import { createTokenVault } from "./store/vault.ts";
import { type CallNote, createTallyfyClient, type TallyfyClient } from "./tallyfy/client.ts";
import { VERSION } from "./version.ts";

const REDIS_ANSWERS_WITHIN_MS = 10_000;

export interface Assembly {
  readonly app: App;
  readonly config: Config;
  readonly redis: RedisConnection;
  readonly address: RedisAddress;
  /** Which Redis is in use, for people. */
  readonly redisDescription: string;
  readonly keys: Keys;
  readonly queues: Queues;
  readonly signals: Signals;
  readonly ledgerAtHand: LedgerAtHand;
  readonly folderMemory: FolderMemory;
  readonly past: PastRuns;
  readonly paceRules: PaceRules;
  readonly paceMemory: PaceMemory;
  readonly pacer: Pacer;
  readonly tallyfy: TallyfyClient;
  /** Names this process among all. */
  readonly instance: string;
  readonly log: Log;
  close(): Promise<void>;
}

export interface AssemblyOptions {
  readonly config: Config;
  readonly log: Log;
  /** False: a process that takes no files; it makes nothing in the data folder but a Redis of its own. */
  readonly hasFolder?: boolean;
  /** Called after each call to Tallyfy. */
  readonly onCall?: (note: CallNote) => void;
  /** Called when a run has reached a final state. */
  readonly onRunEnded?: (state: RunState) => void;
}

/** @throws RedisUnreachable, or an error of the data folder or the embedded Redis that says what to do */
export async function assemble({
  config,
  log,
  hasFolder = true,
  onCall,
  onRunEnded,
}: AssemblyOptions): Promise<Assembly> {
  const closers = new Closers();
  try {
    // Without a folder an id all the same, which no run has.
    const dataId = hasFolder ? (await openDataFolder(config.dataDir)).dataId : randomBytes(8).toString("hex");
    const { address, description } = await locateRedis(config, log, closers);
    const redis = openConnection(address, "main");
    // Without a listener an unreachable Redis would end the process; awaitRedis and the health check tell people.
    redis.on("error", (error) => log.debug({ err: error }, "Redis connection trouble"));
    closers.add(async () => redis.disconnect());
    const keys = keysFor(config.tallyfy.orgId);
    await enter(redis, address, keys);

    const fingerprint = fingerprintFor(config.tallyfy.orgId);
    const queues = openQueues(redis, keys.queuePrefix, config.retention.jobs, log);
    closers.add(() => queues.close());
    const signals = createSignals(redis, keys);
    const paceRules = rulesOf(config);
    const paceMemory = createPaceMemory(redis, keys, paceRules);
    const pacer = createPacer({ memory: paceMemory, creates: config.worker.concurrency, log });
    const runClock = createRunClock(redis, keys);
    const tallyfy = createClient(config, redis, keys, fingerprint, pacer, onCall);
    closers.add(() => tallyfy.close());

    const app: App = {
      tallyfy,
      reader: createRosterReader({ ...config.roster, fingerprint }),
      files: createRosterFiles(config.dataDir, dataId),
      ledger: createLedger(redis, keys),
      runs: observed(createRunStore(redis, keys, config.retention.runs), onRunEnded),
      signals,
      provisioning: createProvisionQueue(queues.provision, { fingerprint, attempts: config.retry.attempts }),
      bell: createSyncQueue(queues.sync),
      fingerprint,
      clock: { now: Date.now, random: Math.random },
      newRunId: async () => makeRunId(await runClock.next(), Math.random),
      log,
      settings: {
        leadDays: config.roster.leadDays,
        limits: config.limits,
        trust: config.trust,
        timeZone: config.schedule.timeZone,
        retry: config.retry,
        probeMs: config.halt.probeMs,
        seatsProbeMs: config.halt.seatsProbeMs,
        identicalRefusals: config.halt.identicalRefusals,
        planPartSize: 500,
      },
    };
    const instance = `${process.pid}-${randomUUID().slice(0, 8)}`;
    const parts = { app, config, redis, address, redisDescription: description, keys, queues, signals, tallyfy };
    const paced = { paceRules, paceMemory, pacer };
    const kept = { ledgerAtHand: ledgerAt(redis, keys, config), ...leftIn(config.dataDir) };
    return { ...parts, ...paced, ...kept, instance, log, close: () => closers.close() };
  } catch (error) {
    await closers.close().catch(() => undefined);
    throw error;
  }
}

/** The configured Redis, or our own one that is started for as long as somebody needs it. */
async function locateRedis(
  config: Config,
  log: Log,
  closers: Closers,
): Promise<{ address: RedisAddress; description: string }> {
  const address = addressFrom(config.redis);
  if (address !== null) return { address, description: describeAddress(address) };
  const embedded = await ensureEmbeddedRedis({ dataDir: config.dataDir, log });
  closers.add(() => embedded.release());
  return { address: { url: null, socketPath: embedded.socketPath }, description: embedded.describe };
}

/** @throws RedisUnreachable when Redis does not answer, an ACL forbids something, or it is a replica or one node of a cluster */
async function enter(redis: RedisConnection, address: RedisAddress, keys: Keys): Promise<void> {
  let missing: readonly string[] = [];
  await awaitRedis(redis, address, REDIS_ANSWERS_WITHIN_MS, async () => {
    missing = await missingRights(redis, keys);
  });
  if (missing.length === 0) return;
  throw new RedisUnreachable(`${redisAt(address)} ${rightsAdvice(missing)}`);
}

function ledgerAt(redis: RedisConnection, keys: Keys, config: Config): LedgerAtHand {
  return {
    where: ledgerPlace(addressFrom(config.redis)),
    id: () => readLedgerId(redis, keys),
    giveId: (wanted) => makeLedgerId(redis, keys, wanted),
    newId: newLedgerId,
    entries: () => countEntries(redis, keys),
  };
}

/** What was left in the data folder: by which ledger, and by which runs. */
function leftIn(dataDir: string): { readonly folderMemory: FolderMemory; readonly past: PastRuns } {
  return {
    folderMemory: {
      dataDir,
      read: () => readLedgerMemory(dataDir),
      write: (memory) => writeLedgerMemory(dataDir, memory),
      forget: () => forgetLedger(dataDir),
    },
    past: {
      rosters: () => archivedRosters(dataDir),
      answers: () => pastAnswers(dataDir),
      answerRows: (path) => readAnswerRows(join(dataDir, path)),
    },
  };
}

function observed(runs: RunStore, onRunEnded: AssemblyOptions["onRunEnded"]): RunStore {
  if (onRunEnded === undefined) return runs;
  return {
    ...runs,
    async close(runId, fields, reading) {
      const isOver = await runs.close(runId, fields, reading);
      if (isOver && fields.state !== undefined) onRunEnded(fields.state);
      return isOver;
    },
  };
}

function rulesOf({ rate, retry, hourlyBudget }: Config): PaceRules {
  return {
    startPerSecond: rate.perSecond,
    maxPerSecond: rate.maxPerSecond,
    share: rate.sharePercent / 100,
    longestPauseMs: retry.defaultPauseMs,
    hourlyBudget,
  };
}

function createClient(
  config: Config,
  redis: RedisConnection,
  keys: Keys,
  fingerprint: (text: string) => string,
  gate: Gate,
  onCall: AssemblyOptions["onCall"],
): TallyfyClient {
  const { tallyfy } = config;
  return createTallyfyClient({
    orgId: tallyfy.orgId,
    tokenUrl: tallyfy.tokenUrl,
    apiUrl: tallyfy.apiUrl,
    adminEmail: tallyfy.adminEmail,
    credentials: config.credentials,
    vault: createTokenVault(redis, keys, config.tokenEncryptionKey),
    fingerprint,
    ca: tallyfy.caFile === null ? null : readFileSync(tallyfy.caFile, "utf8"),
    connectTimeoutMs: tallyfy.connectTimeoutMs,
    headersTimeoutMs: tallyfy.headersTimeoutMs,
    callTimeoutMs: tallyfy.callTimeoutMs,
    maxBodyBytes: tallyfy.maxBodyBytes,
    version: VERSION,
    gate,
    ...(onCall === undefined ? {} : { onCall }),
  });
}
