// How far what was found is believed: bad minutes of a server are no limit, a store of calls is no speed, and what was true once is tried again.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type SimulatedLimit, type SimulationOptions, shareUsed, simulate } from "../../bench/pace-simulator.mjs";
import * as hourly from "../../src/domain/hourly-cap.ts";
import * as limits from "../../src/domain/pace-limits.ts";
import type * as paceState from "../../src/domain/pace-state.ts";
import type * as told from "../../src/domain/told-limit.ts";
import { DAY_MS, HOUR_MS, NO_LIMITS, NOTHING, pace, RULE, START, USUAL } from "../support/pace-rule.ts";

const SLOW = { ...USUAL, share: 1, hourlyBudget: 0 };
const FAST = { ...USUAL, startPerSecond: 200, maxPerSecond: 400, share: 1, hourlyBudget: 0 };

function run(options: Partial<SimulationOptions>) {
  return simulate(RULE, { rules: USUAL, startMs: START, ...options });
}

const per100 = ({ refusedMs, admittedMs }: ReturnType<typeof run>) => (100 * refusedMs.length) / admittedMs.length;

describe("a server that refuses everything for a while", () => {
  const spell = (fromMs: number, lastsMs: number, retryAfter: boolean): SimulatedLimit => ({
    calls: 0,
    windowMs: retryAfter ? lastsMs : 1000,
    kind: "clock",
    retryAfter,
    fromMs: START + fromMs,
    toMs: START + fromMs + lastsMs,
  });
  const yesterday = run({ startMs: START - DAY_MS, people: 800 });

  test.each([true, false])("for ninety seconds (Retry-After %s): no hour's cap is concluded from it", (retryAfter) => {
    for (const fromMs of [3_000, 5_000, 20_000]) {
      const { state, log } = yesterday;
      for (const known of [{}, { state, log: [...log] }]) {
        const { admittedMs, state: after } = run({
          limits: [spell(fromMs, 90_000, retryAfter)],
          forMs: DAY_MS,
          ...known,
        });
        expect(after.limits.hour).toBeNull();
        expect(admittedMs.length).toBeGreaterThan(21_000);
      }
    }
  });

  test("for whatever time, whenever: within a day everything is used again that the hour allows", () => {
    const worlds = fc.tuple(
      fc.integer({ min: 0, max: HOUR_MS }),
      fc.constantFrom(500, 2_000, 8_000, 20_000, 45_000, 61_000, 90_000, 300_000, 900_000, 3_000_000),
      fc.boolean(),
      fc.boolean(),
    );
    fc.assert(
      fc.property(worlds, ([fromMs, lastsMs, retryAfter, isKnown]) => {
        const known = isKnown ? { state: yesterday.state, log: [...yesterday.log] } : {};
        const { admittedMs } = run({ limits: [spell(fromMs, lastsMs, retryAfter)], forMs: 1.25 * DAY_MS, ...known });
        const late = admittedMs.filter((ms) => ms > START + DAY_MS).length;
        // Redis's hour has up to 61 minutes, and one of six may fall on the other side of a day's end.
        expect(late).toBeGreaterThanOrEqual(5 * 900);
        expect(admittedMs.length - late).toBeGreaterThan(24 * 900 * 0.5);
      }),
      { numRuns: 15 },
    );
  });
});

describe("an hourly cap", () => {
  const budget = (limit: limits.Limit, afterHours: number, rules: Partial<paceState.PaceRules> = {}) => {
    const state = { ...pace.newPace(FAST, START), limits: { ...NO_LIMITS, hour: limit } };
    return hourly.hourlyBudgetOf(state, { ...FAST, ...rules }, START + afterHours * HOUR_MS);
  };
  const met = { calls: 1000, sinceMs: START - DAY_MS, checkedMs: START, from: "refusals", tryAfterMs: 0 } as const;

  test("that was met again lowers the hourly budget, and is believed a little less each day", () => {
    expect(budget(met, 0)).toBe(980);
    expect(budget(met, 24)).toBe(1029);
    expect(budget(met, 0, { hourlyBudget: 900 })).toBe(900);
    expect(budget(met, 0, { share: 0.5 })).toBe(490);
  });

  test("that was met once is a guess, which doubles every other hour after six", () => {
    const guess = { ...met, sinceMs: START };
    expect([0, 6, 8, 10].map((hours) => budget(guess, hours))).toEqual([980, 980, 1960, 3919]);
  });

  test("that headers told is believed for a day after they told it last", () => {
    const told = { ...met, from: "headers", tryAfterMs: 0 } as const;
    expect([0, 24, 26].map((hours) => budget(told, hours))).toEqual([980, 980, 1960]);
  });

  test("that is real is known at the latest when it is met again, and then hardly anything is refused", () => {
    const cap = { calls: 300, windowMs: HOUR_MS, kind: "clock" } as const;
    const { admittedMs, refusedMs, state } = run({ limits: [cap], forMs: 2 * DAY_MS });
    expect(state.limits.hour?.calls).toBeCloseTo(300, -1);
    expect(admittedMs.length / 48).toBeGreaterThan(200);
    const late = (times: readonly number[]) => times.filter((ms) => ms > START + DAY_MS).length;
    expect(late(refusedMs)).toBeLessThanOrEqual(late(admittedMs) / 100);
  });

  test.each([
    {
      guess: false,
      lastedMs: 2_000,
      hour: 998,
      expected: { window: "hour", calls: 1000 },
      why: "a call is an hour old",
    },
    { guess: true, lastedMs: 2_000, hour: 998, expected: null, why: "a server's bad seconds confirm no guess" },
    { guess: true, lastedMs: 900_000, hour: 998, expected: { window: "hour", calls: 1000 }, why: "it is met" },
    {
      guess: false,
      lastedMs: 900_000,
      hour: 1400,
      expected: { window: "hour", calls: 1000 },
      why: "of two hours of the clock",
    },
    { guess: false, lastedMs: 900_000, hour: 940, expected: { window: "hour", calls: 950 }, why: "it has fallen" },
  ])(
    "of 1,000 and refusals of $lastedMs ms after $hour calls: $why (a guess: $guess)",
    ({ guess, lastedMs, hour, expected }) => {
      const cap = { ...met, sinceMs: guess ? met.checkedMs : met.sinceMs };
      const counts = { ...NOTHING, second: 1, tenSeconds: 1, minute: 1, hour };
      const most = { ...counts, second: 10, tenSeconds: 100, minute: 600 };
      const known = {
        limits: { ...NO_LIMITS, hour: cap },
        most,
        phase: "steady",
        nearMisses: 2,
        clearedMs: START,
      } as const;
      const explained = limits.explain({ ...known, lastCounts: counts }, counts, lastedMs, 600);
      if (expected === null) expect(explained).toBeNull();
      else expect(explained).toMatchObject(expected);
    },
  );

  test("is not concluded from refusals that were soon over, however few calls the hour saw", () => {
    const counts = { second: 2, tenSeconds: 17, minute: 100, hour: 226, clockSecond: 1, sinceCleared: 0 };
    const minute = {
      calls: 130,
      sinceMs: START - 90_000,
      checkedMs: START - 9_000,
      from: "refusals",
      tryAfterMs: 0,
    } as const;
    const most = { ...NOTHING, second: 9, tenSeconds: 90, minute: 190, hour: 226 };
    const known = { limits: { ...NO_LIMITS, minute }, most, phase: "steady", nearMisses: 0, clearedMs: START } as const;
    const explained = limits.explain({ ...known, lastCounts: counts }, counts, 130, 600);
    expect(explained).toMatchObject({ window: "minute", calls: 100 });
  });
});

describe("what headers told", () => {
  const counts = (perSecond: number): limits.Counts => ({
    second: Math.round(perSecond),
    tenSeconds: Math.round(perSecond * 10),
    minute: Math.round(perSecond * 60),
    hour: Math.round(perSecond * 3600),
    clockSecond: 1,
    sinceCleared: 0,
  });
  const tellsTwo = { kind: "told", limits: [{ calls: 2, windowMs: 1000, resetMs: null }], counts: NOTHING } as const;
  const tells = (calls: number) => ({ kind: "told", limits: [{ calls, windowMs: 1000, resetMs: null }] }) as const;
  const paceAfter = (hours: number, again: boolean) => {
    let state = pace.learn(pace.newPace(FAST, START), tellsTwo, FAST, START);
    for (let nowMs = START; nowMs < START + hours * HOUR_MS; ) {
      nowMs += 60_000;
      if (again) state = pace.learn(state, tellsTwo, FAST, nowMs);
      const seen = counts(pace.paceOf(state, FAST));
      state = pace.learn(state, { kind: "admitted", atMs: nowMs, counts: seen }, FAST, nowMs);
    }
    return pace.paceOf(state, FAST);
  };

  test("is kept to for as long as they tell it, and tried a day after they told it last", () => {
    expect(paceAfter(23, false)).toBeCloseTo(1.96);
    expect(paceAfter(100, true)).toBeCloseTo(1.96);
    expect(paceAfter(48, false)).toBeGreaterThan(300);
  });

  test("of several windows at once is kept to in each", () => {
    const both = [
      { calls: 50, windowMs: 1000, resetMs: null },
      { calls: 1000, windowMs: HOUR_MS, resetMs: null },
    ];
    const state = pace.learn(pace.newPace(FAST, START), { kind: "told", limits: both, counts: NOTHING }, FAST, START);
    expect(pace.paceOf(state, FAST)).toBeCloseTo(49);
    expect(hourly.hourlyBudgetOf(state, FAST, START)).toBe(980);
    expect(pace.learn(state, { kind: "told", limits: both, counts: NOTHING }, FAST, START + 1000)).toBe(state);
  });

  test("in two spellings, or of two addresses, is kept to by the strictest: it slows nobody down at each change", () => {
    const rules = { ...FAST, startPerSecond: 1, maxPerSecond: 10 };
    const sixty = (resetMs: number): told.ToldLimit => ({ calls: 60, windowMs: null, resetMs });
    for (const other of [
      { calls: 60, windowMs: 60_000, resetMs: null },
      { calls: 600, windowMs: 60_000, resetMs: null },
    ]) {
      const headers = (random: () => number, resetMs: number) => [random() < 0.3 ? other : sixty(resetMs)];
      const limit = { calls: 60, windowMs: 60_000, kind: "sliding", headers } as const;
      const { admittedMs, refusedMs } = run({ rules, limits: [limit], forMs: HOUR_MS });
      expect(admittedMs.length).toBeGreaterThan(3600 * 0.95);
      expect(refusedMs.length).toBeLessThanOrEqual(admittedMs.length / 100);
    }
  });

  test("makes nobody rest where it is no lower than the pace", () => {
    const counts = { ...NOTHING, second: 10, tenSeconds: 10, minute: 10, hour: 10 };
    const start = pace.newPace({ ...FAST, startPerSecond: 10 }, START);
    const fast = pace.learn(start, { ...tells(50), counts }, FAST, START);
    expect(fast.restUntilMs).toBe(0);
    const slow = pace.learn(fast, { ...tells(5), counts }, FAST, START + 1);
    expect(slow.restUntilMs).toBeGreaterThan(START + 1);
  });

  test("twice of one window is the lower one", () => {
    const both = [100, 50, 70].map((calls) => ({ calls, windowMs: 1000, resetMs: null }));
    const state = pace.learn(pace.newPace(FAST, START), { kind: "told", limits: both, counts: NOTHING }, FAST, START);
    expect(state.limits.second?.calls).toBe(50);
  });
});

describe("a token bucket: a store of calls that fills at a steady speed", () => {
  const buckets = [
    { calls: 50, windowMs: 1000, burst: 10, least: 0.85, rules: FAST },
    { calls: 50, windowMs: 1000, burst: 50, least: 0.95, rules: FAST },
    { calls: 50, windowMs: 1000, burst: 500, least: 0.95, rules: FAST },
    { calls: 100, windowMs: 60_000, burst: 10, least: 0.9, rules: SLOW },
    { calls: 100, windowMs: 60_000, burst: 100, least: 0.9, rules: SLOW },
  ].flatMap((bucket) => [true, false].map((retryAfter) => ({ ...bucket, kind: "bucket" as const, retryAfter })));

  // With Retry-After, which knows whole seconds only, a small bucket looks as a small limit does, and is tried again after 200 windows.
  const isSlow = ({ burst, retryAfter, windowMs }: (typeof buckets)[number]) =>
    retryAfter && windowMs === 1000 && burst < 50;

  test.each(buckets.filter((bucket) => !isSlow(bucket)))(
    "$calls in $windowMs ms, $burst at once, Retry-After $retryAfter",
    ({ least, rules, ...limit }) => {
      const first = run({ rules, limits: [limit], people: rules === FAST ? 2000 : 1000 });
      expect(shareUsed(first, limit)).toBeGreaterThan(least);
      expect(per100(first)).toBeLessThan(10);
      const { state, log, lastMs } = first;
      const second = run({ rules, limits: [limit], people: 1000, state, log, startMs: lastMs + 9_001, seed: 2 });
      expect(shareUsed(second, limit)).toBeGreaterThan(0.9);
      expect(per100(second)).toBeLessThanOrEqual(1);
      expect(second.state.limits.hour).toBeNull();
    },
  );
});

test("what is tried in vain is tried half as often: an hour that fills call by call is not stormed again and again", () => {
  const limit = { calls: 1000, windowMs: HOUR_MS, burst: 1000, kind: "bucket" } as const;
  const { admittedMs, refusedMs } = run({
    rules: SLOW,
    limits: [limit],
    forMs: DAY_MS,
    latencyMs: [50, 150],
    concurrency: 4,
  });
  const late = (times: readonly number[]) => times.filter((ms) => ms > START + DAY_MS / 2).length;
  expect(late(admittedMs)).toBeGreaterThan(12_000 * 0.7);
  expect(late(refusedMs)).toBeLessThan(late(admittedMs) / 50);
});

test("a limit of one call in a second explains no refusal where none was made in that second", () => {
  const limit = {
    calls: 1,
    sinceMs: START - HOUR_MS,
    checkedMs: START - HOUR_MS,
    from: "refusals",
    tryAfterMs: 0,
  } as const;
  const minute = { ...limit, calls: 27 };
  const counts = { ...NOTHING, second: 0, tenSeconds: 4, minute: 25, hour: 1400 };
  const known = { limits: { ...NO_LIMITS, second: limit, minute }, most: counts, phase: "steady" } as const;
  const explained = limits.explain(
    { ...known, nearMisses: 2, clearedMs: START, lastCounts: counts },
    counts,
    500,
    2_000,
  );
  expect(explained).toMatchObject({ window: "minute" });
  expect(explained?.calls).toBeLessThan(27);
});

test("a limit is tried also where hardly more than it is configured: one that was found wrongly was kept for good", () => {
  const limit = { calls: 9, sinceMs: START, checkedMs: START, from: "refusals", tryAfterMs: 200_000 } as const;
  let known: paceState.PaceState = {
    ...pace.newPace(SLOW, START),
    phase: "steady",
    perSecond: 8.82,
    limits: { ...NO_LIMITS, second: limit },
    most: { ...NOTHING, second: 9 },
  };
  for (let nowMs = START; nowMs < START + 300_000; nowMs += 1000) {
    const second = Math.round(pace.paceOf(known, SLOW));
    const counts = { ...NOTHING, second, tenSeconds: 10 * second, minute: 60 * second };
    known = pace.learn(known, { kind: "admitted", atMs: nowMs, counts }, SLOW, nowMs);
  }
  expect(pace.paceOf(known, SLOW)).toBe(10);
});

describe("whatever limits there are", () => {
  const limit = fc.record({
    calls: fc.integer({ min: 20, max: 300 }),
    windowMs: fc.constantFrom(1000, 10_000, 60_000),
    kind: fc.constantFrom("clock" as const, "first" as const, "sliding" as const, "bucket" as const),
    retryAfter: fc.boolean(),
  });

  test("the pace is never stuck: each hour of a day sees calls, and the last ones most of what is allowed", () => {
    const rules = { ...USUAL, maxPerSecond: 20, share: 1, hourlyBudget: 0 };
    fc.assert(
      fc.property(limit, fc.nat(1000), (limit, seed) => {
        const { admittedMs } = run({ rules, limits: [limit], forMs: 4 * HOUR_MS, seed, latencyMs: [50, 150] });
        const allowed = Math.min(rules.maxPerSecond * 3600, (limit.calls * HOUR_MS) / limit.windowMs);
        const hours = [0, 1, 2, 3].map((hour) => {
          const fromMs = START + hour * HOUR_MS;
          return admittedMs.filter((ms) => ms >= fromMs && ms < fromMs + HOUR_MS).length / allowed;
        });
        expect(Math.min(...hours)).toBeGreaterThan(0.3);
        expect(hours[3]).toBeGreaterThan(0.7);
      }),
      { numRuns: 12 },
    );
  });

  test("it is shared evenly: no process gets less than two thirds of its part", () => {
    fc.assert(
      fc.property(limit, fc.integer({ min: 2, max: 10 }), fc.nat(1000), (limit, processes, seed) => {
        const people = 100 * processes;
        const rules = { ...FAST, startPerSecond: 20 };
        const { perProcess } = run({ rules, limits: [limit], people, processes, concurrency: 4, seed });
        for (const calls of perProcess) expect(calls).toBeGreaterThan(66);
      }),
      { numRuns: 30 },
    );
  });
});
