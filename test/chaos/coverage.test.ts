// What is said of the places at which nobody died.

import { expect, test } from "vitest";
import { coverageOf } from "./coverage.ts";
import { EFFECTS, sidesOf } from "./steps.ts";

const ALL = EFFECTS.flatMap(({ name }) => sidesOf(name));

test("a step of which one side was missed is named by that side, and is a failure only after enough worlds", () => {
  const fired = ALL.filter((place) => place !== "runs.settle:after");
  const few = coverageOf(fired, 499);
  expect(few.isTooFew).toBe(false);
  expect(few.said).toContain(`${ALL.length - 1} of ${ALL.length} places`);
  expect(few.said).toMatch(/from 500 worlds on that is a failure: runs\.settle:after$/);
  const enough = coverageOf([...fired, ...fired], 500);
  expect(enough.isTooFew).toBe(true);
  expect(enough.said).toMatch(/FAILED: in 500 worlds nobody died at: runs\.settle:after$/);
});

test("nothing is missing where somebody died on both sides of every step", () => {
  expect(coverageOf(ALL, 500)).toEqual({
    said: `Processes died at ${ALL.length} of ${ALL.length} places: before and after each of ${EFFECTS.length} steps.`,
    isTooFew: false,
  });
});
