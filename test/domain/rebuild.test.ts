// The ledger made again: invented companies live through some runs on a ledger of their own, then only what answer files, rosters
// and Tallyfy say is left, and the ledger made from it must do what the old one would have done.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Employee } from "../../src/domain/employee.ts";
import { harmless, meant } from "../../src/domain/harmless-cell.ts";
import type { KnownAccount, LedgerEntry, Standing } from "../../src/domain/ledger.ts";
import type { Plan } from "../../src/domain/plan.ts";
import { draftRebuild, type Mention, type Rebuilt, type Trace } from "../../src/domain/rebuild.ts";
import { makeRunId, momentOf } from "../../src/domain/run-id.ts";
import { draftPlan } from "../support/draft-plan.ts";
import { account, entryOf, person, rowOf } from "../support/people.ts";

const START_MS = Date.parse("2026-01-01T02:00:00.000Z");
const DAY_MS = 86_400_000;
const LATER_MS = Date.parse("2026-06-01T00:00:00.000Z");

interface Row {
  readonly who: number;
  readonly address: number;
  readonly isWorking: boolean;
}
interface Drop {
  readonly rows: readonly Row[];
  readonly hasIds: boolean;
  /** What becomes of the nth create. */
  readonly ends: readonly ("applied" | "answer lost" | "rejected")[];
}

const anyRow: fc.Arbitrary<Row> = fc.record({
  who: fc.integer({ min: 0, max: 5 }),
  address: fc.integer({ min: 0, max: 6 }),
  isWorking: fc.boolean(),
});
const anyDrop: fc.Arbitrary<Drop> = fc.record({
  rows: fc.array(anyRow, { maxLength: 6 }),
  hasIds: fc.boolean(),
  ends: fc.array(fc.constantFrom("applied", "answer lost", "rejected"), { minLength: 6, maxLength: 6 }),
});
const anyHistory = fc.record({
  before: fc.array(fc.integer({ min: 0, max: 6 })),
  drops: fc.array(anyDrop, { minLength: 1, maxLength: 5 }),
});

function hashOf(address: number): string {
  return address.toString(16).padStart(32, "a");
}

function employeesOf({ rows, hasIds }: Drop): readonly Employee[] {
  return rows.map(({ who, address, isWorking }, index) => {
    const emailHash = hashOf(address);
    return person(who, { emailHash, isWorking, line: index + 2, ...(hasIds ? {} : { key: emailHash }) });
  });
}

/** A company with its ledger, as store/run-scripts.ts keeps it. */
function company(before: readonly number[]) {
  const ledger = new Map<string, LedgerEntry>();
  const owners = new Map<string, string>();
  const accounts = new Map<string, KnownAccount>();
  const traces: Trace[] = [];
  const mentions: Mention[] = [];
  let nextId = 100;
  for (const address of before) accounts.set(hashOf(address), account({ accountId: nextId++ }));

  function standing({ key, emailHash }: Employee): Standing {
    const entry = ledger.get(key) ?? null;
    return {
      entry,
      emailOwner: owners.get(emailHash) ?? null,
      account: accounts.get(emailHash) ?? null,
      isListed: true,
    };
  }

  function plan(employees: readonly Employee[]): Plan {
    const draft = draftPlan({ asOf: "2026-06-01", leadDays: 0 });
    for (const employee of employees) draft.add(rowOf(employee), standing(employee));
    return draft.finish({ runId: "r", sha256: "s" });
  }

  function run(drop: Drop, number: number): void {
    const startMs = START_MS + number * DAY_MS;
    const runId = makeRunId(startMs, () => 0);
    const sha256 = `sha${number}`;
    const at = new Date(startMs).toISOString();
    const employees = employeesOf(drop);
    for (const { key, emailHash, line, isWorking } of employees) {
      mentions.push({ key, emailHash, line, isWorking, runId, sha256 });
    }
    const { adoptions, changes } = plan(employees);
    for (const { key, emailHash, accountId, line } of adoptions) {
      const former = owners.get(emailHash) === emailHash && key !== emailHash ? ledger.get(emailHash) : undefined;
      const own = { key, emailHash, accountId, origin: "adopted", runId, sha256, line, at } as const;
      if (former !== undefined) ledger.delete(emailHash);
      if (!ledger.has(key)) {
        ledger.set(key, former === undefined ? own : { ...former, key, accountId: former.accountId ?? accountId });
      }
      owners.set(emailHash, key);
      traces.push({ key, runId, sha256, line, at, origin: "adopted", accountId: null });
    }
    changes.forEach(({ key, emailHash, line }, index) => {
      const end = drop.ends[index] ?? "applied";
      if (end === "rejected") return;
      const accountId = nextId++;
      accounts.set(emailHash, account({ accountId }));
      ledger.set(key, { key, emailHash, accountId, origin: "created", runId, sha256, line, at });
      owners.set(emailHash, key);
      // "already" does not name the account's number.
      const told = end === "applied" ? accountId : null;
      traces.push({ key, runId, sha256, line, at, origin: "created", accountId: told });
    });
  }

  return { ledger, owners, accounts, traces, mentions, plan, run };
}

function made(world: ReturnType<typeof company>, keep: (index: number) => boolean = () => true): Rebuilt {
  const draft = draftRebuild();
  for (const trace of world.traces.filter((_, index) => keep(index))) draft.trace(trace);
  for (const mention of world.mentions) draft.mention(mention);
  return draft.finish({ atMs: LATER_MS, accounts: world.accounts });
}

function take(world: ReturnType<typeof company>, { entries }: Rebuilt): void {
  world.ledger.clear();
  world.owners.clear();
  for (const entry of entries) {
    world.ledger.set(entry.key, entry);
    world.owners.set(entry.emailHash, entry.key);
  }
}

function lived({ before, drops }: { readonly before: readonly number[]; readonly drops: readonly Drop[] }) {
  const world = company([...new Set(before)]);
  for (const [number, drop] of drops.entries()) world.run(drop, number);
  return world;
}

describe("when nothing but Redis was lost", () => {
  test("every entry is what it was; more are only people whom the next run would have linked itself", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const world = lived(history);
        const rebuilt = made(world);
        const entries = new Map(rebuilt.entries.map((entry) => [entry.key, entry]));
        for (const [key, entry] of world.ledger) expect(entries.get(key)).toEqual(entry);
        for (const [key, entry] of entries) {
          if (world.ledger.has(key)) continue;
          expect(entry.origin).toBe("rebuilt");
          expect(world.owners.has(entry.emailHash)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("whatever roster comes next, exactly the same people are created as with the old ledger", () => {
    fc.assert(
      fc.property(anyHistory, anyDrop, (history, next) => {
        const world = lived(history);
        const employees = employeesOf(next);
        const wouldCreate = world.plan(employees).changes;
        take(world, made(world));
        const creates = world.plan(employees).changes;
        expect(creates.filter((change) => !wouldCreate.some(({ key }) => key === change.key))).toEqual([]);
        // Whoever is not created now had a rebuilt entry under another address, and is reported.
        const skipped = world
          .plan(employees)
          .skips.filter(({ situation }) => situation === "readdressed" || situation === "taken");
        for (const { key } of wouldCreate) {
          expect(creates.some((c) => c.key === key) || skipped.some((s) => s.key === key)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("when answer files are lost, too", () => {
  test("no address has two owners, nobody who has an account is created, and what is guessed is said", () => {
    fc.assert(
      fc.property(anyHistory, anyDrop, fc.infiniteStream(fc.boolean()), (history, next, coin) => {
        const world = lived(history);
        const kept = world.traces.map(() => coin.next().value === true);
        const rebuilt = made(world, (index) => kept[index] === true);
        const owned = rebuilt.entries.map(({ emailHash }) => emailHash);
        const isSaid = rebuilt.unknowns.some(({ kind }) => kind === "two-owners");
        expect(isSaid || new Set(owned).size === owned.length).toBe(true);
        for (const { key, origin } of rebuilt.entries) {
          if (origin !== "rebuilt") continue;
          expect(rebuilt.unknowns).toContainEqual(expect.objectContaining({ kind: "origin-unknown", key }));
        }
        take(world, rebuilt);
        for (const { emailHash } of world.plan(employeesOf(next)).changes) {
          expect(world.accounts.has(emailHash)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });
});

const [ADA, BOB] = [person(1), person(2)];
const RUN = "20260105-020000-3e7abcde";

function traceOf({ key, line }: Employee, fields: Partial<Trace> = {}): Trace {
  return {
    key,
    line,
    runId: RUN,
    sha256: "s",
    at: "2026-01-05T02:10:00.000Z",
    origin: "created",
    accountId: 7,
    ...fields,
  };
}
function mentionOf({ key, emailHash, line, isWorking }: Employee, fields: Partial<Mention> = {}): Mention {
  return { key, emailHash, line, isWorking, runId: RUN, sha256: "s", ...fields };
}
function members(...hashes: readonly (readonly [string, number])[]) {
  return { atMs: LATER_MS, accounts: new Map(hashes.map(([hash, accountId]) => [hash, account({ accountId })])) };
}

describe("what could not be known is said", () => {
  test("an account that Tallyfy no longer lists: the entry stays, and the person counts as vanished", () => {
    const draft = draftRebuild();
    draft.trace(traceOf(ADA));
    draft.mention(mentionOf(ADA));
    const { entries, unknowns } = draft.finish(members());
    expect(entries).toMatchObject([{ key: ADA.key, emailHash: ADA.emailHash, origin: "created", accountId: 7 }]);
    expect(unknowns).toEqual([{ kind: "vanished", key: ADA.key, accountId: 7, runId: RUN, line: ADA.line }]);
  });

  test("an account that has another address in Tallyfy is not gone", () => {
    const draft = draftRebuild();
    draft.trace(traceOf(ADA));
    draft.mention(mentionOf(ADA));
    const { unknowns } = draft.finish(members(["new", 7]));
    expect(unknowns.map(({ kind }) => kind)).toEqual(["readdressed"]);
  });

  test("without the roster the address comes from the account's number; without that, nobody is entered", () => {
    const draft = draftRebuild();
    draft.trace(traceOf(ADA));
    draft.trace(traceOf(BOB, { accountId: null }));
    const { entries, unknowns } = draft.finish(members([ADA.emailHash, 7]));
    expect(entries).toMatchObject([{ key: ADA.key, emailHash: ADA.emailHash }]);
    expect(unknowns).toMatchObject([
      { kind: "read-differently", key: ADA.key },
      { kind: "without-address", key: BOB.key },
    ]);
  });

  test("a line whose key is read differently today: the key of that time, the address of the line, and it is said", () => {
    const draft = draftRebuild();
    draft.trace(traceOf(ADA));
    draft.mention(mentionOf({ ...ADA, key: "badge 17" }));
    const { entries, unknowns } = draft.finish(members([ADA.emailHash, 7]));
    expect(entries).toMatchObject([{ key: ADA.key, emailHash: ADA.emailHash, origin: "created" }]);
    expect(unknowns.map(({ kind, key }) => [kind, key])).toEqual([
      ["read-differently", ADA.key],
      ["two-owners", "badge 17"],
    ]);
  });

  test("somebody who has left is not linked to an account by a roster alone", () => {
    const draft = draftRebuild();
    draft.mention(mentionOf({ ...ADA, isWorking: false }));
    expect(draft.finish(members([ADA.emailHash, 7]))).toEqual({ entries: [], unknowns: [] });
  });

  test("two people who say that one account is theirs: neither gets it", () => {
    const draft = draftRebuild();
    draft.mention(mentionOf(ADA));
    draft.mention(mentionOf({ ...BOB, emailHash: ADA.emailHash }));
    const { entries, unknowns } = draft.finish(members([ADA.emailHash, 7]));
    expect(entries).toEqual([]);
    expect(unknowns.map(({ kind, key }) => [kind, key])).toEqual([
      ["two-owners", ADA.key],
      ["two-owners", BOB.key],
    ]);
  });

  test("a member whom no roster names is counted by number", () => {
    const { unknowns } = draftRebuild().finish(members(["nobody's", 9]));
    expect(unknowns).toEqual([{ kind: "unnamed-member", key: null, accountId: 9, runId: null, line: null }]);
  });

  test("an entry that was not lost stays as it is, whatever the files say", () => {
    const draft = draftRebuild();
    const mine = entryOf(ADA, { accountId: 3, origin: "adopted" });
    draft.keep(mine);
    draft.trace(traceOf(ADA));
    draft.mention(mentionOf(ADA));
    expect(draft.finish(members([ADA.emailHash, 7])).entries).toEqual([mine]);
  });
});

test("a harmless cell is taken back to what it was meant to be, whatever the text", () => {
  const nasty = fc.string({
    unit: fc.constantFrom("'", "=", "+", "-", "@", "\t", "\r", "\n", ";", "|", "＝", "＠", "E"),
  });
  fc.assert(
    fc.property(fc.oneof(nasty, fc.string()), (text) => {
      expect(meant(harmless(text))).toBe(text);
      expect(harmless(text)).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]|[;|\t\r\n][=+\-@＝＋－＠]/u);
    }),
  );
});

test("the moment of a run is read off its name", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
      const seconds = new Date(Math.floor(ms / 1000) * 1000).toISOString();
      expect(momentOf(makeRunId(ms, () => 0.5))).toBe(seconds);
    }),
  );
  expect(momentOf("20269999-999999-3e7abcde")).toBeNull();
  expect(momentOf("earlier")).toBeNull();
});
