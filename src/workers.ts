// The two workers of a process: one on the bell, one that provisions. The daemon runs them by role, a command in the
// foreground runs whichever no living daemon provides.

import { answerBell } from "./app/answer-bell.ts";
import { provision } from "./app/provision.ts";
import type { Assembly } from "./assembly.ts";
import type { NextStep } from "./domain/outcome.ts";
import { type PaceState, paceOf } from "./domain/pace-state.ts";
import { hurryLateJobs } from "./queue/late-jobs.ts";
import { type ProvisionWorker, type RunningWorker, setPace, startProvisionWorker } from "./queue/provision-worker.ts";
import { startSyncWorker } from "./queue/sync-queue.ts";
import { repeat } from "./repeat.ts";
import { openConnection } from "./store/connection.ts";

const HURRY_MS = 15_000;
/** While one person's call is under way, the next one asks for a slot, others are made ready, and the outcomes of others are kept. */
const PEOPLE_PER_CALL = 5;
/** But no more than the pace lets through in this time: whoever waits too long for a slot is sent back. */
const IN_HAND_S = 5;
/** No job is put off for longer than the longest backoff and this. */
const WAIT_MARGIN_MS = 30_000;

/** Called with what each attempt led to. */
export type ProvisionObserver = (step: NextStep) => void;

export async function startBellWorker(assembly: Assembly): Promise<RunningWorker> {
  const { app, keys, queues, log, address } = assembly;
  const redis = openConnection(address, "bell-worker");
  redis.on("error", () => undefined);
  const worker = await startSyncWorker({
    redis,
    prefix: keys.queuePrefix,
    queue: queues.sync,
    log,
    async work(bell, attempt) {
      const later = await answerBell(bell, attempt, app);
      return later === null ? { next: "done" } : { next: "later", delayMs: later.delayMs };
    },
  });
  return closingToo(worker, redis);
}

export async function startPeopleWorker(assembly: Assembly, observe?: ProvisionObserver): Promise<RunningWorker> {
  const { app, config, keys, queues, log, address, pacer } = assembly;
  const calls = config.worker.concurrency;
  const inHand = (perSecond: number) =>
    Math.min(calls * PEOPLE_PER_CALL, Math.max(calls, Math.ceil(perSecond * IN_HAND_S)));
  let worker: ProvisionWorker | null = null;
  const perSecond = await followPace(assembly, (now) => worker?.hold(inHand(now)));
  const redis = openConnection(address, "people-worker");
  redis.on("error", () => undefined);
  worker = startProvisionWorker({
    redis,
    prefix: keys.queuePrefix,
    queue: queues.provision,
    inHand: inHand(perSecond),
    log,
    async work(job, attempt) {
      const step = await provision(job, attempt, app);
      observe?.(step);
      return step;
    },
  });
  const longestWaitMs = config.retry.capMs + WAIT_MARGIN_MS;
  const stopHurrying = repeat(
    "looking for late jobs",
    HURRY_MS,
    async () => {
      const jobs = await hurryLateJobs(queues.provision, assembly.redis, longestWaitMs);
      if (jobs > 0) log.warn({ jobs }, "jobs were put off by a machine whose clock is ahead; they go on now");
    },
    log,
  );
  const closing = closingToo(worker, redis);
  return {
    async stop(graceMs) {
      await stopHurrying();
      pacer.stop();
      await closing.stop(graceMs);
    },
  };
}

/** BullMQ's limit follows the pace, whoever finds another one. Resolves with the pace of now, calls per second. */
async function followPace(
  { paceMemory, paceRules, pacer, queues, log }: Assembly,
  onChange: (perSecond: number) => void,
): Promise<number> {
  let set = 0;
  async function follow(state: PaceState): Promise<void> {
    const perSecond = paceOf(state, paceRules);
    if (Math.abs(perSecond - set) <= set * 0.02) return;
    set = perSecond;
    onChange(perSecond);
    await setPace(queues.provision, perSecond);
  }
  pacer.onPace((state) => {
    follow(state).catch((error: unknown) => log.warn({ err: error }, "the queue's rate limit could not be set"));
  });
  await follow((await paceMemory.configure()).after);
  return set;
}

function closingToo(worker: RunningWorker, redis: { disconnect(): void }): RunningWorker {
  return {
    async stop(graceMs) {
      await worker.stop(graceMs);
      redis.disconnect();
    },
  };
}
