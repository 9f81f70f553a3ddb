import fc from "fast-check";
import { expect, it } from "vitest";
import { CLOCK_DOUBT_MS, decideNight } from "../../src/domain/night.ts";

const NOW = Date.parse("2026-11-23T02:00:30Z");
const DUE = NOW - 30_000;
const DAY_MS = 86_400_000;

it("makes nothing up at the first start ever, but counts from there", () => {
  expect(decideNight(null, DUE, NOW)).toEqual({ kind: "begin", dueMs: DUE });
});

it("is due when the schedule named a later moment than the one fulfilled", () => {
  expect(decideNight(DUE - DAY_MS, DUE, NOW)).toEqual({ kind: "due", dueMs: DUE });
});

it("makes several missed nights up by one run", () => {
  let fulfilled = DUE - 5 * DAY_MS;
  let runs = 0;
  for (let tick = 0; tick < 10; tick += 1) {
    const night = decideNight(fulfilled, DUE, NOW + tick * 60_000);
    if (night.kind !== "due") continue;
    runs += 1;
    fulfilled = night.dueMs;
  }
  expect(runs).toBe(1);
});

it("does nothing when the moment was fulfilled, also under another machine's clock that is a little ahead", () => {
  expect(decideNight(DUE, DUE, NOW)).toEqual({ kind: "nothing" });
  expect(decideNight(NOW + 5_000, DUE, NOW)).toEqual({ kind: "nothing" });
});

it("does not wait for years when a wrong clock once left a moment in the future", () => {
  expect(decideNight(NOW + CLOCK_DOUBT_MS + 1, DUE, NOW)).toEqual({ kind: "begin", dueMs: DUE });
});

it("does nothing when the schedule has no moment yet", () => {
  expect(decideNight(null, null, NOW)).toEqual({ kind: "nothing" });
});

it("never asks twice for one moment once it was remembered", () => {
  const moment = fc.integer({ min: -DAY_MS, max: DAY_MS });
  fc.assert(
    fc.property(moment, moment, (fulfilled, due) => {
      const latest = Math.min(due, 0);
      const night = decideNight(fulfilled, latest, 0);
      if (night.kind !== "nothing") expect(decideNight(night.dueMs, latest, 0)).toEqual({ kind: "nothing" });
    }),
  );
});
