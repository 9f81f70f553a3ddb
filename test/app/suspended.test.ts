// A process that is suspended, or cut off from Redis, for longer than its hold on a bell lasts: another one answers the bell from
// its beginning, and the slow one comes back in the middle of what it did.

import { expect, test } from "vitest";
import { answerBell } from "../../src/app/answer-bell.ts";
import type { App } from "../../src/app/app.ts";
import type { RunStore, TallyfyApi } from "../../src/app/ports.ts";
import type { Employee } from "../../src/domain/employee.ts";
import type { Account } from "../../src/domain/ledger.ts";
import { memberFrom } from "../support/fakes.ts";
import { entryOf } from "../support/people.ts";
import { KEYS, redisForTests } from "../support/store.ts";
import { gate } from "../support/until.ts";
import { makeWorld, rosterOf, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const [ADA, BOB, CYD, DAN, EVE] = [someone(1), someone(2), someone(3), someone(4), someone(5)];
const A = "20260601-080000-aaaaaa";
const EARLIER = "20260601-070000-eeeeee";
const LATER = "20260601-090000-bbbbbb";
const ISSUE = { code: "no-header", line: 1, column: null, message: "There is no header.", fix: "Add one." };

/** A process that sleeps before this call (the first, or the one of this number), while `meanwhile` happens; then it goes on. */
function suspendedAt(world: World, at: keyof RunStore, number: number, meanwhile: () => Promise<void>): App {
  let calls = 0;
  const runs = new Proxy(world.app.runs, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (name !== at || typeof value !== "function") return value;
      return async (...given: unknown[]) => {
        calls += 1;
        if (calls === number) await meanwhile();
        return value.apply(target, given);
      };
    },
  });
  return { ...world.app, runs };
}

test.each([
  ["before it begins to read", "beginReading", 1],
  ["before it asks whether the content is new", "accepted", 1],
  ["before it records the plan", "recordPart", 1],
  ["while it records the plan", "recordPart", 2],
  ["before it publishes the plan", "publish", 1],
] as const)(
  "a process that was suspended %s leaves the run to the one that took its bell over",
  async (_, at, number) => {
    const world = makeWorld(redis());
    await world.drop(A, rosterOf("one", ADA, BOB, CYD, DAN));
    const [rung] = world.bells.values();
    if (rung === undefined) throw new Error("no bell rang");
    const slow = suspendedAt(world, at, number, () => world.drive());
    const later = await answerBell(rung.data, { startsBefore: 0, isLast: true }, slow);
    expect(later?.delayMs).toBeGreaterThanOrEqual(30_000);
    const run = await world.app.runs.get(A);
    expect(run).toMatchObject({
      state: "closed",
      because: null,
      counts: { planned: 4, open: 0, outcomes: { applied: 4 } },
    });
    expect(world.tallyfy.calls.create).toBe(4);
    expect(world.lines.filter(({ level }) => level !== "info")).toEqual([]);
    // When it looks again, there is nothing left to do.
    expect(await answerBell(rung.data, { startsBefore: 1, isLast: true }, world.app)).toBeNull();
    expect(await world.app.runs.get(A)).toEqual(run);
  },
);

/** A process that sleeps after it has written the first page of members; what it hears of the others is as old. */
function suspendedInList(world: World, meanwhile: () => Promise<void>): App {
  const { tallyfy } = world.app;
  async function* listMembers() {
    const pages: (readonly Account[])[] = [];
    for await (const page of tallyfy.listMembers()) pages.push(page);
    for (const [number, page] of pages.entries()) {
      if (number === 1) await meanwhile();
      yield page;
    }
  }
  function get(target: TallyfyApi, name: string | symbol): unknown {
    return name === "listMembers" ? listMembers : Reflect.get(target, name);
  }
  return { ...world.app, tallyfy: new Proxy(tallyfy, { get }) };
}

function areMembers(world: World, ...people: readonly Employee[]): void {
  for (const [index, { profile }] of people.entries())
    world.tallyfy.members.set(profile.email, memberFrom(profile, index + 1));
}

test.each(["for a moment", "until what it had written was gone"])(
  "a process that was suspended %s while it listed the members leaves the list of the one that took over",
  async (how) => {
    const world = makeWorld(redis());
    areMembers(world, ADA, EVE, BOB, CYD);
    await world.drop(A, rosterOf("one", ADA, BOB, CYD, DAN));
    const [rung] = world.bells.values();
    if (rung === undefined) throw new Error("no bell rang");
    const attempt = { startsBefore: 0, isLast: true };
    const slow = suspendedInList(world, async () => {
      const own = await redis().keys(`${KEYS.accounts}:*`);
      expect(own).toHaveLength(1);
      world.clock.advance(60_000);
      await world.drive();
      if (how !== "for a moment") await redis().del(...own);
    });
    const startedAt = world.clock.now();
    expect(await answerBell(rung.data, attempt, slow)).not.toBeNull();

    expect(await redis().hlen(KEYS.accounts)).toBe(4);
    expect(await redis().keys(`${KEYS.accounts}:*`)).toEqual([]);
    expect(await world.app.ledger.listedAt()).toBe(startedAt + 60_000);
    expect(world.lines.map(({ message }) => message)).toContain(
      "another process began to read the members later; its list counts",
    );
    expect(await world.app.runs.get(A)).toMatchObject({ state: "closed", counts: { planned: 1, adopted: 3 } });

    // Who stood on the page before the pause is still known, and so is not created.
    await world.drop(LATER, rosterOf("two", ADA, BOB, CYD, DAN, EVE));
    await world.drive();
    expect(await world.app.runs.get(LATER)).toMatchObject({ state: "closed", counts: { planned: 0, adopted: 1 } });
    expect(world.tallyfy.calls.create).toBe(1);
  },
);

test("a list of members that is lost while it is read is read again", async () => {
  const world = makeWorld(redis());
  areMembers(world, ADA, BOB, CYD);
  await world.drop(A, rosterOf("one", ADA, BOB, CYD, DAN));
  const [rung] = world.bells.values();
  if (rung === undefined) throw new Error("no bell rang");
  const slow = suspendedInList(world, async () => {
    await redis().del(...(await redis().keys(`${KEYS.accounts}:*`)));
  });
  expect(await answerBell(rung.data, { startsBefore: 0, isLast: true }, slow)).not.toBeNull();
  expect(await world.app.runs.get(A)).toMatchObject({ state: "reading" });
  expect(await world.app.ledger.listedAt()).toBeNull();
  await world.drive();
  expect(await world.app.runs.get(A)).toMatchObject({ state: "closed", counts: { planned: 1, adopted: 3 } });
});

test("two processes in the midst of the same roster do not mix what they record, and the later one's plan runs", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA, BOB, CYD, DAN));
  const [rung] = world.bells.values();
  if (rung === undefined) throw new Error("no bell rang");
  const attempt = { startsBefore: 0, isLast: true };
  const isReading = gate<void>();
  let latest: Promise<unknown> | undefined;
  const slow = suspendedAt(world, "recordPart", 2, async () => {
    // An earlier run creates CYD meanwhile, so that the two plans differ in this part.
    const applied = { status: "applied", accountId: 7 } as const;
    await world.app.runs.settle({ runId: EARLIER, key: CYD.key, op: "create" }, applied, entryOf(CYD));
    const other = suspendedAt(world, "recordPart", 2, async () => {
      isReading.open();
      await ended;
    });
    latest = answerBell(rung.data, attempt, other);
    await isReading.promise;
  });
  const ended = answerBell(rung.data, attempt, slow);
  expect((await ended)?.delayMs).toBeGreaterThanOrEqual(30_000);
  expect(await latest).toBeNull();
  await world.drive();
  expect(await world.app.runs.get(A)).toMatchObject({
    state: "closed",
    counts: { planned: 3, open: 0, outcomes: { applied: 3 } },
  });
});

test("a process that refuses the roster after it was suspended does not end the run of another", async () => {
  const world = makeWorld(redis());
  await world.drop(A, { ...rosterOf("one", ADA, BOB), refused: [ISSUE] });
  const [rung] = world.bells.values();
  if (rung === undefined) throw new Error("no bell rang");
  const path = `processing/${A}.monday.csv`;
  const slow = suspendedAt(world, "close", 1, async () => {
    world.files.contents.set(path, rosterOf("one", ADA, BOB));
    await world.drive();
  });
  expect(await answerBell(rung.data, { startsBefore: 0, isLast: true }, slow)).not.toBeNull();
  expect(await world.app.runs.get(A)).toMatchObject({
    state: "closed",
    counts: { planned: 2, outcomes: { applied: 2 } },
  });
});
