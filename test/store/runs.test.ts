// The life of a run's record: opened, recorded, published, superseded, decided, closed, forgotten.

import { describe, expect, test } from "vitest";
import { ReadingLost } from "../../src/domain/reading-lost.ts";
import { noCounts, type RunTrigger } from "../../src/domain/run.ts";
import { createRunStore } from "../../src/store/runs.ts";
import { aRun, MARK, person, planOf, portraitOf } from "../support/people.ts";
import { all, dump, KEYS, record, redisForTests } from "../support/store.ts";

const { redis } = redisForTests();

const [ADA, BOB, CYD] = [person(1), person(2), person(3)];
const A = "20260601-080000-aaaaaa";
const B = "20260601-090000-bbbbbb";
const C = "20260601-100000-cccccc";
const BY_ROOT = { decidedBy: "root", reason: "It is right.", because: "Released by root." };

function store(keepRuns = 100) {
  return createRunStore(redis(), KEYS, keepRuns);
}

async function publish(runId: string, state: "applying" | "held", people = [ADA], trigger: RunTrigger = "inbox") {
  const sha256 = `sha of ${runId}`;
  await store().open(aRun(runId, { trigger }));
  const reading = await record(store(), planOf(runId, people, { sha256 }));
  const counts = { ...noCounts(), planned: people.length };
  return store().publish(reading, state, { sha256, planHash: `plan of ${runId}`, counts });
}

async function stateOf(runId: string) {
  return (await store().get(runId))?.state;
}

describe("open, get, list, update", () => {
  test("a run comes back as it was opened", async () => {
    const run = aRun(A, {
      because: "für Zoë",
      breaches: [{ limit: "create", counted: 2, allowed: 1, message: "Too many." }],
    });
    expect(await store().open(run)).toEqual(run);
    expect(await store().get(A)).toEqual(run);
  });

  test("opening again leaves what is stored as it is", async () => {
    await store().open(aRun(A));
    await store().update(A, { waitingFor: "tallyfy" });
    expect(await store().open(aRun(A, { fileName: "other.csv" }))).toMatchObject({
      fileName: "monday.csv",
      waitingFor: "tallyfy",
    });
  });

  test("nobody knows a run that was never opened, and updating it does not make one", async () => {
    expect(await store().get(A)).toBeNull();
    await store().update(A, { because: "?" });
    expect(await store().get(A)).toBeNull();
    expect(await redis().keys("*")).toEqual([]);
  });

  test("the list is newest first, and no longer than asked for", async () => {
    for (const [runId, hour] of [
      [B, "09"],
      [A, "08"],
      [C, "10"],
    ]) {
      await store().open(aRun(runId ?? "", { startedAt: `2026-06-01T${hour}:00:00.000Z` }));
    }
    expect((await store().list(2)).map((run) => run.runId)).toEqual([C, B]);
    expect((await store().list(10)).map((run) => run.runId)).toEqual([C, B, A]);
  });

  test("an update changes the fields given and nothing else, counts included", async () => {
    await publish(A, "applying");
    const before = await store().get(A);
    await store().update(A, { filePath: "archive/2026/06/x.csv", because: null });
    expect(await store().get(A)).toEqual({ ...before, filePath: "archive/2026/06/x.csv", because: null });
  });
});

describe("record", () => {
  test("a recorded plan comes back whole and is invisible to jobs until it is published", async () => {
    await store().open(aRun(A));
    const skip = { key: "E9", situation: "future", because: "Starts later.", line: 9 } as const;
    const adoption = { key: "E8", emailHash: "h8", accountId: 8, line: 8 };
    const plan = planOf(A, [ADA, BOB], { skips: [skip], adoptions: [adoption] });
    await record(store(), plan);
    expect(await store().begin({ runId: A, key: ADA.key, op: "create" }, "job")).toEqual({ kind: "gone" });
    expect(new Set(await all(store().openChanges(A)))).toEqual(new Set(plan.changes));
    expect(await all(store().skips(A))).toEqual([skip]);
    expect(await all(store().adoptions(A))).toEqual([adoption]);
    expect(await stateOf(A)).toBe("reading");
  });

  test("recording replaces what a crash left of an earlier reading", async () => {
    await store().open(aRun(A));
    const skip = { key: "E9", situation: "future", because: "Starts later.", line: 9 } as const;
    await record(store(), planOf(A, [ADA, BOB], { skips: [skip] }));
    await record(store(), planOf(A, [CYD]));
    expect((await all(store().openChanges(A))).map((change) => change.key)).toEqual([CYD.key]);
    expect(await all(store().skips(A))).toEqual([]);
  });

  test("jobs and changes come in the order in which they were recorded, without those that are settled or withdrawn", async () => {
    await store().open(aRun(A));
    const people = Array.from({ length: 40 }, (_, at) => person(40 - at));
    const adoption = { key: "E8", emailHash: "h8", accountId: 8, line: 8 };
    const future = { key: "E9", situation: "future", because: "Starts later.", line: 9 } as const;
    const reading = await record(store(), planOf(A, people, { adoptions: [adoption], skips: [future] }));
    const [first, second] = [people[0] ?? ADA, people[1] ?? BOB];
    const taken = { situation: "duplicate", because: "Twice." } as const;
    const withdrawn = [
      { ...taken, key: first.key, line: first.line },
      { ...taken, key: "E8", line: 8 },
    ];
    const part = { changes: [], adoptions: [], skips: [], withdrawn };
    // An answer that is lost makes the same command come twice.
    for (const _ of [1, 2]) await store().recordPart(reading, 2, part);
    await store().publish(reading, "applying", { counts: { ...noCounts(), planned: 39 } });
    await store().settle({ runId: A, key: second.key, op: "create" }, { status: "applied", accountId: 1 }, null);

    const left = people.slice(2).map((each) => each.key);
    expect((await all(store().openChanges(A))).map((change) => change.key)).toEqual(left);
    expect(await all(store().openJobs(A))).toEqual(left.map((key) => ({ runId: A, key, op: "create" })));
    expect(await all(store().adoptions(A))).toEqual([]);
    expect((await all(store().skips(A))).map((skip) => skip.line)).toEqual([8, 9, first.line]);
  });

  test("however many lines were withdrawn, they come page by page, in the order of the roster among the others", async () => {
    await store().open(aRun(A));
    const reading = await store().beginReading(A);
    function skip(line: number) {
      return { key: `E${line}`, situation: "duplicate", because: "Twice.", line } as const;
    }
    const lines = Array.from({ length: 3000 }, (_, at) => 2 + ((at * 7919) % 3000));
    const others = lines.filter((line) => line !== 2000);
    const [left, right] = [others.slice(0, 1500), others.slice(1500)];
    const nothing = { changes: [], adoptions: [], skips: [] };
    await store().recordPart(reading, 0, { ...nothing, skips: [skip(2000)], withdrawn: left.map(skip) });
    // An answer that is lost makes the same command come twice.
    for (const _ of [1, 2]) await store().recordPart(reading, 1, { ...nothing, withdrawn: right.map(skip) });
    const pages: (readonly { readonly line: number }[])[] = [];
    for await (const page of store().skips(A)) pages.push(page);
    expect(pages.flat().map(({ line }) => line)).toEqual([...lines].sort((a, b) => a - b));
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(500);
  });

  test("a published plan is not replaced by a reading that comes too late", async () => {
    await publish(A, "applying", [ADA, BOB]);
    await store().settle({ runId: A, key: ADA.key, op: "create" }, { status: "applied", accountId: 1 }, null);
    await expect(record(store(), planOf(A, [ADA, BOB, CYD]))).rejects.toBeInstanceOf(ReadingLost);
    expect((await all(store().openChanges(A))).map((change) => change.key)).toEqual([BOB.key]);
    expect(await all(store().outcomes(A))).toHaveLength(1);
  });
});

describe("two readings of one run", () => {
  const counts = { ...noCounts(), planned: 3 };

  function part(...people: readonly (typeof ADA)[]) {
    return { changes: planOf(A, people).changes, adoptions: [], skips: [], withdrawn: [] };
  }

  async function refused(...attempts: readonly Promise<unknown>[]): Promise<void> {
    const ends = await Promise.allSettled(attempts);
    for (const end of ends) expect(end).toMatchObject({ status: "rejected", reason: expect.any(ReadingLost) });
  }

  test("a process that comes back after another took its bell over adds nothing to the other's plan, and publishes none", async () => {
    await store().open(aRun(A));
    const slow = await store().beginReading(A);
    await store().recordPart(slow, 0, part(ADA));
    const latest = await store().beginReading(A);
    await store().recordPart(latest, 0, part(ADA));
    // Where the slow one says "create BOB and CYD", the latest knows of BOB by now.
    await refused(store().recordPart(slow, 1, part(BOB, CYD)));
    await store().recordPart(latest, 1, part(CYD));
    const withdrawn = [{ key: CYD.key, situation: "duplicate" as const, because: "Twice.", line: CYD.line }];
    await refused(
      store().recordPart(slow, 2, { ...part(), withdrawn }),
      store().keepPortrait(slow, portraitOf([CYD])),
      store().publish(slow, "applying", { counts }),
      store().publish(slow, "applying", { counts: { ...counts, planned: 2 } }),
      store().close(A, { state: "refused" }, slow),
      store().beginReading(A, slow),
    );
    expect([await stateOf(A), await store().portrait(A)]).toEqual(["reading", null]);
    await store().publish(latest, "applying", { counts: { ...counts, planned: 2 } });
    await refused(store().publish(slow, "applying", { counts }), store().beginReading(A));
    expect((await all(store().openJobs(A))).map(({ key }) => key)).toEqual([ADA.key, CYD.key]);
    expect((await store().get(A))?.counts.open).toBe(2);
  });

  test("a reading that goes on under a new id keeps nothing of what it recorded, and can end the run", async () => {
    await store().open(aRun(A));
    const first = await record(store(), planOf(A, [ADA, BOB]));
    const last = await store().beginReading(A, first);
    expect(await all(store().openChanges(A))).toEqual([]);
    await refused(store().close(A, { state: "refused" }, first));
    await store().close(A, { state: "refused" }, last);
    expect(await stateOf(A)).toBe("refused");
  });

  test("a run that nobody opened is not made by a reading", async () => {
    await refused(store().beginReading(A));
    expect(await redis().keys("*")).toEqual([]);
  });
});

describe("publish", () => {
  test("a published run is unfinished, with its fields", async () => {
    expect(await publish(A, "applying", [ADA, BOB])).toEqual({ state: "applying", superseded: [] });
    expect((await store().unfinished()).map((run) => run.runId)).toEqual([A]);
    expect(await store().get(A)).toMatchObject({ state: "applying", sha256: `sha of ${A}`, counts: { open: 2 } });
    expect(await store().closing()).toEqual([]);
  });

  test("a run with nothing to do awaits its wrapping up at once; a held one does not", async () => {
    await publish(A, "applying", []);
    expect(await store().closing()).toEqual([A]);
    await publish(B, "held", []);
    expect(await store().closing()).toEqual([A]);
  });

  // One line for each meeting of two runs: who came first and how it stands, who comes second, and how both stand then.
  test.each([
    ["an applied roster", "applying", "inbox", "a newer roster", "applying", "inbox", "superseded", "applying"],
    ["a held roster", "held", "inbox", "a newer roster", "applying", "inbox", "superseded", "applying"],
    ["a held roster", "held", "inbox", "a newer one to be held", "held", "inbox", "superseded", "held"],
    ["an applied roster", "applying", "inbox", "a newer one to be held", "held", "inbox", "applying", "held"],
    ["an applied roster", "applying", "inbox", "a night", "applying", "nightly", "applying", "superseded"],
    ["an applied roster", "applying", "inbox", "a night to be held", "held", "nightly", "applying", "superseded"],
    ["a held roster", "held", "inbox", "a night", "applying", "nightly", "held", "applying"],
    ["a held night", "held", "nightly", "the next night", "applying", "nightly", "superseded", "applying"],
    ["an applied night", "applying", "nightly", "a roster", "applying", "inbox", "superseded", "applying"],
    ["a held night", "held", "nightly", "a roster", "applying", "inbox", "superseded", "applying"],
    ["an applied night", "applying", "nightly", "a roster to be held", "held", "inbox", "applying", "held"],
  ] as const)(
    "%s (%s, %s) meets %s (%s, %s)",
    async (_1, firstState, firstTrigger, _2, state, trigger, first, second) => {
      await publish(A, firstState, [ADA], firstTrigger);
      const published = await publish(B, state, [BOB], trigger);
      expect([await stateOf(A), await stateOf(B)]).toEqual([first, second]);
      expect(published).toEqual({ state: second, superseded: first === "superseded" ? [A] : [] });
      const loser = first === "superseded" ? A : second === "superseded" ? B : null;
      expect(await store().closing()).toEqual(loser === null ? [] : [loser]);
      if (loser !== null) expect((await store().get(loser))?.supersededBy).toBe(loser === A ? B : A);
    },
  );

  test.each(["applying", "held"] as const)(
    "an older roster that comes late to be %s gives way to the newer one",
    async (state) => {
      await publish(B, "applying");
      expect(await publish(A, state)).toMatchObject({ state: "superseded", superseded: [] });
      expect([await stateOf(A), await stateOf(B)]).toEqual(["superseded", "applying"]);
    },
  );

  test("an older roster that comes late gives way also when the newer one was accepted and is over", async () => {
    await publish(B, "applying", []);
    await store().accept(
      {
        runId: B,
        fileName: "b.csv",
        filePath: "b",
        sha256: "b",
        dataId: "here",
        at: "2026-06-01T09:00:00.000Z",
      },
      null,
    );
    await store().settleRest(B, { status: "applied", accountId: 1 });
    await store().update(B, { isCarriedOut: true });
    await store().close(B, { state: "closed" });
    expect(await publish(A, "applying")).toMatchObject({ state: "superseded" });
    expect((await store().get(A))?.supersededBy).toBe(B);
  });

  test("an older roster that comes late leaves a newer one held: a person decides", async () => {
    await publish(B, "held");
    expect(await publish(A, "applying")).toEqual({ state: "applying", superseded: [] });
    expect(await stateOf(B)).toBe("held");
  });

  test("a plan that is not there as a whole is not published", async () => {
    await store().open(aRun(A));
    const reading = await record(store(), planOf(A, [ADA]));
    await expect(store().publish(reading, "applying", { counts: { ...noCounts(), planned: 2 } })).rejects.toThrow(
      /PLANCUT/,
    );
    expect(await stateOf(A)).toBe("reading");
  });

  test("publishing again changes nothing", async () => {
    await store().open(aRun(A));
    const reading = await record(store(), planOf(A, [ADA]));
    await store().publish(reading, "held", { counts: { ...noCounts(), planned: 1 } });
    expect(await store().publish(reading, "applying", { because: "again" })).toEqual({ state: "held", superseded: [] });
    expect(await store().get(A)).toMatchObject({ state: "held", because: null });
  });

  test("a run that is over is neither published nor superseded", async () => {
    await store().open(aRun(A));
    const reading = await record(store(), planOf(A, []));
    await store().publish(reading, "applying", { isCarriedOut: true });
    await store().close(A, { state: "closed" });
    await publish(B, "applying");
    expect(await stateOf(A)).toBe("closed");
    expect(await store().publish(reading, "applying", {})).toEqual({ state: "closed", superseded: [] });
    expect(await stateOf(B)).toBe("applying");
  });
});

describe("decideHeld", () => {
  test("approval releases the run and supersedes what is applied; the person is remembered", async () => {
    await publish(A, "applying");
    await publish(B, "held");
    expect(await store().decideHeld(B, `plan of ${B}`, "applying", BY_ROOT)).toBe(true);
    expect(await store().get(B)).toMatchObject({ state: "applying", ...BY_ROOT });
    expect(await store().get(A)).toMatchObject({ state: "superseded", supersededBy: B });
  });

  test("discarding ends the run, and it awaits its wrapping up", async () => {
    await publish(A, "held");
    expect(await store().decideHeld(A, `plan of ${A}`, "discarded", BY_ROOT)).toBe(true);
    expect(await stateOf(A)).toBe("discarded");
    expect(await store().unfinished()).toEqual([]);
    expect(await store().closing()).toEqual([A]);
  });

  test("another plan, another state or another run is not decided", async () => {
    await publish(A, "held");
    expect(await store().decideHeld(A, "another plan", "applying", BY_ROOT)).toBe(false);
    expect(await store().decideHeld(B, "plan", "applying", BY_ROOT)).toBe(false);
    await publish(B, "applying");
    expect(await store().decideHeld(B, `plan of ${B}`, "discarded", BY_ROOT)).toBe(false);
    expect([await stateOf(A), await stateOf(B)]).toEqual(["superseded", "applying"]);
  });

  test("of many who decide at once, one does", async () => {
    await publish(A, "held");
    const decisions = Array.from({ length: 20 }, (_, index) =>
      store().decideHeld(A, `plan of ${A}`, index % 2 === 0 ? "applying" : "discarded", {
        decidedBy: `person ${index}`,
        reason: null,
        because: "",
      }),
    );
    expect((await Promise.all(decisions)).filter((isMine) => isMine)).toHaveLength(1);
  });
});

describe("close and forget", () => {
  test("a closed run is neither unfinished nor closing, and keeps its outcomes", async () => {
    await publish(A, "applying");
    await store().settle({ runId: A, key: ADA.key, op: "create" }, { status: "applied", accountId: 1 }, null);
    await store().update(A, { isCarriedOut: true });
    await store().close(A, { state: "closed", endedAt: "2026-06-01T09:00:00.000Z" });
    expect(await store().get(A)).toMatchObject({ state: "closed", counts: { open: 0, outcomes: { applied: 1 } } });
    expect([await store().closing(), await store().unfinished()]).toEqual([[], []]);
    expect(await all(store().outcomes(A))).toHaveLength(1);
  });

  test("a run that Redis was set back to the middle of, or before the beginning of, is not closed by whoever saw its end", async () => {
    expect(await store().close(A, { state: "closed" })).toBe(false);
    expect(await store().get(A)).toBeNull();
    await store().open(aRun(A));
    expect(await store().close(A, { state: "closed" })).toBe(false);
    await publish(A, "applying");
    expect(await store().close(A, { state: "closed" })).toBe(false);
    expect(await store().get(A)).toMatchObject({ state: "applying", counts: { open: 1 } });
    expect(await store().unfinished()).toHaveLength(1);
    await store().settle({ runId: A, key: ADA.key, op: "create" }, { status: "applied", accountId: 1 }, null);
    expect(await store().close(A, { state: "closed" })).toBe(false);
    await store().update(A, { isCarriedOut: true });
    expect(await store().close(A, { state: "closed" })).toBe(true);
  });

  test("old runs are forgotten, oldest first, with everything that belongs to them", async () => {
    for (const [index, runId] of [A, B, C].entries()) {
      await store(2).open(aRun(runId, { startedAt: `2026-06-01T0${index}:00:00.000Z` }));
      await store(2).publish(await record(store(2), planOf(runId, [])), "held", {});
      await store(2).close(runId, { state: "discarded" });
    }
    expect((await store().list(10)).map((run) => run.runId)).toEqual([C, B]);
    expect((await dump(redis())).names.filter((name) => name.includes(A))).toEqual([]);
  });

  test("a run that is not over is never forgotten, however many come after it", async () => {
    await store(1).open(aRun(A, { startedAt: "2026-06-01T01:00:00.000Z" }));
    await publish(B, "held");
    for (let hour = 10; hour < 20; hour++) {
      const runId = `20260602-${hour}0000-dddddd`;
      await store(1).open(aRun(runId, { startedAt: `2026-06-02T${hour}:00:00.000Z` }));
      await store(1).close(runId, { state: "refused" }, await store(1).beginReading(runId));
    }
    expect([await stateOf(A), await stateOf(B)]).toEqual(["reading", "held"]);
    expect(await store().list(10)).toHaveLength(3);
  });
});

test("nights and the accepted roster are remembered", async () => {
  expect([await store().nightFulfilled(), await store().accepted()]).toEqual([null, null]);
  const at = "2026-06-01T08:00:00.000Z";
  const roster = { runId: A, fileName: "monday.csv", filePath: "archive/x.csv", sha256: "cafe", dataId: "here", at };
  await store().fulfilNight(1_780_000_000_000);
  await publish(A, "applying");
  await store().accept(roster, null);
  expect([await store().nightFulfilled(), await store().accepted()]).toEqual([1_780_000_000_000, roster]);
});

describe("portraits", () => {
  const portrait = portraitOf([ADA, BOB]);
  const roster = { runId: A, fileName: "x.csv", filePath: "x.csv", sha256: "cafe", dataId: "here", at: "2026-06-01" };

  test("one is kept with its run until the run is closed, and replaced by a second reading", async () => {
    await store().open(aRun(A));
    expect(await store().portrait(A)).toBeNull();
    const reading = await store().beginReading(A);
    await store().keepPortrait(reading, portraitOf([CYD]));
    await store().keepPortrait(reading, portrait);
    await store().publish(reading, "applying", { isCarriedOut: true });
    await expect(store().keepPortrait(reading, portraitOf([CYD]))).rejects.toBeInstanceOf(ReadingLost);
    expect(await store().portrait(A)).toEqual(portrait);
    await store().close(A, { state: "closed" });
    expect(await store().portrait(A)).toBeNull();
  });

  test("nothing is accepted of a run that Redis was set back to before", async () => {
    await store().accept(roster, portrait);
    await store().open(aRun(A));
    await store().accept(roster, portrait);
    await publish(B, "held");
    await store().accept({ ...roster, runId: B }, portrait);
    expect([await store().accepted(), await store().acceptedPortrait()]).toEqual([null, null]);
  });

  test("a roster that gave way while it was carried out is accepted all the same; an older one never replaces a newer", async () => {
    await publish(B, "applying");
    await publish(C, "applying");
    expect(await stateOf(B)).toBe("superseded");
    await store().accept({ ...roster, runId: B }, portrait);
    expect(await store().accepted()).toMatchObject({ runId: B });
    await store().accept({ ...roster, runId: C }, null);
    await store().accept({ ...roster, runId: B }, portrait);
    expect([(await store().accepted())?.runId, await store().acceptedPortrait()]).toEqual([C, null]);
  });

  test("whoever comes late does not take the portrait away from a run that is over", async () => {
    await publish(A, "applying", []);
    await store().accept(roster, portrait);
    await store().update(A, { isCarriedOut: true });
    await store().close(A, { state: "closed" });
    await store().accept(roster, null);
    expect(await store().acceptedPortrait()).toEqual(portrait);
  });

  test("a plan that is published anew is still to be carried out, whatever a Redis that was set back says", async () => {
    await store().open(aRun(A));
    const reading = await record(store(), planOf(A, [ADA]));
    await store().update(A, { isCarriedOut: true });
    await store().publish(reading, "applying", { counts: { ...noCounts(), planned: 1 } });
    expect((await store().get(A))?.isCarriedOut).toBe(false);
  });

  test("the accepted roster's stays when its run is closed and forgotten", async () => {
    expect(await store().acceptedPortrait()).toBeNull();
    await publish(A, "applying");
    await store().accept(roster, portrait);
    expect(await store().acceptedPortrait()).toEqual(portrait);
    await store().accept(roster, null);
    expect(await store().acceptedPortrait()).toBeNull();
  });

  test("one that another version drew is none", async () => {
    await publish(A, "applying");
    await store().accept(roster, { ...portrait, version: 0 });
    expect(await store().acceptedPortrait()).toBeNull();
  });

  test("one from before as-of dates is compared with all the same", async () => {
    const { asOf: _, peaks: __, ...before } = portrait;
    await publish(A, "applying");
    await store().accept(roster, before as typeof portrait);
    expect(await store().acceptedPortrait()).toEqual(portrait);
  });

  test("none names anybody or has an address in it", async () => {
    await store().open(aRun(A));
    await store().keepPortrait(await store().beginReading(A), portrait);
    await publish(B, "applying", []);
    await store().accept({ ...roster, runId: B }, portrait);
    expect((await dump(redis())).values).not.toContain(MARK);
  });
});

test("a plan of 5,000 changes is recorded, listed and settled whole", async () => {
  const people = Array.from({ length: 5000 }, (_, number) => person(number));
  await publish(A, "applying", people);
  const seen = new Set((await all(store().openChanges(A))).map((change) => change.key));
  expect(seen.size).toBe(5000);
  await store().settleRest(A, { status: "stale", message: "Over." });
  expect(await store().get(A)).toMatchObject({ counts: { open: 0, outcomes: { stale: 5000 } } });
  expect(new Set((await all(store().outcomes(A))).map((each) => each.key)).size).toBe(5000);
  expect((await dump(redis())).values).not.toContain(MARK);
});
