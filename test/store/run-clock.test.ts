// Runs are named by one clock, whatever the machines' own clocks say.

import { expect, test } from "vitest";
import { createRunClock } from "../../src/store/run-clock.ts";
import { KEYS, redisForTests } from "../support/store.ts";

const { redis, server } = redisForTests();

test("of many who ask at once, nobody gets the same moment, and later answers are later", async () => {
  const clocks = [createRunClock(redis(), KEYS), createRunClock(server().connect(), KEYS)];
  const before = Date.now();
  const moments: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const answers = await Promise.all(clocks.map((clock) => clock.next()));
    expect(Math.min(...answers)).toBeGreaterThan(moments.at(-1) ?? 0);
    moments.push(...answers.sort((a, b) => a - b));
  }
  expect(new Set(moments).size).toBe(100);
  expect(moments[0]).toBeGreaterThanOrEqual(before - 1);
});

test("a clock that was set back goes on from where it was", async () => {
  const ahead = Date.now() + 3_600_000;
  await redis().set(KEYS.runClock, ahead);
  const clock = createRunClock(redis(), KEYS);
  expect([await clock.next(), await clock.next()]).toEqual([ahead + 1, ahead + 2]);
});
