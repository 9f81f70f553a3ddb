// A machine whose clock was ahead puts nobody off for as long as it was.

import { afterEach, beforeEach, expect, test } from "vitest";
import { hurryLateJobs } from "../../src/queue/late-jobs.ts";
import { openQueues, type Queues } from "../../src/queue/queues.ts";
import { keepLog } from "../support/quiet-log.ts";
import { KEYS, redisForTests } from "../support/store.ts";

const { redis } = redisForTests();

let queues: Queues;
beforeEach(() => {
  queues = openQueues(redis(), KEYS.queuePrefix, { count: 1000, ageS: 3600 }, keepLog().log);
});
afterEach(async () => {
  await queues.close();
});

test("a job put off for longer than any wait goes on at once; one that waits as it should goes on waiting", async () => {
  const { provision } = queues;
  await provision.add("create-user", {}, { jobId: "by-a-clock-ahead", delay: 3_600_000 });
  await provision.add("create-user", {}, { jobId: "backing-off", delay: 50_000 });

  expect(await hurryLateJobs(provision, redis(), 60_000)).toBe(1);

  expect(await provision.getJobState("by-a-clock-ahead")).toBe("waiting");
  expect(await provision.getJobState("backing-off")).toBe("delayed");
  expect(await hurryLateJobs(provision, redis(), 60_000)).toBe(0);
});
