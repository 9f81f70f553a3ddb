// A crash at any call: before it, or after it and before anybody heard of it. Whatever was being done, a new process comes to
// the same end: everybody exactly once, nobody lost, the run closed, the file where it belongs.

import type { Redis } from "ioredis";
import { expect, test } from "vitest";
import { decideHeld } from "../../src/app/decide-held.ts";
import { ringIfNightIsDue } from "../../src/app/nightly.ts";
import { memberFrom } from "../support/fakes.ts";

import { all, redisForTests } from "../support/store.ts";
import { Crash, makeWorld, rosterOf, START, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const [ADA, BOB, CYD, DAN] = [someone(1), someone(2), someone(3), someone(4)];
const EVERYBODY = [ADA, BOB, CYD, DAN];
const A = "20260601-080000-aaaaaa";
const B = "20260601-090000-bbbbbb";
const NIGHT = Date.parse("2026-06-02T02:00:00.000Z");
const HELD = { limits: { createCount: 1, createPercent: 0 } };
const ISSUE = { code: "no-header", line: 1, column: null, message: "There is no header.", fix: "Add one." };

interface Story {
  readonly name: string;
  make(redis: Redis): World;
  /** What happens before any crash. */
  before?(world: World): Promise<void>;
  /** What is crashed. Repeated after a crash when a person or a timer would do it again. */
  act(world: World): Promise<void>;
}

const STORIES: readonly Story[] = [
  {
    name: "a roster with joiners, an adoption and somebody who left",
    make(connection) {
      const world = makeWorld(connection);
      world.tallyfy.members.set(CYD.profile.email, memberFrom(CYD.profile, 9));
      return world;
    },
    before: (world) => world.drop(A, rosterOf("one", ADA, BOB, CYD, someone(5, { isWorking: false }))),
    act: (world) => world.drive(),
  },
  {
    name: "a roster that supersedes one being applied",
    make: (connection) => makeWorld(connection),
    async before(world) {
      world.tallyfy.seatsLeft = 1;
      await world.drop(A, rosterOf("one", ADA, BOB, CYD));
      await world.drive();
      world.tallyfy.seatsLeft = 10;
      await world.drop(B, rosterOf("two", ADA, BOB, DAN));
    },
    async act(world) {
      await world.drive();
      await world.app.provisioning.resume();
      await world.drive();
    },
  },
  {
    name: "a held roster",
    make: (connection) => makeWorld(connection, HELD),
    before: (world) => world.drop(A, rosterOf("one", ADA, BOB)),
    act: (world) => world.drive(),
  },
  {
    name: "an approval",
    make(connection) {
      const world = makeWorld(connection, HELD);
      world.tallyfy.members.set(CYD.profile.email, memberFrom(CYD.profile, 9));
      return world;
    },
    async before(world) {
      await world.drop(A, rosterOf("one", ADA, BOB, CYD));
      await world.drive();
    },
    async act(world) {
      await decideHeld(A, "applying", "root", world.app);
      await world.drive();
    },
  },
  {
    name: "a discarding",
    make: (connection) => makeWorld(connection, HELD),
    async before(world) {
      await world.drop(A, rosterOf("one", ADA, BOB));
      await world.drive();
    },
    async act(world) {
      await decideHeld(A, "discarded", "root", world.app);
      await world.drive();
    },
  },
  {
    name: "a roster in several parts, whose last rows take back what the first parts said",
    make(connection) {
      const world = makeWorld(connection);
      world.tallyfy.members.set(CYD.profile.email, memberFrom(CYD.profile, 9));
      return world;
    },
    before(world) {
      const otherwise = [ADA, CYD].map((each, at) => ({ ...each, startsOn: "2026-01-01", line: 20 + at }));
      const more = [6, 7, 8, 9].map((number) => someone(number));
      return world.drop(A, rosterOf("one", ADA, BOB, CYD, someone(5, { isWorking: false }), ...more, ...otherwise));
    },
    act: (world) => world.drive(),
  },
  {
    name: "a roster that is refused after some of its plan was recorded",
    make: (connection) => makeWorld(connection),
    before: (world) => world.drop(A, { ...rosterOf("one", ADA, BOB, CYD, DAN), refused: [ISSUE] }),
    act: (world) => world.drive(),
  },
  {
    name: "a refused roster",
    make: (connection) => makeWorld(connection),
    before: (world) => world.drop(A, { ...rosterOf("one", ADA), refused: [ISSUE] }),
    act: (world) => world.drive(),
  },
  {
    name: "the same content again",
    make: (connection) => makeWorld(connection),
    async before(world) {
      await world.drop(A, rosterOf("one", ADA));
      await world.drive();
      await world.drop(B, rosterOf("one", ADA));
    },
    act: (world) => world.drive(),
  },
  {
    name: "a night",
    make: (connection) => makeWorld(connection),
    async before(world) {
      await ringIfNightIsDue(NIGHT - 86_400_000, world.app);
      await world.drop(A, rosterOf("one", ADA, someone(2, { startsOn: "2026-06-02" })));
      await world.drive();
      world.clock.advance(NIGHT - START);
    },
    async act(world) {
      await ringIfNightIsDue(NIGHT, world.app);
      await world.drive();
    },
  },
];

/** Everything that must be the same in the end, without moments in time and without who asked how often. */
async function endOf(world: World): Promise<unknown> {
  const { app, files, tallyfy } = world;
  const runs = await app.runs.list(10);
  const outcomes = new Map<string, unknown>();
  for (const { runId } of runs) {
    const settled = (await all(app.runs.outcomes(runId))).map(
      ({ key, outcome }) => `${key} ${meaning(outcome.status)}`,
    );
    outcomes.set(runId, settled.sort());
  }
  const accepted = await app.runs.accepted();
  const standings = await app.ledger.standings(EVERYBODY);
  const entries = new Map((await all(app.ledger.entries())).map((entry) => [entry.key, entry]));
  return {
    members: [...tallyfy.members.keys()].sort(),
    runs: runs.map(({ state, trigger, filePath, sha256, supersededBy, decidedBy, because, counts }) => {
      const { outcomes: _, ...others } = counts;
      return { state, trigger, filePath, sha256, supersededBy, decidedBy, because, counts: others };
    }),
    outcomes: [...outcomes.values()],
    ledger: standings.map(({ emailOwner }, index) => {
      const entry = entries.get(EVERYBODY[index]?.key ?? "");
      const member = tallyfy.members.get(EVERYBODY[index]?.profile.email ?? "");
      return [entry?.key, emailOwner, entry?.accountId === member?.accountId];
    }),
    accepted: accepted === null ? null : [accepted.sha256, accepted.filePath],
    portrait: await app.runs.acceptedPortrait(),
    files: [...files.contents.keys()].sort(),
    reasons: [...files.reasons],
    answers: [...files.answers.values()].map(({ summary, rows }) => [
      summary.verdict,
      summary.because,
      rows.map((row) => `${row.line} ${row.key} ${meaning(row.outcome)}`),
    ]),
    closing: await app.runs.closing(),
    unfinished: (await app.runs.unfinished()).map((run) => run.state),
    halt: await app.signals.halt(),
  };
}

/** A create whose answer was lost is found to be there already: the same end. */
function meaning(outcome: string): string {
  return outcome === "already" ? "applied" : outcome;
}

async function tell(story: Story): Promise<World> {
  await redis().flushall();
  const world = story.make(redis());
  await story.before?.(world);
  return world;
}

test.each(STORIES)("$name: a crash at any call changes nothing about the end", async (story) => {
  const calm = await tell(story);
  calm.crashAt(null);
  await story.act(calm);
  const callsInAll = calm.calls();
  await calm.restart();
  await calm.drive();
  const expected = await endOf(calm);
  expect(callsInAll).toBeGreaterThan(5);

  for (let number = 1; number <= callsInAll; number++) {
    for (const when of ["before", "after"] as const) {
      const world = await tell(story);
      world.crashAt({ number, when });
      const crash = await story.act(world).catch((error: unknown) => error);
      if (crash !== undefined) expect(crash).toBeInstanceOf(Crash);
      world.crashAt(null);
      await world.restart();
      await story.act(world);
      await world.restart();
      await world.drive();
      const what = `crash at call ${number} (${crash instanceof Crash ? crash.message : "none"})`;
      expect(await endOf(world), what).toEqual(expected);
    }
  }
});

test("a process that dies over and over, a few calls further each time, still comes to the end", async () => {
  const calm = await tell(STORIES[0] as Story);
  await calm.drive();
  await calm.restart();
  await calm.drive();
  const expected = await endOf(calm);

  const world = await tell(STORIES[0] as Story);
  let deaths = 0;
  for (let isOver = false; !isOver; ) {
    world.crashAt({ number: 12 + deaths, when: deaths % 2 === 0 ? "after" : "before" });
    isOver = await world.drive().then(
      () => true,
      () => false,
    );
    if (!isOver) deaths += 1;
    world.crashAt(null);
    await world.restart();
  }
  await world.drive();
  expect(deaths).toBeGreaterThan(2);
  expect(await endOf(world)).toEqual(expected);
});

test("jobs that the queue lost are made again, and so are the bells", async () => {
  const world = await tell({ name: "", make: (connection) => makeWorld(connection), act: (told) => told.drive() });
  world.tallyfy.seatsLeft = 1;
  await world.drop(A, rosterOf("one", ADA, BOB, CYD));
  await world.drive();
  world.queue.lose();
  world.tallyfy.seatsLeft = 10;
  await world.app.provisioning.resume();
  await world.restart();
  await world.drive();
  expect((await world.app.runs.get(A))?.counts).toMatchObject({ open: 0, outcomes: { applied: 3 } });
  expect(world.tallyfy.members.size).toBe(3);
});
