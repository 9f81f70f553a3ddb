// One run from the bell to the report, in every way it can go.

import { expect, test } from "vitest";
import { sync } from "../../src/app/sync.ts";
import { tallyfyError } from "../support/failures.ts";
import { memberFrom, NOT_SENT, REFUSED } from "../support/fakes.ts";
import { MARK } from "../support/people.ts";
import { all, redisForTests } from "../support/store.ts";
import { makeWorld, rosterOf, someone, type World } from "../support/world.ts";

const { redis } = redisForTests();

const [ADA, BOB, CYD, DAN] = [someone(1), someone(2), someone(3), someone(4)];
const A = "20260601-080000-aaaaaa";
const B = "20260601-090000-bbbbbb";
const C = "20260601-100000-cccccc";

async function run(world: World, runId: string) {
  const found = await world.app.runs.get(runId);
  if (found === null) throw new Error(`there is no run ${runId}`);
  return found;
}

test("a roster becomes users, exactly once each, and the run is closed, archived and answered", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA, BOB, CYD));
  await world.drive();
  expect([...world.tallyfy.members.keys()].sort()).toEqual([ADA, BOB, CYD].map((each) => each.profile.email));
  expect(await run(world, A)).toMatchObject({
    state: "closed",
    sha256: "one",
    asOf: "2026-06-01",
    filePath: `archive/2026/06/${A}.monday.csv`,
    counts: { rows: 3, planned: 3, open: 0, outcomes: { applied: 3 } },
  });
  expect(world.files.answers.get(A)?.summary).toMatchObject({
    verdict: "closed",
    sha256: "one",
    counts: { outcomes: { applied: 3 } },
  });
  expect(world.files.answers.get(A)?.rows.map((row) => [row.line, row.key, row.outcome])).toEqual([
    [2, "E0001", "applied"],
    [3, "E0002", "applied"],
    [4, "E0003", "applied"],
  ]);
  expect(await world.app.runs.accepted()).toMatchObject({ runId: A, sha256: "one" });
  expect([await world.app.runs.closing(), await world.app.runs.unfinished()]).toEqual([[], []]);
});

test("people are created in the order of the roster", async () => {
  const world = makeWorld(redis());
  const people = Array.from({ length: 30 }, (_, index) => someone(index + 1));
  await world.drop(A, rosterOf("thirty", ...people));
  await world.drive();
  expect([...world.tallyfy.members.keys()]).toEqual(people.map((each) => each.profile.email));
});

test("what a later part takes back is neither created nor linked, and stands in the answer file once, in its place", async () => {
  const world = makeWorld(redis());
  world.tallyfy.members.set(CYD.profile.email, memberFrom(CYD.profile, 9));
  const again = [ADA, CYD].map((each, at) => ({ ...each, startsOn: "2026-01-01", line: 20 + at }));
  await world.drop(A, rosterOf("one", ADA, BOB, CYD, DAN, ...again));
  await world.drive();
  expect([...world.tallyfy.members.keys()].sort()).toEqual([BOB, CYD, DAN].map((each) => each.profile.email).sort());
  expect((await all(world.app.ledger.entries())).map((entry) => entry.key).sort()).toEqual([BOB.key, DAN.key]);
  expect((await run(world, A)).counts).toMatchObject({ rows: 6, planned: 2, adopted: 0, skipped: { duplicate: 4 } });
  expect(world.files.answers.get(A)?.rows.map((row) => [row.line, row.key, row.outcome])).toEqual([
    [2, "E0001", "duplicate"],
    [3, "E0002", "applied"],
    [4, "E0003", "duplicate"],
    [5, "E0004", "applied"],
    [20, "E0001", "duplicate"],
    [21, "E0003", "duplicate"],
  ]);
});

test("a roster that is refused in the middle leaves nothing of the plan that had begun", async () => {
  const world = makeWorld(redis());
  const issue = { code: "open-quote", line: 9, column: null, message: "A quote is never closed.", fix: "Close it." };
  await world.drop(A, { ...rosterOf("one", ADA, BOB, CYD, DAN), refused: [issue] });
  await world.drive();
  expect((await run(world, A)).state).toBe("refused");
  expect(world.files.answers.get(A)?.rows).toEqual([]);
  expect(await all(world.app.runs.openChanges(A))).toEqual([]);
});

test("the same content again is answered with nothing new, and creates nobody", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  await world.drop(B, rosterOf("one", ADA));
  await world.drive();
  expect(await run(world, B)).toMatchObject({ state: "nothing-new", filePath: `archive/2026/06/${B}.monday.csv` });
  expect((await run(world, B)).because).toContain(`run ${A}`);
  expect(world.files.answers.get(B)?.summary.verdict).toBe("nothing-new");
  expect(world.tallyfy.calls.create).toBe(1);
});

test("a file that changes between the look whether it is new and its reading is refused", async () => {
  const world = makeWorld(redis());
  world.files.contents.set(`processing/${A}.monday.csv`, rosterOf("two", ADA));
  const files = { ...world.app.files, hash: async () => "one" };
  const bell = { kind: "roster", runId: A, dataId: files.dataId, trigger: "inbox", isForced: false } as const;
  await sync(bell, 0, { ...world.app, files });
  expect(await run(world, A)).toMatchObject({ state: "refused", because: "It was changed. Drop it again." });
  await world.drive();
  expect(world.tallyfy.calls.create).toBe(0);
});

test("the same content again by force is run again, and still creates nobody twice", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  await world.drop(B, rosterOf("one", ADA), true);
  await world.drive();
  expect(await run(world, B)).toMatchObject({ state: "closed", counts: { planned: 0, unchanged: 1 } });
  expect(world.tallyfy.calls.create).toBe(1);
});

test("a roster with three new people creates exactly those three", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  await world.drop(B, rosterOf("two", ADA, BOB, CYD, DAN));
  await world.drive();
  expect((await run(world, B)).counts).toMatchObject({ planned: 3, unchanged: 1, outcomes: { applied: 3 } });
  expect(world.tallyfy.calls.create).toBe(4);
});

test("people who are members already are adopted, by their address, without creating them", async () => {
  const world = makeWorld(redis());
  world.tallyfy.members.set(
    ADA.profile.email,
    memberFrom({ ...ADA.profile, email: ADA.profile.email.toUpperCase() }, 9),
  );
  await world.drop(A, rosterOf("one", ADA, BOB));
  await world.drive();
  expect((await run(world, A)).counts).toMatchObject({ adopted: 1, planned: 1 });
  const entries = await all(world.app.ledger.entries());
  expect(entries.find((entry) => entry.key === ADA.key)).toMatchObject({ accountId: 9, origin: "adopted", runId: A });
  expect(world.tallyfy.calls).toMatchObject({ create: 1, list: 1 });
});

test("without an acting admin nothing is listed, and who is there already is adopted when Tallyfy says so", async () => {
  const world = makeWorld(redis());
  world.tallyfy.canList = false;
  world.tallyfy.members.set(ADA.profile.email, memberFrom(ADA.profile, 9));
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  expect((await run(world, A)).counts.outcomes).toMatchObject({ already: 1 });
  expect(world.tallyfy.calls).toMatchObject({ list: 0, find: 0 });
});

test("a roster that is refused lies beside its reason; nothing was applied", async () => {
  const world = makeWorld(redis());
  const issue = { code: "no-header", line: 1, column: null, message: "There is no header.", fix: "Add one." };
  await world.drop(A, { ...rosterOf("one", ADA), refused: [issue] });
  await world.drive();
  const because = "Line 1: There is no header. Add one.";
  expect(await run(world, A)).toMatchObject({ state: "refused", because, filePath: `refused/${A}.monday.csv` });
  expect(world.files.reasons.get(`refused/${A}.monday.csv`)).toBe(because);
  expect(world.files.answers.get(A)?.summary.verdict).toBe("refused");
  expect([world.tallyfy.calls.create, await world.app.runs.accepted()]).toEqual([0, null]);
});

test("more people than the limit allows: held, answered, nothing applied, not accepted", async () => {
  const world = makeWorld(redis(), { limits: { createCount: 1, createPercent: 0 } });
  world.tallyfy.members.set(CYD.profile.email, memberFrom(CYD.profile, 9));
  await world.drop(A, rosterOf("one", ADA, BOB, CYD));
  await world.drive();
  const held = await run(world, A);
  expect(held).toMatchObject({
    state: "held",
    counts: { planned: 2, open: 2 },
    breaches: [{ counted: 2, allowed: 1 }],
  });
  expect(held.because).toContain(`roster-sync approve ${A}`);
  expect(held.filePath).toMatch(/^archive\//);
  expect(world.files.answers.get(A)?.rows.map((row) => row.outcome)).toEqual(["planned", "planned", "planned"]);
  expect([world.tallyfy.calls.create, await world.app.runs.accepted()]).toEqual([0, null]);
});

test("a held run is not run again by dropping the same content; the answer says how to release it", async () => {
  const world = makeWorld(redis(), { limits: { createCount: 0, createPercent: 0 } });
  await world.drop(A, rosterOf("one", ADA));
  await world.drop(B, rosterOf("one", ADA));
  await world.drive();
  expect(await run(world, B)).toMatchObject({ state: "nothing-new" });
  expect((await run(world, B)).because).toContain(`roster-sync approve ${A}`);
  expect((await run(world, A)).state).toBe("held");
});

test("a newer roster supersedes a held run, and the held one says so", async () => {
  const world = makeWorld(redis(), { limits: { createCount: 1, createPercent: 0 } });
  await world.drop(A, rosterOf("one", ADA, BOB));
  await world.drive();
  await world.drop(B, rosterOf("two", CYD));
  await world.drive();
  expect(await run(world, A)).toMatchObject({
    state: "superseded",
    supersededBy: B,
    because: expect.stringMatching(new RegExp(`^Was held: The plan creates 2 people.*\nSuperseded by run ${B}\\.$`)),
    counts: { open: 0, outcomes: { stale: 2 } },
  });
  expect(world.files.answers.get(A)?.summary.verdict).toBe("superseded");
  expect(await run(world, B)).toMatchObject({ state: "closed" });
  expect([...world.tallyfy.members.keys()]).toEqual([CYD.profile.email]);
});

test("a newer roster takes over from one that is being applied: nobody is created twice or lost", async () => {
  const world = makeWorld(redis());
  world.tallyfy.creates.push("works", { before: tallyfyError({ kind: "no-seat", status: 409 }) });
  await world.drop(A, rosterOf("one", ADA, BOB, CYD));
  await world.drive();
  expect([(await run(world, A)).counts.open, world.queue.isPaused]).toEqual([2, true]);
  await world.drop(B, rosterOf("two", ADA, BOB, CYD, DAN));
  await world.drive();
  await world.app.provisioning.resume();
  await world.drive();
  expect(await run(world, A)).toMatchObject({ state: "superseded", counts: { outcomes: { applied: 1, stale: 2 } } });
  expect(await run(world, B)).toMatchObject({ state: "closed", counts: { unchanged: 1, outcomes: { applied: 3 } } });
  expect([...world.tallyfy.members.keys()].sort()).toEqual([ADA, BOB, CYD, DAN].map((each) => each.profile.email));
});

test("while Tallyfy does not answer the run waits, visibly and ever longer, and then goes on", async () => {
  const world = makeWorld(redis());
  world.tallyfy.trouble = NOT_SENT;
  await world.drop(A, rosterOf("one", ADA));
  const waits: number[] = [];
  const drive = world.drive();
  await expect(drive).rejects.toThrow("does not come to rest");
  for (const line of world.lines)
    if (line.message === "the run waits for Tallyfy") waits.push(Number(line.fields.delayMs));
  expect(waits.slice(0, 4)).toEqual([5000, 10_000, 20_000, 40_000]);
  expect(Math.max(...waits)).toBe(300_000);
  expect(await run(world, A)).toMatchObject({
    state: "reading",
    waitingFor: "tallyfy",
    filePath: `processing/${A}.monday.csv`,
  });
  world.tallyfy.trouble = null;
  await world.drive();
  expect(await run(world, A)).toMatchObject({ state: "closed", waitingFor: null, because: null });
});

test("a 429 while planning is waited out for as long as it says", async () => {
  const world = makeWorld(redis());
  world.tallyfy.trouble = tallyfyError({ kind: "rate-limited", status: 429, retryAfterMs: 7000 });
  await world.drop(A, rosterOf("one", ADA));
  await world.drive(60_000);
  expect(world.lines.find((line) => line.message === "the run waits for Tallyfy")?.fields).toMatchObject({
    delayMs: 7000,
  });
});

test("refused credentials halt everything, say why, and the run goes on when they are right", async () => {
  const world = makeWorld(redis());
  world.tallyfy.trouble = REFUSED;
  world.tallyfy.refusal = REFUSED.failure.message;
  await world.drop(A, rosterOf("one", ADA));
  await world.drive();
  expect(await run(world, A)).toMatchObject({
    state: "reading",
    waitingFor: "credentials",
    because: REFUSED.failure.message,
  });
  expect(await world.app.signals.halt()).toMatchObject({ kind: "credentials", message: REFUSED.failure.message });
  expect(world.queue.isPaused).toBe(true);
  world.tallyfy.trouble = null;
  world.tallyfy.refusal = null;
  await world.app.provisioning.resume();
  await world.drive();
  expect((await run(world, A)).state).toBe("closed");
});

test("an acting admin who may not list any more keeps a run waiting, and stops nobody's creation", async () => {
  const world = makeWorld(redis());
  world.tallyfy.trouble = REFUSED;
  await world.drop(A, rosterOf("one", ADA));
  await world.drive(1_000);
  expect(await run(world, A)).toMatchObject({ state: "reading", waitingFor: "credentials" });
  expect([await world.app.signals.halt(), world.queue.isPaused]).toEqual([null, false]);
});

test("a night adds nothing while a run is under way, and leaves it alone", async () => {
  const world = makeWorld(redis());
  await world.app.provisioning.pause();
  await world.drop(A, rosterOf("one", ADA, BOB));
  await world.drive();
  expect((await run(world, A)).state).toBe("applying");
  await world.app.bell.ring({ kind: "nightly", runId: B, dataId: world.files.dataId, due: "2026-06-02T02:00:00.000Z" });
  await world.drive();
  expect(await world.app.runs.get(B)).toBeNull();
  await world.app.provisioning.resume();
  await world.drive();
  expect(await run(world, A)).toMatchObject({ state: "closed", counts: { outcomes: { applied: 2 } } });
});

test("a roster with nothing to do needs no access to Tallyfy, and closes at once", async () => {
  const world = makeWorld(redis());
  await world.drop(A, rosterOf("one", someone(1, { isWorking: false }), someone(2, { startsOn: "2026-06-03" })));
  await world.drive();
  expect(await run(world, A)).toMatchObject({
    state: "closed",
    counts: { planned: 0, skipped: { gone: 1, future: 1 } },
  });
  expect(world.tallyfy.calls.access).toBe(0);
});

test("neither log lines nor answers nor what stays in the store name anybody", async () => {
  const world = makeWorld(redis());
  world.tallyfy.creates.push(
    { before: tallyfyError({ kind: "invalid", status: 422, fields: ["first_name"] }) },
    "works",
  );
  await world.drop(A, rosterOf("one", ADA, BOB, someone(3, { isWorking: false })));
  await world.drop(C, rosterOf("three", DAN));
  await world.drive();
  expect(JSON.stringify(world.lines)).not.toContain(MARK);
  expect(JSON.stringify([...world.files.answers])).not.toContain(MARK);
  expect(JSON.stringify([await world.app.runs.list(10), await all(world.app.runs.outcomes(A))])).not.toContain(MARK);
});
