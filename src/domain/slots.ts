// When the next call may go: one slot after the other, evenly spaced, over all processes together. Pure; the script in
// store/pace-scripts.ts does the same in Redis, and a test holds the two against each other. All times are microseconds since 1970.

/** A slot that nobody took in time may be taken so much later without delaying those after it. */
export const LONGEST_SLACK_US = 10_000;
/**
 * A slot is given out so early that whoever asks is ready when it comes, and no earlier than three intervals: what is held when
 * everybody pauses leaves all the same, unless its own process knows.
 */
export const LEAST_AHEAD_US = 2_000;
export const MOST_AHEAD_US = 60_000;
/** How long everybody waits for one probing call before another one probes. */
export const PROBE_US = 5_000_000;
/** How soon those who wait for a probe look again. */
export const LOOK_US = 20_000;

export interface Slots {
  readonly intervalUs: number;
  /** The slot given out last; 0: none yet. */
  readonly lastUs: number;
  readonly pausedUntilUs: number;
  /** How long that pause is: a clock that steps back makes nobody wait longer. */
  readonly pauseUs: number;
  /** After the pause, one call goes alone. */
  readonly isProbing: boolean;
  /** Until when a probe is on its way; 0: none is. */
  readonly probeUntilUs: number;
}

export type Asked =
  | { readonly kind: "slot"; readonly atUs: number; readonly isProbe: boolean }
  | { readonly kind: "wait"; readonly waitUs: number; readonly because: "pause" | "probe" | "pace" };

export function ask(slots: Slots, nowUs: number): readonly [Asked, Slots] {
  const pausedUntilUs = Math.min(slots.pausedUntilUs, nowUs + slots.pauseUs);
  if (nowUs < pausedUntilUs) {
    return [
      { kind: "wait", waitUs: pausedUntilUs - nowUs, because: "pause" },
      { ...slots, pausedUntilUs },
    ];
  }
  if (slots.isProbing) {
    const isOut = nowUs < slots.probeUntilUs && slots.probeUntilUs <= nowUs + PROBE_US;
    if (isOut) return [{ kind: "wait", waitUs: LOOK_US, because: "probe" }, slots];
    return [
      { kind: "slot", atUs: nowUs, isProbe: true },
      { ...slots, lastUs: nowUs, probeUntilUs: nowUs + PROBE_US },
    ];
  }
  const aheadUs = Math.min(MOST_AHEAD_US, Math.max(LEAST_AHEAD_US, 3 * slots.intervalUs));
  // Only a clock that stepped back gives a slot that lies further ahead. That is kept with a wait, too: it would begin anew each time.
  const lastUs = slots.lastUs > nowUs + MOST_AHEAD_US ? nowUs : slots.lastUs;
  const slackUs = Math.min(LONGEST_SLACK_US, Math.floor(slots.intervalUs / 2));
  const atUs = Math.max(nowUs - slackUs, lastUs + slots.intervalUs);
  if (atUs > nowUs + aheadUs)
    return [
      { kind: "wait", waitUs: atUs - aheadUs - nowUs, because: "pace" },
      { ...slots, lastUs },
    ];
  return [
    { kind: "slot", atUs, isProbe: false },
    { ...slots, lastUs: atUs },
  ];
}
