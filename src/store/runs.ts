// Runs in Redis: each run's record, its plan, its outcomes. Names and addresses stand only in a planned change, and only
// until that change has its outcome.

import type { Redis } from "ioredis";
import type { AcceptedRoster, Begun, ProvisioningJob, RunStore } from "../app/ports.ts";
import type { LedgerEntry } from "../domain/ledger.ts";
import type { Outcome, OutcomeStatus } from "../domain/outcome.ts";
import type { Adoption, Change, Skip } from "../domain/plan.ts";
import { noCounts, type Run, type RunState } from "../domain/run.ts";
import type { Keys } from "./keys.ts";
import { ADOPT, BEGIN, DECIDE, OPEN, PUBLISH, RELEASE, SETTLE } from "./run-scripts.ts";

const CHUNK = 500;
/** Longer than one attempt can take with everything that belongs to it: token, create, repeat, look-up. */
const CLAIM_MS = 180_000;
const STATUSES: readonly OutcomeStatus[] = ["applied", "already", "stale", "rejected", "exhausted"];

type Fields = Record<string, string | number>;

/** @param keepRuns how many runs are remembered; older finished ones are forgotten, oldest first */
export function createRunStore(redis: Redis, keys: Keys, keepRuns: number): RunStore {
  async function get(runId: string): Promise<Run | null> {
    const [fields, open] = await Promise.all([redis.hgetall(keys.run(runId)), redis.hlen(keys.changes(runId))]);
    return fields.state === undefined ? null : toRun(fields, open);
  }

  async function forgetOldRuns(): Promise<void> {
    const old = await redis.zrange(keys.runs, 0, String(-(keepRuns + 1)));
    for (const runId of old) {
      const isBusy = (await redis.sismember(keys.unfinished, runId)) + (await redis.sismember(keys.closing, runId)) > 0;
      if (isBusy) continue;
      await redis.del(...runKeys(keys, runId), keys.run(runId));
      await redis.zrem(keys.runs, runId);
    }
  }

  async function settle(job: ProvisioningJob, outcome: Outcome, entry: LedgerEntry | null): Promise<number> {
    const { runId, key } = job;
    const open = await redis.eval(
      SETTLE,
      8,
      keys.changes(runId),
      keys.outcomes(runId),
      keys.run(runId),
      keys.ledger,
      keys.emails,
      keys.claim(key),
      keys.tried(runId),
      keys.closing,
      key,
      JSON.stringify(outcome),
      outcome.status,
      entry === null ? "" : JSON.stringify(entry),
      entry?.emailHash ?? "",
      runId,
    );
    return Number(open);
  }

  async function* openChanges(runId: string): AsyncGenerator<readonly Change[]> {
    for await (const values of hashValues(redis, keys.changes(runId))) {
      yield values.map(([, text]) => JSON.parse(text) as Change);
    }
  }

  return {
    get,
    settle,
    openChanges,

    async open(run) {
      const fields = fromRun(run);
      await redis.eval(OPEN, 1, keys.run(run.runId), ...flat(fields));
      await redis.zadd(keys.runs, "NX", Date.parse(run.startedAt), run.runId);
      await forgetOldRuns();
      return (await get(run.runId)) ?? run;
    },

    async list(limit) {
      const runIds = await redis.zrange(keys.runs, 0, String(limit - 1), "REV");
      const runs = await Promise.all(runIds.map(get));
      return runs.filter((run) => run !== null);
    },

    async update(runId, fields) {
      await redis.hset(keys.run(runId), fromRun(fields));
    },

    async unfinished() {
      const runs = await Promise.all((await redis.smembers(keys.unfinished)).map(get));
      return runs.filter((run) => run !== null).sort((a, b) => (a.runId < b.runId ? -1 : 1));
    },

    async record(plan) {
      const { runId } = plan;
      await redis.del(...runKeys(keys, runId));
      for (const chunk of chunks(plan.changes)) {
        await redis.hset(keys.changes(runId), ...chunk.flatMap((change) => [change.key, JSON.stringify(change)]));
      }
      for (const chunk of chunks(plan.adoptions)) {
        await redis.rpush(keys.adoptions(runId), ...chunk.map((adoption) => JSON.stringify(adoption)));
      }
      for (const chunk of chunks(plan.skips)) {
        await redis.rpush(keys.skips(runId), ...chunk.map((skip) => JSON.stringify(skip)));
      }
    },

    async publish(runId, state, fields, supersede) {
      const superseded = await redis.eval(
        PUBLISH,
        4,
        ...runAndSets(keys, runId),
        runId,
        state,
        keys.run(""),
        supersede === "all" ? "" : JSON.stringify(supersede.sha256),
        ...flat(fromRun(fields)),
      );
      return superseded as string[];
    },

    async decideHeld(runId, planHash, decision, decidedBy) {
      const hash = JSON.stringify(planHash);
      const args = [runId, decision, keys.run(""), hash, JSON.stringify(decidedBy)];
      return (await redis.eval(DECIDE, 4, ...runAndSets(keys, runId), ...args)) === 1;
    },

    async applyAdoptions(runId) {
      const run = await get(runId);
      if (run === null) return;
      for await (const page of listItems<Adoption>(redis, keys.adoptions(runId))) {
        const pipeline = redis.pipeline();
        for (const { key, emailHash, accountId, line } of page) {
          const entry: LedgerEntry = {
            key,
            emailHash,
            accountId,
            origin: "adopted",
            runId,
            sha256: run.sha256 ?? "",
            line,
            at: new Date().toISOString(),
          };
          pipeline.eval(ADOPT, 2, keys.ledger, keys.emails, key, emailHash, JSON.stringify(entry));
        }
        const answers = await pipeline.exec();
        const failed = answers?.find(([error]) => error !== null);
        if (failed !== undefined) throw failed[0];
      }
    },

    async begin(job, jobId): Promise<Begun> {
      const { runId, key } = job;
      const answer = (await redis.eval(
        BEGIN,
        5,
        keys.changes(runId),
        keys.run(runId),
        keys.ledger,
        keys.claim(key),
        keys.tried(runId),
        key,
        jobId,
        CLAIM_MS,
      )) as [kind: "gone" | "busy"] | ["yours", string, string, number, string];
      if (answer[0] !== "yours") return { kind: answer[0] };
      const [, change, entry, tried, sha256] = answer;
      return {
        kind: "yours",
        change: JSON.parse(change) as Change,
        entry: entry === "" ? null : (JSON.parse(entry) as LedgerEntry),
        wasTriedBefore: tried === 1,
        sha256: (JSON.parse(sha256) as string | null) ?? "",
      };
    },

    async release(job, jobId, wasSent) {
      const forget = wasSent ? "0" : "1";
      await redis.eval(RELEASE, 2, keys.claim(job.key), keys.tried(job.runId), job.key, jobId, forget);
    },

    async settleRest(runId, outcome) {
      for await (const changes of openChanges(runId)) {
        for (const change of changes) await settle({ runId, key: change.key, op: change.op }, outcome, null);
      }
    },

    async *outcomes(runId) {
      for await (const values of hashValues(redis, keys.outcomes(runId))) {
        yield values.map(([key, text]) => ({ key, ...(JSON.parse(text) as { line: number; outcome: Outcome }) }));
      }
    },

    skips: (runId) => listItems<Skip>(redis, keys.skips(runId)),
    adoptions: (runId) => listItems<Adoption>(redis, keys.adoptions(runId)),
    closing: () => redis.smembers(keys.closing),

    async close(runId, fields) {
      await redis
        .multi()
        .hset(keys.run(runId), fromRun(fields))
        .srem(keys.unfinished, runId)
        .srem(keys.closing, runId)
        .del(keys.tried(runId))
        .exec();
    },

    async nightFulfilled() {
      const due = await redis.hget(keys.meta, "nightFulfilled");
      return due === null ? null : Number(due);
    },
    async fulfilNight(dueMs) {
      await redis.hset(keys.meta, "nightFulfilled", dueMs);
    },
    async accepted() {
      const text = await redis.hget(keys.meta, "accepted");
      return text === null ? null : (JSON.parse(text) as AcceptedRoster);
    },
    async accept(roster) {
      await redis.hset(keys.meta, "accepted", JSON.stringify(roster));
    },
  };
}

/** The keys of a run's plan and outcomes, without the run's record itself. */
function runKeys(keys: Keys, runId: string): string[] {
  return [keys.changes(runId), keys.tried(runId), keys.outcomes(runId), keys.skips(runId), keys.adoptions(runId)];
}

function runAndSets(keys: Keys, runId: string): string[] {
  return [keys.run(runId), keys.unfinished, keys.closing, keys.changes(runId)];
}

/** A run's fields as a hash: the state as it is (scripts compare it), outcomes as counters, everything else as JSON. */
function fromRun(run: Partial<Run>): Fields {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(run)) {
    if (name === "state") fields.state = value as RunState;
    else if (name !== "counts" && name !== "runId") fields[name] = JSON.stringify(value);
  }
  if (run.runId !== undefined) fields.runId = JSON.stringify(run.runId);
  if (run.counts !== undefined) {
    const { rows, planned, unchanged, adopted, skipped } = run.counts;
    fields.counts = JSON.stringify({ rows, planned, unchanged, adopted, skipped });
  }
  return fields;
}

function toRun(fields: Record<string, string>, open: number): Run {
  const run: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(fields)) {
    if (!name.startsWith("outcome:")) run[name] = name === "state" ? text : JSON.parse(text);
  }
  const outcomes = Object.fromEntries(STATUSES.map((status) => [status, Number(fields[`outcome:${status}`] ?? 0)]));
  run.counts = { ...noCounts(), ...(run.counts as object | undefined), outcomes, open };
  return run as unknown as Run;
}

function flat(fields: Fields): (string | number)[] {
  return Object.entries(fields).flat();
}

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += CHUNK) yield items.slice(start, start + CHUNK);
}

async function* hashValues(redis: Redis, key: string): AsyncGenerator<readonly (readonly [string, string])[]> {
  for await (const fields of redis.hscanStream(key, { count: CHUNK })) {
    const page: [string, string][] = [];
    for (let index = 0; index < fields.length; index += 2) page.push([fields[index], fields[index + 1]]);
    if (page.length > 0) yield page;
  }
}

async function* listItems<T>(redis: Redis, key: string): AsyncGenerator<readonly T[]> {
  for (let start = 0; ; start += CHUNK) {
    const texts = await redis.lrange(key, start, start + CHUNK - 1);
    if (texts.length > 0) yield texts.map((text) => JSON.parse(text) as T);
    if (texts.length < CHUNK) return;
  }
}
