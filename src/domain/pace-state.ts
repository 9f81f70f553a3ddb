// What is known of the pace, and what it means at this moment. Pure. How it changes is pace.ts's matter.

import {
  type Counts,
  type Limit,
  NOTHING_ADMITTED,
  type PerWindow,
  WINDOW_MS,
  WINDOWS,
  type Window,
} from "./pace-limits.ts";
import type { Saturation } from "./saturation.ts";
import type { Told, ToldLimit } from "./told-limit.ts";

/** State of another version is not understood, and learned anew. */
export const PACE_VERSION = 2;

const SLOWEST_PER_SECOND = 0.01;
/** A part of the limit is left for calls that arrive early or late: a window of one second bears 20 ms of it. */
export const MARGIN: PerWindow<number> = { second: 0.98, tenSeconds: 0.985, minute: 0.985, hour: 0.98 };

export interface PaceRules {
  /** Calls per second: where it starts, and what it never exceeds. */
  readonly startPerSecond: number;
  readonly maxPerSecond: number;
  /** How much of a limit is ours; the rest is for the company's other integrations. From above 0 to 1. */
  readonly share: number;
  /** The longest pause after a refusal that does not say how long. */
  readonly longestPauseMs: number;
  /** Calls that one hour may see; 0: any number. */
  readonly hourlyBudget: number;
}

export interface Congestion {
  /** Slot of the first refused call. Milliseconds since 1970, as everywhere here. */
  readonly sinceMs: number;
  /** Slot of the last refused probe; of the first refused call where none was. */
  readonly lastMs: number;
  readonly untilMs: number;
  /** Null: Tallyfy did not say. */
  readonly toldMs: number | null;
  /** Probes refused. */
  readonly probes: number;
  /** Slot of the latest refused call, whenever its answer came; what was let through up to it, as far as is known by now. */
  readonly latestMs: number;
  readonly counts: Counts;
}

export interface PaceState {
  readonly version: number;
  readonly phase: "growing" | "steady" | "trying";
  readonly perSecond: number;
  readonly steppedMs: number;
  readonly limits: PerWindow<Limit | null>;
  /** The most that was admitted in each window. */
  readonly most: PerWindow<number>;
  readonly congestion: Congestion | null;
  /** Nobody calls before: what went faster than the pace is made up for. */
  readonly restUntilMs: number;
  /** When the last congestion ended; 0: there was none. */
  readonly clearedMs: number;
  /** Refusals shortly one after the other although the limit was kept. */
  readonly nearMisses: number;
  /** What the last congestion found let through. */
  readonly lastCounts: Counts;
  /** Null: Tallyfy let everything through after the last congestion. */
  readonly saturation: Saturation | null;
  /** What was kept to before the last try, and after what time it was tried; null: nothing was tried. */
  readonly tried: { readonly perSecond: number; readonly afterMs: number } | null;
  /** What headers told lately. */
  readonly told: readonly Told[];
}

export type Seen =
  /**
   * A call whose slot was `atMs` was refused for being too many; `counts` are those of its slot, or of the latest that was refused
   * in this congestion (`latestMs`), without refused calls.
   */
  | { readonly kind: "refused"; readonly atMs: number; readonly retryAfterMs: number | null; readonly counts: Counts }
  /** One was admitted; `counts` with it. Probes must be told, others now and then. `isProbe`: the one that all wait for now. */
  | { readonly kind: "admitted"; readonly atMs: number; readonly counts: Counts; readonly isProbe?: boolean }
  | { readonly kind: "told"; readonly limits: readonly ToldLimit[]; readonly counts: Counts };

export function newPace(rules: PaceRules, nowMs: number): PaceState {
  return {
    version: PACE_VERSION,
    phase: "growing",
    perSecond: bounded(rules.startPerSecond, rules),
    steppedMs: nowMs,
    limits: { second: null, tenSeconds: null, minute: null, hour: null },
    most: NOTHING_ADMITTED,
    congestion: null,
    restUntilMs: 0,
    clearedMs: 0,
    nearMisses: 0,
    lastCounts: NOTHING_ADMITTED,
    saturation: null,
    tried: null,
    told: [],
  };
}

/** Calls per second at this moment, never above the ceiling. Configuration may have changed since the state was made. */
export function paceOf(state: PaceState, rules: PaceRules): number {
  const under = state.phase === "trying" ? state.perSecond : Math.min(state.perSecond, underLimits(state, rules));
  return bounded(under, rules);
}

/** Whether it matters to the limit that a call arrives some milliseconds late: a window of a second has no room for that. */
export function countsArrivals(state: PaceState): boolean {
  return bindingLimit(state)?.window === "second";
}

/** The limit that the pace keeps to; null: none is known. */
export function bindingLimit({
  limits,
}: Pick<PaceState, "limits">): { readonly window: Window; readonly limit: Limit } | null {
  let binding: { window: Window; limit: Limit } | null = null;
  for (const window of WINDOWS) {
    const limit = limits[window];
    if (limit === null || window === "hour") continue;
    if (binding === null || rate(limit.calls, window) < rate(binding.limit.calls, binding.window))
      binding = { window, limit };
  }
  return binding;
}

/** Just under what is known; where nothing is known any more, where it was. */
export function paceUnder(state: PaceState, rules: PaceRules): number {
  const under = underLimits(state, rules);
  return bounded(Number.isFinite(under) ? under : state.perSecond, rules);
}

export function underLimits({ limits }: PaceState, { share }: PaceRules): number {
  let least = Number.POSITIVE_INFINITY;
  for (const window of WINDOWS) {
    const limit = limits[window];
    if (limit !== null && window !== "hour")
      least = Math.min(least, rate(limit.calls, window) * MARGIN[window] * share);
  }
  return least;
}

export function bounded(perSecond: number, { maxPerSecond }: PaceRules): number {
  return Math.min(maxPerSecond, Math.max(SLOWEST_PER_SECOND, perSecond));
}

export function rate(calls: number, window: Window): number {
  return (calls / WINDOW_MS[window]) * 1000;
}
