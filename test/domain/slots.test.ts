// Slots: evenly spaced whoever asks and however late, one probe after a pause, and clocks that step.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ask,
  BUNCH_US,
  giveBack,
  LEAST_AHEAD_US,
  MOST_AHEAD_US,
  newSlots,
  PROBE_US,
  type Slots,
  STRETCH_US,
  stretchCalls,
} from "../../src/domain/slots.ts";

const NOW = 1_780_000_000_000_000;
const FREE = newSlots(20_000);
const NOBODY = { waitedUs: 0, earlierUs: 0 };

/** Asks as often as it takes, over a log of slots. `stillUs`: how long everybody stands still before each asking. */
function slotsOf(intervalUs: number, stillUs: readonly number[], waitedUs: (stillUs: number) => number): number[] {
  let slots: Slots = { ...FREE, intervalUs };
  let nowUs = NOW;
  const log: number[] = [];
  for (const still of stillUs) {
    nowUs += still;
    for (let waited = waitedUs(still); ; ) {
      const [asked, next] = ask(
        slots,
        { waitedUs: waited, earlierUs: log[log.length - stretchCalls(intervalUs)] ?? 0 },
        nowUs,
      );
      slots = next;
      if (asked.kind === "slot") {
        expect(asked.atUs - nowUs).toBeLessThanOrEqual(MOST_AHEAD_US);
        expect(asked.atUs).toBeGreaterThanOrEqual(nowUs);
        log.push(asked.atUs);
        break;
      }
      nowUs += asked.waitUs;
      waited += asked.waitUs;
    }
  }
  return log;
}

const INTERVALS = fc.integer({ min: 1_500, max: 2_000_000 });
const EVEN_INTERVALS = fc.integer({ min: BUNCH_US, max: 2_000_000 });
const STILL = fc.array(fc.oneof(fc.nat(3_000), fc.nat(400_000)), { maxLength: 300 });

test("whoever was not waiting gets a slot an interval after the last one at least", () => {
  fc.assert(
    fc.property(EVEN_INTERVALS, STILL, (intervalUs, still) => {
      const log = slotsOf(intervalUs, still, () => 0);
      for (const [index, slot] of log.slice(1).entries())
        expect(slot - (log[index] ?? 0)).toBeGreaterThanOrEqual(intervalUs);
    }),
  );
});

test("where intervals are short, calls that come in a bunch leave in a bunch, and no more than the pace on the whole", () => {
  const bunches = Array.from({ length: 200 }, (_, at) => (at % 40 === 0 ? 5_000 : 0));
  const log = slotsOf(100, bunches, () => 0);
  for (let first = 0; first < log.length; first += 40)
    expect((log[first + 39] ?? 0) - (log[first] ?? 0)).toBeLessThan(LEAST_AHEAD_US);
  const all = slotsOf(100, Array(3_000).fill(0), () => 0);
  expect((all.at(-1) ?? 0) - (all[0] ?? 0)).toBeGreaterThanOrEqual(3_000 * 100 - BUNCH_US);
});

test("as many slots as an even pace has in a second never take less than that, whoever stands still and however long", () => {
  fc.assert(
    fc.property(INTERVALS, STILL, (intervalUs, still) => {
      const log = slotsOf(intervalUs, still, (us) => us);
      const calls = stretchCalls(intervalUs);
      for (let at = calls; at < log.length; at += 1)
        expect((log[at] ?? 0) - (log[at - calls] ?? 0)).toBeGreaterThanOrEqual(calls * intervalUs);
    }),
  );
});

test.each([100, 400, 667, 1_200])("nor where bunches leave together (%i us)", (intervalUs) => {
  const calls = Math.ceil(STRETCH_US / intervalUs);
  const log = slotsOf(intervalUs, Array(2 * calls + 100).fill(0), () => 0);
  for (let at = calls; at < log.length; at += 1)
    expect((log[at] ?? 0) - (log[at - calls] ?? 0)).toBeGreaterThanOrEqual(calls * intervalUs);
});

test("what was missed while those who wait stood still is made up for, and what nobody waited for is not", () => {
  const second = STRETCH_US / FREE.intervalUs;
  const still = Array.from({ length: 10 * second }, (_, at) => (at % 25 === 24 ? 100_000 : 0));
  const withinMs = (log: readonly number[]) => ((log.at(-1) ?? 0) - (log[0] ?? 0)) / 1000;
  expect(withinMs(slotsOf(FREE.intervalUs, still, (us) => us + 500_000))).toBeLessThan(10_000);
  expect(withinMs(slotsOf(FREE.intervalUs, still, () => 0))).toBeGreaterThan(11_000);
});

test("a pause is nothing that is made up for", () => {
  const slots = { ...FREE, lastUs: NOW - 1_000_000, dueUs: NOW - 1_000_000, pausedUntilUs: NOW - 1_000 };
  const [first, next] = ask(slots, { waitedUs: 1_000_000, earlierUs: 0 }, NOW);
  expect(first).toMatchObject({ kind: "slot", atUs: NOW });
  const [second] = ask(next, { waitedUs: 1_000_000, earlierUs: 0 }, NOW + 1_000);
  expect(second).toMatchObject({ kind: "slot", atUs: NOW + 19_000 });
});

test("a slot that was given back is made up for", () => {
  const waiting = { waitedUs: 500_000, earlierUs: 0 };
  let slots: Slots = { ...FREE, lastUs: NOW, dueUs: NOW };
  const given: number[] = [];
  for (let nowUs = NOW; given.length < 4; nowUs += 1_000) {
    const [asked, next] = ask(slots, waiting, nowUs);
    slots = next;
    if (asked.kind !== "slot") continue;
    given.push(asked.atUs - NOW);
    if (given.length === 2) slots = giveBack(slots);
  }
  expect(given).toEqual([20_000, 40_000, 45_000, 60_000]);
});

test("during a pause nobody goes; after a refusal one goes alone until its answer is in, and another one if that never comes", () => {
  const paused = { ...FREE, pausedUntilUs: NOW + 1_000_000, pauseUs: 1_000_000, isProbing: true };
  expect(ask(paused, NOBODY, NOW)[0]).toMatchObject({ kind: "wait", waitUs: 1_000_000, because: "pause" });
  const [probe, out] = ask(paused, NOBODY, NOW + 1_000_000);
  expect(probe).toMatchObject({ kind: "slot", isProbe: true });
  expect(ask(out, NOBODY, NOW + 1_000_001)[0]).toMatchObject({ kind: "wait", because: "probe" });
  expect(ask(out, NOBODY, NOW + 1_000_000 + PROBE_US)[0]).toMatchObject({ kind: "slot", isProbe: true });
});

test("a clock that steps back makes nobody wait longer than the pause or the interval", () => {
  const paused = { ...FREE, pausedUntilUs: NOW + 1_000_000, pauseUs: 1_000_000 };
  expect(ask(paused, NOBODY, NOW - 3_600_000_000)[0]).toMatchObject({ kind: "wait", waitUs: 1_000_000 });
  const [asked] = ask({ ...FREE, lastUs: NOW, dueUs: NOW }, NOBODY, NOW - 3_600_000_000);
  expect(asked).toMatchObject({ kind: "slot", atUs: NOW - 3_600_000_000 + 20_000 });
  const probing = { ...FREE, isProbing: true, probeUntilUs: NOW + PROBE_US };
  expect(ask(probing, NOBODY, NOW - 3_600_000_000)[0]).toMatchObject({ kind: "slot", isProbe: true });
});

test("after a clock stepped back, however slow the pace, a slot comes within the interval and the time it is given out ahead", () => {
  const intervals = fc.integer({ min: 100, max: 100_000_000 });
  fc.assert(
    fc.property(intervals, fc.nat(3_600_000_000), fc.nat(50_000), (intervalUs, backUs, lateUs) => {
      let slots: Slots = { ...FREE, intervalUs, lastUs: NOW, dueUs: NOW };
      let nowUs = NOW - backUs;
      for (;;) {
        const [asked, next] = ask(slots, NOBODY, nowUs);
        slots = next;
        if (asked.kind === "slot") break;
        nowUs += Math.min(asked.waitUs, 250_000) + lateUs;
        expect(nowUs - NOW + backUs).toBeLessThanOrEqual(intervalUs + MOST_AHEAD_US + lateUs);
      }
    }),
  );
});
