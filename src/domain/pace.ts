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
// A refusal opens a congestion: everybody pauses, then one call probes. What was sent before it was noticed says nothing new. Where one
// congestion follows the other, what came through in between is the limit, whatever its window (saturation.ts).

import { cleared, refused } from "./congestion.ts";
import { inTime, pastMs } from "./pace-clock.ts";
import {
  type Counts,
  isGuess,
  isMoreThan,
  isNoCap,
  type Limit,
  WINDOW_MS,
  WINDOWS,
  type Window,
} from "./pace-limits.ts";
import {
  bindingLimit,
  bounded,
  MARGIN,
  type PaceRules,
  type PaceState,
  paceOf,
  paceUnder,
  rate,
  type Seen,
  underLimits,
} from "./pace-state.ts";
import { strictest, TOLD_LASTS_MS, toldWith } from "./told-limit.ts";

const GROWTH = 2;
const STEP_MS = 1000;
/** No step before so many calls. */
const STEP_CALLS = 4;
/** The share of a pace that must be used before its being admitted says something. */
const USED_SHARE = 0.7;
/** Where fewer are called in a second, it says nothing of the pace. */
const LEAST_TOLD_BY_SECOND = 10;
const TRY_FACTOR = 1.05;
/** The first calls arrive late, since their connections are made first: they count into the window for so much longer. */
const UNDER_WAY_MS = 250;

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

/** How often an admitted call is worth telling, for each process. */
export function reportEveryMs({ phase }: PaceState): number {
  return phase === "steady" ? 2000 : 200;
}

/** More than the limit came through: it is none. */
function admitted(state: PaceState, counts: Counts, nowMs: number): PaceState {
  let { limits, most, phase, steppedMs } = state;
  for (const window of WINDOWS) {
    if (counts[window] > most[window]) most = { ...most, [window]: counts[window] };
    const limit = limits[window];
    if (limit === null || !isMoreThan(counts[window], limit.calls)) continue;
    if (window === "hour" && !isNoCap(counts, limit)) {
      if (!isGuess(limit)) limits = { ...limits, hour: { ...limit, sinceMs: nowMs, checkedMs: nowMs } };
      continue;
    }
    limits = { ...limits, [window]: null };
    if (phase !== "growing") [phase, steppedMs] = ["growing", nowMs];
  }
  return most === state.most && limits === state.limits ? state : { ...state, limits, most, phase, steppedMs };
}

function grow(state: PaceState, counts: Counts, rules: PaceRules, nowMs: number): PaceState {
  const sinceMs = nowMs - state.steppedMs;
  const now = paceOf(state, rules);
  // Ten seconds may hold what was called before the step.
  const lately = sinceMs < WINDOW_MS.tenSeconds && now >= LEAST_TOLD_BY_SECOND ? "second" : "tenSeconds";
  if (counts[lately] < (USED_SHARE * now * Math.min(sinceMs, WINDOW_MS[lately])) / 1000) return state;
  const binding = bindingLimit(state);
  if (binding !== null && state.phase === "growing" && state.perSecond >= underLimits(state, rules))
    return { ...state, phase: "steady", perSecond: paceUnder(state, rules), steppedMs: nowMs };
  if (binding === null || state.phase === "growing") {
    const isFull = state.perSecond >= rules.maxPerSecond;
    if (isFull || sinceMs < Math.max(STEP_MS, (STEP_CALLS / state.perSecond) * 1000)) return state;
    return { ...state, phase: "growing", perSecond: bounded(state.perSecond * GROWTH, rules), steppedMs: nowMs };
  }
  const { window, limit } = binding;
  if (state.phase === "trying" || nowMs - limit.checkedMs < limit.tryAfterMs) return state;
  const isUsed =
    counts[window] >= 0.9 * rate(limit.calls, window) * rules.share * MARGIN[window] * (WINDOW_MS[window] / 1000);
  const tried = bounded(rate(Math.max(limit.calls * TRY_FACTOR, limit.calls + 2), window), rules);
  if (!isUsed || tried <= rate(limit.calls, window)) return state;
  const before = { perSecond: now, afterMs: limit.tryAfterMs };
  return { ...state, phase: "trying", perSecond: tried, steppedMs: nowMs, tried: before };
}

/** Headers are believed until refusals or admissions say otherwise, or nothing is heard of them any more. */
function told(
  state: PaceState,
  { limits: heard, counts }: Extract<Seen, { kind: "told" }>,
  rules: PaceRules,
  nowMs: number,
): PaceState {
  if (heard.length === 0 || heard.some(({ calls }) => calls < 1)) return state;
  const all = toldWith(state.told, heard, nowMs);
  if (all === state.told) return state;
  const [before, after] = [strictest(state.told), strictest(all)];
  const limits: { -readonly [Each in Window]: Limit | null } = { ...state.limits };
  let { most } = state;
  let isPaceTold = false;
  for (const window of WINDOWS) {
    const [limit, calls] = [limits[window], after[window]];
    if (calls === before[window]) {
      if (limit?.from === "headers") limits[window] = { ...limit, checkedMs: nowMs };
      continue;
    }
    if (window !== "hour") isPaceTold = true;
    if (calls !== null) {
      limits[window] = { calls, sinceMs: nowMs, checkedMs: nowMs, from: "headers", tryAfterMs: TOLD_LASTS_MS };
      most = { ...most, [window]: Math.min(calls, counts[window]) };
    } else if (limit?.from === "headers") limits[window] = null;
  }
  const known: PaceState = { ...state, told: all, limits, most };
  if (!isPaceTold || bindingLimit(known) === null) return known;
  const perSecond = paceUnder(known, rules);
  return {
    ...known,
    phase: "steady",
    perSecond,
    steppedMs: nowMs,
    nearMisses: 0,
    restUntilMs:
      perSecond < paceOf(state, rules)
        ? Math.max(state.restUntilMs, restUntil(known, counts, perSecond, nowMs))
        : state.restUntilMs,
  };
}

/** What was called too fast for what is told now is made up for. */
function restUntil({ limits }: PaceState, counts: Counts, perSecond: number, nowMs: number): number {
  let longestMs = 0;
  for (const window of WINDOWS) {
    if (window === "hour" || limits[window]?.from !== "headers") continue;
    longestMs = Math.max(longestMs, Math.min(WINDOW_MS[window], (counts[window] / perSecond) * 1000 + UNDER_WAY_MS));
  }
  return nowMs + longestMs;
}
