// The pace that is found, in virtual time against limiters of every kind, and what it never does.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type SimulatedLimit, type SimulationOptions, shareUsed, simulate } from "../../bench/pace-simulator.mjs";
import * as hourly from "../../src/domain/hourly-cap.ts";
import * as limits from "../../src/domain/pace-limits.ts";
import type * as paceState from "../../src/domain/pace-state.ts";
import { HOUR_MS, NO_LIMITS, NOTHING, pace, RULE, START } from "../support/pace-rule.ts";

const RULES: paceState.PaceRules = {
  startPerSecond: 200,
  maxPerSecond: 400,
  share: 1,
  longestPauseMs: 60_000,
  hourlyBudget: 0,
};
const CAREFUL = { ...RULES, startPerSecond: 1, maxPerSecond: 10 };

function run(options: Partial<SimulationOptions>) {
  return simulate(RULE, { rules: RULES, startMs: START, ...options });
}

/** Two nights: 2,000 people, then 2,000 more with what the first night learned. */
function nights(limit: SimulatedLimit, options: Partial<SimulationOptions> = {}) {
  const first = run({ limits: [limit], people: 2000, ...options });
  const { state, log, lastMs } = first;
  const second = run({ limits: [limit], people: 2000, ...options, state, log, startMs: lastMs + 9_001.3, seed: 77 });
  return { first, second };
}

const per100 = (simulated: ReturnType<typeof run>) => (100 * simulated.refusedMs.length) / simulated.admittedMs.length;

describe("an unknown limit of fifty a second", () => {
  const worlds = (["clock", "first", "sliding"] as const).flatMap((kind) =>
    [true, false].flatMap((retryAfter) =>
      [true, false].flatMap((headers) => [1, 3].map((processes) => ({ kind, retryAfter, headers, processes }))),
    ),
  );
  test.each(worlds)(
    "$kind, Retry-After $retryAfter, headers $headers, $processes processes",
    ({ processes, ...kind }) => {
      const limit = { calls: 50, windowMs: 1000, ...kind };
      const { first, second } = nights(limit, { processes });
      expect(shareUsed(first, limit)).toBeGreaterThan(0.97);
      expect(shareUsed(second, limit)).toBeGreaterThan(0.97);
      expect(per100(second)).toBeLessThanOrEqual(1);
      // What was on its way when the first refusal came, or held its slot in another process, cannot be called back.
      expect(first.early + second.early).toBeLessThanOrEqual(4);
    },
  );
});

test("a sliding limit is not taken for what a second of the clock happened to hold", () => {
  const low: unknown[] = [];
  for (const calls of [25, 75]) {
    const limit = { calls, windowMs: 1000, kind: "sliding", retryAfter: true } as const;
    for (let seed = 1; seed <= 15; seed += 1) {
      const quiet = { lateMs: 1, redisMs: 0.5, latencyMs: [3, 8] as const };
      const options = { people: calls * 40, rules: { ...RULES, startPerSecond: 20 }, startMs: START + seed * 33, seed };
      const share = shareUsed(run({ limits: [limit], ...options, ...quiet }), limit);
      if (share < 0.85) low.push({ calls, seed, share });
    }
  }
  expect(low).toEqual([]);
});

describe("on a machine that others keep busy", () => {
  const worlds = (["clock", "sliding"] as const).flatMap((kind) =>
    [true, false].flatMap((retryAfter) => [1, 3].map((processes) => ({ kind, retryAfter, processes }))),
  );
  test.each(worlds)("$kind, Retry-After $retryAfter, $processes processes", ({ processes, ...kind }) => {
    const limit = { calls: 50, windowMs: 1000, ...kind };
    const stalls = { everyMs: 200, lastMs: [5, 40] } as const;
    for (let seed = 1; seed <= 5; seed += 1) {
      const { second } = nights(limit, { processes, seed, stalls, lateMs: 4, redisMs: 1 });
      expect(shareUsed(second, limit)).toBeGreaterThan(0.96);
      expect(per100(second)).toBeLessThanOrEqual(0.2);
    }
  });
});

test.each([
  { calls: 100, windowMs: 60_000, kind: "clock", retryAfter: true },
  { calls: 100, windowMs: 60_000, kind: "first", retryAfter: false },
  { calls: 100, windowMs: 60_000, kind: "sliding", retryAfter: true, headers: true },
  { calls: 30, windowMs: 10_000, kind: "sliding", retryAfter: false },
] as const)("careful beginnings find $calls in $windowMs ms ($kind)", (limit) => {
  const simulated = run({ rules: CAREFUL, limits: [limit], forMs: HOUR_MS, latencyMs: [100, 300] });
  expect(shareUsed(simulated, limit)).toBeGreaterThan(0.95);
  expect(per100(simulated)).toBeLessThanOrEqual(1);
});

describe("two limits at once", () => {
  test.each([true, false])("a burst limit and an hourly cap are told apart (Retry-After %s)", (retryAfter) => {
    const burst = { calls: 5, windowMs: 1000, kind: "sliding", retryAfter } as const;
    const cap = { calls: 1000, windowMs: HOUR_MS, kind: "clock", retryAfter } as const;
    const simulated = run({ rules: CAREFUL, limits: [burst, cap], forMs: 4 * HOUR_MS, latencyMs: [20, 40] });
    expect(simulated.state.limits.second?.calls).toBeGreaterThanOrEqual(4);
    expect(simulated.state.limits.second?.calls).toBeLessThanOrEqual(5);
    expect(simulated.state.limits.hour?.calls).toBeCloseTo(1000, -2);
    expect(simulated.admittedMs.length).toBeGreaterThan(3900);
    // Waiting out the first hour without being told how long costs some probes.
    const late = (times: readonly number[]) => times.filter((ms) => ms > START + 1.5 * HOUR_MS).length;
    expect(late(simulated.refusedMs)).toBeLessThanOrEqual(late(simulated.admittedMs) / 100);
  });
});

describe("a limit that changes in mid-run", () => {
  const changing = (before: number, after: number, kind: SimulatedLimit["kind"], retryAfter: boolean) => [
    { calls: before, windowMs: 1000, kind, retryAfter, toMs: START + 60_000 },
    { calls: after, windowMs: 1000, kind, retryAfter, fromMs: START + 60_000 },
  ];
  const kinds = (["clock", "sliding"] as const).flatMap((kind) => [true, false].map((told) => [kind, told] as const));

  test.each(kinds)("%s, Retry-After %s: a fall is noticed within ten seconds", (kind, retryAfter) => {
    for (const after of [20, 35]) {
      const simulated = run({ limits: changing(50, after, kind, retryAfter), forMs: 100_000 });
      const late = simulated.admittedMs.filter((ms) => ms > START + 70_000).length;
      expect(late / 30).toBeGreaterThan(after * 0.9);
      expect(simulated.refusedMs.filter((ms) => ms > START + 70_000)).toEqual([]);
    }
  });

  test.each(kinds)("%s, Retry-After %s: a rise is found within some minutes", (kind, retryAfter) => {
    const simulated = run({ limits: changing(20, 50, kind, retryAfter), forMs: 400_000 });
    const late = simulated.admittedMs.filter((ms) => ms > START + 300_000).length;
    expect(late / 100).toBeGreaterThan(45);
    expect(per100(simulated)).toBeLessThanOrEqual(1);
  });

  test("a rise or a fall that headers tell is followed at once", () => {
    const { first } = nights({ calls: 50, windowMs: 1000, kind: "sliding", headers: true });
    for (const [calls, expected] of [
      [20, 19.6],
      [80, 78.4],
    ] as const) {
      const seen = { kind: "told", limits: [{ calls, windowMs: null, resetMs: 1000 }], counts: NOTHING } as const;
      expect(pace.paceOf(pace.learn(first.state, seen, RULES, first.lastMs), RULES)).toBeCloseTo(expected);
    }
  });
});

test("without any limit the pace grows to the ceiling and stays there", () => {
  const simulated = run({ rules: CAREFUL, forMs: 60_000, latencyMs: [100, 300] });
  expect(simulated.fastest).toBe(10);
  expect(simulated.admittedMs.filter((ms) => ms > START + 30_000).length).toBeGreaterThan(290);
});

test("a pace that nobody uses does not grow: one call an hour proves nothing", () => {
  let state = pace.newPace(CAREFUL, START);
  for (let hour = 1; hour < 50; hour += 1) {
    const atMs = START + hour * HOUR_MS;
    const counts = { ...NOTHING, second: 1, tenSeconds: 1, minute: 1, hour: 1 };
    state = pace.learn(state, { kind: "admitted", atMs, counts }, CAREFUL, atMs);
  }
  expect(pace.paceOf(state, CAREFUL)).toBe(1);
});

test("a share is left for the company's other integrations", () => {
  const limit = { calls: 50, windowMs: 1000, kind: "sliding" } as const;
  const { second } = nights(limit, { rules: { ...RULES, share: 0.6 } });
  expect(shareUsed(second, limit)).toBeCloseTo(0.588, 2);
});

test("three processes get about the same", () => {
  const { perProcess } = run({ limits: [{ calls: 50, windowMs: 1000, kind: "sliding" }], people: 3000, processes: 3 });
  for (const calls of perProcess) expect(calls).toBeGreaterThan(700);
});

describe("a congestion", () => {
  const at = (atMs: number, retryAfterMs: number | null, count = 50): paceState.Seen => ({
    kind: "refused",
    atMs,
    retryAfterMs,
    counts: { second: count, tenSeconds: count, minute: count, hour: count, clockSecond: count, sinceCleared: 0 },
  });
  const start = pace.newPace(RULES, START);
  const refused = pace.learn(start, at(START + 990, null), RULES, START + 1000);

  test("begins with a short pause, and grows with each refused probe up to the longest", () => {
    expect(refused.congestion?.untilMs).toBe(START + 1050);
    let state = refused;
    const pausesMs: number[] = [];
    for (let nowMs = START + 1050, probe = 0; probe < 40; probe += 1) {
      state = pace.learn(state, at(nowMs, null), RULES, nowMs + 5);
      pausesMs.push((state.congestion?.untilMs ?? 0) - nowMs - 5);
      nowMs = state.congestion?.untilMs ?? 0;
    }
    expect(pausesMs).toEqual([...pausesMs].sort((a, b) => a - b));
    expect(pausesMs.at(-1)).toBe(RULES.longestPauseMs);
  });

  test("obeys Retry-After exactly, and the longer of two", () => {
    const told = pace.learn(start, at(START + 990, 7000), RULES, START + 1000);
    expect(told.congestion?.untilMs).toBe(START + 8000);
    expect(pace.learn(told, at(START + 995, 9000), RULES, START + 1100).congestion?.untilMs).toBe(START + 10_100);
    expect(pace.learn(told, at(START + 995, 1000), RULES, START + 1100).congestion?.untilMs).toBe(START + 8000);
  });

  test("what was on its way says nothing new: it lengthens no pause, and its success ends none", () => {
    const late = pace.learn(refused, at(START + 999, null), RULES, START + 1020);
    expect(late.congestion).toMatchObject({ probes: 0, untilMs: START + 1050 });
    const admitted = { kind: "admitted", atMs: START + 980, counts: NOTHING } as const;
    expect(pace.learn(refused, admitted, RULES, START + 1020)).toBe(refused);
    const over = pace.learn(refused, { ...admitted, atMs: START + 1051 }, RULES, START + 1060);
    expect(over.congestion).toBeNull();
    expect(pace.learn(over, at(START + 1040, null), RULES, START + 1070)).toBe(over);
  });

  test("is explained by what was found let through when all that had left before had its answer", () => {
    const some = pace.learn(start, at(START + 990, null, 42), RULES, START + 1000);
    const all = pace.learn(some, at(START + 999, null, 50), RULES, START + 1020);
    const over = pace.learn(all, { kind: "admitted", atMs: START + 1051, counts: NOTHING }, RULES, START + 1060);
    expect(over.limits.second?.calls).toBe(50);
  });

  test.each([
    { into: [37, 36], calls: 48, why: "by chance" },
    { into: [37, 37], calls: 37, why: "exactly twice" },
    { into: [30, 29], calls: 30, why: "somebody may have chosen it" },
    { into: [46, 45], calls: 46, why: "near the limit" },
  ])("two refusals with $into calls in the clock's second: a limit of 48 becomes $calls ($why)", ({ into, calls }) => {
    const limit = {
      calls: 48,
      sinceMs: START - 9000,
      checkedMs: START - 9000,
      from: "refusals",
      tryAfterMs: 0,
    } as const;
    const [before, now] = into.map((clockSecond) => {
      return { second: 48, tenSeconds: 480, minute: 2000, hour: 2000, clockSecond, sinceCleared: 0 };
    }) as [limits.Counts, limits.Counts];
    const known = { limits: { ...NO_LIMITS, second: limit }, most: now, phase: "steady", nearMisses: 0 } as const;
    const explained = limits.explain({ ...known, clearedMs: START, lastCounts: before }, now, 50, 1000);
    expect(explained).toMatchObject({ window: "second", calls });
  });

  test.each([
    { second: 83, clockSecond: 50, before: 0, calls: 50, why: "the clock's is the rounder number" },
    { second: 75, clockSecond: 50, before: 0, calls: 50, why: "the clock's is the rounder number" },
    { second: 100, clockSecond: 50, before: 0, calls: 100, why: "neither is rounder" },
    { second: 75, clockSecond: 45, before: 0, calls: 75, why: "the sliding one is as round" },
    { second: 83, clockSecond: 47, before: 0, calls: 83, why: "neither is round" },
    {
      second: 83,
      clockSecond: 40,
      before: 0,
      calls: 83,
      why: "two seconds of the clock let in no more than twice as many",
    },
    { second: 83, clockSecond: 50, before: 3, calls: 50, why: "reading members comes before" },
    { second: 83, clockSecond: 50, before: 9, calls: 83, why: "what came before makes the sliding count inexact" },
  ])(
    "$second in the first second, $clockSecond of them since the clock's, $before before: a limit of $calls ($why)",
    ({ second, clockSecond, before, calls }) => {
      const sum = second + before;
      const counts = { second, tenSeconds: sum, minute: sum, hour: sum, clockSecond, sinceCleared: 0 };
      const known = { limits: NO_LIMITS, most: NOTHING, phase: "growing", nearMisses: 0 } as const;
      const explained = limits.explain({ ...known, clearedMs: 0, lastCounts: NOTHING }, counts, 50, START);
      expect(explained).toMatchObject({ window: "second", calls });
    },
  );

  test("a limit that headers told stays told when a refusal finds it used up", () => {
    const limit = { calls: 50, windowMs: 1000, resetMs: 1000 };
    const told = pace.learn(start, { kind: "told", limits: [limit], counts: NOTHING }, RULES, START);
    const steady = pace.learn(told, at(START + 3000, null, 49), RULES, START + 3005);
    const over = pace.learn(steady, { kind: "admitted", atMs: START + 3060, counts: NOTHING }, RULES, START + 3065);
    expect(over.limits.second).toMatchObject({ calls: 50, from: "headers" });
  });

  test("what headers tell is lowered by refusals again and again, and not by two that agree", () => {
    const limit = {
      calls: 50,
      sinceMs: START - 9000,
      checkedMs: START - 9000,
      from: "headers",
      tryAfterMs: 0,
    } as const;
    const counts = { second: 48, tenSeconds: 480, minute: 2000, hour: 2000, clockSecond: 48, sinceCleared: 0 };
    const known = {
      limits: { ...NO_LIMITS, second: limit },
      most: counts,
      phase: "steady",
      lastCounts: counts,
    } as const;
    const explained = limits.explain({ ...known, nearMisses: 0, clearedMs: START }, counts, 50, 1000);
    expect(explained).toMatchObject({ window: "second", calls: 50, nearMisses: 2 });
    const again = limits.explain({ ...known, nearMisses: 2, clearedMs: START }, counts, 50, 1000);
    expect(again?.calls).toBeLessThan(50);
  });

  describe("during which the clock steps back", () => {
    const BACK_MS = 600_000;
    const then = START - BACK_MS;

    test("ends with its probe, and lasts no longer than it did, whatever else is refused", () => {
      const probe = { kind: "admitted", atMs: then + 60, isProbe: true, counts: NOTHING } as const;
      expect(pace.learn(refused, probe, RULES, then + 70).congestion).toBeNull();
      const late = pace.learn(refused, at(START + 999, null), RULES, then + 20);
      expect((late.congestion?.untilMs ?? 0) - then - 20).toBeLessThanOrEqual(70);
      const told = pace.learn(start, at(START + 990, 7000), RULES, START + 1000);
      const again = pace.learn(told, at(START + 999, 2000), RULES, then);
      expect((again.congestion?.untilMs ?? 0) - then).toBeLessThanOrEqual(7010);
      expect((again.congestion?.untilMs ?? 0) - then).toBeGreaterThanOrEqual(7000);
    });

    test("hides no later refusal, stops no growth, and makes no rest longer", () => {
      const probe = { kind: "admitted", atMs: START + 1050, isProbe: true, counts: NOTHING } as const;
      const over = pace.learn(refused, probe, RULES, START + 1060);
      expect(pace.learn(over, at(then, null), RULES, then + 10).congestion).toMatchObject({ sinceMs: then });
      const many = { ...NOTHING, second: 500, tenSeconds: 5000 };
      const steps = [10, 1500].reduce(
        (state, ms) => pace.learn(state, { kind: "admitted", atMs: then + ms, counts: many }, CAREFUL, then + ms),
        pace.newPace(CAREFUL, START),
      );
      expect(pace.paceOf(steps, CAREFUL)).toBe(1);
      const seen = { kind: "admitted", atMs: then + 5000, counts: many } as const;
      expect(pace.paceOf(pace.learn(steps, seen, CAREFUL, then + 5000), CAREFUL)).toBe(2);
      const limit = { calls: 50, windowMs: null, resetMs: 1000 };
      const resting = pace.learn(
        start,
        { kind: "told", limits: [limit], counts: { ...NOTHING, second: 49 } },
        RULES,
        START,
      );
      const after = pace.learn(resting, { kind: "admitted", atMs: then, counts: NOTHING }, RULES, then);
      expect(after.restUntilMs - then).toBeCloseTo(1000, 6);
    });

    test("whatever is known, nothing of it lies in the future for longer than a pause", () => {
      const state = pace.learn(start, at(START + 990, 7_200_000), RULES, START + 1000);
      const seen = { kind: "admitted", atMs: then, counts: NOTHING } as const;
      const after = pace.learn(state, seen, RULES, then);
      expect((after.congestion?.untilMs ?? 0) - then).toBeLessThanOrEqual(7_200_000 + 10);
      expect(after.congestion?.lastMs).toBeLessThanOrEqual(then);
      expect(after.steppedMs).toBeLessThanOrEqual(then);
    });
  });
});

describe("whatever happens", () => {
  const counts = fc
    .tuple(fc.nat(100), fc.nat(300), fc.nat(900), fc.nat(5000), fc.nat(100))
    .map(([second, ten, minute, hour, clock]): limits.Counts => {
      const tenSeconds = second + ten;
      return {
        second,
        tenSeconds,
        minute: tenSeconds + minute,
        hour: tenSeconds + minute + hour,
        clockSecond: Math.min(clock, second),
        sinceCleared: 0,
      };
    });
  const seen = fc.oneof(
    fc.record({
      kind: fc.constant("refused" as const),
      agoMs: fc.nat(3000),
      retryAfterMs: fc.option(fc.nat(9e9)),
      counts,
    }),
    fc.record({ kind: fc.constant("admitted" as const), agoMs: fc.nat(3000), counts }),
    fc.record({
      kind: fc.constant("told" as const),
      limits: fc.array(
        fc.record({
          calls: fc.nat(10_000),
          windowMs: fc.option(fc.integer({ min: 1, max: 1e7 })),
          resetMs: fc.option(fc.nat(1e7)),
        }),
        { maxLength: 3 },
      ),
      counts,
    }),
  );
  const rules = fc.record({
    startPerSecond: fc.double({ min: 0.01, max: 10, noNaN: true }),
    maxPerSecond: fc.double({ min: 10, max: 100, noNaN: true }),
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    longestPauseMs: fc.integer({ min: 1, max: 3_600_000 }),
    hourlyBudget: fc.nat(1000),
  });

  test("the pace is above nothing, never above the ceiling, no pause is longer than two hours, no hour without a call", () => {
    const story = fc.array(fc.tuple(fc.nat(100_000), seen), { maxLength: 40 });
    fc.assert(
      fc.property(rules, story, (rules, story) => {
        let nowMs = START;
        let state = pace.newPace(rules, nowMs);
        for (const [afterMs, event] of story) {
          nowMs += afterMs;
          const told = "agoMs" in event ? { ...event, atMs: nowMs - event.agoMs } : event;
          state = JSON.parse(JSON.stringify(pace.learn(state, told, rules, nowMs))) as paceState.PaceState;
          const perSecond = pace.paceOf(state, rules);
          expect(perSecond).toBeGreaterThan(0);
          expect(perSecond).toBeLessThanOrEqual(rules.maxPerSecond);
          expect((state.congestion?.untilMs ?? nowMs) - nowMs).toBeLessThanOrEqual(pace.LONGEST_PAUSE_MS);
          expect(state.restUntilMs - nowMs).toBeLessThanOrEqual(HOUR_MS);
          const budget = hourly.hourlyBudgetOf(state, rules, nowMs);
          if (rules.hourlyBudget > 0) expect(budget).toBeLessThanOrEqual(rules.hourlyBudget);
          if (rules.hourlyBudget > 0 || state.limits.hour !== null) expect(budget).toBeGreaterThan(0);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("a limiter of any size and kind is found: most of it used, few refused, from the second run on", () => {
    const limit = fc.record({
      calls: fc.integer({ min: 2, max: 120 }),
      windowMs: fc.constant(1000),
      kind: fc.constantFrom("clock" as const, "first" as const, "sliding" as const),
      retryAfter: fc.boolean(),
      headers: fc.boolean(),
    });
    const worlds = fc.sample(fc.tuple(limit, fc.integer({ min: 1, max: 3 }), fc.nat(1000)), 100);
    const shares = worlds.map(([limit, processes, seed]) => {
      const { second } = nights(limit, { processes, seed, startMs: START + seed, people: 20 * limit.calls });
      expect(second.refusedMs.length).toBeLessThanOrEqual(1 + second.admittedMs.length / 100);
      return shareUsed(second, limit);
    });
    // Where refusals fall on the same part of the clock's second twice, another limit explains them as well, and the lower one is
    // believed until the next try: 20 of 3,000 such worlds. That is slow for a night, and never too fast.
    expect(shares.filter((share) => share <= 0.9).length).toBeLessThanOrEqual(6);
    expect(Math.min(...shares)).toBeGreaterThan(0.4);
  });
});
