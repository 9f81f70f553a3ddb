// What each NextStep does to a job and to everybody else, on a real queue.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProvisioningJob, ProvisionQueue } from "../../src/app/ports.ts";
import type { NextStep } from "../../src/domain/outcome.ts";
import { createProvisionQueue } from "../../src/queue/provision-queue.ts";
import {
  type Attempt,
  type ProvisionWorker,
  type RunningWorker,
  setPace,
  startProvisionWorker,
} from "../../src/queue/provision-worker.ts";
import { openQueues, PROVISION_QUEUE, type Queues } from "../../src/queue/queues.ts";
import { fingerprintFor } from "../../src/store/keys.ts";
import { MARK } from "../support/people.ts";
import { keepLog } from "../support/quiet-log.ts";
import { dump, KEYS, redisForTests } from "../support/store.ts";
import { gate, until } from "../support/until.ts";

const { redis, server } = redisForTests();

const RUN = "20260601-080000-aaaaaa";
const DONE: NextStep = { next: "settle", outcome: { status: "applied", accountId: 1 } };

let queues: Queues;
let provisioning: ProvisionQueue;
let workers: RunningWorker[];
beforeEach(async () => {
  queues = openQueues(redis(), KEYS.queuePrefix, { count: 1000, ageS: 3600 }, keepLog().log);
  provisioning = createProvisionQueue(queues.provision, { fingerprint: fingerprintFor("acme"), attempts: 3 });
  await setPace(queues.provision, 200);
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(0)));
  await queues.close();
});

interface Seen {
  readonly key: string;
  readonly attempt: Attempt;
  readonly atMs: number;
}

interface Started {
  readonly seen: Seen[];
  readonly worker: ProvisionWorker;
  readonly lines: ReturnType<typeof keepLog>["lines"];
}

/** A worker that notes what it was given and answers with `step`. */
function start(step: (seen: Seen) => NextStep | Promise<NextStep>, inHand = 1): Started {
  const seen: Seen[] = [];
  const { log, lines } = keepLog();
  const worker = startProvisionWorker({
    redis: server().connect(),
    prefix: KEYS.queuePrefix,
    queue: queues.provision,
    inHand,
    log,
    timing: { lockMs: 1000, stalledCheckMs: 300 },
    async work(job, attempt) {
      const sight = { key: job.key, attempt, atMs: Date.now() };
      seen.push(sight);
      return step(sight);
    },
  });
  workers.push(worker);
  return { seen, worker, lines };
}

function jobs(count: number): ProvisioningJob[] {
  return Array.from({ length: count }, (_, number) => ({ runId: RUN, key: `E${number}`, op: "create" }) as const);
}

async function onlyJob() {
  const [job] = await queues.provision.getJobs();
  if (job === undefined) throw new Error("no job");
  return job;
}

async function count(state: "completed" | "failed" | "delayed" | "waiting" | "active"): Promise<number> {
  return queues.provision.getJobCountByTypes(state);
}

/** Twice the same step, then done. */
function afterTwo(step: NextStep): () => NextStep {
  let times = 0;
  return () => {
    times += 1;
    return times <= 2 ? step : DONE;
  };
}

test("a settled job is completed, with nothing but its outcome's word", async () => {
  start(() => DONE);
  await provisioning.enqueue(jobs(1));
  await until(async () => (await count("completed")) === 1);
  expect((await onlyJob()).returnvalue).toEqual({ outcome: "applied" });
});

test.each([
  [
    { status: "rejected", code: "HTTP_422", message: "Tallyfy refuses the name." },
    "rejected: Tallyfy refuses the name.",
  ],
  [{ status: "exhausted", attempts: 1, message: "No answer." }, "exhausted: No answer."],
] as const)("a job settled as %o has failed, says why, and is not tried again", async (outcome, reason) => {
  const { seen } = start(() => ({ next: "settle", outcome }));
  await provisioning.enqueue(jobs(1));
  await until(async () => (await count("failed")) === 1);
  const job = await onlyJob();
  expect([job.failedReason, seen.length]).toEqual([reason, 1]);
});

test("a retry costs an attempt and waits as long as was said; the last attempt knows that it is the last", async () => {
  const { seen } = start(() => ({ next: "retry", delayMs: 150, message: "No answer." }));
  await provisioning.enqueue(jobs(1));
  await until(async () => (await count("failed")) === 1);
  expect(seen.map(({ attempt }) => [attempt.number, attempt.isLast])).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ]);
  for (const [index, { atMs }] of seen.entries()) {
    if (index > 0) expect(atMs - (seen[index - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(145);
  }
  expect((await onlyJob()).failedReason).toBe("No answer.");
});

test("waiting costs no attempt", async () => {
  const { seen } = start(afterTwo({ next: "wait", delayMs: 30 }));
  await provisioning.enqueue(jobs(1));
  await until(async () => (await count("completed")) === 1);
  expect(seen.map(({ attempt }) => attempt.number)).toEqual([1, 1, 1]);
});

test("a pause stops every worker until it is over, and costs no attempt", async () => {
  const pauseMs = 700;
  let pausedAtMs = 0;
  function step(): NextStep {
    if (pausedAtMs > 0) return DONE;
    pausedAtMs = Date.now();
    return { next: "pause", delayMs: pauseMs, because: "rate-limited" };
  }
  const all = [start(step), start(step)];
  await provisioning.enqueue(jobs(20));
  await until(async () => (await count("completed")) === 20);
  const seen = all.flatMap((each) => each.seen).sort((a, b) => a.atMs - b.atMs);
  // A job that the other worker held already may finish; nobody starts another one.
  const early = seen.filter(({ atMs }) => atMs > pausedAtMs + 50 && atMs < pausedAtMs + pauseMs - 50);
  expect(early).toEqual([]);
  expect(seen.every(({ attempt }) => attempt.number === 1)).toBe(true);
});

test("a shorter pause does not cut a longer one", async () => {
  const steps: NextStep[] = [
    { next: "pause", delayMs: 800, because: "rate-limited" },
    { next: "pause", delayMs: 20, because: "budget" },
  ];
  const begun = gate();
  let atWork = 0;
  const { seen } = start(async () => {
    const step = steps.shift();
    if (step === undefined) return DONE;
    atWork += 1;
    if (atWork === 2) begun.open();
    await begun.promise;
    if (step.next === "pause" && step.delayMs < 100)
      await until(async () => (await queues.provision.getRateLimitTtl(1)) > 400);
    return step;
  }, 2);
  await provisioning.enqueue(jobs(2));
  await until(async () => (await count("completed")) === 2);
  const [first, , third] = seen;
  expect((third?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(700);
});

test("a halt puts the job back, costs no attempt, and going on finds it again", async () => {
  let isHalted = true;
  const { seen } = start(async () => {
    if (!isHalted) return DONE;
    await provisioning.pause();
    return { next: "halt", kind: "credentials", message: "Refused." };
  });
  await provisioning.enqueue(jobs(3));
  await until(async () => seen.length === 1 && (await count("active")) === 0);
  expect(await provisioning.outstanding()).toBe(3);
  isHalted = false;
  await provisioning.resume();
  await until(async () => (await count("completed")) === 3);
  expect(seen.every(({ attempt }) => attempt.number === 1)).toBe(true);
});

test("an unexpected error is tried again, and shown by its kind alone", async () => {
  const { lines } = start(() => {
    throw new TypeError(`cannot read ${MARK}@example.test`);
  });
  await provisioning.enqueue(jobs(1));
  await until(async () => (await count("delayed")) === 1);
  const job = await onlyJob();
  expect([job.failedReason, job.attemptsMade]).toEqual(["internal error (TypeError)", 1]);
  expect(lines[0]?.fields).toMatchObject({ run: RUN, key: "E0" });
  expect((await dump(redis())).values).not.toContain(MARK);
});

test("a job whose worker is killed runs again, and no attempt is lost", async () => {
  const script = fileURLToPath(new URL("../support/doomed-worker.mjs", import.meta.url));
  await provisioning.enqueue(jobs(1));
  const doomed = spawn(process.execPath, [script, `${server().port}`, PROVISION_QUEUE, KEYS.queuePrefix]);
  await once(doomed.stdout, "data");
  doomed.kill("SIGKILL");
  await once(doomed, "exit");
  const { seen } = start(() => DONE);
  await until(async () => (await count("completed")) === 1);
  expect(seen.map(({ key, attempt }) => [key, attempt.number])).toEqual([["E0", 1]]);
});

test("it holds as many jobs at the same time as it was told last", async () => {
  const most: number[] = [];
  let atWork = 0;
  const { worker } = start(async () => {
    atWork += 1;
    await new Promise((resolve) => setTimeout(resolve, 50));
    most.push(atWork);
    atWork -= 1;
    return DONE;
  }, 1);
  await provisioning.enqueue(jobs(3));
  await until(async () => (await count("completed")) === 3);
  expect(most).toEqual([1, 1, 1]);
  worker.hold(3);
  await provisioning.enqueue(jobs(12).slice(3));
  await until(async () => (await count("completed")) === 12);
  expect(Math.max(...most)).toBe(3);
});

test("stopping waits for the job at work, and takes no other", async () => {
  const isAtWork = gate();
  const mayEnd = gate();
  const { seen, worker } = start(async () => {
    isAtWork.open();
    await mayEnd.promise;
    return DONE;
  });
  await provisioning.enqueue(jobs(3));
  await isAtWork.promise;
  const stopped = worker.stop(10_000);
  mayEnd.open();
  await stopped;
  expect([seen.length, await count("completed"), await count("waiting")]).toEqual([1, 1, 2]);
});

test("what is still at work after the time of grace is handed back, without losing an attempt", async () => {
  const hanging = gate<NextStep>();
  const first = start(() => hanging.promise);
  await provisioning.enqueue(jobs(1));
  await until(() => first.seen.length === 1);
  await first.worker.stop(50);
  expect([await count("delayed"), await count("active")]).toEqual([1, 0]);
  const second = start(() => DONE);
  await until(async () => (await count("completed")) === 1);
  expect(second.seen.map(({ attempt }) => attempt.number)).toEqual([1]);
});
