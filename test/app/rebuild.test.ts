// The use case on a real store: Redis is emptied after some runs, and the process may die at any call while it is rebuilt.

import { expect, test } from "vitest";
import type { PastRuns, RebuildStore } from "../../src/app/ports.ts";
import { carryOutRebuild, planRebuild, RebuildRefused } from "../../src/app/rebuild.ts";
import type { LedgerEntry } from "../../src/domain/ledger.ts";
import type { PersonKey } from "../../src/domain/profile.ts";
import { createLedger } from "../../src/store/ledger.ts";
import { createRebuildStore } from "../../src/store/rebuild-store.ts";
import { createRunStore } from "../../src/store/runs.ts";
import { memberFrom } from "../support/fakes.ts";
import { all, dump, KEYS, redisForTests } from "../support/store.ts";
import { Crash, makeWorld, rosterOf, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const [ADA, BOB, CYD, DAN] = [someone(1), someone(2), someone(3), someone(4)];
const MONDAY = "20260601-080000-00000001";
const TUESDAY = "20260602-080000-00000002";
const ASKING = { asks: true, adds: false } as const;

function pastOf({ files }: World): PastRuns {
  return {
    async rosters() {
      const paths = [...files.contents.keys()].filter((path) => path.startsWith("archive/")).sort();
      return paths.map((path) => {
        const name = path.slice(path.lastIndexOf("/") + 1);
        return { path, runId: name.slice(0, name.indexOf(".")), fileName: name.slice(name.indexOf(".") + 1) };
      });
    },
    answers: async () =>
      [...files.answers].sort().map(([runId, { summary }]) => ({ kind: "answer", summary, rowsPath: runId })),
    async *answerRows(path) {
      yield files.answers.get(path)?.rows ?? [];
    },
  };
}

function store(): RebuildStore {
  return createRebuildStore(redis(), KEYS, 50, "00000000000000aa");
}

/** Ada and Bob on Monday (Bob was there before), Cyd joins on Tuesday. */
async function twoDays(): Promise<World> {
  const world = makeWorld(redis());
  world.tallyfy.members.set(BOB.profile.email, memberFrom(BOB.profile, 42));
  await world.drop(MONDAY, rosterOf("s1", ADA, BOB));
  await world.drive();
  await world.drop(TUESDAY, rosterOf("s2", ADA, BOB, CYD));
  await world.drive();
  return world;
}

async function ledgerNow() {
  const entries = await all(createLedger(redis(), KEYS).entries());
  return entries.map(({ at: _, ...entry }) => entry).sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function rebuild(world: World): Promise<void> {
  await carryOutRebuild(await planRebuild(ASKING, pastOf(world), store(), world.app), store(), world.app);
}

test("the ledger, the accepted roster and the history are what they were, and planning changes nothing", async () => {
  const world = await twoDays();
  const before = await ledgerNow();
  const runs = createRunStore(redis(), KEYS, 50);
  const accepted = await runs.accepted();
  const portrait = await runs.acceptedPortrait();
  await redis().flushall();

  const planned = await planRebuild(ASKING, pastOf(world), store(), world.app);
  expect((await dump(redis())).names).toEqual([]);
  expect(planned.unknowns).toEqual([]);
  expect(planned.fileUnknowns).toEqual([]);
  await carryOutRebuild(planned, store(), world.app);

  expect(await ledgerNow()).toEqual(before);
  expect(await runs.accepted()).toEqual({ ...accepted, at: expect.any(String) });
  expect(await runs.acceptedPortrait()).toEqual(portrait);
  expect((await runs.list(10)).map(({ runId, state, counts }) => [runId, state, counts.outcomes.applied])).toEqual([
    [TUESDAY, "closed", 1],
    [MONDAY, "closed", 1],
  ]);
  expect(await store().look()).toEqual({ entries: 3, underWay: [] });
});

test("whichever call it dies at, doing it again gives the same ledger, and no half of one is ever seen", async () => {
  const world = await twoDays();
  const whole = await ledgerNow();
  for (let number = 1; ; number += 1) {
    await redis().flushall();
    world.crashAt({ number, when: "before" });
    const died = await rebuild(world).then(
      () => false,
      (error) => {
        if (!(error instanceof Crash)) throw error;
        return true;
      },
    );
    world.crashAt(null);
    if (!died) {
      expect(number).toBeGreaterThan(4);
      break;
    }
    expect(await ledgerNow()).toEqual([]);
    await rebuild(world);
    expect(await ledgerNow()).toEqual(whole);
  }
});

const FACTS = { seenEntries: 0, accepted: null, portrait: null, nightFulfilledMs: 0 };

function* entriesOf(prefix: string, count: number, fails = false): Generator<LedgerEntry> {
  const facts = { origin: "rebuilt", runId: "", sha256: "", line: null, at: "" } as const;
  for (let n = 0; n < count; n += 1) {
    if (fails && n === count - 1) throw new Error("the process dies here");
    yield { key: `${prefix}${n}` as PersonKey, emailHash: `${prefix}-${n}`, accountId: n, ...facts };
  }
}

test("of two rebuilds at once one is put in place, and whole; the other one is told", async () => {
  await redis().flushall();
  const done = await Promise.all(["a", "b"].map((prefix) => store().replaceLedger(entriesOf(prefix, 2500), FACTS)));
  expect(done.filter(Boolean)).toHaveLength(1);
  const prefix = done[0] === true ? "a" : "b";
  const keys = await redis().hkeys(KEYS.ledger);
  expect(keys).toHaveLength(2500);
  expect(keys.filter((key) => !key.startsWith(prefix))).toEqual([]);
  expect(await redis().pttl(KEYS.ledger)).toBe(-1);
  expect(new Set((await dump(redis())).names)).toEqual(new Set([KEYS.emails, KEYS.ledger, KEYS.meta]));
});

test("what a rebuild left half-written does not get into the next one, and goes away by itself", async () => {
  const world = await twoDays();
  const whole = await ledgerNow();
  await redis().flushall();
  await expect(store().replaceLedger(entriesOf("ghost", 2500, true), FACTS)).rejects.toThrow("dies here");
  const left = (await dump(redis())).names;
  expect(left).toHaveLength(2);
  for (const name of left) expect(await redis().pttl(name)).toBeGreaterThan(0);

  await rebuild(world);

  expect(await ledgerNow()).toEqual(whole);
  expect((await redis().hkeys(KEYS.emails)).filter((hash) => hash.startsWith("ghost"))).toEqual([]);
});

test("a ledger that is there is not replaced; with --add it stays, and whom it lacks is added", async () => {
  const world = await twoDays();
  const before = await ledgerNow();
  await expect(planRebuild(ASKING, pastOf(world), store(), world.app)).rejects.toThrow(RebuildRefused);

  await redis().hdel(KEYS.ledger, ADA.key);
  await redis().hdel(KEYS.emails, ADA.emailHash);
  const planned = await planRebuild({ asks: true, adds: true }, pastOf(world), store(), world.app);
  await carryOutRebuild(planned, store(), world.app);
  expect(await ledgerNow()).toEqual(before);
});

test("nothing is rebuilt beside a run under way, nor beside one that began meanwhile", async () => {
  const world = await twoDays();
  await redis().flushall();
  const planned = await planRebuild(ASKING, pastOf(world), store(), world.app);
  await redis().sadd(KEYS.unfinished, "20260603-080000-00000003");

  await expect(planRebuild(ASKING, pastOf(world), store(), world.app)).rejects.toThrow(/20260603-080000-00000003/);
  const refused: unknown = await carryOutRebuild(planned, store(), world.app).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RebuildRefused);
  const { message } = refused as RebuildRefused;
  expect(message).toContain("Nothing was written to it");
  expect(await ledgerNow()).toEqual([]);
  // The two that stand before the ledger are written, and the message says so.
  expect(message).toContain("history of ended runs and the list of Tallyfy's members");
  expect((await createRunStore(redis(), KEYS, 50).list(10)).map(({ runId }) => runId)).toEqual([TUESDAY, MONDAY]);
  expect(await redis().hlen(KEYS.accounts)).toBe(3);

  await redis().srem(KEYS.unfinished, "20260603-080000-00000003");
  await rebuild(world);
  expect(await ledgerNow()).toHaveLength(3);
});

test("a held run and a run without an answer are named, and never taken for the accepted roster", async () => {
  const world = await twoDays();
  const [held, cut] = ["20260603-080000-00000003", "20260604-080000-00000004"];
  const answer = world.files.answers.get(TUESDAY);
  if (answer === undefined) throw new Error("Tuesday left no answer");
  world.files.contents.set(`archive/2026/06/${held}.monday.csv`, rosterOf("s3", DAN));
  world.files.answers.set(held, { rows: [], summary: { ...answer.summary, run: held, sha256: "s3", verdict: "held" } });
  world.files.contents.set(`archive/2026/06/${cut}.monday.csv`, rosterOf("s4", ADA, BOB, CYD, DAN));
  world.tallyfy.members.set(DAN.profile.email, memberFrom(DAN.profile, 77));
  await redis().flushall();

  const planned = await planRebuild(ASKING, pastOf(world), store(), world.app);

  expect(planned.fileUnknowns.map(({ kind, runId }) => [kind, runId])).toEqual([
    ["roster-unanswered", cut],
    ["run-undecided", held],
  ]);
  expect(planned.accepted?.runId).toBe(TUESDAY);
  expect(planned.runs.map(({ runId }) => runId)).toEqual([MONDAY, TUESDAY]);
  expect(planned.entries.find(({ key }) => key === DAN.key)).toMatchObject({
    origin: "rebuilt",
    accountId: 77,
    runId: held,
  });
  expect(planned.unknowns).toMatchObject([{ kind: "origin-unknown", key: DAN.key }]);
});

test("rosters that are gone or refused today are named with the people they concern", async () => {
  const world = await twoDays();
  world.files.contents.delete(`archive/2026/06/${MONDAY}.monday.csv`);
  const path = `archive/2026/06/${TUESDAY}.monday.csv`;
  const roster = world.files.contents.get(path);
  if (roster === undefined) throw new Error("Tuesday's roster is not in the archive");
  world.files.contents.set(path, {
    ...roster,
    refused: [{ code: "no-email", line: null, column: null, message: "m", fix: "f" }],
  });
  await redis().flushall();

  const planned = await planRebuild(ASKING, pastOf(world), store(), world.app);

  expect(planned.fileUnknowns).toEqual([
    { kind: "roster-refused", runId: TUESDAY, path, count: null },
    { kind: "roster-missing", runId: MONDAY, path: "monday.csv", count: 2 },
  ]);
  expect(planned.portrait).toBeNull();
  // Who stood in it before it was refused is known all the same.
  expect(planned.entries.map(({ key }) => key).sort()).toEqual([ADA.key, BOB.key, CYD.key]);
});

test("runs that came to no plan hide neither the unreadable rows nor the accounts of the run of the same content", async () => {
  const world = makeWorld(redis());
  const issue = { code: "empty-name", line: 4, column: null, message: "m", fix: "f" };
  const unreadable = { kind: "unreadable", key: null, emailHash: null, line: 4, issues: [issue] } as const;
  const roster = rosterOf("s1", ADA, BOB);
  const withUnreadable = { ...roster, rows: [...roster.rows, unreadable] };
  await world.drop(MONDAY, withUnreadable);
  await world.drive();
  await world.drop(TUESDAY, withUnreadable);
  await world.drive();
  const wednesday = "20260603-080000-00000003";
  await world.drop(wednesday, { ...withUnreadable, refused: [{ ...issue, code: "no-email" }] }, true);
  await world.drive();
  const verdicts = [...world.files.answers.values()].map(({ summary }) => [summary.verdict, summary.sha256]);
  expect(verdicts).toEqual([
    ["closed", "s1"],
    ["nothing-new", "s1"],
    ["refused", "s1"],
  ]);
  await redis().flushall();
  expect((await planRebuild(ASKING, pastOf(world), store(), world.app)).fileUnknowns).toEqual([]);

  for (const path of [...world.files.contents.keys()]) {
    if (!path.startsWith("processing/")) world.files.contents.delete(path);
  }
  expect((await planRebuild(ASKING, pastOf(world), store(), world.app)).fileUnknowns).toEqual([
    { kind: "roster-missing", runId: MONDAY, path: "monday.csv", count: 2 },
  ]);
});

test("after it a night and the same roster again create nobody", async () => {
  const world = await twoDays();
  await redis().flushall();
  await rebuild(world);
  const creates = world.tallyfy.calls.create;

  await world.app.bell.ring({ kind: "nightly", runId: "20260605-020000-00000005", dataId: "here", due: "tonight" });
  await world.drive();
  await world.drop("20260605-080000-00000006", rosterOf("s2", ADA, BOB, CYD), true);
  await world.drive();

  expect(world.tallyfy.calls.create).toBe(creates);
  expect(world.tallyfy.members.size).toBe(3);
});
