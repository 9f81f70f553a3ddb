// What was learned, where the clock has been set back since: nothing that has happened lies in the future, and no pause grows longer.
// Without that, a refusal of the future would make every later one an old one, and a pause would last until the clock is there again.

import { type Limit, type PerWindow, WINDOW_MS, WINDOWS } from "./pace-limits.ts";

/** A slot may lie so far ahead without any clock being wrong. */
const AHEAD_MS = 100;

/** Those parts of the state that are times. */
interface Timed {
  readonly steppedMs: number;
  readonly clearedMs: number;
  readonly restUntilMs: number;
  readonly congestion: Readonly<Record<"sinceMs" | "lastMs" | "latestMs" | "untilMs", number>> | null;
  readonly limits: PerWindow<Limit | null>;
}

/** Gives the same object back where all is in order. */
export function inTime<State extends Timed>(state: State, nowMs: number): State {
  const { steppedMs, clearedMs, congestion, limits } = state;
  const past = [steppedMs, clearedMs, congestion?.lastMs ?? 0];
  for (const window of WINDOWS) past.push(limits[window]?.sinceMs ?? 0, limits[window]?.checkedMs ?? 0);
  if (past.every((ms) => pastMs(ms, nowMs) === ms)) return state;
  // A rest follows a step, and lasts a minute at most.
  const restMs = Math.min(WINDOW_MS.minute, Math.max(0, state.restUntilMs - steppedMs));
  const aheadMs = congestion === null ? 0 : congestion.lastMs - pastMs(congestion.lastMs, nowMs);
  return {
    ...state,
    steppedMs: pastMs(steppedMs, nowMs),
    // When the last congestion ended is not known any more.
    clearedMs: pastMs(clearedMs, nowMs) === clearedMs ? clearedMs : 0,
    restUntilMs: steppedMs > nowMs ? Math.min(state.restUntilMs, nowMs + restMs) : state.restUntilMs,
    congestion: congestion && {
      ...congestion,
      sinceMs: congestion.sinceMs - aheadMs,
      lastMs: congestion.lastMs - aheadMs,
      latestMs: congestion.latestMs - aheadMs,
      untilMs: congestion.untilMs - aheadMs,
    },
    limits: Object.fromEntries(
      WINDOWS.map((window) => [window, limitInTime(limits[window], nowMs)]),
    ) as PerWindow<Limit | null>,
  };
}

/** A time of something that happened. */
export function pastMs(ms: number, nowMs: number): number {
  return ms > nowMs + AHEAD_MS ? nowMs : ms;
}

function limitInTime(limit: Limit | null, nowMs: number): Limit | null {
  if (limit === null) return null;
  return { ...limit, sinceMs: pastMs(limit.sinceMs, nowMs), checkedMs: pastMs(limit.checkedMs, nowMs) };
}
