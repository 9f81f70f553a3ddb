// A small picture of who is in a roster: the 4096 smallest hashes of all person keys ("k minimum values"). It has the same
// size for a hundred people and for a million, and two of them tell how many of the one are among the other:
// exactly up to 4096 people, beyond that with a standard error of sqrt(p(1 - p) / 4096), at most 0.8 percentage points.

import type { PersonKey } from "./profile.ts";

const KEPT = 4096;

/** With a smaller sample than this, nothing is said about rosters too large to be kept whole. */
const LEAST_SAMPLE = 400;

export interface PeopleSketch {
  /** Ascending, without repetitions. */
  readonly hashes: readonly number[];
  /** Whether everybody is in it. */
  readonly isWhole: boolean;
}

/** A sketch in the making. Memory stays the same however many keys are added; the order does not matter. */
export interface SketchDraft {
  add(key: PersonKey): void;
  finish(): PeopleSketch;
}

export function draftSketch(): SketchDraft {
  let hashes: number[] = [];
  let isWhole = true;
  let ceiling = Number.POSITIVE_INFINITY;

  function settle(): void {
    const sorted = [...new Set(hashes)].sort((a, b) => a - b);
    isWhole = isWhole && sorted.length <= KEPT;
    hashes = sorted.slice(0, KEPT);
    if (hashes.length === KEPT) ceiling = hashes[KEPT - 1] ?? ceiling;
  }

  return {
    add(key) {
      const hash = hashOf(key);
      if (hash > ceiling) {
        isWhole = false;
        return;
      }
      hashes.push(hash);
      if (hashes.length >= 2 * KEPT) settle();
    },
    finish() {
      settle();
      return { hashes, isWhole };
    },
  };
}

/** Of `sampled` people of the earlier roster, how many were found again. Null: the two cannot be compared. */
export interface Kept {
  readonly sampled: number;
  readonly found: number;
  /** False: everybody was compared. */
  readonly isSample: boolean;
}

/** How many of `before` are in `now`. Null when the two are of such different sizes that nothing can be said. */
export function peopleKept(before: PeopleSketch, now: PeopleSketch): Kept | null {
  const reach = Math.min(reachOf(before), reachOf(now));
  const isSample = reach !== Number.POSITIVE_INFINITY;
  const here = new Set(now.hashes);
  let sampled = 0;
  let found = 0;
  for (const hash of before.hashes) {
    if (hash > reach) break;
    sampled += 1;
    if (here.has(hash)) found += 1;
  }
  return isSample && sampled < LEAST_SAMPLE ? null : { sampled, found, isSample };
}

/** Up to which hash a sketch knows everybody. */
function reachOf({ hashes, isWhole }: PeopleSketch): number {
  return isWhole ? Number.POSITIVE_INFINITY : (hashes.at(-1) ?? 0);
}

/**
 * 53 bits, spread evenly (cyrb53: two multiply-and-xor rounds of 32 bits). It need not be secret: the keys are stored in the
 * ledger anyway; among a million people two share one with a chance of 1 in 18,000.
 */
function hashOf(key: PersonKey): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < key.length; at += 1) {
    const code = key.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
