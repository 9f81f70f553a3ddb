// The bell: rung twice it rings once, one is answered at a time, and a night that was made stays made.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { Bell, SyncQueue } from "../../src/app/ports.ts";
import type { RunningWorker } from "../../src/queue/provision-worker.ts";
import { openQueues, type Queues, SYNC_QUEUE } from "../../src/queue/queues.ts";
import { type BellAttempt, type BellStep, createSyncQueue, startSyncWorker } from "../../src/queue/sync-queue.ts";
import { MARK } from "../support/people.ts";
import { keepLog } from "../support/quiet-log.ts";
import { dump, KEYS, redisForTests } from "../support/store.ts";
import { gate, until } from "../support/until.ts";

const { redis, server } = redisForTests();

const RUN = "20260601-080000-aaaaaa";
const CLOSE: Bell = { kind: "close", runId: RUN, dataId: "here" };
const NIGHT: Bell = { kind: "nightly", runId: RUN, dataId: "here", due: "2026-06-01T02:00:00.000Z" };

let queues: Queues;
let bell: SyncQueue;
let workers: RunningWorker[];
beforeEach(() => {
  queues = openQueues(redis(), KEYS.queuePrefix, { count: 1000, ageS: 3600 }, keepLog().log);
  bell = createSyncQueue(queues.sync);
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(1000)));
  await queues.close();
});

interface Answered {
  readonly bell: Bell;
  readonly attempt: BellAttempt;
}

async function start(answer: (answered: Answered) => BellStep | Promise<BellStep>) {
  const answered: Answered[] = [];
  const { log, lines } = keepLog();
  const worker = await startSyncWorker({
    redis: server().connect(),
    prefix: KEYS.queuePrefix,
    queue: queues.sync,
    log,
    timing: { lockMs: 1000, stalledCheckMs: 300 },
    async work(rung, attempt) {
      const each = { bell: rung, attempt };
      answered.push(each);
      return answer(each);
    },
  });
  workers.push(worker);
  return { answered, lines, worker };
}

async function idle(): Promise<boolean> {
  return (await queues.sync.getJobCountByTypes("waiting", "active", "delayed", "prioritized")) === 0;
}

test("a bell that is rung again before it is answered rings once", async () => {
  await bell.ring(CLOSE);
  await bell.ring(CLOSE);
  const { answered } = await start(() => ({ next: "done" }));
  await until(idle);
  expect(answered.map((each) => each.bell)).toEqual([CLOSE]);
});

test("bells of different kinds, or for different runs, are different bells", async () => {
  const other: Bell = { ...CLOSE, runId: "20260601-090000-bbbbbb" };
  for (const each of [CLOSE, other, { ...CLOSE, kind: "apply" } as const]) await bell.ring(each);
  const { answered } = await start(() => ({ next: "done" }));
  await until(idle);
  expect(answered).toHaveLength(3);
});

test("a bell that was answered can be rung again", async () => {
  const { answered } = await start(() => ({ next: "done" }));
  for (const times of [1, 2]) {
    await bell.ring(CLOSE);
    await until(async () => answered.length === times && (await idle()));
  }
});

test("a night that was made is not made again, however late it is asked for", async () => {
  const { answered } = await start(() => ({ next: "done" }));
  await bell.ring(NIGHT);
  await until(async () => answered.length === 1 && (await idle()));
  await bell.ring({ ...NIGHT, runId: "20260601-090000-bbbbbb" });
  await bell.ring({ ...NIGHT, due: "2026-06-02T02:00:00.000Z" });
  await until(async () => answered.length === 2 && (await idle()));
  expect(answered.map(({ bell: { kind, runId } }) => [kind, runId])).toEqual([
    ["nightly", RUN],
    ["nightly", RUN],
  ]);
});

test("several daemons that ring for one night at the same moment ring once", async () => {
  const others = Array.from({ length: 4 }, () => createSyncQueue(queues.sync));
  await Promise.all(others.map((other, number) => other.ring({ ...NIGHT, runId: `20260601-08000${number}-aaaaaa` })));
  const { answered } = await start(() => ({ next: "done" }));
  await until(idle);
  expect(answered).toHaveLength(1);
});

test("over all workers one bell is answered at a time", async () => {
  let atWork = 0;
  let most = 0;
  async function work(): Promise<BellStep> {
    atWork += 1;
    most = Math.max(most, atWork);
    for (let turn = 0; turn < 5; turn++) await redis().ping();
    atWork -= 1;
    return { next: "done" };
  }
  const all = [await start(work), await start(work)];
  for (let number = 0; number < 12; number++)
    await bell.ring({ ...CLOSE, runId: `20260601-0800${10 + number}-aaaaaa` });
  await until(async () => all.flatMap((each) => each.answered).length === 12 && (await idle()));
  expect(most).toBe(1);
});

test("a bell may be put off; that costs no attempt, and it knows how often it was begun", async () => {
  const { answered } = await start(({ attempt }) =>
    attempt.startsBefore < 3 ? { next: "later", delayMs: 20 } : { next: "done" },
  );
  await bell.ring(CLOSE);
  await until(async () => answered.length === 4 && (await idle()));
  expect(answered.map(({ attempt }) => attempt)).toEqual(
    [0, 1, 2, 3].map((startsBefore) => ({ startsBefore, isLast: false })),
  );
});

test("a bell that is put off does not keep the others waiting", async () => {
  const { answered } = await start(({ bell: { kind } }) =>
    kind === "apply" ? { next: "later", delayMs: 60_000 } : { next: "done" },
  );
  await bell.ring({ ...CLOSE, kind: "apply" });
  await until(() => answered.length === 1);
  await bell.ring(CLOSE);
  await until(() => answered.some((each) => each.bell.kind === "close"));
});

test("an unexpected error is tried again, and shown by its kind alone", async () => {
  const { answered, lines } = await start(({ attempt }) => {
    if (attempt.startsBefore === 0) throw new RangeError(`bad row of ${MARK}@example.test`);
    return { next: "done" };
  });
  await bell.ring(CLOSE);
  await until(() => answered.length === 1);
  const job = await until(async () => (await queues.sync.getDelayed())[0]);
  expect(job.failedReason).toBe("internal error (RangeError)");
  expect(lines[0]?.fields.run).toBe(RUN);
  expect((await dump(redis())).values).not.toContain(MARK);
  await until(async () => answered.length === 2 && (await idle()));
});

test("stopping does not wait longer than its time of grace, and another process goes on with the bell", async () => {
  const stuck = gate<BellStep>();
  const first = await start(() => stuck.promise);
  await bell.ring(CLOSE);
  await until(() => first.answered.length === 1);
  await first.worker.stop(50);
  expect(first.answered).toHaveLength(1);
  const second = await start(() => ({ next: "done" }));
  stuck.open({ next: "later", delayMs: 10 });
  await until(() => second.answered.length === 1);
});

test("a process whose lock on a bell ran out neither puts off nor ends what another is answering by now, and says so", async () => {
  const slow = gate<BellStep>();
  const first = await start(() => slow.promise);
  await bell.ring(CLOSE);
  await until(() => first.answered.length === 1);
  const latest = gate<BellStep>();
  const second = await start(() => latest.promise);
  // As when the process is suspended: nobody renews the lock.
  await redis().del(`${KEYS.queuePrefix}:${SYNC_QUEUE}:close-${RUN}:lock`);
  await until(() => second.answered.length === 1);
  slow.open({ next: "later", delayMs: 60_000 });
  await until(() => first.lines.some(({ message }) => message.startsWith("the bell was taken over")));
  expect(await queues.sync.getJobState(`close-${RUN}`)).toBe("active");
  latest.open({ next: "done" });
  await until(idle);
  expect(await queues.sync.getJobState(`close-${RUN}`)).toBe("completed");
  expect([first.answered.length, second.answered.length]).toEqual([1, 1]);
  // BullMQ may have noticed the lock's end by itself, and warned.
  expect(first.lines.filter(({ level }) => level === "error")).toEqual([]);
});
