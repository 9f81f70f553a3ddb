// What processes tell each other: the sliding hourly budget, refusals in a row, halts, and who is alive.

import { describe, expect, test } from "vitest";
import { createSignals } from "../../src/store/signals.ts";
import { KEYS, redisForTests } from "../support/store.ts";

const { redis, server } = redisForTests();

const NOW = Date.parse("2026-06-01T08:00:30.000Z");
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function signals(budget = 10) {
  return createSignals(redis(), KEYS, budget);
}

async function take(times: number, nowMs: number, budget = 10): Promise<number[]> {
  const waits: number[] = [];
  for (let time = 0; time < times; time++) waits.push(await signals(budget).takeFromBudget(nowMs));
  return waits;
}

describe("the hourly budget", () => {
  test("calls go ahead until the budget is used up, then wait until all of the oldest minute is an hour old", async () => {
    expect(await take(10, NOW)).toEqual(Array.from({ length: 10 }, () => 0));
    const [waitMs] = await take(1, NOW);
    expect(waitMs).toBe(HOUR_MS + 30_000);
    expect(await signals().usedBudget(NOW)).toBe(10);
  });

  test("whoever waits as long as was said gets a call", async () => {
    await take(10, NOW);
    const [waitMs = 0] = await take(1, NOW);
    expect(await take(1, NOW + waitMs - 1)).not.toEqual([0]);
    expect(await take(1, NOW + waitMs)).toEqual([0]);
  });

  test("the hour slides: no sixty minutes hold more calls than the budget", async () => {
    const taken: number[] = [];
    for (let at = NOW; at < NOW + 3 * HOUR_MS; at += 97_000) {
      if ((await signals(12).takeFromBudget(at)) === 0) taken.push(at);
    }
    for (const at of taken)
      expect(taken.filter((other) => other >= at && other < at + HOUR_MS).length).toBeLessThanOrEqual(12);
    expect(taken.length).toBeGreaterThanOrEqual(30);
  });

  test("calls that were made without asking count, also beyond the budget", async () => {
    await signals().noteCalls(12, NOW);
    await signals().noteCalls(0, NOW);
    expect(await signals().usedBudget(NOW)).toBe(12);
    expect(await take(1, NOW)).not.toEqual([0]);
  });

  test("a wait takes nothing from the budget", async () => {
    await take(15, NOW);
    expect(await signals().usedBudget(NOW)).toBe(10);
  });

  test("no budget means no limit", async () => {
    expect(await take(50, NOW, 0)).toEqual(Array.from({ length: 50 }, () => 0));
  });

  test("many processes at once do not take more than there is", async () => {
    const others = Array.from({ length: 4 }, () => createSignals(server().connect(), KEYS, 10));
    const waits = await Promise.all(
      others.flatMap((other) => Array.from({ length: 10 }, () => other.takeFromBudget(NOW))),
    );
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(10);
  });

  test("what is over does not stay in Redis", async () => {
    for (let minute = 0; minute < 200; minute++) await signals(1000).takeFromBudget(NOW + minute * MINUTE_MS);
    expect(await redis().hlen(KEYS.budget)).toBe(61);
    expect(await redis().pttl(KEYS.budget)).toBeGreaterThan(HOUR_MS);
  });
});

describe("refusals in a row", () => {
  test("the same refusal counts up, another one starts anew, a success ends it", async () => {
    const counts: number[] = [];
    for (const code of ["403 X", "403 X", "403 X", "404 Y", "403 X", null, "403 X"])
      counts.push(await signals().noteRefusal(code));
    expect(counts).toEqual([1, 2, 3, 1, 1, 0, 1]);
  });
});

describe("a halt", () => {
  const halt = { kind: "seats", message: "No seats.", since: NOW, wasPaused: false, probeAt: NOW + 1000 } as const;

  test("is seen by everybody until it is taken back", async () => {
    expect(await signals().halt()).toBeNull();
    await signals().setHalt(halt);
    expect(await createSignals(server().connect(), KEYS, 10).halt()).toEqual(halt);
    expect(await signals().clearHalt(halt)).toBe(true);
    expect(await signals().halt()).toBeNull();
  });

  test("that was set since is not taken back with the one before", async () => {
    await signals().setHalt(halt);
    const newer = { ...halt, probeAt: NOW + 9000 };
    await signals().setHalt(newer);
    expect(await signals().clearHalt(halt)).toBe(false);
    expect(await signals().halt()).toEqual(newer);
  });
});
