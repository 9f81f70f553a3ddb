// Slots: evenly spaced whoever asks and however late, one probe after a pause, and clocks that step.

import fc from "fast-check";
import { expect, test } from "vitest";
import { ask, LONGEST_SLACK_US, MOST_AHEAD_US, PROBE_US, type Slots } from "../../src/domain/slots.ts";

const NOW = 1_780_000_000_000_000;
const FREE: Slots = { intervalUs: 20_000, lastUs: 0, pausedUntilUs: 0, pauseUs: 0, isProbing: false, probeUntilUs: 0 };

test("no two slots are closer than the interval, nobody goes before their slot by more than a moment, none is far behind", () => {
  const gaps = fc.array(fc.nat(40_000), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 100_000 }), gaps, (intervalUs, gaps) => {
      let slots: Slots = { ...FREE, intervalUs };
      let nowUs = NOW;
      let lastUs = 0;
      for (const gapUs of gaps) {
        nowUs += gapUs;
        const [asked, next] = ask(slots, nowUs);
        slots = next;
        if (asked.kind === "wait") {
          expect(ask(slots, nowUs + asked.waitUs)[0].kind).toBe("slot");
          continue;
        }
        expect(asked.atUs - lastUs).toBeGreaterThanOrEqual(intervalUs);
        expect(asked.atUs - nowUs).toBeLessThanOrEqual(MOST_AHEAD_US);
        expect(nowUs - asked.atUs).toBeLessThanOrEqual(LONGEST_SLACK_US);
        lastUs = asked.atUs;
      }
    }),
  );
});

test("during a pause nobody goes; after a refusal one goes alone until its answer is in, and another one if that never comes", () => {
  const paused = { ...FREE, pausedUntilUs: NOW + 1_000_000, pauseUs: 1_000_000, isProbing: true };
  expect(ask(paused, NOW)[0]).toMatchObject({ kind: "wait", waitUs: 1_000_000, because: "pause" });
  const [probe, out] = ask(paused, NOW + 1_000_000);
  expect(probe).toMatchObject({ kind: "slot", isProbe: true });
  expect(ask(out, NOW + 1_000_001)[0]).toMatchObject({ kind: "wait", because: "probe" });
  expect(ask(out, NOW + 1_000_000 + PROBE_US)[0]).toMatchObject({ kind: "slot", isProbe: true });
});

test("a clock that steps back makes nobody wait longer than the pause or the interval", () => {
  const paused = { ...FREE, pausedUntilUs: NOW + 1_000_000, pauseUs: 1_000_000 };
  expect(ask(paused, NOW - 3_600_000_000)[0]).toMatchObject({ kind: "wait", waitUs: 1_000_000 });
  const [asked] = ask({ ...FREE, lastUs: NOW }, NOW - 3_600_000_000);
  expect(asked).toMatchObject({ kind: "slot", atUs: NOW - 3_600_000_000 + 20_000 });
  const probing = { ...FREE, isProbing: true, probeUntilUs: NOW + PROBE_US };
  expect(ask(probing, NOW - 3_600_000_000)[0]).toMatchObject({ kind: "slot", isProbe: true });
});

test("after a clock stepped back, however slow the pace, a slot comes within the interval and the time it is given out ahead", () => {
  const intervals = fc.integer({ min: 100, max: 100_000_000 });
  fc.assert(
    fc.property(intervals, fc.nat(3_600_000_000), fc.nat(50_000), (intervalUs, backUs, lateUs) => {
      let slots: Slots = { ...FREE, intervalUs, lastUs: NOW };
      let nowUs = NOW - backUs;
      for (;;) {
        const [asked, next] = ask(slots, nowUs);
        slots = next;
        if (asked.kind === "slot") break;
        nowUs += Math.min(asked.waitUs, 250_000) + lateUs;
        expect(nowUs - NOW + backUs).toBeLessThanOrEqual(intervalUs + MOST_AHEAD_US + lateUs);
      }
    }),
  );
});
