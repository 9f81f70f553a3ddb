// How fast Tallyfy may be called: finds a limit that nobody publishes, and stays just under it. Pure: state, what was seen, time.
//
// Limits are round: so many calls in a second, ten seconds, a minute or an hour. At a refusal the calls that were let through in
// each of these windows are at most twice the limit, and exactly the limit where the window slides. Which window it was follows from
// how long the refusals last, and from what that window had admitted before (pace-limits.ts).
//
//   phase   | pace                                    | ends with
//   --------|-----------------------------------------|-------------------------------------------------------------
//   growing | doubles while it is used and not refused | a refusal, or a limit that headers tell
//   steady  | just under the limit, evenly spaced      | 200 windows without a refusal
//   trying  | just over the limit                      | a refusal: steady again; or more admitted: growing
//
// What is only a guess is tried sooner: a limit that may be a token bucket after four windows, an hour's cap that was met once after six
// hours, what headers told a day after they told it last.
//
// A refusal opens a congestion: everybody pauses, then one call probes. What was sent before it was noticed says nothing new.

import { inTime, pastMs } from "./pace-clock.ts";
import {
  type Counts,
  explain,
  isChosen,
  isMoreThan,
  type Limit,
  NOTHING_ADMITTED,
  type PerWindow,
  WINDOW_MS,
  WINDOWS,
  type Window,
} from "./pace-limits.ts";
import { type ToldLimit, toldKey, windowOf } from "./told-limit.ts";

/** State of another version is not understood, and learned anew. */
export const PACE_VERSION = 1;

const SLOWEST_PER_SECOND = 0.01;
/** A part of the limit is left for calls that arrive early or late: a window of one second bears 20 ms of it. */
export const MARGIN: PerWindow<number> = { second: 0.98, tenSeconds: 0.985, minute: 0.985, hour: 0.98 };
const GROWTH = 2;
const STEP_MS = 1000;
/** No step before so many calls. */
const STEP_CALLS = 4;
/** The share of a pace that must be used before its being admitted says something. */
const USED_SHARE = 0.7;
const TRY_FACTOR = 1.05;
const TRY_AFTER_WINDOWS = 200;
/** A limit that is found again up to so many times as fast is the same one. */
const IN_VAIN = 1.3;
/** Where calls were let in again long before the window was over, the limit may be a token bucket, and a faster one than it seems. */
const EARLY_SHARE = 0.15;
const DOUBTED_AFTER_WINDOWS = 4;
const DOUBTED_CALLS = 10;
const LONGEST_TRY_AFTER_MS = 24 * 3_600_000;
const FIRST_PAUSE_MS = 50;
const PAUSE_GROWTH = 1.3;
/** The first calls arrive late, since their connections are made first: they count into the window for so much longer. */
const UNDER_WAY_MS = 250;
/** No pause is longer than this, whatever a header says. */
export const LONGEST_PAUSE_MS = 2 * 3_600_000;
/** What headers told is believed for so long after they told it last. */
export const TOLD_LASTS_MS = 24 * 3_600_000;

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
  readonly tryAfterMs: number;
  /** The pace before the last try, and how long it had been kept; absent: nothing was tried, or by an older version. */
  readonly tried?: { readonly perSecond: number; readonly afterMs: number };
  /** What the headers told last (`toldKey`); null: they never did. Older versions kept a number, which is told anew. */
  readonly told: string | null;
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
    tryAfterMs: 0,
    told: null,
  };
}

/** Gives the same object back where nothing new was learned. */
export function learn(stored: PaceState, seen: Seen, rules: PaceRules, nowMs: number): PaceState {
  const state = inTime(stored, nowMs);
  switch (seen.kind) {
    case "refused":
      return refused(state, { ...seen, atMs: pastMs(seen.atMs, nowMs) }, rules, nowMs);
    case "admitted":
      if (state.congestion === null) return grow(admitted(state, seen.counts, nowMs), seen.counts, rules, nowMs);
      // The clock may have been set back: a probe that is known to be one need not be later than the pause.
      if (seen.atMs < state.congestion.untilMs && seen.isProbe !== true) return state;
      return cleared(state, state.congestion, rules, nowMs);
    case "told":
      return told(state, seen, rules, nowMs);
  }
}

/** How often what headers tell is worth telling again, for each process. */
export const TELL_AGAIN_MS = 600_000;

/** How often an admitted call is worth telling, for each process. */
export function reportEveryMs({ phase }: PaceState): number {
  return phase === "steady" ? 2000 : 200;
}

/** Whether it matters to the limit that a call arrives some milliseconds late: a window of a second has no room for that. */
export function countsArrivals(state: PaceState): boolean {
  return bindingLimit(state)?.window === "second";
}

/** Calls per second at this moment, never above the ceiling. Configuration may have changed since the state was made. */
export function paceOf(state: PaceState, rules: PaceRules): number {
  const under = state.phase === "trying" ? state.perSecond : Math.min(state.perSecond, underLimits(state, rules));
  return bounded(under, rules);
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

function refused(
  state: PaceState,
  seen: Extract<Seen, { kind: "refused" }>,
  rules: PaceRules,
  nowMs: number,
): PaceState {
  const { atMs, retryAfterMs } = seen;
  const before = state.congestion;
  // Probes leave when the pause is over, and nobody else until one was admitted.
  const isOld = atMs < (before?.untilMs ?? state.clearedMs);
  const toldMs = retryAfterMs === null ? null : Math.min(retryAfterMs, LONGEST_PAUSE_MS);
  // Sent before a congestion that is over: its answer was late.
  if (before === null && isOld && toldMs === null) return state;
  if (before === null) {
    const pauseMs = toldMs ?? Math.min(FIRST_PAUSE_MS, rules.longestPauseMs);
    const times = { sinceMs: atMs, lastMs: atMs, untilMs: nowMs + pauseMs };
    return { ...state, congestion: { ...times, toldMs, probes: 0, latestMs: atMs, counts: seen.counts } };
  }
  const probes = isOld ? before.probes : before.probes + 1;
  const backoffMs = Math.min(FIRST_PAUSE_MS * PAUSE_GROWTH ** probes, rules.longestPauseMs);
  const untilMs = isOld && toldMs === null ? before.untilMs : Math.max(before.untilMs, nowMs + (toldMs ?? backoffMs));
  const congestion: Congestion = {
    ...before,
    lastMs: isOld ? before.lastMs : Math.max(before.lastMs, atMs),
    untilMs: isOld ? untilMs : nowMs + (toldMs ?? backoffMs),
    toldMs: toldMs === null ? before.toldMs : Math.max(toldMs, before.toldMs ?? 0),
    probes,
    latestMs: Math.max(before.latestMs, atMs),
    counts: seen.counts,
  };
  return { ...state, congestion };
}

/** A probe was admitted: what happened is explained, and the pace follows. */
function cleared(state: PaceState, congestion: Congestion, rules: PaceRules, nowMs: number): PaceState {
  const { counts } = congestion;
  // Retry-After is rounded up to whole seconds.
  const lastedMs = Math.max(congestion.lastMs - congestion.sinceMs, (congestion.toldMs ?? 0) - 1000);
  const { window, calls, nearMisses, hasFallen, wrong } = explain(
    state,
    counts,
    lastedMs,
    congestion.sinceMs - state.clearedMs,
  );
  const over: PaceState = {
    ...state,
    phase: state.phase === "trying" ? "steady" : state.phase,
    congestion: null,
    // Waiting for the probe is nothing that is made up for.
    restUntilMs: nowMs,
    clearedMs: nowMs,
    steppedMs: nowMs,
    lastCounts: counts,
  };
  if (window === null) return over;
  const known = state.limits[window];
  const isSame = known !== null && known.calls === calls;
  const origin = isSame ? { sinceMs: known.sinceMs, from: known.from } : { sinceMs: nowMs, from: "refusals" as const };
  const limit: Limit = { calls, checkedMs: nowMs, ...origin };
  const isOverEarly = nowMs - congestion.sinceMs < EARLY_SHARE * WINDOW_MS[window];
  const windows =
    known === null && isOverEarly && calls >= DOUBTED_CALLS && !isChosen(calls)
      ? DOUBTED_AFTER_WINDOWS
      : TRY_AFTER_WINDOWS;
  const shortestMs = windows * WINDOW_MS[window];
  const limits = { ...state.limits, ...(wrong === undefined ? {} : { [wrong]: null }), [window]: limit };
  const learned: PaceState = { ...over, limits, most: hasFallen ? counts : state.most, nearMisses };
  const perSecond = paceUnder(learned, rules);
  const tryAfterMs = Math.min(LONGEST_TRY_AFTER_MS, nextTryMs(state, perSecond, shortestMs));
  // An hourly cap says nothing about the pace.
  const phase = window === "hour" && bindingLimit(learned) === null ? "growing" : "steady";
  return { ...learned, phase, perSecond, tryAfterMs };
}

/** Trying that led nowhere, at once or after more was let in for a while (a store of calls), is done half as often. */
function nextTryMs({ phase, tried, tryAfterMs }: PaceState, perSecond: number, shortestMs: number): number {
  if (phase === "trying") return tryAfterMs * 2;
  const isInVain = tried !== undefined && perSecond <= tried.perSecond * IN_VAIN;
  return isInVain ? Math.max(shortestMs, tried.afterMs * 2) : shortestMs;
}

/** More than the limit came through: it is none. */
function admitted(state: PaceState, counts: Counts, nowMs: number): PaceState {
  let { limits, most, phase, steppedMs } = state;
  for (const window of WINDOWS) {
    if (counts[window] > most[window]) most = { ...most, [window]: counts[window] };
    const limit = limits[window];
    if (limit === null || !isMoreThan(counts[window], limit.calls)) continue;
    limits = { ...limits, [window]: null };
    if (phase !== "growing") [phase, steppedMs] = ["growing", nowMs];
  }
  return most === state.most && limits === state.limits ? state : { ...state, limits, most, phase, steppedMs };
}

function grow(state: PaceState, counts: Counts, rules: PaceRules, nowMs: number): PaceState {
  const sinceMs = nowMs - state.steppedMs;
  const used = Math.min(sinceMs, WINDOW_MS.tenSeconds) / 1000;
  if (counts.tenSeconds < USED_SHARE * paceOf(state, rules) * used) return state;
  const binding = bindingLimit(state);
  if (binding !== null && state.phase === "growing" && state.perSecond >= underLimits(state, rules))
    return { ...state, phase: "steady", perSecond: paceUnder(state, rules), steppedMs: nowMs };
  if (binding === null || state.phase === "growing") {
    const isFull = state.perSecond >= rules.maxPerSecond;
    if (isFull || sinceMs < Math.max(STEP_MS, (STEP_CALLS / state.perSecond) * 1000)) return state;
    return { ...state, phase: "growing", perSecond: bounded(state.perSecond * GROWTH, rules), steppedMs: nowMs };
  }
  const { window, limit } = binding;
  const believedMs = Math.max(state.tryAfterMs, limit.from === "headers" ? TOLD_LASTS_MS : 0);
  if (state.phase === "trying" || nowMs - limit.checkedMs < believedMs) return state;
  const isUsed =
    counts[window] >= 0.9 * rate(limit.calls, window) * rules.share * MARGIN[window] * (WINDOW_MS[window] / 1000);
  const tried = rate(Math.max(limit.calls * TRY_FACTOR, limit.calls + 2), window);
  if (!isUsed || tried > rules.maxPerSecond) return state;
  const before = { perSecond: paceOf(state, rules), afterMs: state.tryAfterMs };
  return { ...state, phase: "trying", perSecond: tried, steppedMs: nowMs, tried: before };
}

/** Headers are believed until refusals or admissions say otherwise, or nothing is heard of them any more. */
function told(
  state: PaceState,
  { limits, counts }: Extract<Seen, { kind: "told" }>,
  rules: PaceRules,
  nowMs: number,
): PaceState {
  const key = toldKey(limits);
  if (limits.length === 0 || limits.some(({ calls }) => calls < 1)) return state;
  if (key === state.told) return heardAgain(state, nowMs);
  const learned: { -readonly [Each in Window]: Limit | null } = { ...state.limits };
  for (const window of WINDOWS) if (learned[window]?.from === "headers") learned[window] = null;
  let { most, phase, perSecond, restUntilMs, steppedMs } = state;
  for (const { window, calls } of limits.map(windowOf)) {
    const lower = learned[window];
    if (lower?.from === "headers" && lower.sinceMs === nowMs && lower.calls <= calls) continue;
    learned[window] = { calls, sinceMs: nowMs, checkedMs: nowMs, from: "headers" };
    most = { ...most, [window]: Math.min(calls, counts[window]) };
  }
  const known: PaceState = { ...state, told: key, limits: learned, most, nearMisses: 0 };
  for (const window of WINDOWS) {
    const limit = learned[window];
    if (window === "hour" || limit?.from !== "headers") continue;
    [phase, perSecond, steppedMs] = ["steady", paceUnder(known, rules), nowMs];
    const restMs = Math.min(WINDOW_MS[window], (counts[window] / perSecond) * 1000 + UNDER_WAY_MS);
    restUntilMs = Math.max(restUntilMs, nowMs + restMs);
  }
  return { ...known, phase, perSecond, restUntilMs, steppedMs };
}

function heardAgain(state: PaceState, nowMs: number): PaceState {
  let { limits } = state;
  for (const window of WINDOWS) {
    const limit = limits[window];
    if (limit?.from === "headers" && nowMs - limit.checkedMs >= TELL_AGAIN_MS)
      limits = { ...limits, [window]: { ...limit, checkedMs: nowMs } };
  }
  return limits === state.limits ? state : { ...state, limits };
}

/** Just under what is known; where nothing is known any more, where it was. */
function paceUnder(state: PaceState, rules: PaceRules): number {
  const under = underLimits(state, rules);
  return bounded(Number.isFinite(under) ? under : state.perSecond, rules);
}

function underLimits({ limits }: PaceState, { share }: PaceRules): number {
  let least = Number.POSITIVE_INFINITY;
  for (const window of WINDOWS) {
    const limit = limits[window];
    if (limit !== null && window !== "hour")
      least = Math.min(least, rate(limit.calls, window) * MARGIN[window] * share);
  }
  return least;
}

function bounded(perSecond: number, { maxPerSecond }: PaceRules): number {
  return Math.min(maxPerSecond, Math.max(SLOWEST_PER_SECOND, perSecond));
}

function rate(calls: number, window: Window): number {
  return (calls / WINDOW_MS[window]) * 1000;
}
