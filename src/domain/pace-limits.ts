// Which limit a refusal speaks of. Pure; the pace that follows is pace.ts's matter.
//
//   at a refusal, among the windows that are as long as it lasted   | it speaks of
//   ----------------------------------------------------------------|---------------------------------------------------------
//   a known limit is nearly used up; an hour's only where calls were | that one, and again soon after: it is lower than believed
//     refused for minutes                                            |
//   the shortest window's limit was found just now, far less was let | that was a wrong explanation: the window that let in as many
//     in, and a longer window let in as many as then                 |   as then
//   the shortest window has a known limit, and far less was let in   | that one has fallen
//   a window has never admitted twice as much                        | the shortest of these: the most generous explanation
//   all have                                                         | the shortest known one has fallen; where none is known, the
//                                                                    |   shortest: everything has changed
//     but where fewer than ten were let in                           | none: what is let in next will show it (saturation.ts)
//   only the hour is as long, but its cap is not to be believed      | none: somebody else's trouble, or a window of another length

/** Milliseconds. */
export const WINDOW_MS = { second: 1000, tenSeconds: 10_000, minute: 60_000, hour: 3_600_000 } as const;
export type Window = keyof typeof WINDOW_MS;
/** The shortest first. */
export const WINDOWS: readonly Window[] = ["second", "tenSeconds", "minute", "hour"];
export type PerWindow<T> = Readonly<Record<Window, T>>;

export const NOTHING_ADMITTED: Counts = {
  second: 0,
  tenSeconds: 0,
  minute: 0,
  hour: 0,
  clockSecond: 0,
  sinceCleared: 0,
};

export interface Limit {
  /** Calls in its window. */
  readonly calls: number;
  /** When it was found, and when it was met last. Milliseconds since 1970. */
  readonly sinceMs: number;
  readonly checkedMs: number;
  readonly from: "refusals" | "headers";
  /** How long after `checkedMs` it is tried whether it is higher. Not of an hour, which hourly-cap.ts believes less and less. */
  readonly tryAfterMs: number;
}

export interface Known {
  readonly limits: PerWindow<Limit | null>;
  readonly most: PerWindow<number>;
  readonly phase: "growing" | "steady" | "trying";
  readonly nearMisses: number;
  readonly clearedMs: number;
  /** What the last congestion found let through. */
  readonly lastCounts: Counts;
}

export interface Explanation {
  readonly window: Window;
  readonly calls: number;
  readonly nearMisses: number;
  readonly hasFallen: boolean;
  /** A limit that was none. */
  readonly wrong?: Window;
}

/** Calls let through in the windows that end with one moment. */
export interface Counts extends PerWindow<number> {
  /** Since the clock's last full second. */
  readonly clockSecond: number;
  /** Since the last congestion was over; 0: none, or more than are kept. */
  readonly sinceCleared: number;
}

const NEAR_SHARE = 0.9;
const SAME_SHARE = 0.97;
/** Fewer calls do not say that a limit has fallen. */
export const LEAST_TELLING = 10;
/**
 * Calls that arrive early or late are refused now and then although the limit is kept. Shortly after one another, or each in the
 * window after the last, such refusals say that it is lower.
 */
const NEAR_MISSES = 3;
const SHORTLY_CALLS = 200;
/**
 * A cap that is believed wrongly costs days, and one that is not believed some refusals each hour. Refusals of some minutes are more
 * often a server's bad minutes than the end of an hour's allowance.
 */
export const HOURLY_LASTS_MS = 600_000;
/** Members may have been read before the first person is created: so large a share of the calls. */
const BEFORE_SHARE = 0.1;

/**
 * Null: what happened says nothing of a limit.
 * @param lastedMs how long calls were refused at least
 * @param sinceLastMs from the end of the last congestion to the first refusal of this one
 */
export function explain(known: Known, counts: Counts, lastedMs: number, sinceLastMs: number): Explanation | null {
  const long = WINDOWS.filter((window) => WINDOW_MS[window] * 1.05 + 100 >= lastedMs);
  const fits: readonly Window[] = long.length > 0 ? long : ["hour"];
  const isLong = lastedMs >= HOURLY_LASTS_MS;
  const near = fits.find((window) => (window !== "hour" || isLong) && isNear(counts[window], known.limits[window]));
  if (near === "hour") return metCap(known, counts);
  if (near !== undefined) return nearlyUsed(near, known, counts, sinceLastMs);
  const cap = known.limits.hour;
  // Where an hour slides, a call is let in as soon as one is an hour old. A server's bad seconds look the same: they confirm no guess.
  if (cap !== null && !isLong && !isGuess(cap) && isSame(counts.hour, cap.calls))
    return { window: "hour", calls: cap.calls, nearMisses: known.nearMisses, hasFallen: false };

  const [shortest = "hour"] = fits;
  const believable = fits.filter((window) => window !== "hour" || isCap(known, counts, lastedMs));
  if (believable.length === 0) return null;
  const possible = (window: Window) => known.limits[window] === null && counts[window] >= known.most[window] / 2 - 1;
  const fresh = known.limits[shortest];
  if (fresh !== null && fresh.sinceMs >= known.clearedMs && sinceLastMs <= 8 * WINDOW_MS[shortest]) {
    const longer = believable.filter((window) => window !== shortest);
    const isFar = counts[shortest] < fresh.calls / 2;
    const other =
      longer.find((window) => Math.abs(counts[window] - known.lastCounts[window]) <= 1) ??
      (isFar ? longer.find(possible) : undefined);
    if (other !== undefined)
      return { window: other, calls: rounded(counts[other]), nearMisses: 0, hasFallen: false, wrong: shortest };
  }
  const found = known.limits[shortest] === null ? believable.find(possible) : undefined;
  const window = found ?? fits.find((each) => each !== "hour" && known.limits[each] !== null) ?? shortest;
  if (found === undefined && counts[window] < LEAST_TELLING) return null;
  const calls = window === "second" && known.limits.second === null ? ofSecond(counts) : counts[window];
  return { window, calls: Math.max(1, rounded(calls)), nearMisses: 0, hasFallen: found === undefined };
}

/** It lasted, the hour had let some in, and no hour ever saw twice as much, or the last time as much was let in. */
function isCap({ most, lastCounts }: Known, { hour }: Counts, lastedMs: number): boolean {
  if (lastedMs < HOURLY_LASTS_MS || hour < LEAST_TELLING) return false;
  return hour >= most.hour / 2 - 1 || isSame(hour, lastCounts.hour);
}

/**
 * A second of the clock may have held less than the sliding one. A limit too high is met again at once; one too low would be kept for minutes.
 * So the lower one is taken only when hardly anything came before this second: then both counts are exact, one of them is the limit,
 * and people choose the rounder number.
 */
function ofSecond({ second, tenSeconds, clockSecond }: Counts): number {
  const isFirst = tenSeconds - second <= second * BEFORE_SHARE && clockSecond < second && clockSecond >= second / 2;
  return isFirst && roundness(clockSecond) > roundness(second) ? clockSecond : second;
}

function roundness(calls: number): number {
  return [5, 10, 50].filter((step) => calls % step === 0).length;
}

/** The round number beside it, since a call may count into the window before or after. */
export function rounded(calls: number): number {
  const round = Math.round(calls / stepAt(calls)) * stepAt(calls);
  return Math.abs(round - calls) <= Math.max(1, calls * 0.02) ? round : calls;
}

function isRound(calls: number): boolean {
  return rounded(calls) % stepAt(calls) === 0;
}

function stepAt(calls: number): number {
  if (calls >= 200) return 50;
  return calls >= 20 ? 10 : 1;
}

/** At a steady pace any two moments may happen to be about as far into their seconds; nobody chooses a limit like that. */
function mayBeChance(count: number, calls: number): boolean {
  return count < calls * NEAR_SHARE && !isChosen(count);
}

/** As far as can be told: a call may count into the window before or after. */
export function isSame(count: number, other: number): boolean {
  return count > 0 && Math.abs(count - other) <= 1 + count * 0.02;
}

/** A call may count into the window before or after. */
export function isMoreThan(count: number, calls: number): boolean {
  return count > calls + Math.max(1, calls * 0.02);
}

/** An hour of the clock and the next one let in twice the cap within one hour, and Redis counts up to 61 minutes. Less than that may be chance. */
export function isNoCap({ hour }: Counts, { calls }: Limit): boolean {
  return isMoreThan((hour * 60) / 61, 2 * calls);
}

/** Whether people choose limits like that. */
export function isChosen(count: number): boolean {
  return count < 20 ? count % 5 === 0 : isRound(count);
}

/** Whether it was found once only: then it is a guess. */
export function isGuess({ sinceMs, checkedMs }: Limit): boolean {
  return checkedMs === sinceMs;
}

/**
 * While a window still holds what went faster before its limit was found, being refused says nothing about the pace: for how long.
 * Where more than the limit came through, it is none.
 */
export function settlingMs({ limits }: Pick<Known, "limits">, counts: Counts, refusedMs: number): number {
  const settling = WINDOWS.filter((window) => {
    const [limit, count] = [limits[window], counts[window]];
    if (window === "hour" || limit === null || isMoreThan(count, limit.calls)) return false;
    return isNear(count, limit) && settles(window, limit, refusedMs);
  });
  return Math.max(0, ...settling.map((window) => WINDOW_MS[window]));
}

function settles(window: Window, limit: Limit | null, refusedMs: number): boolean {
  return refusedMs - (limit?.sinceMs ?? 0) < WINDOW_MS[window];
}

function isNear(count: number, limit: Limit | null): boolean {
  return limit !== null && count >= Math.max(limit.calls * NEAR_SHARE - 2, limit.calls / 2);
}

/** An hour let in as many as the cap says or more, where it is an hour of the clock; never less. */
function metCap({ limits, nearMisses }: Known, { hour }: Counts): Explanation {
  const calls = limits.hour?.calls ?? hour;
  return { window: "hour", calls: hour < calls * SAME_SHARE ? rounded(hour) : calls, nearMisses, hasFallen: false };
}

function nearlyUsed(window: Window, known: Known, counts: Counts, sinceLastMs: number): Explanation {
  const calls = known.limits[window]?.calls ?? counts[window];
  const found = { window, hasFallen: false };
  if (known.phase === "trying" && counts[window] > calls * (2 - SAME_SHARE) + 1)
    return { ...found, calls: rounded(counts[window]), nearMisses: 0 };
  const isSettling = settles(window, known.limits[window], known.clearedMs + sinceLastMs);
  const isSoon = sinceLastMs <= Math.max(2 * WINDOW_MS[window], (SHORTLY_CALLS / calls) * WINDOW_MS[window]);
  // What headers tell is no guess: only refusals again and again lower it.
  if (!isSettling && isSoon && known.limits[window]?.from !== "headers") {
    const lower = twiceTheSame(window, calls, counts, known.lastCounts);
    if (lower !== null) return { ...found, calls: lower, nearMisses: 0 };
  }
  if (isSettling) return { ...found, calls, nearMisses: known.nearMisses };
  const isNext = sinceLastMs <= 2 * WINDOW_MS[window];
  const nearMisses = isSoon ? known.nearMisses + (isNext ? 2 : 1) : 1;
  if (nearMisses < NEAR_MISSES) return { ...found, calls, nearMisses };
  return { ...found, calls: Math.max(1, calls * SAME_SHARE), nearMisses: 1 };
}

/** Two refusals that found the same let in, and less than the limit, found the limit; null where they did not. */
function twiceTheSame(window: Window, calls: number, counts: Counts, before: Counts): number | null {
  // A second that begins with the clock's: a steady pace never shows it in the sliding count.
  const seen = window === "second" && calls >= 20 ? (["clockSecond", window] as const) : ([window] as const);
  for (const each of seen) {
    const count = Math.max(counts[each], before[each]);
    if (count < calls / 2 || !isSame(counts[each], before[each])) continue;
    if (each !== window && mayBeChance(count, calls) && counts[each] !== before[each]) continue;
    // A round number was only a guess.
    const lower = rounded(count) < calls ? rounded(count) : count;
    if (lower < calls) return lower;
  }
  return null;
}
