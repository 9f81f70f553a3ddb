// Names of runs, their final states, and the one spelling of addresses.

import fc from "fast-check";
import { expect, test } from "vitest";
import { normaliseEmail } from "../../src/domain/profile.ts";
import { FINAL_STATES, isFinal, noCounts } from "../../src/domain/run.ts";
import { isRunId, makeRunId } from "../../src/domain/run-id.ts";

const momentArb = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2100, 0, 1) });
const randomArb = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("a run's name says when it began, in UTC", () => {
  expect(makeRunId(Date.parse("2026-11-23T21:45:44.999Z"), () => 0x3f9a2 / 0x100000)).toBe("20261123-214544-3e73f9a2");
});

test("every made name is a run's name, whatever chance gives", () => {
  fc.assert(
    fc.property(momentArb, randomArb, (ms, random) => {
      expect(isRunId(makeRunId(ms, () => random))).toBe(true);
    }),
  );
});

test("names sort by the millisecond in which their runs began", () => {
  fc.assert(
    fc.property(momentArb, randomArb, momentArb, randomArb, (one, a, two, b) => {
      if (one >= two) return;
      expect(makeRunId(one, () => a) < makeRunId(two, () => b)).toBe(true);
      expect(makeRunId(one, () => a) < makeRunId(one + 1, () => b)).toBe(true);
    }),
  );
});

test.each([
  "",
  "20261123-214544",
  "20261123-214544-3F9A2C",
  "20261123-214544-3f9a2c\n",
  "../20261123-214544-3f9a2c",
  "*",
])("%j is no run's name", (text) => {
  expect(isRunId(text)).toBe(false);
});

test("a run that is read, held or applied is not over; every other state is the end", () => {
  expect(["reading", "held", "applying"].some((state) => FINAL_STATES.includes(state as never))).toBe(false);
  for (const state of FINAL_STATES) expect(isFinal(state)).toBe(true);
});

test("counts begin at nothing, each time anew", () => {
  expect(noCounts()).not.toBe(noCounts());
  expect(Object.values(noCounts().outcomes)).toEqual([0, 0, 0, 0, 0]);
});

test("addresses that differ in case, spaces or composition are one address", () => {
  expect(normaliseEmail("  Ana.MÜLLER@Example.TEST\t")).toBe("ana.müller@example.test");
  expect(normaliseEmail("mu\u0308ller@example.test")).toBe("m\u00fcller@example.test");
});

test("normalising an address again changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(normaliseEmail(normaliseEmail(text))).toBe(normaliseEmail(text));
    }),
  );
});
