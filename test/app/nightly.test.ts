// The night: once for all daemons, made up when it was missed, and only with the very roster that was accepted.

import { expect, test } from "vitest";
import { ringIfNightIsDue } from "../../src/app/nightly.ts";
import { NO_ANSWER } from "../support/fakes.ts";
import { redisForTests } from "../support/store.ts";
import { makeWorld, rosterOf, START, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const [ADA, BOB, CYD] = [someone(1), someone(2), someone(3)];
const A = "20260601-080000-aaaaaa";
const B = "20260601-090000-bbbbbb";
const DAY_MS = 86_400_000;
const NIGHT = Date.parse("2026-06-02T02:00:00.000Z");

async function run(world: World, runId: string) {
  const found = await world.app.runs.get(runId);
  if (found === null) throw new Error(`there is no run ${runId}`);
  return found;
}

test("the first start ever makes nothing up; later starts make up one night, however many were missed", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  await ringIfNightIsDue(NIGHT - DAY_MS, world.app);
  expect(world.bells.size).toBe(0);
  world.clock.advance(NIGHT + 5 * DAY_MS - START);
  await ringIfNightIsDue(NIGHT + 5 * DAY_MS, world.app);
  expect([...world.bells.keys()]).toEqual(["2026-06-07T02:00:00.000Z"]);
  await world.drive();
  await ringIfNightIsDue(NIGHT + 5 * DAY_MS, world.app);
  expect([world.bells.size, await world.app.runs.nightFulfilled()]).toEqual([0, NIGHT + 5 * DAY_MS]);
});

test("before any roster was accepted a night does nothing, and is not made up afterwards", async () => {
  const world = makeWorld(redis());
  await ringIfNightIsDue(NIGHT - DAY_MS, world.app);
  world.clock.advance(NIGHT - START);
  await ringIfNightIsDue(NIGHT, world.app);
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  await ringIfNightIsDue(NIGHT, world.app);
  expect([world.bells.size, (await world.app.runs.list(10)).length]).toEqual([0, 1]);
});

test("people who failed for a curable reason are tried again at night", async () => {
  const world = makeWorld(redis());
  await ringIfNightIsDue(NIGHT - DAY_MS, world.app);
  world.tallyfy.creates.push({ before: NO_ANSWER }, { before: NO_ANSWER }, { before: NO_ANSWER });
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  expect((await run(world, A)).counts.outcomes).toMatchObject({ exhausted: 1 });
  world.clock.advance(NIGHT - START);
  await ringIfNightIsDue(NIGHT, world.app);
  await world.drive();
  expect(world.tallyfy.members.size).toBe(1);
});

test("a night in which nothing was to be done leaves no answer files", async () => {
  const world = makeWorld(redis());
  await ringIfNightIsDue(NIGHT - DAY_MS, world.app);
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  world.clock.advance(NIGHT - START);
  await ringIfNightIsDue(NIGHT, world.app);
  await world.drive();
  expect([(await world.app.runs.list(10)).length, [...world.files.answers.keys()]]).toEqual([2, [A]]);
});

test("the night plans the last accepted roster again for the new day: joiners come due by themselves", async () => {
  const world = makeWorld(redis());
  await ringIfNightIsDue(NIGHT - DAY_MS, world.app);
  await world.drop(A, rosterOf("one", ADA, someone(2, { startsOn: "2026-06-02" })));
  await world.drive();
  world.clock.advance(NIGHT - START);
  for (let daemon = 0; daemon < 3; daemon++) await ringIfNightIsDue(NIGHT, world.app);
  await world.drive();
  const [night, ...others] = await world.app.runs.list(10);
  expect(others).toHaveLength(1);
  expect(night).toMatchObject({
    state: "closed",
    trigger: "nightly",
    asOf: "2026-06-02",
    counts: { planned: 1, unchanged: 1 },
  });
  expect(world.tallyfy.calls).toMatchObject({ create: 2, list: 2 });
  expect(await world.app.runs.accepted()).toMatchObject({
    runId: A,
    filePath: `archive/2026/06/${A}.monday.csv`,
  });
});

test("a night leaves a held roster held, and goes on with the accepted one", async () => {
  const world = makeWorld(redis(), { limits: { createCount: 1, createPercent: 0 } });
  await ringIfNightIsDue(NIGHT - DAY_MS, world.app);
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  await world.drop(B, rosterOf("two", ADA, BOB, CYD));
  await world.drive();
  world.clock.advance(NIGHT - START);
  await ringIfNightIsDue(NIGHT, world.app);
  await world.drive();
  const [night] = await world.app.runs.list(1);
  expect([night?.trigger, night?.state, (await run(world, B)).state]).toEqual(["nightly", "closed", "held"]);
});

test.each([
  ["is gone", (world: World, path: string): void => void world.files.contents.delete(path)],
  ["was changed", (world: World, path: string): void => void world.files.contents.set(path, rosterOf("other", BOB))],
] as const)("a night whose accepted roster %s fails visibly and creates nobody", async (what, harm) => {
  const world = makeWorld(redis());
  await ringIfNightIsDue(NIGHT - DAY_MS, world.app);
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  harm(world, `archive/2026/06/${A}.monday.csv`);
  world.clock.advance(NIGHT - START);
  await ringIfNightIsDue(NIGHT, world.app);
  await world.drive();
  const [night] = await world.app.runs.list(1);
  expect(night).toMatchObject({ trigger: "nightly", state: "failed", because: expect.stringContaining(what) });
  expect(world.tallyfy.calls.create).toBe(1);
});
