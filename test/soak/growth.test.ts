// The soak must call a leak a leak, and must not cry at a wave.

import { expect, test } from "vitest";
import { judgeGrowth, type Sample } from "./growth.ts";

function series(valueAt: (minute: number) => number): Sample[] {
  return Array.from({ length: 180 }, (_, index) => ({ atMs: index * 10_000, value: valueAt(index / 6) }));
}
const TOLERANCE = { share: 0.05, floor: 2 };

test("a start that climbs and then stays is not growth", () => {
  expect(
    judgeGrowth(
      series((minute) => Math.min(100, 20 + minute * 10)),
      TOLERANCE,
    ).grows,
  ).toBe(false);
});

test("a slow leak is growth, with its slope", () => {
  const { grows, slopePerHour } = judgeGrowth(
    series((minute) => 100 + minute),
    TOLERANCE,
  );
  expect(grows).toBe(true);
  expect(slopePerHour).toBeCloseTo(60);
});

test("waves, a single peak and a late peak are not growth", () => {
  expect(
    judgeGrowth(
      series((minute) => 100 + 30 * Math.sin(minute * 3)),
      TOLERANCE,
    ).grows,
  ).toBe(false);
  expect(
    judgeGrowth(
      series((minute) => (minute === 15 ? 900 : 100)),
      TOLERANCE,
    ).grows,
  ).toBe(false);
  expect(
    judgeGrowth(
      series((minute) => (minute > 28 ? 300 : 100)),
      TOLERANCE,
    ).grows,
  ).toBe(false);
});

test("what stays below the floor is not growth; above it, it is", () => {
  expect(
    judgeGrowth(
      series((minute) => 10 + minute / 20),
      TOLERANCE,
    ).grows,
  ).toBe(false);
  expect(
    judgeGrowth(
      series((minute) => 10 + minute / 3),
      TOLERANCE,
    ).grows,
  ).toBe(true);
});

test("too few samples say nothing", () => {
  expect(() => judgeGrowth(series(() => 1).slice(0, 8), TOLERANCE)).toThrow("too few");
});
