// What is said of the places at which nobody died.

import { expect, test } from "vitest";
import { coverageOf } from "./coverage.ts";
import { EFFECTS, sidesOf } from "./steps.ts";

const ALL = EFFECTS.flatMap(({ name }) => sidesOf(name));

test("a step of which one side was missed is named by that side, and is a failure after enough worlds", () => {
  const fired = ALL.filter((place) => place !== "runs.settle:after");
  const { said, isTooFew } = coverageOf([...fired, ...fired], fired, 500);
  expect(isTooFew).toBe(true);
  expect(said).toContain(`${ALL.length - 1} of ${ALL.length} places`);
  expect(said).toMatch(/FAILED: in 500 worlds nobody died at: runs\.settle:after$/);
});

test("after fewer worlds what was planned in them and missed is named, and is no failure", () => {
  const planned = ["runs.settle:after", "runs.settle:before", "runs.close:after"];
  const { said, isTooFew } = coverageOf(["runs.settle:before"], [...planned, ...planned], 499);
  expect(isTooFew).toBe(false);
  expect(said).toContain(`1 of ${ALL.length} places`);
  expect(said).toMatch(/\(from 500 worlds .* failure\): runs\.settle:after, runs\.close:after$/);
});

test("nothing is missing where somebody died on both sides of every step", () => {
  expect(coverageOf(ALL, ALL, 500)).toEqual({
    said: `Processes died at ${ALL.length} of ${ALL.length} places: before and after each of ${EFFECTS.length} steps.`,
    isTooFew: false,
  });
});
