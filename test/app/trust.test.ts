// A damaged roster is not taken for the truth: it waits for a person, who says why they accept it; once.

import { expect, test } from "vitest";
import { decideHeld } from "../../src/app/decide-held.ts";
import { ringIfNightIsDue } from "../../src/app/nightly.ts";
import { tallyfyError } from "../support/failures.ts";
import type { FakeRoster } from "../support/fakes.ts";
import { KEYS, redisForTests } from "../support/store.ts";
import { makeWorld, rosterOf, START, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const DAY_MS = 24 * 3_600_000;
const [A, B, C] = ["20260601-080000-aaaaaa", "20260601-090000-bbbbbb", "20260601-100000-cccccc"];

function rosterFrom(sha256: string, first: number, count: number): FakeRoster {
  return rosterOf(sha256, ...Array.from({ length: count }, (_, at) => someone(first + at)));
}

async function run(world: World, runId: string) {
  const found = await world.app.runs.get(runId);
  if (found === null) throw new Error(`there is no run ${runId}`);
  return found;
}

/** A roster of 40 was accepted, and one with 10 of them and 5 new people was dropped. */
async function cut(): Promise<World> {
  const world = makeWorld(redis());
  await world.drop(A, rosterFrom("whole", 1, 40));
  await world.drive();
  await world.drop(B, rosterFrom("cut", 31, 15));
  await world.drive();
  return world;
}

test("a first roster says that there was none to compare it with; the next one says what it was compared with", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterFrom("one", 1, 40));
  await world.drive();
  await world.drop(B, rosterFrom("two", 2, 40));
  await world.drive();
  expect((await run(world, A)).comparison).toMatch(/^This is the first roster/);
  const said = "Compared with monday.csv, accepted on 2026-06-01: 40 rows (40 then), 39 of 40 people still there.";
  expect(await run(world, B)).toMatchObject({ state: "closed", comparison: said });
  expect(world.files.answers.get(B)?.summary.comparison).toBe(said);
});

test("a roster that lost its people is held: nothing is applied, and the last one stays the accepted one", async () => {
  const world = await cut();
  const held = await run(world, B);
  expect(held.breaches.map(({ limit, counted, allowed }) => [limit, counted, allowed])).toEqual([
    ["rows-fewer", 25, 10],
    ["people-gone", 30, 10],
  ]);
  expect(held).toMatchObject({ state: "held", counts: { planned: 5, open: 5 } });
  expect(held.because).toContain("nobody is taken to have left");
  expect(held.because).toContain(`roster-sync approve ${B} --reason`);
  expect(world.tallyfy.members.size).toBe(40);
  expect(await world.app.runs.accepted()).toMatchObject({ runId: A });
  expect(world.files.answers.get(B)?.summary).toMatchObject({ verdict: "held", breaches: [{ counted: 25 }, {}] });
});

test.each([null, "", " \n "])(
  "it is not released with %j for a reason, and the answer says how it is",
  async (reason) => {
    const world = await cut();
    const answer = await decideHeld(B, "applying", "root", world.app, reason);
    expect(answer).toMatchObject({ ok: false, because: expect.stringContaining(`approve ${B} --reason`) });
    expect((await run(world, B)).state).toBe("held");
  },
);

test("it can be dropped without a reason", async () => {
  const world = await cut();
  expect(await decideHeld(B, "discarded", "root", world.app)).toMatchObject({ ok: true });
});

test("with a reason it goes on, the reason is kept, and the next roster is compared with it", async () => {
  const world = await cut();
  const answer = await decideHeld(B, "applying", "root", world.app, " two sites\nwere closed ");
  expect(answer).toMatchObject({ ok: true });
  await world.drive();
  const released = await run(world, B);
  expect(released).toMatchObject({ state: "closed", decidedBy: "root", reason: "two sites were closed" });
  expect(released.because).toMatch(/^Was held:(\n {2}\S.*)+\nReleased by root: two sites were closed$/);
  expect(world.files.answers.get(B)?.summary).toMatchObject({ decidedBy: "root", reason: "two sites were closed" });
  expect(JSON.stringify(world.lines)).not.toContain("two sites");

  await world.drop(C, rosterFrom("as small", 31, 16));
  await world.drive();
  expect(await run(world, C)).toMatchObject({ state: "closed", breaches: [], reason: null });
});

test("dropping the same damaged roster again tells how the held one is released", async () => {
  const world = await cut();
  await world.drop(C, rosterFrom("cut", 31, 15));
  await world.drive();
  expect(await run(world, C)).toMatchObject({
    state: "nothing-new",
    because: expect.stringContaining(`approve ${B} --reason`),
  });
});

test("a damaged roster takes nothing from the one that is being applied; the corrected one takes its place", async () => {
  const world = makeWorld(redis());
  world.tallyfy.creates.push("works", { before: tallyfyError({ kind: "no-seat", status: 409 }) });
  await world.drop(A, rosterFrom("whole", 1, 40));
  await world.drive();
  await world.drop(B, rosterFrom("cut", 31, 15));
  await world.drive();
  expect([(await run(world, A)).state, (await run(world, B)).state]).toEqual(["applying", "held"]);
  await world.app.provisioning.resume();
  await world.drive();
  expect(await run(world, A)).toMatchObject({ state: "closed", counts: { outcomes: { applied: 40 } } });

  await world.drop(C, rosterFrom("corrected", 1, 41));
  await world.drive();
  expect([(await run(world, B)).state, (await run(world, C)).state]).toEqual(["superseded", "closed"]);
  const why = (await run(world, B)).breaches.map(({ message }) => `  ${message}`);
  expect(why.length).toBeGreaterThan(1);
  expect((await run(world, B)).because).toBe(["Was held:", ...why, `Superseded by run ${C}.`].join("\n"));
  expect(world.tallyfy.members.size).toBe(41);
});

test("approving a damaged roster while another is being applied lets it take over", async () => {
  const world = makeWorld(redis());
  world.tallyfy.creates.push("works", { before: tallyfyError({ kind: "no-seat", status: 409 }) });
  await world.drop(A, rosterFrom("whole", 1, 40));
  await world.drive();
  await world.drop(B, rosterFrom("cut", 31, 15));
  await world.drive();
  await decideHeld(B, "applying", "root", world.app, "it is right");
  await world.app.provisioning.resume();
  await world.drive();
  expect([(await run(world, A)).state, (await run(world, B)).state]).toEqual(["superseded", "closed"]);
  expect(world.tallyfy.calls.create).toBe(world.tallyfy.members.size + 1);
});

test("a night and a repetition by force have the accepted content, and are compared with nothing", async () => {
  const world = makeWorld(redis());
  await ringIfNightIsDue(START - DAY_MS, world.app);
  const broken = Array.from({ length: 30 }, (_, at) => ({
    kind: "unreadable" as const,
    key: null,
    emailHash: null,
    line: 100 + at,
    issues: [],
  }));
  const roster = rosterFrom("one", 1, 40);
  await world.drop(A, { ...roster, rows: [...roster.rows, ...broken] });
  await world.drive();
  expect((await run(world, A)).breaches).toMatchObject([{ limit: "issues", counted: 30, allowed: 10 }]);
  await decideHeld(A, "applying", "root", world.app, "they are contractors");
  await world.drive();
  await ringIfNightIsDue(START, world.app);
  await world.drive();
  const [night] = (await world.app.runs.list(9)).filter(({ trigger }) => trigger === "nightly");
  expect(night).toMatchObject({ state: "closed", comparison: null, breaches: [] });
  await world.drop(B, { ...roster, rows: [...roster.rows, ...broken] }, true);
  await world.drive();
  expect(await run(world, B)).toMatchObject({ state: "closed", comparison: null, breaches: [] });
});

test("a roster that an earlier version accepted holds nothing up, and the next one is compared again", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterFrom("one", 1, 40));
  await world.drive();
  await redis().hdel(KEYS.meta, "acceptedPortrait");
  await world.drop(B, rosterFrom("two", 1, 20));
  await world.drive();
  expect(await run(world, B)).toMatchObject({
    state: "closed",
    comparison: expect.stringContaining("another version"),
  });
  await world.drop(C, rosterFrom("three", 1, 5));
  await world.drive();
  expect(await run(world, C)).toMatchObject({ state: "held", breaches: [{ counted: 15, allowed: 10 }, {}] });
});

test("a roster that is older than the last one is held, whatever else is right with it", async () => {
  const world = makeWorld(redis());
  const asOf = (day: string) => ({ line: 1, written: day, from: day, to: day, because: null });
  await world.drop(A, { ...rosterFrom("may", 1, 40), asOf: asOf("2026-05-31") });
  await world.drive();
  await world.drop(B, { ...rosterFrom("april", 1, 39), asOf: asOf("2026-04-30") });
  await world.drive();
  const held = await run(world, B);
  expect(held).toMatchObject({ state: "held", breaches: [{ limit: "as-of-older", counted: 31, allowed: 0 }] });
  expect(held.because).toContain("31 days older");
});

test("a roster that loses a few people each day is held when they are too many together; a release makes it the measure", async () => {
  const world = makeWorld(redis());
  const ids = ["a", "b", "c", "d"].map((letter, at) => `2026060${at + 1}-080000-${letter.repeat(6)}`);
  for (const [at, size] of [100, 92, 85, 79].entries()) {
    await world.drop(ids[at] ?? "", rosterFrom(`day ${at}`, 1, size));
    await world.drive();
    world.clock.advance(DAY_MS);
  }
  const states = await Promise.all(ids.map(async (id) => (await run(world, id)).state));
  expect(states).toEqual(["closed", "closed", "closed", "held"]);
  expect((await run(world, ids[3] ?? "")).breaches).toMatchObject([
    { limit: "rows-shrunk", counted: 21, allowed: 20, message: expect.stringContaining("2026-06-01 had 100") },
  ]);

  await decideHeld(ids[3] ?? "", "applying", "root", world.app, "a department was sold");
  await world.drive();
  await world.drop("20260605-080000-eeeeee", rosterFrom("day 4", 1, 72));
  await world.drive();
  expect(await run(world, "20260605-080000-eeeeee")).toMatchObject({ state: "closed", breaches: [] });
});
