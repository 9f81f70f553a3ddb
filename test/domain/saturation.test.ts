// What comes through while Tallyfy refuses again and again, and when that says something.

import { describe, expect, test } from "vitest";
import { type Cycle, limitShown, type Saturation, saturatedBy } from "../../src/domain/saturation.ts";

/** Fifty calls in five seconds, and then two minutes of refusals. */
const CYCLE: Cycle = {
  calls: 49,
  activeMs: 5_000,
  leastRefusedMs: 110_000,
  mostRefusedMs: 120_000,
  isTold: false,
  perSecond: 10,
};

function saturated(cycles: number, changed: Partial<Cycle> = {}): Saturation {
  let saturation: Saturation | null = null;
  for (let cycle = 0; cycle < cycles; cycle += 1) saturation = saturatedBy(saturation, { ...CYCLE, ...changed });
  if (saturation === null) throw new Error("it is not saturated");
  return saturation;
}

describe("congestions one after the other", () => {
  test("add up: the probe that ended the one before was let through, too", () => {
    expect(saturated(2)).toEqual({ congestions: 2, calls: 100, leastMs: 240_000, mostMs: 250_000 });
  });

  test("last as long as Tallyfy says, rounded down; and no time at all where the first probe was let in", () => {
    expect(saturated(1, { isTold: true }).leastMs).toBe(115_000);
    expect(saturated(1, { leastRefusedMs: 0, mostRefusedMs: 600 }).leastMs).toBe(5_000);
  });

  test("are as many where one comes after a few calls, however soon it is over", () => {
    const often = { calls: 4, activeMs: 5_000, leastRefusedMs: 0, mostRefusedMs: 60, perSecond: 1 };
    expect(saturated(2, often)).toMatchObject({ congestions: 2, calls: 10 });
    expect(saturatedBy(null, { ...CYCLE, ...often, calls: 9, activeMs: 10_000 })).toBeNull();
  });

  test.each([
    [
      "nearly all of the time calls were let in",
      { activeMs: 100_000, leastRefusedMs: 9_000, mostRefusedMs: 10_000, calls: 999 },
    ],
    ["there was hardly anything to call for", { activeMs: 20_000 }],
    ["they were refused for so long that it is an hour's cap", { leastRefusedMs: 600_000, mostRefusedMs: 610_000 }],
    ["the clock was set back", { activeMs: -1 }],
  ])("are none where %s", (_why, changed) => {
    expect(saturatedBy(saturated(3), { ...CYCLE, ...changed })).toBeNull();
  });
});

describe("the limit that they show", () => {
  test("is what came through, in the shortest window that lets ten through", () => {
    expect(limitShown(saturated(2), 10, 0)).toEqual({ window: "minute", calls: 25 });
    const second = { calls: 19, activeMs: 500, leastRefusedMs: 450, mostRefusedMs: 550, perSecond: 40 };
    expect(limitShown(saturated(2, second), 40, 0)).toEqual({ window: "second", calls: 20 });
    const slow = { calls: 0, activeMs: 600, leastRefusedMs: 9_000, mostRefusedMs: 11_800, perSecond: 1 };
    const shown = limitShown(saturated(30, slow), 1, 0);
    expect(shown?.window).toBe("minute");
    expect(shown?.calls).toBeCloseTo(5.2, 0);
  });

  test("is not known after one of them, nor after a few calls", () => {
    expect(limitShown(saturated(1), 10, 0)).toBeNull();
    expect(limitShown(saturated(9, { calls: 1, perSecond: 0.5 }), 0.5, 0)).toBeNull();
    expect(limitShown(saturated(10, { calls: 1, perSecond: 0.5 }), 0.5, 0)).not.toBeNull();
  });

  test("is not known while a window may still hold what went faster before", () => {
    expect(limitShown(saturated(2), 10, 200_000)).toBeNull();
    expect(limitShown(saturated(3), 10, 200_000)).not.toBeNull();
  });

  test("is none where nearly as much comes through as the pace", () => {
    expect(limitShown(saturated(2), 0.44, 0)).toBeNull();
  });

  test("is lower where so many stayed unexplained, as far as can be said", () => {
    const often = { calls: 9, activeMs: 10_000, leastRefusedMs: 0, mostRefusedMs: 2_000, perSecond: 1 };
    expect(limitShown(saturated(9, often), 1, 0)).toBeNull();
    expect(limitShown(saturated(10, often), 1, 0)?.calls).toBeCloseTo(9.09, 1);
    // Fifty and more calls each: only where clearly less came through.
    const told = {
      calls: 74,
      activeMs: 7_850,
      leastRefusedMs: 1_000,
      mostRefusedMs: 2_000,
      isTold: true,
      perSecond: 9.55,
    };
    expect(limitShown(saturated(9, told), 9.3, 0)?.calls).toBeUndefined();
    expect(limitShown(saturated(10, told), 9.3, 0)?.calls).toBeCloseTo(8.02, 1);
    expect(limitShown(saturated(10, { ...often, calls: 60, activeMs: 10_000 }), 6.1, 0)).toBeNull();
  });
});
