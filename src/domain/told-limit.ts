// Limits that headers of an answer tell. Pure. Whether they are believed is pace.ts's matter.

import { WINDOW_MS, WINDOWS, type Window } from "./pace-limits.ts";

/** What the headers of an answer say of the limit. */
export interface ToldLimit {
  readonly calls: number;
  /** Null: not said. */
  readonly windowMs: number | null;
  /** How long until the limit is free again; null: not said. */
  readonly resetMs: number | null;
}

/** Where it is the same, the same is told again. */
export function toldKey(limits: readonly ToldLimit[]): string {
  return limits.map(({ calls, windowMs }) => (windowMs === null ? `${calls}` : `${calls}/${windowMs}`)).join(" ");
}

/** Where the window is not told: the shortest that may last until the reset. Refusals tell when it was too short. */
export function windowOf(limit: ToldLimit): { readonly window: Window; readonly calls: number } {
  if (limit.windowMs !== null) {
    const { windowMs } = limit;
    const window = [...WINDOWS].reverse().find((each) => WINDOW_MS[each] <= windowMs) ?? "second";
    return { window, calls: Math.max(1, Math.floor((limit.calls * WINDOW_MS[window]) / windowMs)) };
  }
  // Moments in headers have whole seconds.
  const leastMs = (limit.resetMs ?? 0) - 1100;
  return { window: WINDOWS.find((each) => WINDOW_MS[each] >= leastMs) ?? "hour", calls: limit.calls };
}
