// The store's clock as seen from here, and what a call usually takes.

import { expect, test } from "vitest";
import { storeClock, usualTime } from "../../src/domain/arrival.ts";

test("the answer that was fastest on its way tells the difference of the clocks", () => {
  const clock = storeClock();
  for (const [storeMs, onItsWayMs] of [
    [1_000, 8],
    [1_050, 2],
    [1_100, 90],
  ] as const)
    clock.heard(storeMs, storeMs + 500 - 1, storeMs + 500 + onItsWayMs);
  expect(clock.hereMs(2_000)).toBe(2_502);
});

test.each([-7_200_000, -500, -30, 30, 500, 7_200_000])("a clock that is set by %i ms is followed at once", (stepMs) => {
  const clock = storeClock();
  for (let ms = 0; ms <= 5_000; ms += 100) clock.heard(ms + 7_000, ms - 1, ms + 1);
  expect(clock.hereMs(7_000)).toBe(1);
  clock.heard(5_200 + 7_000 + stepMs, 5_199, 5_201);
  expect(clock.hereMs(7_000 + stepMs)).toBe(1);
});

test("what a call usually takes does not follow one that took long, and follows when most do", () => {
  const usual = usualTime();
  expect(usual.ms()).toBeNull();
  usual.note(400);
  for (let call = 0; call < 100; call += 1) usual.note(call % 10 === 9 ? 2_000 : 20);
  expect(usual.ms()).toBeGreaterThan(15);
  expect(usual.ms()).toBeLessThan(25);
  for (let call = 0; call < 60; call += 1) usual.note(200);
  expect(usual.ms()).toBeGreaterThan(180);
});

test("what makes the first connection is forgotten with the first call that has one", () => {
  const usual = usualTime();
  usual.note(250);
  usual.note(6);
  expect(usual.ms()).toBe(6);
});

test("a quick no among slow answers says nothing of what is usual", () => {
  const usual = usualTime();
  for (let call = 0; call < 200; call += 1) {
    usual.note(call % 20 === 19 ? 30 : 200 + (call % 5) * 10);
    if (call > 60) expect(usual.ms()).toBeGreaterThan(180);
  }
});
