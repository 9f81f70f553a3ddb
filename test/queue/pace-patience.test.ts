// How long calls wait for a slot before they are sent back, on a clock that only their sleeping moves.

import { expect, test, vi } from "vitest";
import type { PaceRules } from "../../src/domain/pace-state.ts";
import { createPacer } from "../../src/queue/pacer.ts";
import { createPaceMemory } from "../../src/store/pace.ts";
import { keepLog } from "../support/quiet-log.ts";
import { KEYS, redisForTests } from "../support/store.ts";

const virtual = vi.hoisted(() => ({ isOn: false, ms: Date.parse("2026-06-01T08:00:30.000Z") }));
vi.mock(import("node:timers/promises"), async (original) => {
  const timers = await original();
  const setTimeout: typeof timers.setTimeout = async (delayMs, value, options) => {
    if (!virtual.isOn) return timers.setTimeout(delayMs, value, options);
    virtual.ms += delayMs ?? 0;
    return value as never;
  };
  return { ...timers, setTimeout };
});

const { server } = redisForTests();

const ONE_IN_TEN_SECONDS: PaceRules = {
  startPerSecond: 0.1,
  maxPerSecond: 0.1,
  share: 1,
  longestPauseMs: 60_000,
  hourlyBudget: 0,
};

test("nobody waits longer for a slot than fifteen seconds, the line before it included", async () => {
  const memory = createPaceMemory(server().connect(), KEYS, ONE_IN_TEN_SECONDS, () => Math.round(virtual.ms * 1000));
  const pacer = createPacer({ memory, creates: 10, log: keepLog().log });
  const clock = vi.spyOn(performance, "now").mockImplementation(() => virtual.ms);
  virtual.isOn = true;
  try {
    await pacer.enter("create");
    const beganAt = virtual.ms;
    const waitedMs: number[] = [];
    const line = Array.from({ length: 4 }, () =>
      pacer.enter("create").finally(() => waitedMs.push(virtual.ms - beganAt)),
    );
    const ends = await Promise.allSettled(line);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
    for (const ms of waitedMs) expect(ms).toBeLessThanOrEqual(15_000);
  } finally {
    virtual.isOn = false;
    clock.mockRestore();
    pacer.stop();
  }
});
