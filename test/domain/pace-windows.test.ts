// Hours as Redis counts them, two limits at once, and windows that nobody would guess, in virtual time.

import { describe, expect, test } from "vitest";
import { type SimulationOptions, simulate } from "../../bench/pace-simulator.mjs";
import { DAY_MS, HOUR_MS, NO_LIMITS, NOTHING, pace, RULE, START, USUAL } from "../support/pace-rule.ts";

function run(options: Partial<SimulationOptions>) {
  return simulate(RULE, { rules: USUAL, startMs: START, ...options });
}

describe("an hour as Redis counts it, by the minute", () => {
  const late = (times: readonly number[], fromMs: number) => times.filter((ms) => ms > START + fromMs).length;

  test.each([true, false])("an hourly cap is met again, and believed from then on (Retry-After %s)", (retryAfter) => {
    for (const kind of ["clock", "first", "sliding"] as const) {
      const cap = { calls: 300, windowMs: HOUR_MS, kind, retryAfter };
      const { admittedMs, refusedMs, state } = run({
        limits: [cap],
        forMs: 4 * DAY_MS,
        latencyMs: [50, 150],
        concurrency: 4,
      });
      expect(state.limits.hour).toMatchObject({ calls: 300, from: "refusals" });
      expect(admittedMs.length).toBeGreaterThan(24_000);
      expect(refusedMs.length).toBeLessThan(admittedMs.length / 100);
      expect(late(refusedMs, DAY_MS)).toBeLessThanOrEqual(2);
    }
  });

  const twoLimits = (["clock", "sliding"] as const).flatMap((kind) =>
    [true, false].flatMap((retryAfter) =>
      [
        { calls: 5, windowMs: 1000, kind, retryAfter },
        { calls: 100, windowMs: 60_000, kind, retryAfter },
        { calls: 60, windowMs: 60_000, burst: 30, kind: "bucket" as const, retryAfter },
      ].map((burst) => ({ burst, cap: { calls: 1000, windowMs: HOUR_MS, kind, retryAfter } })),
    ),
  );
  test.each(twoLimits)(
    "$burst.calls in $burst.windowMs ms ($burst.kind) and 1,000 an hour ($cap.kind), Retry-After $cap.retryAfter",
    ({ burst, cap }) => {
      const rules = { ...USUAL, share: 1, hourlyBudget: 0 };
      const { admittedMs, refusedMs } = run({ rules, limits: [burst, cap], forMs: 2 * DAY_MS, concurrency: 4 });
      expect(late(admittedMs, DAY_MS)).toBeGreaterThan(24_000 * 0.95);
      expect(late(refusedMs, DAY_MS)).toBeLessThan(late(admittedMs, DAY_MS) / 100);
    },
  );

  test("more than a cap within an hour of the clock makes it a guess again; more than twice as much, none", () => {
    const hour = {
      calls: 300,
      sinceMs: START - DAY_MS,
      checkedMs: START - HOUR_MS,
      from: "refusals",
      tryAfterMs: 0,
    } as const;
    const known = { ...pace.newPace(USUAL, START), limits: { ...NO_LIMITS, hour } };
    const hourAfter = (calls: number) => {
      const counts = { ...NOTHING, hour: calls };
      return pace.learn(known, { kind: "admitted", atMs: START, counts }, USUAL, START).limits.hour;
    };
    expect(hourAfter(305)).toBe(hour);
    expect(hourAfter(400)).toEqual({ ...hour, sinceMs: START, checkedMs: START });
    expect(hourAfter(630)).toBeNull();
  });
});

describe("windows of some minutes, which nobody would guess", () => {
  const rules = { ...USUAL, share: 1, hourlyBudget: 0 };
  const worlds = [2, 5].flatMap((minutes) =>
    (["clock", "first", "sliding"] as const).flatMap((kind) =>
      [true, false].map((retryAfter) => ({ minutes, kind, retryAfter })),
    ),
  );
  test.each(worlds)("100 in $minutes minutes ($kind), Retry-After $retryAfter", ({ minutes, kind, retryAfter }) => {
    const limit = { calls: 100, windowMs: minutes * 60_000, kind, retryAfter };
    const { admittedMs, refusedMs } = run({ rules, limits: [limit], forMs: 8 * HOUR_MS, concurrency: 4 });
    expect(admittedMs.length).toBeGreaterThan((8 * 60 * 100 * 0.6) / minutes);
    expect(refusedMs.length).toBeLessThan(admittedMs.length / 8);
  });
});
