// When a call arrived at Tallyfy, as far as it can be known from here: two clocks, and what a round trip usually takes. Pure.

const USUAL_SHARE = 0.05;
/** Calls that make their connections take many times as long as those after: among the first, one that took so much less says what is usual. */
const USUAL_FALL = 3;
const FIRST_CALLS = 50;
/** What took so much longer than usual may have arrived that much later. */
export const LATE_ARRIVAL_MS = 5;

/** The store's clock as seen from here. Milliseconds, all of them. */
export interface StoreClock {
  /** It said what the time was there, somewhen between our asking and hearing it. */
  heard(storeMs: number, askedMs: number, heardMs: number): void;
  /** When it is that moment, by the clock here. Only after something was heard. */
  hereMs(storeMs: number): number;
}

export function storeClock(): StoreClock {
  let differenceMs = Number.POSITIVE_INFINITY;
  return {
    heard(storeMs, askedMs, heardMs) {
      // The answer that was fastest on its way tells best. One that cannot be so fast shows that a clock was set, or drifted.
      const isImpossible = differenceMs < askedMs - storeMs;
      if (isImpossible || heardMs - storeMs < differenceMs) differenceMs = heardMs - storeMs;
    },
    hereMs: (storeMs) => storeMs + differenceMs,
  };
}

/** How long a call usually takes: the middle of what was seen, which one that took long does not move far. */
export interface UsualTime {
  note(ms: number): void;
  /** Null: nothing was seen yet. */
  ms(): number | null;
}

export function usualTime(): UsualTime {
  let usualMs: number | null = null;
  let calls = 0;
  return {
    note(ms) {
      calls += 1;
      if (usualMs === null || (calls <= FIRST_CALLS && ms < usualMs / USUAL_FALL)) usualMs = ms;
      else usualMs *= ms > usualMs ? 1 + USUAL_SHARE : 1 - USUAL_SHARE;
    },
    ms: () => usualMs,
  };
}
