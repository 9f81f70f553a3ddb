// When a call arrived at Tallyfy, as far as it can be known from here: two clocks, and what a round trip usually takes. Pure.

/** A moment of the store's clock that is later here than this is not believed any more: clocks drift, and are set. */
const REMEMBERED_MS = 10_000;
const USUAL_SHARE = 0.05;
/** What took so much longer than usual may have arrived that much later. */
export const LATE_ARRIVAL_MS = 5;

/** The store's clock as seen from here. The answer that was fastest on its way tells best, so the least difference counts. */
export interface StoreClock {
  /** An answer that says what the time was there came in. Milliseconds, both. */
  heard(storeMs: number, hereMs: number): void;
  /** When it is that moment, by the clock here. Only after something was heard. */
  hereMs(storeMs: number): number;
}

export function storeClock(): StoreClock {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let differenceMs = 0;
  /** The least since then. */
  let freshMs = 0;
  return {
    heard(storeMs, hereMs) {
      const seenMs = hereMs - storeMs;
      const ageMs = hereMs - sinceMs;
      if (ageMs < REMEMBERED_MS) {
        freshMs = Math.min(freshMs, seenMs);
        differenceMs = Math.min(differenceMs, seenMs);
        return;
      }
      differenceMs = ageMs < 2 * REMEMBERED_MS ? Math.min(freshMs, seenMs) : seenMs;
      freshMs = seenMs;
      sinceMs = hereMs;
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
  return {
    note(ms) {
      if (usualMs === null) usualMs = ms;
      else usualMs *= ms > usualMs ? 1 + USUAL_SHARE : 1 - USUAL_SHARE;
    },
    ms: () => usualMs,
  };
}
