// The steady pace: evenly spaced starts, over all workers together.

import { afterEach, beforeEach, expect, test } from "vitest";
import { createProvisionQueue } from "../../src/queue/provision-queue.ts";
import { type RunningWorker, setPace, startProvisionWorker } from "../../src/queue/provision-worker.ts";
import { openQueues, type Queues } from "../../src/queue/queues.ts";
import { fingerprintFor } from "../../src/store/keys.ts";
import { keepLog } from "../support/quiet-log.ts";
import { KEYS, redisForTests } from "../support/store.ts";
import { until } from "../support/until.ts";

const { redis, server } = redisForTests();

let queues: Queues;
let workers: RunningWorker[];
beforeEach(() => {
  queues = openQueues(redis(), KEYS.queuePrefix, { count: 1000, ageS: 3600 }, keepLog().log);
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(0)));
  await queues.close();
});

/** Starts of `jobs` jobs on two workers, in order. */
async function starts(jobs: number, perSecond: number): Promise<number[]> {
  const atMs: number[] = [];
  await setPace(queues.provision, perSecond);
  for (let number = 0; number < 2; number++) {
    workers.push(
      startProvisionWorker({
        redis: server().connect(),
        prefix: KEYS.queuePrefix,
        queue: queues.provision,
        concurrency: 5,
        log: keepLog().log,
        async work() {
          atMs.push(performance.now());
          return { next: "settle", outcome: { status: "applied", accountId: 1 } };
        },
      }),
    );
  }
  const provisioning = createProvisionQueue(queues.provision, { fingerprint: fingerprintFor("acme"), attempts: 3 });
  const keys = Array.from({ length: jobs }, (_, number) => `E${number}`);
  await provisioning.enqueue(keys.map((key) => ({ runId: "20260601-080000-aaaaaa", key, op: "create" })));
  await until(() => atMs.length === jobs, 20_000);
  return atMs.sort((a, b) => a - b);
}

test("two workers together keep the pace, and space their starts evenly", async () => {
  const atMs = await starts(31, 20);
  const gaps = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
  const lastedMs = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0);
  expect(lastedMs).toBeGreaterThanOrEqual(30 * 50 * 0.9);
  expect(lastedMs).toBeLessThanOrEqual(30 * 50 * 2);
  const early = gaps.filter((gap) => gap < 50 * 0.5);
  expect(early.length).toBeLessThanOrEqual(3);
});

test("a pace above two hundred per second is never exceeded either", async () => {
  const atMs = await starts(200, 400);
  const lastedMs = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0);
  expect(lastedMs).toBeGreaterThanOrEqual((200 / 400) * 1000 * 0.9);
});
