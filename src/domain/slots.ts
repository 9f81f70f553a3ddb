// When the next call may go: one slot after the other, evenly spaced where intervals are not tiny, over all processes together. Pure; the script in
// store/pace-scripts.ts does the same in Redis, and a test holds the two against each other. All times are microseconds since 1970.

/**
 * What was missed, because those who were waiting stood still, is made up for: slots follow one another as close as this share of the
 * interval until it is. But as many as an even pace has in a second never take less than that, so that no limit's window sees more.
 */
export const CATCH_UP_SHARE = 0.25;
export const STRETCH_US = 1_000_000;
export const MOST_STRETCH_CALLS = 10_000;
/**
 * A slot is given out so early that whoever asks is ready when it comes, and no earlier than three intervals: what is held when
 * everybody pauses leaves all the same, unless its own process knows.
 */
export const LEAST_AHEAD_US = 2_000;
export const MOST_AHEAD_US = 20_000;
/**
 * A process does its work in bunches: where intervals are shorter than this, as many calls as an even pace has in this time may leave
 * together when they come together.
 */
export const BUNCH_US = 5_000;
/** Whoever could not leave until so long after their slot gives it back and takes another one, but not more often than this. */
export const MOST_LATE_MS = 10;
export const MOST_GIVEN_BACK = 3;
/** How long everybody waits for one probing call before another one probes. */
export const PROBE_US = 5_000_000;
/** How soon those who wait for a probe look again. */
export const LOOK_US = 20_000;

export interface Slots {
  readonly intervalUs: number;
  /** The slot given out last; 0: none yet. */
  readonly lastUs: number;
  /** When it was due; earlier than the slot where something was missed. */
  readonly dueUs: number;
  readonly pausedUntilUs: number;
  /** How long that pause is: a clock that steps back makes nobody wait longer. */
  readonly pauseUs: number;
  /** After the pause, one call goes alone. */
  readonly isProbing: boolean;
  /** Until when a probe is on its way; 0: none is. */
  readonly probeUntilUs: number;
}

/** Before the first slot. */
export function newSlots(intervalUs: number): Slots {
  return { intervalUs, lastUs: 0, dueUs: 0, pausedUntilUs: 0, pauseUs: 0, isProbing: false, probeUntilUs: 0 };
}

export type Asked =
  | { readonly kind: "slot"; readonly atUs: number; readonly isProbe: boolean }
  | { readonly kind: "wait"; readonly waitUs: number; readonly because: "pause" | "probe" | "pace" };

/** So many slots never take less than they do evenly spaced. */
export function stretchCalls(intervalUs: number): number {
  return Math.min(MOST_STRETCH_CALLS, Math.max(1, Math.ceil(STRETCH_US / Math.max(1, intervalUs))));
}

export interface Asking {
  /** For how long whoever asks has been waiting. */
  readonly waitedUs: number;
  /**
   * When the call that is `stretchCalls` before this one arrived at the latest; 0: there was none. Once the clock stepped back (`isAhead`),
   * arrivals that lie in its future are forgotten first.
   */
  readonly earlierUs: number;
}

export function ask(held: Slots, { waitedUs, earlierUs }: Asking, nowUs: number): readonly [Asked, Slots] {
  const slots = inTime(held, nowUs);
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
      { ...slots, lastUs: nowUs, dueUs: nowUs, probeUntilUs: nowUs + PROBE_US },
    ];
  }
  const { intervalUs } = slots;
  const aheadUs = Math.min(MOST_AHEAD_US, Math.max(LEAST_AHEAD_US, 3 * intervalUs));
  const missedUs = isAhead(held, nowUs) ? 0 : Math.min(Math.max(waitedUs, BUNCH_US - intervalUs), STRETCH_US);
  // A pause was asked for: nothing was missed in it.
  const dueUs = Math.max(slots.dueUs + intervalUs, nowUs - missedUs, pausedUntilUs);
  const evenUs = earlierUs > 0 ? earlierUs + stretchCalls(intervalUs) * intervalUs : 0;
  const atUs = Math.max(nowUs, dueUs, slots.lastUs + Math.ceil(intervalUs * CATCH_UP_SHARE), evenUs);
  if (atUs > nowUs + aheadUs) return [{ kind: "wait", waitUs: atUs - aheadUs - nowUs, because: "pace" }, slots];
  return [
    { kind: "slot", atUs, isProbe: false },
    { ...slots, lastUs: atUs, dueUs },
  ];
}

/** A call for a token waits for nothing: it leaves now, and the next slot follows it, or those that are out already. */
export function leaveAtOnce(slots: Slots, nowUs: number): Slots {
  const now = inTime(slots, nowUs);
  return { ...now, lastUs: Math.max(now.lastUs, nowUs) };
}

/** Only a clock that stepped back gives slots that lie further ahead. */
export function isAhead({ lastUs }: Slots, nowUs: number): boolean {
  return lastUs > nowUs + MOST_AHEAD_US;
}

function inTime(slots: Slots, nowUs: number): Slots {
  return isAhead(slots, nowUs) ? { ...slots, lastUs: nowUs, dueUs: nowUs } : slots;
}

/** A slot that was not used is due again. */
export function giveBack(slots: Slots): Slots {
  return { ...slots, dueUs: slots.dueUs - slots.intervalUs };
}
