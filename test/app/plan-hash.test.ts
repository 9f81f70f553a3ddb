// What a person approves is what runs: one plan, one hash.

import fc from "fast-check";
import { expect, test } from "vitest";
import { createPlanHash } from "../../src/app/plan-hash.ts";
import type { Change } from "../../src/domain/plan.ts";
import { fingerprintFor } from "../../src/store/keys.ts";
import { changeOf, person } from "../support/people.ts";

function hashOf(changes: readonly Change[], withdrawn: readonly number[] = []): string {
  const hash = createPlanHash(fingerprintFor("acme"));
  for (const change of changes) hash.add(change);
  for (const line of withdrawn) hash.remove(line);
  return hash.value();
}

const numbersArb = fc
  .uniqueArray(fc.nat(5_000), { maxLength: 2_500, size: "max" })
  .map((some) => some.sort((a, b) => a - b));

test("the same changes in any order have the same hash, and lines do not count", () => {
  fc.assert(
    fc.property(numbersArb, (numbers) => {
      const changes = numbers.map((number) => changeOf(person(number)));
      const moved = changes.toReversed().map((change, at) => ({ ...change, line: at + 10_000 }));
      expect(hashOf(moved)).toBe(hashOf(changes));
    }),
    { numRuns: 20 },
  );
});

test("a change more, less, twice or different is another hash", () => {
  const changes = Array.from({ length: 1_001 }, (_, at) => changeOf(person(at)));
  const [first, ...others] = changes as [Change, ...Change[]];
  const after = { ...first.after, role: "admin" } as const;
  const plans = [[], [first], others, changes, [...changes, first], [{ ...first, after }, ...others]];
  expect(new Set(plans.map((plan) => hashOf(plan))).size).toBe(plans.length);
});

test("what is taken back is as if it had never been there", () => {
  fc.assert(
    fc.property(numbersArb, fc.func(fc.boolean()), (numbers, isWithdrawn) => {
      const withdrawn = numbers.filter((number) => isWithdrawn(number));
      const left = numbers.filter((number) => !withdrawn.includes(number));
      const lines = [...withdrawn.map((number) => person(number).line), 99_999];
      const changes = (some: readonly number[]) => some.map((number) => changeOf(person(number)));
      expect(hashOf(changes(numbers), lines)).toBe(hashOf(changes(left)));
    }),
    { numRuns: 20 },
  );
});
