// Jobs are pointers: added once each, made again where a crash lost them, taken back, and without personal data.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProvisioningJob, ProvisionQueue } from "../../src/app/ports.ts";
import { createProvisionQueue } from "../../src/queue/provision-queue.ts";
import { startProvisionWorker } from "../../src/queue/provision-worker.ts";
import { openQueues, type Queues } from "../../src/queue/queues.ts";
import { fingerprintFor } from "../../src/store/keys.ts";
import { keepLog } from "../support/quiet-log.ts";
import { KEYS, redisForTests } from "../support/store.ts";
import { until } from "../support/until.ts";

const { redis, server } = redisForTests();

const RUN = "20260601-080000-aaaaaa";

let queues: Queues;
let provisioning: ProvisionQueue;
beforeEach(() => {
  queues = openQueues(redis(), KEYS.queuePrefix, { count: 1000, ageS: 3600 }, keepLog().log);
  provisioning = createProvisionQueue(queues.provision, { fingerprint: fingerprintFor("acme"), attempts: 3 });
});
afterEach(async () => {
  await queues.close();
});

function jobs(count: number, runId = RUN): ProvisioningJob[] {
  return Array.from({ length: count }, (_, number) => ({ runId, key: `E${number}`, op: "create" }) as const);
}

/** Lets a worker end every job that waits. */
async function workOff(count: number, status: "applied" | "rejected" = "applied"): Promise<void> {
  const outcome =
    status === "applied" ? ({ status, accountId: 1 } as const) : ({ status, code: "X", message: "No." } as const);
  const worker = startProvisionWorker({
    redis: server().connect(),
    prefix: KEYS.queuePrefix,
    queue: queues.provision,
    inHand: 5,
    log: keepLog().log,
    work: async () => ({ next: "settle", outcome }),
  });
  await until(async () => (await queues.provision.getJobCountByTypes("completed", "failed")) === count);
  await worker.stop(1000);
}

test("a job carries a pointer and nothing else, and its name does not show the person", async () => {
  await provisioning.enqueue(jobs(1));
  const [job] = await queues.provision.getJobs();
  expect([job?.name, job?.data]).toEqual(["create-user", { runId: RUN, key: "E0", op: "create" }]);
  expect(job?.id).toMatch(/^20260601-080000-aaaaaa-[0-9a-f]{24}$/);
});

test("adding a job again adds nothing, whatever became of it", async () => {
  await provisioning.enqueue(jobs(3));
  await provisioning.enqueue(jobs(4));
  expect(await provisioning.outstanding()).toBe(4);
  await workOff(4);
  await provisioning.enqueue(jobs(4));
  expect(await provisioning.outstanding()).toBe(0);
});

test("the same person in another run is another job", async () => {
  await provisioning.enqueue([...jobs(2), ...jobs(2, "20260601-090000-bbbbbb")]);
  expect(await provisioning.outstanding()).toBe(4);
});

test.each(["applied", "rejected"] as const)(
  "reviving starts a job again that ended (%s), and leaves the others alone",
  async (status) => {
    await provisioning.enqueue(jobs(2));
    await workOff(2, status);
    await provisioning.enqueue(jobs(3));
    await provisioning.revive(jobs(3));
    expect(await provisioning.outstanding()).toBe(3);
  },
);

test("more jobs than one chunk are all added", async () => {
  await provisioning.enqueue(jobs(1234));
  expect(await provisioning.outstanding()).toBe(1234);
});

test("withdrawn jobs are gone, the others stay; withdrawing what is not there is harmless", async () => {
  await provisioning.enqueue(jobs(4));
  await provisioning.withdraw(jobs(6).slice(2));
  expect(await provisioning.outstanding()).toBe(2);
});

test("jobs of a paused queue are outstanding, and pausing twice needs one resuming", async () => {
  await provisioning.enqueue(jobs(2));
  await provisioning.pause();
  await provisioning.pause();
  expect([await provisioning.outstanding(), await queues.provision.isPaused()]).toEqual([2, true]);
  await provisioning.resume();
  expect(await queues.provision.isPaused()).toBe(false);
});

test("the stream of events, which nobody reads, stays short", async () => {
  await provisioning.enqueue(jobs(3000));
  const length = await redis().xlen(`${KEYS.queuePrefix}:provision:events`);
  // Redis trims whole blocks of some hundred entries.
  expect(length).toBeGreaterThan(100);
  expect(length).toBeLessThan(700);
});
