// Which limit a refusal speaks of. Pure; the pace that follows is pace.ts's matter.
//
//   at a refusal, among the windows that are as long as it lasted   | it speaks of
//   ----------------------------------------------------------------|---------------------------------------------------------
//   a known limit is nearly used up                                  | that one, and again soon after: it is lower than believed
//   the shortest window's limit was found just now, far less was let | that was a wrong explanation: the window that let in as many
//     in, and a longer window let in as many as then                 |   as then
//   the shortest window has a known limit, and far less was let in   | that one has fallen
//   a window has never admitted twice as much                        | the shortest of these: the most generous explanation
//   all have                                                         | the shortest: everything has changed

/** Milliseconds. */
export const WINDOW_MS = { second: 1000, tenSeconds: 10_000, minute: 60_000, hour: 3_600_000 } as const;
export type Window = keyof typeof WINDOW_MS;
/** The shortest first. */
export const WINDOWS: readonly Window[] = ["second", "tenSeconds", "minute", "hour"];
export type PerWindow<T> = Readonly<Record<Window, T>>;

export const NOTHING_ADMITTED: Counts = { second: 0, tenSeconds: 0, minute: 0, hour: 0, clockSecond: 0 };

export interface Limit {
  /** Calls in its window. */
  readonly calls: number;
  /** When it was found, and when it was met last. Milliseconds since 1970. */
  readonly sinceMs: number;
  readonly checkedMs: number;
  readonly from: "refusals" | "headers";
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
}

const NEAR_SHARE = 0.9;
const SAME_SHARE = 0.97;
/**
 * Calls that arrive early or late are refused now and then although the limit is kept. Shortly after one another, or each in the
 * window after the last, such refusals say that it is lower.
 */
const NEAR_MISSES = 3;
const SHORTLY_CALLS = 200;
/** Members may have been read before the first person is created: so large a share of the calls. */
const BEFORE_SHARE = 0.1;

/**
 * @param lastedMs how long calls were refused at least
 * @param sinceLastMs from the end of the last congestion to the first refusal of this one
 */
export function explain(known: Known, counts: Counts, lastedMs: number, sinceLastMs: number): Explanation {
  const long = WINDOWS.filter((window) => WINDOW_MS[window] * 1.05 + 100 >= lastedMs);
  const fits: readonly Window[] = long.length > 0 ? long : ["hour"];
  const near = fits.find((window) => isNear(counts[window], known.limits[window]));
  if (near !== undefined) return nearlyUsed(near, known, counts, sinceLastMs);

  const [shortest = "hour"] = fits;
  const fresh = known.limits[shortest];
  if (fresh !== null && fresh.sinceMs >= known.clearedMs && sinceLastMs <= 8 * WINDOW_MS[shortest]) {
    const asThen = fits.find(
      (window) => window !== shortest && Math.abs(counts[window] - known.lastCounts[window]) <= 1,
    );
    if (asThen !== undefined)
      return { window: asThen, calls: rounded(counts[asThen]), nearMisses: 0, hasFallen: false, wrong: shortest };
  }
  const possible = (window: Window) => known.limits[window] === null && counts[window] >= known.most[window] / 2 - 1;
  const found = known.limits[shortest] === null ? fits.find(possible) : undefined;
  const window = found ?? shortest;
  const calls = window === "second" && known.limits.second === null ? ofSecond(counts) : counts[window];
  return { window, calls: Math.max(1, rounded(calls)), nearMisses: 0, hasFallen: found === undefined };
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
  const isChosen = count < 20 ? count % 5 === 0 : isRound(count);
  return count < calls * NEAR_SHARE && !isChosen;
}

function isSame(count: number, other: number): boolean {
  return count > 0 && Math.abs(count - other) <= 1 + count * 0.02;
}

function isNear(count: number, limit: Limit | null): boolean {
  return limit !== null && count >= limit.calls * NEAR_SHARE - 2;
}

function nearlyUsed(window: Window, known: Known, counts: Counts, sinceLastMs: number): Explanation {
  const calls = known.limits[window]?.calls ?? counts[window];
  const found = { window, hasFallen: false };
  if (known.phase === "trying" && counts[window] > calls * (2 - SAME_SHARE) + 1)
    return { ...found, calls: rounded(counts[window]), nearMisses: 0 };
  // While the window still holds what went faster before the limit was found, being refused says nothing about the pace.
  const isSettling = known.clearedMs + sinceLastMs - (known.limits[window]?.sinceMs ?? 0) < WINDOW_MS[window];
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
