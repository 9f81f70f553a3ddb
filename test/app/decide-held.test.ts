// A person decides about a held run: what was planned, from the very file that was planned, is what runs.

import { expect, test } from "vitest";
import { closeRun } from "../../src/app/carry-out.ts";
import { decideHeld } from "../../src/app/decide-held.ts";
import { sync } from "../../src/app/sync.ts";
import { KEYS, redisForTests } from "../support/store.ts";
import { makeWorld, rosterOf, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const [ADA, BOB] = [someone(1), someone(2)];
const A = "20260601-080000-aaaaaa";
const ARCHIVED = `archive/2026/06/${A}.monday.csv`;

async function held(): Promise<World> {
  const world = makeWorld(redis(), { limits: { createCount: 1, createPercent: 0 } });
  await world.drop(A, rosterOf("one", ADA, BOB));
  await world.drive();
  return world;
}

async function stateOf(world: World) {
  return (await world.app.runs.get(A))?.state;
}

test("an approved run is carried out, and its history says who released it and why it was held", async () => {
  const world = await held();
  expect(await decideHeld(A, "applying", "root", world.app)).toMatchObject({ ok: true });
  await world.drive();
  const run = await world.app.runs.get(A);
  expect(run).toMatchObject({ state: "closed", decidedBy: "root", counts: { outcomes: { applied: 2 } } });
  expect(run?.because).toMatch(/^Was held: The plan creates 2 people; .*\nReleased by root\.$/);
  expect(world.tallyfy.members.size).toBe(2);
  expect(await world.app.runs.accepted()).toMatchObject({ runId: A });
});

test("a discarded run creates nobody, and may be dropped again", async () => {
  const world = await held();
  await decideHeld(A, "discarded", "root", world.app);
  await world.drive();
  expect(await world.app.runs.get(A)).toMatchObject({
    state: "discarded",
    counts: { open: 0, outcomes: { stale: 2 } },
  });
  expect(world.files.answers.get(A)?.summary.verdict).toBe("discarded");
  await world.drop("20260601-090000-bbbbbb", rosterOf("one", ADA, BOB));
  await world.drive();
  expect(await world.app.runs.get("20260601-090000-bbbbbb")).toMatchObject({ state: "held" });
});

test.each([
  ["is gone", (world: World): void => void world.files.contents.delete(ARCHIVED)],
  ["was changed", (world: World): void => void world.files.contents.set(ARCHIVED, rosterOf("other", ADA))],
])("a run whose file %s is not released, but can be discarded", async (what, harm) => {
  const world = await held();
  harm(world);
  const answer = await decideHeld(A, "applying", "root", world.app);
  expect(answer).toMatchObject({ ok: false, because: expect.stringContaining(what) });
  expect(await stateOf(world)).toBe("held");
  expect(await decideHeld(A, "discarded", "root", world.app)).toMatchObject({ ok: true });
});

test("a run whose stored plan is not the one that was held is not released", async () => {
  const world = await held();
  const [text] = await redis().hmget(KEYS.changes(A), ADA.key);
  const change = JSON.parse(text ?? "") as { after: { role: string } };
  change.after.role = "admin";
  await redis().hset(KEYS.changes(A), ADA.key, JSON.stringify(change));
  const answer = await decideHeld(A, "applying", "root", world.app);
  expect(answer).toMatchObject({ ok: false, because: expect.stringContaining("not the one that was held") });
  expect(await stateOf(world)).toBe("held");
});

test("a run whose file lies on another machine is released only there, where the file can be looked at", async () => {
  const world = await held();
  const files = { ...world.files, dataId: "elsewhere" };
  const there = () => decideHeld(A, "applying", "root", { ...world.app, files });
  const no = { ok: false, because: expect.stringContaining("another data folder") };
  expect(await there()).toMatchObject(no);
  expect(await decideHeld(A, "applying", "root", world.app)).toMatchObject({ ok: true });
  // Given again, too: it would be waited for there without end.
  expect(await there()).toMatchObject(no);
});

test("a run that nobody knows, or that is not held, is not decided, and the answer says what it is", async () => {
  const world = await held();
  const unknown = await decideHeld("20260601-090000-bbbbbb", "applying", "root", world.app);
  expect(unknown).toMatchObject({ ok: false, because: expect.stringContaining("There is no run") });
  await decideHeld(A, "applying", "root", world.app);
  const late = await decideHeld(A, "discarded", "somebody else", world.app);
  expect(late).toMatchObject({ ok: false, because: expect.stringContaining("it is applying") });
});

test("of a run that was decided and is over, it is said what it is, without what it was held for", async () => {
  const world = await held();
  await decideHeld(A, "applying", "root", world.app);
  await world.drive();
  for (const decision of ["applying", "discarded"] as const) {
    const because = `Run ${A} is not held: it is closed. Look at it with: roster-sync runs ${A}`;
    expect(await decideHeld(A, decision, "root", world.app)).toEqual({ ok: false, because });
  }
});

test.each([
  ["applying", "closed", "discarded"],
  ["discarded", "discarded", "applying"],
] as const)(
  "decided (%s) by a process that died, the same decision again leads to the end, another one does not",
  async (decision, end, other) => {
    const world = await held();
    const bell = { ring: () => Promise.reject(new Error("died")) };
    await expect(decideHeld(A, decision, "root", { ...world.app, bell })).rejects.toThrow("died");

    expect(await decideHeld(A, other, "somebody else", world.app)).toMatchObject({ ok: false });
    expect(await decideHeld(A, decision, "root", world.app)).toMatchObject({ ok: true, isRepeated: true });
    await world.drive();
    expect(await world.app.runs.get(A)).toMatchObject({ state: end, decidedBy: "root", counts: { open: 0 } });
    expect(world.files.answers.get(A)?.summary.verdict).toBe(end);
  },
);

test("a run that gave way and was not wrapped up is brought to its end by discarding it", async () => {
  const world = await held();
  await world.drop("20260601-090000-bbbbbb", rosterOf("two", ADA, BOB, someone(3)));
  const unrung = { ...world.app, bell: { ring: async () => undefined } };
  const { dataId } = world.files;
  await sync({ kind: "roster", runId: "20260601-090000-bbbbbb", dataId, trigger: "inbox", isForced: false }, 0, unrung);
  expect(await world.app.runs.get(A)).toMatchObject({ state: "superseded", endedAt: null });

  expect(await decideHeld(A, "discarded", "root", world.app)).toMatchObject({ ok: true, isRepeated: true });
  await world.drive();
  expect(await world.app.runs.get(A)).toMatchObject({ state: "superseded", endedAt: expect.any(String) });
  expect(world.files.answers.get(A)?.summary.verdict).toBe("superseded");
});

test("of two who decide at the same moment one does, and the other is told", async () => {
  const world = await held();
  const decisions = await Promise.all([
    decideHeld(A, "applying", "one", world.app),
    decideHeld(A, "discarded", "other", world.app),
  ]);
  expect(decisions.filter((answer) => answer.ok)).toHaveLength(1);
});

test.each(["closed", "discarded"] as const)("a run that is %s is not wrapped up again", async (state) => {
  const world = await held();
  await decideHeld(A, state === "closed" ? "applying" : "discarded", "root", world.app);
  await world.drive();
  const before = [await world.app.runs.get(A), world.files.answers.get(A)];
  world.clock.advance(60_000);
  world.files.answers.clear();
  await closeRun(A, 0, world.app);
  expect([await world.app.runs.get(A), world.files.answers.size]).toEqual([before[0], 0]);
});
