// What every plan promises, whatever the roster: properties over invented rosters and ledgers.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Employee, RosterRow } from "../../src/domain/employee.ts";
import type { Standing } from "../../src/domain/ledger.ts";
import { canonicalChange, type Plan } from "../../src/domain/plan.ts";
import { draftPlan } from "../support/draft-plan.ts";
import { heldBytes } from "../support/garbage.ts";
import { account, entryOf, MARK, NOBODY, person, rowOf } from "../support/people.ts";

const TERMS = { asOf: "2026-06-10", leadDays: 0 };
const PEOPLE = 12;

type World = ReadonlyMap<number, Standing>;

const statusArb = fc.constantFrom("active", "invited", "disabled", "unknown");

/** How ledger and Tallyfy stand to person `number`, mostly sensible. */
function standingArb(number: number): fc.Arbitrary<Standing> {
  const someone = person(number);
  return fc
    .record({
      ledger: fc.constantFrom("none", "none", "theirs", "by address", "somebody else's"),
      account: fc.option(fc.record({ status: statusArb, isBot: fc.boolean() }), { nil: null }),
      isListed: fc.boolean(),
    })
    .map(({ ledger, account: listed, isListed }) => ({
      entry: ledger === "theirs" ? entryOf(someone) : null,
      emailOwner:
        ledger === "theirs"
          ? someone.key
          : ledger === "by address"
            ? someone.emailHash
            : ledger === "none"
              ? null
              : "E9999",
      account: listed === null ? null : account(listed),
      isListed: isListed || listed !== null,
    }));
}

const worldArb: fc.Arbitrary<World> = fc
  .tuple(...Array.from({ length: PEOPLE }, (_, number) => standingArb(number)))
  .map((standings) => new Map(standings.map((standing, number) => [number, standing])));

const rowArb = fc.record({
  kind: fc.constantFrom("employee", "employee", "employee", "employee", "unreadable", "out-of-scope"),
  who: fc.nat(PEOPLE - 1),
  /** Whose address the row has: mostly one's own. */
  address: fc.option(fc.nat(PEOPLE - 1), { nil: null, freq: 8 }),
  isWorking: fc.boolean(),
  startsOn: fc.constantFrom(null, "2026-06-01", "2026-07-01"),
});
type RowSeed = typeof rowArb extends fc.Arbitrary<infer T> ? T : never;

interface Given {
  readonly row: RosterRow;
  readonly who: number;
}

function rowFrom(seed: RowSeed, line: number): Given {
  const own = person(seed.who, { isWorking: seed.isWorking, startsOn: seed.startsOn, line });
  const address = seed.address === null ? own : person(seed.address);
  const employee: Employee = { ...own, emailHash: address.emailHash, profile: address.profile };
  const { key, emailHash } = employee;
  const issue = { code: "bad", line, column: null, message: "It is bad.", fix: "Mend it." };
  if (seed.kind === "unreadable")
    return { who: seed.who, row: { kind: "unreadable", key, emailHash, line, issues: [issue] } };
  if (seed.kind === "out-of-scope")
    return { who: seed.who, row: { kind: "out-of-scope", key, line, because: "Not ours." } };
  return { who: seed.who, row: rowOf(employee) };
}

const rosterArb = fc.array(rowArb, { maxLength: 20 }).map((seeds) => seeds.map((seed, at) => rowFrom(seed, at + 2)));

function planFor(roster: readonly Given[], world: World): Plan {
  const draft = draftPlan(TERMS);
  for (const { row, who } of roster) draft.add(row, row.kind === "employee" ? (world.get(who) ?? NOBODY) : null);
  return draft.finish({ runId: "run", sha256: "cafe" });
}

/** The world once the plan was carried out. */
function afterApplying(plan: Plan, world: World): World {
  const next = new Map(world);
  for (const { key, emailHash, line } of [...plan.changes, ...plan.adoptions]) {
    const number = Number(key.slice(1));
    const before = world.get(number) ?? NOBODY;
    const entry = entryOf({ ...person(number), key, emailHash, line });
    next.set(number, { ...before, entry, emailOwner: key, account: before.account ?? account() });
  }
  return next;
}

test("planning again after applying gives nothing to do", () => {
  fc.assert(
    fc.property(rosterArb, worldArb, (roster, world) => {
      const again = planFor(roster, afterApplying(planFor(roster, world), world));
      expect([again.changes, again.adoptions]).toEqual([[], []]);
    }),
  );
});

test("nobody gets two changes, and no address gets two", () => {
  fc.assert(
    fc.property(rosterArb, worldArb, (roster, world) => {
      const plan = planFor(roster, world);
      const done = [...plan.changes, ...plan.adoptions];
      expect(new Set(done.map((each) => each.key)).size).toBe(done.length);
      expect(new Set(done.map((each) => each.emailHash)).size).toBe(done.length);
    }),
  );
});

test("every row is accounted for exactly once", () => {
  fc.assert(
    fc.property(rosterArb, worldArb, (roster, world) => {
      const { changes, adoptions, skips, unchanged, rows } = planFor(roster, world);
      expect(rows).toBe(roster.length);
      expect(changes.length + adoptions.length + skips.length + unchanged).toBe(rows);
      const lines = [...changes, ...adoptions, ...skips].map((each) => each.line);
      expect(new Set(lines).size).toBe(lines.length);
    }),
  );
});

/** Rows that share a key or an address with `row`, itself included. */
function namesakesOf({ key, emailHash }: Identity, roster: readonly Given[]): readonly RosterRow[] {
  return roster
    .map(({ row }) => row)
    .filter((row) => {
      if (row.kind === "out-of-scope") return false;
      const other: Identity = row.kind === "employee" ? row.employee : row;
      return other.key === key || other.emailHash === emailHash;
    });
}

interface Identity {
  readonly key: string | null;
  readonly emailHash: string | null;
}

/** All that a row says; null when it could not be read. */
function saying(row: RosterRow): string | null {
  return row.kind === "employee" ? JSON.stringify({ ...row.employee, line: 0 }) : null;
}

const repetitiveArb = fc
  .tuple(fc.array(rowArb, { maxLength: 6 }), fc.array(fc.nat(5), { maxLength: 8 }))
  .map(([seeds, again]) => [...seeds, ...again.flatMap((at) => seeds[at] ?? [])])
  .chain((seeds) => fc.shuffledSubarray(seeds, { minLength: seeds.length }))
  .map((seeds) => seeds.map((seed, at) => rowFrom(seed, at + 2)));

test("rows of one key or one address: the first counts when all agree, otherwise none is provisioned and all are reported", () => {
  fc.assert(
    fc.property(repetitiveArb, worldArb, (roster, world) => {
      const plan = planFor(roster, world);
      const done = new Set([...plan.changes, ...plan.adoptions].map((each) => each.line));
      const reported = new Map(plan.skips.map((skip) => [skip.line, skip.situation]));
      for (const { row } of roster) {
        if (row.kind !== "employee") continue;
        const { line } = row.employee;
        const namesakes = namesakesOf(row.employee, roster);
        if (namesakes.length < 2) continue;
        if (new Set(namesakes.map(saying)).size > 1) {
          expect([done.has(line), reported.get(line)]).toEqual([false, "duplicate"]);
        } else if (namesakes[0] === row) {
          const alone = planFor([{ row, who: whoOf(row) }], world);
          expect(done.has(line)).toBe(alone.changes.length + alone.adoptions.length > 0);
          expect(reported.get(line)).toBe(alone.skips[0]?.situation);
        } else {
          expect([done.has(line), reported.get(line)]).toEqual([false, "merged"]);
        }
      }
    }),
    { numRuns: 300 },
  );
});

function whoOf(row: RosterRow): number {
  return row.kind === "employee" ? Number(row.employee.key.slice(1)) : -1;
}

test("a merged row names the line that it agrees with; a third that disagrees takes both back and says in what", () => {
  const first = person(1, { line: 2 });
  const draft = draftPlan(TERMS);
  draft.add(rowOf(first), NOBODY);
  draft.add(rowOf({ ...first, line: 5 }), NOBODY);
  const merged = draft.finish({ runId: "run", sha256: "cafe" });
  expect(merged).toMatchObject({ rows: 2, changes: [{ line: 2 }], skips: [{ line: 5, situation: "merged" }] });
  expect(merged.skips[0]?.because).toContain("line 2");

  draft.add(rowOf({ ...first, line: 9, startsOn: "2026-01-01", isWorking: false }), NOBODY);
  const { changes, skips } = draft.finish({ runId: "run", sha256: "cafe" });
  expect(changes).toEqual([]);
  expect(skips.map(({ line, situation }) => [line, situation])).toEqual([
    [2, "duplicate"],
    [5, "duplicate"],
    [9, "duplicate"],
  ]);
  expect(skips[0]?.because).toContain("Lines 2 and 9 have the same employee and differ in status, start date");
  expect(skips[1]?.because).toContain("Lines 2, 5 and 9");
  for (const skip of skips) expect(skip.because).not.toContain(MARK);
});

test("thousands of rows that repeat one person are merged in no time", () => {
  const draft = draftPlan(TERMS);
  const first = person(1, { line: 2 });
  for (let line = 2; line < 100_002; line++) draft.add(rowOf({ ...first, line }), NOBODY);
  const { changes, skips } = draft.finish({ runId: "run", sha256: "cafe" });
  expect([changes.length, skips.length]).toEqual([1, 99_999]);
});

test("hundreds of thousands of merged rows are taken back by one that disagrees", () => {
  const draft = draftPlan(TERMS);
  const first = person(1, { line: 2 });
  for (let line = 2; line < 300_002; line++) draft.add(rowOf({ ...first, line }), NOBODY);
  draft.add(rowOf({ ...first, line: 300_002, isWorking: false }), NOBODY);
  const { changes, skips } = draft.finish({ runId: "run", sha256: "cafe" });
  expect([changes.length, skips.length]).toEqual([0, 300_001]);
});

test("the order of the rows does not change what is done", () => {
  const shuffled = fc
    .oneof(rosterArb, repetitiveArb)
    .chain((roster) => fc.tuple(fc.constant(roster), fc.shuffledSubarray(roster, { minLength: roster.length })));
  fc.assert(
    fc.property(shuffled, worldArb, ([roster, other], world) => {
      const [one, two] = [planFor(roster, world), planFor(other, world)];
      expect(two.changes.map(canonicalChange).sort()).toEqual(one.changes.map(canonicalChange).sort());
      expect(two.adoptions.map(({ key }) => key).sort()).toEqual(one.adoptions.map(({ key }) => key).sort());
      expect(two.unchanged).toBe(one.unchanged);
      const told = ({ skips }: Plan) => skips.map(({ key, situation }) => `${key} ${situation}`).sort();
      expect(told(two)).toEqual(told(one));
    }),
  );
});

test("an unreadable row never makes its person a joiner by another row", () => {
  const [eve] = [person(1)];
  const issue = { code: "bad", line: 9, column: null, message: "It is bad.", fix: "Mend it." };
  const draft = draftPlan(TERMS);
  draft.add(rowOf(eve), NOBODY);
  draft.add({ kind: "unreadable", key: eve.key, emailHash: null, line: 9, issues: [issue] }, null);
  const plan = draft.finish({ runId: "run", sha256: "cafe" });
  expect(plan.changes).toEqual([]);
  expect(plan.skips.map((skip) => skip.situation)).toEqual(["duplicate", "unreadable"]);
});

test("an unreadable row without key and address stands in nobody's way", () => {
  const issue = { code: "bad", line: 9, column: null, message: "It is bad.", fix: "Mend it." };
  const draft = draftPlan(TERMS);
  for (const line of [8, 9]) draft.add({ kind: "unreadable", key: null, emailHash: null, line, issues: [issue] }, null);
  draft.add(rowOf(person(1)), NOBODY);
  const plan = draft.finish({ runId: "run", sha256: "cafe" });
  expect(plan.changes).toHaveLength(1);
  expect(plan.skips.map((skip) => skip.situation)).toEqual(["unreadable", "unreadable"]);
});

test("both lines of a duplicate are named, the earlier first, without a name or an address", () => {
  const draft = draftPlan(TERMS);
  draft.add(rowOf(person(1, { line: 30 })), NOBODY);
  draft.add(rowOf(person(2, { line: 7, emailHash: person(1).emailHash })), NOBODY);
  const { skips } = draft.finish({ runId: "run", sha256: "cafe" });
  expect(skips).toHaveLength(2);
  for (const skip of skips) {
    expect(skip.because).toContain("Lines 7 and 30 have the same e-mail address");
    expect(skip.because).not.toContain(MARK);
  }
});

test("what is unchanged stays out of the plan, and costs little more than remembering its key and address", () => {
  const before = heldBytes();
  const draft = draftPlan(TERMS);
  for (let number = 0; number < 50_000; number++) {
    const someone = person(number);
    draft.add(rowOf(someone), { ...NOBODY, entry: entryOf(someone), emailOwner: someone.key });
  }
  const bytesEach = (heldBytes() - before) / 50_000;
  const plan = draft.finish({ runId: "run", sha256: "cafe" });
  expect(bytesEach).toBeLessThan(400);
  expect(plan.unchanged).toBe(50_000);
  expect([plan.changes, plan.adoptions, plan.skips]).toEqual([[], [], []]);
});

test("a change's canonical text changes with everything that would be done, and with nothing else", () => {
  const change = { op: "create", reason: "joiner", ...pick(person(1)) } as const;
  const text = canonicalChange(change);
  expect(canonicalChange({ ...change, line: 99 })).toBe(text);
  for (const field of ["email", "firstName", "lastName", "timeZone"] as const) {
    expect(canonicalChange({ ...change, after: { ...change.after, [field]: "other" } })).not.toBe(text);
  }
  expect(canonicalChange({ ...change, after: { ...change.after, role: "admin" } })).not.toBe(text);
  expect(canonicalChange({ ...change, key: "other" })).not.toBe(text);
});

function pick({ key, emailHash, profile, line }: Employee) {
  return { key, emailHash, after: profile, line };
}
