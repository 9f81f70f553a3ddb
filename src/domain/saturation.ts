// What comes through while Tallyfy refuses again and again is what it lets through: whatever its windows are, and where a store of calls
// fills at a steady speed. Pure. Windows of some minutes and token buckets are found like that; pace-limits.ts explains the others sooner.

import { HOURLY_LASTS_MS, WINDOW_MS, WINDOWS, type Window } from "./pace-limits.ts";

/** Congestions one after the other. */
export interface Saturation {
  readonly congestions: number;
  /** Calls let through, and in what time at least and at most. */
  readonly calls: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

/** From the end of one congestion to the end of the next. */
export interface Cycle {
  /** Calls let through, and for how long they were. */
  readonly calls: number;
  readonly activeMs: number;
  /** How long calls were refused at least and at most. */
  readonly leastRefusedMs: number;
  readonly mostRefusedMs: number;
  /** Whether Tallyfy said how long: it says whole seconds, and lets in as much as a second sooner. */
  readonly isTold: boolean;
  /** The pace at its end. */
  readonly perSecond: number;
}

/** So large a part of the time is refused, where Tallyfy is asked for more than it lets through, or one call after so few. */
const REFUSED_SHARE = 0.1;
const OFTEN_CALLS = 10;
/** Whoever calls less than so large a part of the pace has nothing to call for. */
const USED_SHARE = 0.3;
const LEAST_CONGESTIONS = 2;
const LEAST_CALLS = 20;
/** After so many no window explains them: then what came through counts, as far as can be said; the more so where each came after fewer calls. */
const MANY_CONGESTIONS = 10;
const MANY_CALLS = 50;
const SETTLED = 1.5;
/** Where a window lets through fewer, its limit is told in the next longer one. */
const CALLS_IN_WINDOW = 5;

/** Null: between its two congestions Tallyfy let everything through that there was, or it is an hour's cap. */
export function saturatedBy(before: Saturation | null, cycle: Cycle): Saturation | null {
  const { activeMs, leastRefusedMs, mostRefusedMs, isTold, perSecond } = cycle;
  // The probe that ended the congestion before was let through, too.
  const calls = cycle.calls + 1;
  const isLong = mostRefusedMs >= REFUSED_SHARE * (activeMs + mostRefusedMs);
  const isRefused = (isLong || calls < OFTEN_CALLS) && leastRefusedMs < HOURLY_LASTS_MS;
  const isUsed = calls >= (USED_SHARE * perSecond * activeMs) / 1000;
  if (activeMs < 0 || !isRefused || !isUsed) return null;
  // Between the last probe that was refused and the one that was not; where none was, it was over at once.
  const refusedMs = isTold || leastRefusedMs === 0 ? leastRefusedMs : (leastRefusedMs + mostRefusedMs) / 2;
  return {
    congestions: (before?.congestions ?? 0) + 1,
    calls: (before?.calls ?? 0) + calls,
    leastMs: (before?.leastMs ?? 0) + activeMs + refusedMs,
    mostMs: (before?.mostMs ?? 0) + activeMs + mostRefusedMs,
  };
}

/**
 * The limit that it shows, where that is less than the pace; null while it is too early to say.
 * @param settlingMs for how long refusals may still come of what was called before a limit was found
 */
export function limitShown(
  { congestions, calls, leastMs, mostMs }: Saturation,
  perSecond: number,
  settlingMs: number,
): { readonly window: Window; readonly calls: number } | null {
  if (congestions < LEAST_CONGESTIONS || calls < LEAST_CALLS || mostMs < SETTLED * settlingMs) return null;
  const areMany = congestions >= MANY_CONGESTIONS;
  const isOften = areMany && calls < MANY_CALLS * congestions;
  const speed = calls / (areMany ? (leastMs + mostMs) / 2 : leastMs);
  if (speed * 1000 >= perSecond * (isOften ? 1 : 1 - REFUSED_SHARE)) return null;
  const windows = WINDOWS.filter((window) => window !== "hour");
  const window = windows.find((each) => speed * WINDOW_MS[each] >= CALLS_IN_WINDOW) ?? "minute";
  return { window, calls: speed * WINDOW_MS[window] };
}
