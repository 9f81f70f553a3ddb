// What a start and every minute look for: files without an end, runs without their jobs, wrapping up that was not done.

import { expect, test } from "vitest";
import { answerBell } from "../../src/app/answer-bell.ts";
import { recover } from "../../src/app/recover.ts";
import { makeRunId } from "../../src/domain/run-id.ts";
import { tallyfyError } from "../support/failures.ts";
import { redisForTests } from "../support/store.ts";
import { makeWorld, rosterOf, someone } from "../support/world.ts";

const { redis } = redisForTests();

const [ADA, BOB] = [someone(1), someone(2)];
const A = "20260601-080000-aaaaaa";
const B = "20260601-090000-bbbbbb";
const WARNING = "queueing changes of a run again that have no job";

test("where there is nothing to find, nothing is done", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  const before = world.lines.length;
  await recover(world.app);
  expect([world.bells.size, world.queue.jobs.size, world.lines.length - before]).toEqual([0, 0, 0]);
});

test("a claimed file that no run knows is taken up under the run it was claimed for", async () => {
  const world = makeWorld(redis());
  world.files.contents.set(`processing/${A}.monday.csv`, rosterOf("one", ADA));
  await world.restart();
  await world.drive();
  expect(await world.app.runs.get(A)).toMatchObject({ state: "closed", fileName: "monday.csv", trigger: "inbox" });
});

test("a file claimed this moment is left to whoever claimed it, and so keeps its force", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  world.clock.advance(86_400_000);
  const runId = makeRunId(world.clock.now(), () => 0);
  world.files.contents.set(`processing/${runId}.monday.csv`, rosterOf("one", ADA));
  await recover(world.app);
  expect(world.bells.size).toBe(0);
  const { dataId } = world.files;
  await world.app.bell.ring({ kind: "roster", runId, dataId, trigger: "command", isForced: true });
  await world.drive();
  expect(await world.app.runs.get(runId)).toMatchObject({ state: "closed", trigger: "command" });
});

test("a Redis that lost its last moments is told of the roster that it forgot", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  world.files.contents.set(`archive/2026/06/${B}.tuesday.csv`, rosterOf("two", ADA, BOB));
  await world.restart();
  await world.drive();
  expect(await world.app.runs.get(B)).toMatchObject({ state: "closed", fileName: "tuesday.csv" });
  expect(world.tallyfy.members.size).toBe(2);
});

test("a Redis that is set back while a run is carried out does not have its roster as accepted, and plans it again", async () => {
  const world = makeWorld(redis());
  const { app } = world;
  async function archive(path: string, startedAt: Date): Promise<string> {
    const put = await world.files.archive(path, startedAt);
    await redis().flushall();
    return put;
  }
  world.files.contents.set(`processing/${A}.monday.csv`, rosterOf("one", ADA, BOB));
  const bell = { kind: "roster", runId: A, dataId: world.files.dataId, trigger: "inbox", isForced: false } as const;
  // Whoever carries it out does not notice.
  const files = { ...app.files, archive };
  await answerBell(bell, { startsBefore: 0, isLast: false }, { ...app, files });
  await world.restart();
  await world.drive();
  expect(await app.runs.get(A)).toMatchObject({ state: "closed", counts: { outcomes: { applied: 2 } } });
});

test("a run that Redis knows from before its file was put away reads it where it lies", async () => {
  const world = makeWorld(redis());
  world.tallyfy.trouble = tallyfyError({ kind: "unavailable", status: 503 });
  await world.drop(A, rosterOf("one", ADA));
  await world.drive(1);
  expect(await world.app.runs.get(A)).toMatchObject({ state: "reading", filePath: `processing/${A}.monday.csv` });
  await world.files.archive(`processing/${A}.monday.csv`, new Date(world.clock.now()));
  world.tallyfy.trouble = null;
  await world.drive();
  expect(await world.app.runs.get(A)).toMatchObject({
    state: "closed",
    filePath: `archive/2026/06/${A}.monday.csv`,
    counts: { outcomes: { applied: 1 } },
  });
});

test("a run that Redis has as being read, while its file is put away and its bell was answered, is read again", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  // Redis goes back to before the plan was published; the worker's last word about the bell still arrives.
  const { app } = world;
  const run = await app.runs.get(A);
  await redis().flushall();
  if (run === null) throw new Error("there was no run");
  await app.runs.open({ ...run, state: "reading", filePath: `processing/${A}.monday.csv`, endedAt: null });
  await world.restart();
  await world.drive();
  expect(await app.runs.get(A)).toMatchObject({ state: "closed", counts: { adopted: 1 } });
  expect(world.tallyfy.members.size).toBe(1);
});

test("a Redis that knows nothing at all does not plan an old archive again", async () => {
  const world = makeWorld(redis());
  world.files.contents.set(`archive/2026/06/${A}.monday.csv`, rosterOf("one", ADA));
  world.clock.advance(2 * 3_600_000);
  await recover(world.app);
  expect(world.bells.size).toBe(0);
});

test("rosters that the history no longer keeps are not taken for forgotten, nights or not", async () => {
  const world = makeWorld(redis());
  await world.drop(B, rosterOf("two", ADA));
  await world.drive();
  world.files.contents.set(`archive/2026/06/${A}.monday.csv`, rosterOf("one", ADA));
  await world.restart();
  expect(world.bells.size).toBe(0);
});

test("the file of a run that is over is put away without running it again", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  world.files.contents.clear();
  world.files.contents.set(`processing/${A}.monday.csv`, rosterOf("one", ADA));
  await world.restart();
  expect([[...world.files.contents.keys()], world.bells.size]).toEqual([[`archive/2026/06/${A}.monday.csv`], 0]);
});

test("jobs that were lost are made again, but not while their run is just being queued", async () => {
  const world = makeWorld(redis());
  await world.app.provisioning.pause();
  await world.drop(A, rosterOf("one", ADA, BOB));
  await world.drive();
  world.queue.lose();
  await recover(world.app);
  expect(world.queue.jobs.size).toBe(0);
  world.clock.advance(20_000);
  await recover(world.app);
  expect([world.queue.jobs.size, world.lines.filter((line) => line.message === WARNING).length]).toEqual([2, 1]);
});

test("while jobs end, nothing is taken for lost", async () => {
  const world = makeWorld(redis());
  await world.app.provisioning.pause();
  await world.drop(A, rosterOf("one", ADA, BOB));
  await world.drive();
  world.clock.advance(60_000);
  // Between the two counts a job settles its change and ends.
  const runs = {
    ...world.app.runs,
    async unfinished() {
      const found = await world.app.runs.unfinished();
      await world.app.provisioning.resume();
      await world.drive();
      return found;
    },
  };
  await recover({ ...world.app, runs });
  expect(world.lines.some((line) => line.message === WARNING)).toBe(false);
});

test("a bell for files of another data folder is left to its owner", async () => {
  const world = makeWorld(redis());
  const bell = { kind: "close", runId: A, dataId: "elsewhere" } as const;
  expect(await answerBell(bell, { startsBefore: 0, isLast: false }, world.app)).toEqual({ delayMs: 2000 });
});

test("a roster on which we break every time is set aside in the end, visibly, and its file is kept", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  const [rung] = world.bells.values();
  if (rung === undefined) throw new Error("no bell rang");
  const reader = {
    open: () => {
      throw new TypeError("a bug");
    },
  };
  const app = { ...world.app, reader };
  await expect(answerBell(rung.data, { startsBefore: 0, isLast: false }, app)).rejects.toThrow("a bug");
  expect(await world.app.runs.get(A)).toMatchObject({ state: "reading" });
  await expect(answerBell(rung.data, { startsBefore: 4, isLast: true }, app)).rejects.toThrow("a bug");
  expect(await world.app.runs.get(A)).toMatchObject({ state: "failed", because: expect.stringContaining("a bug") });
  expect([...world.files.reasons.keys()]).toEqual([`refused/${A}.monday.csv`]);
});
