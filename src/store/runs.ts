// Runs in Redis: each run's record, its plan, its outcomes. Names and addresses stand only in a planned change, and only
// until that change has its outcome.

import type { AcceptedRoster, Begun, ProvisioningJob, RunStore } from "../app/ports.ts";
import type { LedgerEntry } from "../domain/ledger.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Change } from "../domain/plan.ts";
import { completedPortrait, type RosterPortrait } from "../domain/portrait.ts";
import type { Run, RunState } from "../domain/run.ts";
import { answersOf } from "./answers.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { createPlanRecord, orLost, planKeys } from "./plan-record.ts";
import { flat, fromRun, toRun } from "./run-record.ts";
import { ACCEPT, ADOPT, BEGIN, CLOSE, DECIDE, OPEN, PUBLISH, RECORD, RELEASE, SETTLE, UPDATE } from "./run-scripts.ts";
import { type Common, runScript, together } from "./script.ts";

const CHUNK = 500;
/** Mostly one run has jobs, and another one those that it left behind. */
const RUNS_AT_ONCE = 8;
/** Longer than one attempt takes with everything that belongs to it, at the default timeouts: token, slot, place, create, all of it again, look-up. */
const CLAIM_MS = 480_000;

/** @param keepRuns how many runs are remembered; older finished ones are forgotten, oldest first */
export function createRunStore(redis: RedisConnection, keys: Keys, keepRuns: number): RunStore {
  const plans = createPlanRecord(redis, keys);
  const beginEach = together(redis, BEGIN);
  const settleEach = together(redis, SETTLE);
  const beginCommon = sameForRun((runId) => ({
    keys: [keys.changes(runId), keys.run(runId), keys.ledger, keys.tried],
    args: [CLAIM_MS],
  }));
  const settleCommon = (claims: (runId: string) => string) =>
    sameForRun((runId) => ({
      keys: [
        ...[keys.changes, keys.outcomes, keys.run].map((keyOf) => keyOf(runId)),
        ...[keys.ledger, keys.emails, keys.tried, keys.closing, keys.refusals, keys.trouble],
      ],
      args: [runId, claims(runId)],
    }));
  const endingClaims = settleCommon(claimsOf);
  const leavingClaims = settleCommon(() => "");

  async function get(runId: string): Promise<Run | null> {
    const [fields, open] = await Promise.all([redis.hgetall(keys.run(runId)), redis.hlen(keys.changes(runId))]);
    return fields.state === undefined ? null : toRun(fields, open);
  }

  async function forgetOldRuns(): Promise<void> {
    const old = await redis.zrange(keys.runs, 0, String(-(keepRuns + 1)));
    for (const runId of old) {
      const isUnfinished = (await redis.sismember(keys.unfinished, runId)) === 1;
      const isClosing = (await redis.sismember(keys.closing, runId)) === 1;
      if (isUnfinished || isClosing || (await redis.hget(keys.run(runId), "state")) === "reading") continue;
      await redis.del(...runKeys(keys, runId), keys.run(runId));
      await redis.zrem(keys.runs, runId);
    }
  }

  /** `endsClaim`: the job is over; otherwise one of them may still be at work on the person. */
  async function settleOne(
    { runId, key }: ProvisioningJob,
    outcome: Outcome,
    entry: LedgerEntry | null,
    endsClaim: boolean,
  ): Promise<number> {
    const common = (endsClaim ? endingClaims : leavingClaims)(runId);
    const entryText = entry === null ? "" : JSON.stringify(entry);
    const own = [key, JSON.stringify(outcome), outcome.status, entryText, entry?.emailHash ?? ""];
    const open = await settleEach(common, [keys.claim(key)], own);
    return Number(open);
  }

  return {
    get,
    settle: (job, outcome, entry) => settleOne(job, outcome, entry, true),

    async open(run) {
      const fields = fromRun(run);
      await runScript(redis, OPEN, [keys.run(run.runId)], flat(fields));
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
      await runScript(redis, UPDATE, [keys.run(runId)], flat(fromRun(fields)));
    },

    async unfinished() {
      const runs = await Promise.all((await redis.smembers(keys.unfinished)).map(get));
      return runs.filter((run) => run !== null).sort((a, b) => (a.runId < b.runId ? -1 : 1));
    },

    beginReading: plans.begin,
    recordPart: plans.write,
    openChanges: plans.openChanges,
    changes: plans.changes,
    skips: plans.skips,
    adoptions: plans.adoptions,
    openJobs: plans.openJobs,

    async keepPortrait({ runId, id }, portrait) {
      const text = JSON.stringify(portrait);
      await orLost(runScript(redis, RECORD, [keys.run(runId), keys.portrait(runId)], [id, "SET", text]));
    },

    async portrait(runId) {
      return portraitFrom(await redis.get(keys.portrait(runId)));
    },

    async publish({ runId, id }, state, fields) {
      const planned = fields.counts?.planned ?? 0;
      const args = [runId, state, keys.run(""), planned, id, ...flat(fromRun(fields))];
      const answer = await orLost(runScript(redis, PUBLISH, [...runAndSets(keys, runId), keys.meta], args));
      const [published, ...superseded] = answer as [RunState, ...string[]];
      return { state: published, superseded };
    },

    async decideHeld(runId, planHash, decision, { decidedBy, reason, because }) {
      const texts = [planHash, decidedBy, because, reason].map((text) => JSON.stringify(text));
      const args = [runId, decision, keys.run(""), ...texts];
      return (await runScript(redis, DECIDE, runAndSets(keys, runId), args)) === 1;
    },

    async applyAdoptions(runId) {
      const run = await get(runId);
      if (run === null) return;
      for await (const page of plans.adoptions(runId)) {
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
        answersOf(await pipeline.exec());
      }
    },

    async begin(job, jobId): Promise<Begun> {
      const { runId, key } = job;
      const answer = (await beginEach(beginCommon(runId), [keys.claim(key)], [key, claimsOf(runId) + jobId])) as
        | [kind: "gone" | "busy"]
        | ["yours", string, string, number, string];
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

    async *inDoubt(runId, by) {
      for await (const changes of plans.openChanges(runId)) {
        if (changes.length === 0) continue;
        const people = changes.map((change) => change.key);
        const [tried, planned, settled, holders] = await Promise.all([
          redis.hmget(keys.tried, ...people),
          by === null ? [] : redis.hmget(keys.changes(by), ...people),
          by === null ? [] : redis.hmget(keys.outcomes(by), ...people),
          redis.mget(...people.map((key) => keys.claim(key))),
        ]);
        yield changes.flatMap((change, index) => {
          const isElsewhere = typeof planned[index] === "string" || typeof settled[index] === "string";
          if (tried[index] !== change.emailHash || isElsewhere) return [];
          return [{ change, isClaimed: holders[index]?.startsWith(claimsOf(runId)) === true }];
        });
      }
    },

    async release(job, jobId, wasSent) {
      const holder = claimsOf(job.runId) + jobId;
      await runScript(redis, RELEASE, [keys.claim(job.key), keys.tried], [job.key, holder, wasSent ? "0" : "1"]);
    },

    async settleRest(runId, outcome) {
      for await (const changes of plans.openChanges(runId)) {
        await Promise.all(changes.map(({ key, op }) => settleOne({ runId, key, op }, outcome, null, false)));
      }
    },

    async *outcomes(runId) {
      for await (const values of hashValues(redis, keys.outcomes(runId))) {
        yield values.map(([key, text]) => ({ key, ...(JSON.parse(text) as { line: number; outcome: Outcome }) }));
      }
    },

    closing: () => redis.smembers(keys.closing),

    async close(runId, fields, reading) {
      const touched = [...runAndSets(keys, runId), keys.portrait(runId)];
      const args = [runId, reading?.id ?? "", fields.state === "closed" ? "1" : "", ...flat(fromRun(fields))];
      return (await orLost(runScript(redis, CLOSE, touched, args))) === 1;
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
    async acceptedPortrait() {
      return portraitFrom(await redis.hget(keys.meta, "acceptedPortrait"));
    },
    async accept(roster, portrait) {
      const fields = { accepted: JSON.stringify(roster), acceptedPortrait: JSON.stringify(portrait) };
      await runScript(redis, ACCEPT, [keys.run(roster.runId), keys.meta], [roster.runId, ...flat(fields)]);
    },
  };
}

/** The same object for the same run, so that those who are at work on it travel together. */
function sameForRun(make: (runId: string) => Common): (runId: string) => Common {
  const made = new Map<string, Common>();
  return (runId) => {
    const known = made.get(runId);
    if (known !== undefined) return known;
    if (made.size === RUNS_AT_ONCE) made.clear();
    const common = make(runId);
    made.set(runId, common);
    return common;
  };
}

/** The keys of a run's plan and outcomes, without the run's record itself. */
function runKeys(keys: Keys, runId: string): string[] {
  return [...planKeys(keys, runId), keys.outcomes(runId), keys.portrait(runId)];
}

/** Null where there is none, or another version drew it. */
function portraitFrom(text: string | null): RosterPortrait | null {
  return text === null ? null : completedPortrait(JSON.parse(text) as RosterPortrait | null);
}

/** How the holders of a run's claims begin. */
function claimsOf(runId: string): string {
  return `${runId} `;
}

function runAndSets(keys: Keys, runId: string): string[] {
  return [keys.run(runId), keys.unfinished, keys.closing, keys.changes(runId)];
}

async function* hashValues(
  redis: RedisConnection,
  key: string,
): AsyncGenerator<readonly (readonly [string, string])[]> {
  for await (const fields of redis.hscanStream(key, { count: CHUNK })) {
    const page: [string, string][] = [];
    for (let index = 0; index < fields.length; index += 2) page.push([fields[index], fields[index + 1]]);
    if (page.length > 0) yield page;
  }
}
