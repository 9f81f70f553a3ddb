// What headers tell: which window a limit is of, and what holds where answers tell now one thing, now another.

import { describe, expect, test } from "vitest";
import {
  isHeld,
  strictest,
  TELL_AGAIN_MS,
  type Told,
  type ToldLimit,
  toldKey,
  toldWith,
} from "../../src/domain/told-limit.ts";

const NOW = Date.parse("2026-06-01T08:00:00Z");
const NONE = { second: null, tenSeconds: null, minute: null, hour: null };
const limit = (calls: number, windowMs: number | null = null, resetMs: number | null = null): ToldLimit => ({
  calls,
  windowMs,
  resetMs,
});
const SLOW = limit(60, 60_000);
const FAST = limit(600, 60_000);

/** Told one after the other, a second apart. */
function toldAll(all: readonly (readonly ToldLimit[])[], apartMs = 1000): readonly Told[] {
  let told: readonly Told[] = [];
  all.forEach((limits, at) => {
    told = toldWith(told, limits, NOW + at * apartMs);
  });
  return told;
}

describe("a limit is of", () => {
  test.each([
    [limit(60, 60_000), { minute: 60 }],
    [limit(1000, 3_600_000), { hour: 1000 }],
    [limit(100, 30_000), { tenSeconds: 33 }],
    [limit(24_000, 86_400_000), { hour: 1000 }],
    [limit(60, null, 30_000), { minute: 60 }],
    [limit(60, null, 2_000), { second: 60 }],
    [limit(60, null, 3_000), { tenSeconds: 60 }],
    [limit(60), { second: 60 }],
  ])("the window that is told, or the shortest that lasts until the reset: %o", (told, expected) => {
    expect(strictest(toldAll([[told]]))).toEqual({ ...NONE, ...expected });
  });

  test("a longer window, once a later reset shows it", () => {
    const early = [limit(60, null, 3_000)];
    const late = [limit(60, null, 40_000)];
    expect(strictest(toldAll([early, late], TELL_AGAIN_MS))).toEqual({ ...NONE, minute: 60 });
    expect(strictest(toldAll([late, early], TELL_AGAIN_MS))).toEqual({ ...NONE, minute: 60 });
  });
});

describe("where answers tell now one thing, now another", () => {
  test("something new replaces what was told before, be it higher or lower", () => {
    expect(strictest(toldAll([[SLOW], [FAST]])).minute).toBe(600);
    expect(strictest(toldAll([[FAST], [SLOW]])).minute).toBe(60);
  });

  test("the strictest holds as soon as the first is told again", () => {
    expect(strictest(toldAll([[SLOW], [FAST], [SLOW]])).minute).toBe(60);
    expect(strictest(toldAll([[FAST], [SLOW], [FAST]])).minute).toBe(60);
    expect(strictest(toldAll([[SLOW], [FAST], [SLOW], [FAST], [FAST]])).minute).toBe(60);
  });

  test("each window has its own", () => {
    const both = [limit(60), limit(1000, 3_600_000)];
    expect(strictest(toldAll([[limit(60, null, 30_000)], both, [limit(60, null, 30_000)]]))).toMatchObject({
      hour: 1000,
    });
  });

  test("the same in two spellings is the same", () => {
    expect(strictest(toldAll([[limit(60, null, 30_000)], [SLOW], [limit(60, null, 30_000)]]))).toEqual({
      ...NONE,
      minute: 60,
    });
  });

  test("what was not told for half an hour, while something else was, holds no longer", () => {
    let told = toldAll([[SLOW], [FAST], [SLOW]]);
    for (const minutes of [10, 20, 29]) told = toldWith(told, [FAST], NOW + minutes * 60_000);
    expect(strictest(told).minute).toBe(60);
    expect(strictest(toldWith(told, [FAST], NOW + 40 * 60_000)).minute).toBe(600);
  });

  test("however many they are, few are remembered", () => {
    expect(toldAll(Array.from({ length: 50 }, (_, at) => [limit(at + 1, 60_000)])).length).toBeLessThan(10);
  });
});

test("what is told again soon is nothing new, and said so", () => {
  const told = toldAll([[SLOW], [FAST], [SLOW]]);
  expect(isHeld(told, toldKey([SLOW]))).toBe(true);
  expect(isHeld(told, toldKey([FAST]))).toBe(true);
  expect(toldWith(told, [SLOW], NOW + 60_000)).toBe(told);
  expect(isHeld(toldAll([[SLOW], [FAST]]), toldKey([SLOW]))).toBe(false);
  expect(isHeld([], toldKey([SLOW]))).toBe(false);
});

test("a clock that is set back makes nothing last longer", () => {
  const told = toldWith(toldAll([[SLOW], [FAST]]), [SLOW], NOW - 3_600_000);
  expect(strictest(told).minute).toBe(60);
  for (const { sinceMs, heardMs } of told) expect(Math.max(sinceMs, heardMs)).toBeLessThanOrEqual(NOW - 3_600_000);
});
