// One person's change from claim to outcome: begun once at a time, settled once, and gone from Redis with its name.

import { describe, expect, test } from "vitest";
import type { LedgerEntry } from "../../src/domain/ledger.ts";
import { noCounts } from "../../src/domain/run.ts";
import { createRunStore } from "../../src/store/runs.ts";
import { createSignals } from "../../src/store/signals.ts";
import { aRun, changeOf, entryOf, MARK, person, planOf } from "../support/people.ts";
import { all, dump, KEYS, record, redisForTests } from "../support/store.ts";

const { redis } = redisForTests();

const [ADA, BOB] = [person(1), person(2)];
const A = "20260601-080000-aaaaaa";
const B = "20260601-090000-bbbbbb";
const APPLIED = { status: "applied", accountId: 5 } as const;
const REJECTED = { status: "rejected", code: "HTTP_422", message: "No." } as const;

function store() {
  return createRunStore(redis(), KEYS, 100);
}

async function publish(runId: string, people = [ADA, BOB]) {
  await store().open(aRun(runId));
  const reading = await record(store(), planOf(runId, people, { sha256: "cafe" }));
  await store().publish(reading, "applying", { sha256: "cafe", counts: { ...noCounts(), planned: people.length } });
}

function job(runId: string, someone = ADA) {
  return { runId, key: someone.key, op: "create" } as const;
}

async function ledgerEntry(key: string): Promise<LedgerEntry | null> {
  const text = await redis().hget(KEYS.ledger, key);
  return text === null ? null : (JSON.parse(text) as LedgerEntry);
}

describe("begin", () => {
  test("a job gets its change, what the ledger says, and the roster's hash", async () => {
    await publish(A);
    const yours = { kind: "yours", change: changeOf(ADA), entry: null, wasTriedBefore: false, sha256: "cafe" };
    expect(await store().begin(job(A), "job 1")).toEqual(yours);
  });

  test("the same job may begin again after a crash, and knows that it was tried", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    expect(await store().begin(job(A), "job 1")).toMatchObject({ kind: "yours", wasTriedBefore: true });
  });

  test("that Tallyfy may have made the account is known to the run that takes over, until an outcome says so", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    await store().release(job(A), "job 1", true);
    await publish(B);
    await store().settleRest(A, { status: "stale", message: "Superseded." });

    expect(await store().begin(job(B), "job 2")).toMatchObject({ kind: "yours", wasTriedBefore: true });
    await store().settle(job(B), APPLIED, entryOf(ADA));
    expect(await redis().hgetall(KEYS.tried)).toEqual({});
  });

  test("what stands in a name or an employee id is never taken for a field of the change", async () => {
    const hostile = '","emailHash":"0000","line":99,"x":"\\"line":98';
    const profile = { ...ADA.profile, firstName: hostile, lastName: hostile };
    const mallory = person(3, { key: hostile, profile });
    await publish(A, [mallory]);
    await store().begin(job(A, mallory), "job 1");
    expect(await redis().hgetall(KEYS.tried)).toEqual({ [hostile]: mallory.emailHash });
    await store().settle(job(A, mallory), APPLIED, null);
    expect((await all(store().outcomes(A))).flat()).toEqual([{ key: hostile, line: mallory.line, outcome: APPLIED }]);
  });

  test("a person who is in the ledger comes with the entry", async () => {
    await publish(A);
    const entry = entryOf(ADA);
    await redis().hset(KEYS.ledger, ADA.key, JSON.stringify(entry));
    expect(await store().begin(job(A), "job 1")).toMatchObject({ kind: "yours", entry });
  });

  test("two jobs never work on one person at the same time", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    await publish(B);
    expect(await store().begin(job(B), "job 2")).toEqual({ kind: "busy" });
    expect(await store().begin(job(B, BOB), "job 3")).toMatchObject({ kind: "yours" });
  });

  test("of those who begin at the same moment, each gets what is his", async () => {
    const [cyd, dan] = [person(3), person(4)];
    await publish(A, [ADA, BOB, cyd, dan]);
    await store().begin(job(A, BOB), "job 0");
    await store().settle(job(A, cyd), APPLIED, null);
    await redis().hset(KEYS.ledger, dan.key, JSON.stringify(entryOf(dan)));
    const one = store();
    const begun = await Promise.all(
      [ADA, BOB, cyd, dan, person(9)].map((someone, at) => one.begin(job(A, someone), `job ${at}`)),
    );
    expect(begun).toMatchObject([
      { kind: "yours", change: changeOf(ADA), entry: null, wasTriedBefore: false },
      { kind: "busy" },
      { kind: "gone" },
      { kind: "yours", change: changeOf(dan), entry: entryOf(dan), wasTriedBefore: false },
      { kind: "gone" },
    ]);
    expect(await redis().get(KEYS.claim(dan.key))).toBe(`${A} job 3`);
  });

  test("two jobs for one person at the same moment: one is told to wait; the same job twice knows that it was tried", async () => {
    await publish(A);
    const one = store();
    const jobs = ["job 1", "job 2", "job 1"].map((jobId) => one.begin(job(A), jobId));
    const [first, other, again] = await Promise.all(jobs);
    expect([first, other]).toMatchObject([{ kind: "yours", wasTriedBefore: false }, { kind: "busy" }]);
    expect(again).toMatchObject({ kind: "yours", wasTriedBefore: true });
  });

  test("of those who begin at the same moment, it is remembered of each that he was tried", async () => {
    const people = [1, 2, 3].map((number) => person(number));
    await publish(A, people);
    const one = store();
    const begin = () => Promise.all(people.map((someone) => one.begin(job(A, someone), `job of ${someone.key}`)));
    expect((await begin()).map((begun) => begun.kind === "yours" && begun.wasTriedBefore)).toEqual([
      false,
      false,
      false,
    ]);
    expect((await begin()).map((begun) => begun.kind === "yours" && begun.wasTriedBefore)).toEqual([true, true, true]);
    expect(await redis().hgetall(KEYS.tried)).toEqual(
      Object.fromEntries(people.map(({ key, emailHash }) => [key, emailHash])),
    );
  });

  test("a change that is settled, unknown, or of a run that is over, is gone", async () => {
    await publish(A);
    await store().settle(job(A), APPLIED, null);
    expect(await store().begin(job(A), "job 1")).toEqual({ kind: "gone" });
    expect(await store().begin(job(A, person(9)), "job 9")).toEqual({ kind: "gone" });
    await publish(B);
    expect(await store().begin(job(A, BOB), "job 2")).toEqual({ kind: "gone" });
  });

  test("a claim of a process that died does not last for ever", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    const leftMs = await redis().pttl(KEYS.claim(ADA.key));
    expect(leftMs).toBeGreaterThan(100_000);
    expect(leftMs).toBeLessThanOrEqual(480_000);
  });

  test("a job that comes back after its run was superseded gives the person free", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    await publish(B);
    expect(await store().begin(job(A), "job 1")).toEqual({ kind: "gone" });
    expect(await store().begin(job(B), "job 2")).toMatchObject({ kind: "yours" });
  });
});

describe("release", () => {
  test("a released person can be begun again; that it was tried is remembered when Tallyfy may have seen it", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    await store().release(job(A), "job 1", true);
    expect(await store().begin(job(A), "job 1")).toMatchObject({ wasTriedBefore: true });
    await store().release(job(A), "job 1", false);
    expect(await store().begin(job(A), "job 1")).toMatchObject({ wasTriedBefore: false });
  });

  test("nobody releases another's claim", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    await store().release(job(A), "job 2", false);
    await publish(B);
    expect(await store().begin(job(B), "job 1")).toEqual({ kind: "busy" });
  });
});

describe("settle", () => {
  test("an account that was made ends refusals and trouble in a row, any other outcome does not", async () => {
    await publish(A);
    const signals = createSignals(redis(), KEYS);
    await signals.noteRefusal("403 no");
    await store().settle(job(A, BOB), REJECTED, null);
    expect(await signals.noteRefusal("403 no")).toBe(2);
    await signals.noteTrouble("Tallyfy is away.", 1_000);
    await store().settle(job(A), APPLIED, entryOf(ADA));
    expect([await signals.noteRefusal("403 no"), await signals.trouble()]).toEqual([1, null]);
  });

  test("a change that is settled while all are read stands there once, in its place, with its outcome where it has one", async () => {
    const people = Array.from({ length: 1_500 }, (_, number) => person(number));
    await publish(A, people);
    const settling = people
      .filter((_, number) => number % 3 === 0)
      .map((someone) => store().settle(job(A, someone), APPLIED, null));
    const read = await all(store().changes(A));
    await Promise.all(settling);
    expect(read.map(({ key, line }) => [key, line])).toEqual(people.map(({ key, line }) => [key, line]));
    const [settled, open] = [0, 1].map((rest) => person(rest * 1_499).key);
    const later = new Map((await all(store().changes(A))).map(({ key, outcome }) => [key, outcome]));
    expect([later.get(settled ?? ""), later.get(open ?? "")]).toEqual([APPLIED, null]);
  });

  test("outcome, ledger entry and counts are there together, and the rest is counted", async () => {
    await publish(A);
    expect(await store().settle(job(A), APPLIED, entryOf(ADA, { accountId: 5 }))).toBe(1);
    expect(await all(store().outcomes(A))).toEqual([{ key: ADA.key, line: ADA.line, outcome: APPLIED }]);
    expect(await ledgerEntry(ADA.key)).toEqual(entryOf(ADA, { accountId: 5 }));
    expect(await redis().hget(KEYS.emails, ADA.emailHash)).toBe(ADA.key);
    expect((await store().get(A))?.counts).toMatchObject({ open: 1, outcomes: { applied: 1 } });
    expect(await store().closing()).toEqual([]);
  });

  test("with the last outcome the run awaits its wrapping up, in the same breath", async () => {
    await publish(A);
    await store().settle(job(A), APPLIED, null);
    expect(await store().settle(job(A, BOB), REJECTED, null)).toBe(0);
    expect(await store().closing()).toEqual([A]);
    expect((await store().get(A))?.counts).toMatchObject({ open: 0, outcomes: { applied: 1, rejected: 1 } });
  });

  test("a Redis that was set back to a plan in the making counts nothing of what was under way: the plan is made again", async () => {
    await store().open(aRun(A));
    const reading = await record(store(), planOf(A, [ADA, BOB], { sha256: "cafe" }));
    await store().settle(job(A), APPLIED, entryOf(ADA));
    expect(await ledgerEntry(ADA.key)).toEqual(entryOf(ADA));
    expect((await all(store().outcomes(A))).flat()).toEqual([]);
    await store().publish(reading, "applying", { sha256: "cafe", counts: { ...noCounts(), planned: 2 } });
    expect(await store().begin(job(A), "job 2")).toMatchObject({ kind: "yours", entry: entryOf(ADA) });
    await store().settle(job(A), APPLIED, entryOf(ADA));
    expect((await store().get(A))?.counts.outcomes.applied).toBe(1);
  });

  test("a second settling keeps the first outcome, counts nothing, but still writes the ledger entry", async () => {
    await publish(A);
    await store().settle(job(A), REJECTED, null);
    expect(await store().settle(job(A), APPLIED, entryOf(ADA))).toBe(1);
    expect((await all(store().outcomes(A)))[0]?.outcome).toEqual(REJECTED);
    expect((await store().get(A))?.counts.outcomes).toMatchObject({ applied: 0, rejected: 1 });
    expect(await ledgerEntry(ADA.key)).toEqual(entryOf(ADA));
  });

  test("the ledger keeps its first entry for a person", async () => {
    await publish(A);
    await store().settle(job(A), APPLIED, entryOf(ADA, { accountId: 1 }));
    await store().settle(job(A), APPLIED, entryOf(ADA, { accountId: 2 }));
    expect(await ledgerEntry(ADA.key)).toMatchObject({ accountId: 1 });
  });

  test("a job that ends after its run was superseded writes the account down, and disturbs nothing", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    await publish(B);
    await store().settleRest(A, { status: "stale", message: "Over." });
    await store().close(A, { state: "superseded" });
    await store().settle(job(A), APPLIED, entryOf(ADA));
    expect(await ledgerEntry(ADA.key)).toEqual(entryOf(ADA));
    expect((await store().get(A))?.counts.outcomes).toMatchObject({ applied: 0, stale: 2 });
    expect(await store().closing()).toEqual([]);
    expect(await store().begin(job(B), "job 2")).toMatchObject({ kind: "yours", entry: entryOf(ADA) });
  });

  test("one person settled twice at the same moment is counted once, and keeps the first outcome", async () => {
    await publish(A);
    const one = store();
    const open = await Promise.all([one.settle(job(A), APPLIED, entryOf(ADA)), one.settle(job(A), REJECTED, null)]);
    expect(open).toEqual([1, 1]);
    expect((await store().get(A))?.counts).toMatchObject({ open: 1, outcomes: { applied: 1, rejected: 0 } });
    expect((await all(store().outcomes(A))).flat()).toMatchObject([{ key: ADA.key, outcome: APPLIED }]);
  });

  test("a Redis without memory settles all of it or nothing", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    const before = await dump(redis());
    await redis().config("SET", "maxmemory", "1");
    try {
      await expect(store().settle(job(A), REJECTED, null)).rejects.toThrow(/OOM/);
      expect(await dump(redis())).toEqual(before);
    } finally {
      await redis().config("SET", "maxmemory", "0");
    }
    expect(await store().settle(job(A), REJECTED, null)).toBe(1);
  });

  test("many settlings at once lose none", async () => {
    const people = Array.from({ length: 200 }, (_, number) => person(number));
    await publish(A, people);
    const left = await Promise.all(people.map((someone) => store().settle(job(A, someone), APPLIED, entryOf(someone))));
    expect(left.filter((open) => open === 0)).toHaveLength(1);
    expect(await redis().hlen(KEYS.ledger)).toBe(200);
  });

  test("of those who are settled at the same moment, each has his own outcome, entry and claim", async () => {
    const people = Array.from({ length: 20 }, (_, number) => person(number));
    await publish(A, people);
    const one = store();
    await Promise.all(people.map((someone, at) => one.begin(job(A, someone), `job ${at}`)));
    const isMade = (at: number) => at % 3 !== 0;
    const left = await Promise.all(
      people.map((someone, at) =>
        one.settle(job(A, someone), isMade(at) ? APPLIED : REJECTED, isMade(at) ? entryOf(someone) : null),
      ),
    );
    expect(left).toEqual(people.map((_, at) => people.length - 1 - at));
    const outcomes = new Map(
      (await all(one.outcomes(A))).flat().map(({ key, line, outcome }) => [key, { line, outcome }]),
    );
    for (const [at, someone] of people.entries()) {
      expect(outcomes.get(someone.key)).toEqual({ line: someone.line, outcome: isMade(at) ? APPLIED : REJECTED });
      expect(await ledgerEntry(someone.key)).toEqual(isMade(at) ? entryOf(someone) : null);
      expect(await redis().exists(KEYS.claim(someone.key))).toBe(0);
    }
    expect((await one.get(A))?.counts.outcomes).toMatchObject({ applied: 13, rejected: 7 });
  });
});

describe("settleRest", () => {
  test("everybody still open gets the outcome, the others keep theirs", async () => {
    await publish(A);
    await store().settle(job(A), APPLIED, null);
    await store().settleRest(A, { status: "stale", message: "Over." });
    const statuses = new Map((await all(store().outcomes(A))).map(({ key, outcome }) => [key, outcome.status]));
    expect(statuses).toEqual(
      new Map([
        [ADA.key, "applied"],
        [BOB.key, "stale"],
      ]),
    );
  });

  test("a job at work keeps its person: the newer run waits for it", async () => {
    await publish(A);
    await store().begin(job(A), "job 1");
    await publish(B);
    await store().settleRest(A, { status: "stale", message: "Over." });
    expect(await store().begin(job(B), "job 2")).toEqual({ kind: "busy" });
    await store().settle(job(A), APPLIED, entryOf(ADA));
    expect(await store().begin(job(B), "job 2")).toMatchObject({ kind: "yours" });
  });
});

describe("adoptions", () => {
  const adoption = { key: ADA.key, emailHash: ADA.emailHash, accountId: 8, line: 4 };

  async function adopt(runId: string, adopted = adoption) {
    await store().open(aRun(runId));
    const reading = await record(store(), planOf(runId, [], { adoptions: [adopted], sha256: "cafe" }));
    await store().publish(reading, "applying", { sha256: "cafe" });
    await store().applyAdoptions(runId);
  }

  test("an adopted account is in the ledger, with the run, the roster and the line that named it", async () => {
    await adopt(A);
    const entry = {
      key: ADA.key,
      emailHash: ADA.emailHash,
      accountId: 8,
      origin: "adopted",
      runId: A,
      sha256: "cafe",
      line: 4,
    };
    expect(await ledgerEntry(ADA.key)).toMatchObject(entry);
    expect(await redis().hget(KEYS.emails, ADA.emailHash)).toBe(ADA.key);
  });

  test("adopting again changes nothing", async () => {
    await adopt(A);
    const before = await dump(redis());
    await store().applyAdoptions(A);
    expect(await dump(redis())).toEqual(before);
  });

  test("an entry made without an employee id moves to the employee id and keeps its history", async () => {
    const former = entryOf(ADA, { key: ADA.emailHash, accountId: null, runId: "first" });
    await redis().hset(KEYS.ledger, ADA.emailHash, JSON.stringify(former));
    await redis().hset(KEYS.emails, ADA.emailHash, ADA.emailHash);
    await adopt(A);
    expect(await ledgerEntry(ADA.emailHash)).toBeNull();
    expect(await ledgerEntry(ADA.key)).toEqual({ ...former, key: ADA.key, accountId: 8 });
    expect(await redis().hget(KEYS.emails, ADA.emailHash)).toBe(ADA.key);
  });

  test("a moved entry whose number nobody knows reads as it was written", async () => {
    const former = entryOf(ADA, { key: ADA.emailHash, accountId: null, line: null });
    await redis().hset(KEYS.ledger, ADA.emailHash, JSON.stringify(former));
    await redis().hset(KEYS.emails, ADA.emailHash, ADA.emailHash);
    await adopt(A, { ...adoption, accountId: null as never });
    expect(await ledgerEntry(ADA.key)).toEqual({ ...former, key: ADA.key });
  });

  test("an account number of thirteen digits survives the move", async () => {
    const former = entryOf(ADA, { key: ADA.emailHash, accountId: 9_007_199_254_740 });
    await redis().hset(KEYS.ledger, ADA.emailHash, JSON.stringify(former));
    await redis().hset(KEYS.emails, ADA.emailHash, ADA.emailHash);
    await adopt(A);
    expect(await ledgerEntry(ADA.key)).toEqual({ ...former, key: ADA.key });
  });
});

test("names and addresses leave Redis with the outcome, and never are part of a key", async () => {
  await publish(A);
  const during = await dump(redis());
  expect(during.values).toContain(MARK);
  expect(during.names.join("\n")).not.toContain(MARK);
  for (const someone of [ADA, BOB]) {
    await store().begin(job(A, someone), "job");
    await store().settle(job(A, someone), APPLIED, entryOf(someone));
  }
  const after = await dump(redis());
  expect(after.names.length).toBeGreaterThan(3);
  expect(after.names.join("\n") + after.values).not.toContain(MARK);
});
