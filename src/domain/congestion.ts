// A refusal opens a congestion: everybody pauses, then one call probes. Its end is explained, and the pace follows. Pure.

import {
  type Explanation,
  explain,
  isChosen,
  isSame,
  LEAST_TELLING,
  type Limit,
  type PerWindow,
  settlingMs,
  WINDOW_MS,
} from "./pace-limits.ts";
import {
  bindingLimit,
  type Congestion,
  type PaceRules,
  type PaceState,
  paceOf,
  paceUnder,
  type Seen,
} from "./pace-state.ts";
import { limitShown, type Saturation, saturatedBy } from "./saturation.ts";

const TRY_AFTER_WINDOWS = 200;
/** A limit that is found again and at most so many times as fast or slow is the same one. */
const IN_VAIN = 1.3;
/** Where calls were let in again long before the window was over, the limit may be a token bucket, and a faster one than it seems. */
const EARLY_SHARE = 0.15;
const DOUBTED_AFTER_WINDOWS = 4;
const DOUBTED_CALLS = 10;
const LONGEST_TRY_AFTER_MS = 24 * 3_600_000;
const FALLEN = { nearMisses: 0, hasFallen: true };
const FIRST_PAUSE_MS = 50;
const PAUSE_GROWTH = 1.3;
/** No pause is longer than this, whatever a header says. */
export const LONGEST_PAUSE_MS = 2 * 3_600_000;

/** A first refusal, one that was on its way, or a refused probe. */
export function refused(
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
export function cleared(state: PaceState, congestion: Congestion, rules: PaceRules, nowMs: number): PaceState {
  const { counts } = congestion;
  const saturation = saturationAfter(state, congestion, rules, nowMs);
  const shown =
    saturation && limitShown(saturation, paceOf(state, rules), settlingMs(state, counts, congestion.sinceMs));
  const explained: Explanation | null =
    shown === null ? explanationOf(state, congestion, saturation) : { ...shown, ...FALLEN };
  const limits = triedBy(state, explained, nowMs);
  const over: PaceState = {
    ...state,
    phase: state.phase === "trying" ? "steady" : state.phase,
    limits,
    congestion: null,
    // Waiting for the probe is nothing that is made up for.
    restUntilMs: nowMs,
    clearedMs: nowMs,
    steppedMs: nowMs,
    lastCounts: counts,
    saturation: shown === null ? saturation : null,
  };
  if (explained === null) return over;

  const { window, calls, nearMisses, hasFallen, wrong } = explained;
  const known = limits[window];
  const origin =
    known !== null && isSame(calls, known.calls)
      ? { sinceMs: known.sinceMs, from: known.from }
      : { sinceMs: nowMs, from: "refusals" as const };
  const limit: Limit = { calls, checkedMs: nowMs, ...origin, tryAfterMs: TRY_AFTER_WINDOWS * WINDOW_MS[window] };
  const rest = wrong === undefined ? limits : { ...limits, [wrong]: null };
  const most = hasFallen ? counts : state.most;
  const learned: PaceState = { ...over, limits: { ...rest, [window]: limit }, most, nearMisses };
  const perSecond = paceUnder(learned, rules);
  const isOverEarly = nowMs - congestion.sinceMs < EARLY_SHARE * WINDOW_MS[window];
  const isDoubted = shown === null && known === null && isOverEarly && calls >= DOUBTED_CALLS && !isChosen(calls);
  const windows = isDoubted ? DOUBTED_AFTER_WINDOWS : TRY_AFTER_WINDOWS;
  const tryAfterMs =
    state.phase === "trying" && known !== null
      ? known.tryAfterMs
      : tryAfter(state, perSecond, windows * WINDOW_MS[window]);
  // An hourly cap says nothing about the pace.
  const phase = window === "hour" && bindingLimit(learned) === null ? "growing" : "steady";
  return { ...learned, phase, perSecond, limits: { ...rest, [window]: { ...limit, tryAfterMs } } };
}

/** How long calls were refused at least: Retry-After is rounded up to whole seconds. */
function lastedMs({ sinceMs, lastMs, toldMs }: Congestion): number {
  return Math.max(lastMs - sinceMs, (toldMs ?? 0) - 1000);
}

function saturationAfter(state: PaceState, congestion: Congestion, rules: PaceRules, nowMs: number): Saturation | null {
  if (state.clearedMs === 0) return null;
  return saturatedBy(state.saturation, {
    calls: congestion.counts.sinceCleared,
    activeMs: congestion.sinceMs - state.clearedMs,
    leastRefusedMs: lastedMs(congestion),
    mostRefusedMs: nowMs - congestion.sinceMs,
    isTold: congestion.toldMs !== null,
    perSecond: paceOf(state, rules),
  });
}

/** Null: it says nothing of a limit, or so few calls were let in that it is chance, and what comes through next tells more. */
function explanationOf(state: PaceState, congestion: Congestion, saturation: Saturation | null): Explanation | null {
  const explained = explain(state, congestion.counts, lastedMs(congestion), congestion.sinceMs - state.clearedMs);
  if (explained === null || saturation === null || state.limits[explained.window] !== null) return explained;
  return explained.calls < LEAST_TELLING ? null : explained;
}

/** What was tried in vain is tried half as often; where another limit was met by it, as often as before. */
function triedBy(state: PaceState, explained: Explanation | null, nowMs: number): PerWindow<Limit | null> {
  const binding = bindingLimit(state);
  if (state.phase !== "trying" || explained?.window === "hour" || binding === null) return state.limits;
  const { window, limit } = binding;
  const times = explained === null || explained.window === window ? 2 : 1;
  const tryAfterMs = Math.min(LONGEST_TRY_AFTER_MS, limit.tryAfterMs * times);
  return { ...state.limits, [window]: { ...limit, checkedMs: nowMs, tryAfterMs } };
}

/** The same where more was let in only for a while (a store of calls). */
function tryAfter({ tried }: PaceState, perSecond: number, shortestMs: number): number {
  const isInVain = tried !== null && perSecond <= tried.perSecond * IN_VAIN && perSecond >= tried.perSecond / IN_VAIN;
  return Math.min(LONGEST_TRY_AFTER_MS, isInVain ? Math.max(shortestMs, tried.afterMs * 2) : shortestMs);
}
