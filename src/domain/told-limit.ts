// Limits that headers of an answer tell. Pure. Whether they are believed is pace.ts's matter.
//
// Where answers tell now one thing, now another, the strictest of them holds. Something new replaces all that was told before, until some
// of that is told again.

import { type PerWindow, WINDOW_MS, WINDOWS, type Window } from "./pace-limits.ts";

/** What the headers of an answer say of the limit. */
export interface ToldLimit {
  readonly calls: number;
  /** Null: not said. */
  readonly windowMs: number | null;
  /** How long until the limit is free again; null: not said. */
  readonly resetMs: number | null;
}

/** What some answers tell. Milliseconds since 1970. */
export interface Told {
  /** `toldKey` */
  readonly key: string;
  readonly limits: PerWindow<number | null>;
  /** When it was told first and last, as far as is remembered. */
  readonly sinceMs: number;
  readonly heardMs: number;
}

/** What headers told is believed for so long after they told it last. */
export const TOLD_LASTS_MS = 24 * 3_600_000;
/** How often what headers tell is worth telling again, for each process. */
export const TELL_AGAIN_MS = 600_000;
/** What was not told for so long, while something else was, holds no longer. */
const HEARD_LASTS_MS = 3 * TELL_AGAIN_MS;
/** So many that differ are remembered. */
const REMEMBERED = 4;
const NOTHING_TOLD: PerWindow<number | null> = { second: null, tenSeconds: null, minute: null, hour: null };

/** Where it is the same, the same is told again. */
export function toldKey(limits: readonly ToldLimit[]): string {
  return limits.map(({ calls, windowMs }) => (windowMs === null ? `${calls}` : `${calls}/${windowMs}`)).join(" ");
}

/** Whether it holds already. */
export function isHeld(told: readonly Told[], key: string): boolean {
  return held(told).some((each) => each.key === key);
}

/** The one that was told last comes last. Gives the same back where it was told just now. */
export function toldWith(told: readonly Told[], limits: readonly ToldLimit[], nowMs: number): readonly Told[] {
  const key = toldKey(limits);
  const known = held(told).find((each) => each.key === key);
  if (known !== undefined && Math.abs(nowMs - known.heardMs) < TELL_AGAIN_MS) return told;
  // What was told in the future was told before the clock was set back.
  const past = told.map((each) => ({
    ...each,
    sinceMs: Math.min(each.sinceMs, nowMs),
    heardMs: Math.min(each.heardMs, nowMs),
  }));
  const before = past.find((each) => each.key === key);
  const others = past.filter((each) => each.key !== key && nowMs - each.heardMs < HEARD_LASTS_MS);
  const sinceMs = before?.sinceMs ?? nowMs;
  return [...others, { key, limits: byWindow(limits, before?.limits), sinceMs, heardMs: nowMs }].slice(-REMEMBERED);
}

/** The strictest that holds, in each window. */
export function strictest(told: readonly Told[]): PerWindow<number | null> {
  const least: { -readonly [Each in Window]: number | null } = { ...NOTHING_TOLD };
  for (const { limits } of held(told)) {
    for (const window of WINDOWS) {
      const calls = limits[window];
      if (calls !== null) least[window] = Math.min(calls, least[window] ?? calls);
    }
  }
  return least;
}

/** Those that were told since the newest was told first. */
function held(told: readonly Told[]): readonly Told[] {
  const newestMs = Math.max(...told.map(({ sinceMs }) => sinceMs));
  return told.filter(({ heardMs }) => heardMs >= newestMs);
}

/** @param before what was made of the same, when it was told earlier: its reset may have been sooner than its window is long */
function byWindow(limits: readonly ToldLimit[], before = NOTHING_TOLD): PerWindow<number | null> {
  const calls: { -readonly [Each in Window]: number | null } = { ...NOTHING_TOLD };
  for (const limit of limits) {
    const now = windowOf(limit);
    const longer = WINDOWS.find((each) => WINDOW_MS[each] > WINDOW_MS[now.window] && before[each] === now.calls);
    const window = limit.windowMs === null && longer !== undefined ? longer : now.window;
    calls[window] = Math.min(now.calls, calls[window] ?? now.calls);
  }
  return calls;
}

/** Where the window is not told: the shortest that may last until the reset. Refusals tell when it was too short. */
function windowOf(limit: ToldLimit): { readonly window: Window; readonly calls: number } {
  if (limit.windowMs !== null) {
    const { windowMs } = limit;
    const window = [...WINDOWS].reverse().find((each) => WINDOW_MS[each] <= windowMs) ?? "second";
    return { window, calls: Math.max(1, Math.floor((limit.calls * WINDOW_MS[window]) / windowMs)) };
  }
  // Moments in headers have whole seconds.
  const leastMs = (limit.resetMs ?? 0) - 1100;
  return { window: WINDOWS.find((each) => WINDOW_MS[each] >= leastMs) ?? "hour", calls: limit.calls };
}
