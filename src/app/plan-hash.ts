// The fingerprint of a plan: the same changes in any order give the same, and any other change another. A person approves it,
// and what is about to be carried out is hashed again. Sixteen bytes a change, since a plan may be for a million people.
//
// Each change is fingerprinted, the fingerprints are sorted, and all of them are fingerprinted in that order: whoever finds
// two plans with one hash has found two texts with one SHA-256, cut to 128 bits as every fingerprint here.

import { numbers } from "../domain/compact.ts";
import { type Change, canonicalChange } from "../domain/plan.ts";
import type { Fingerprint } from "../domain/profile.ts";

/** Fingerprints that are hashed at once, to keep their text short. */
const BLOCK = 1000;
const WORDS = 4;
/** Of so many, a word and a place fit into one exact number. */
const PLACES = 2 ** 21;

export interface PlanHash {
  add(change: Change): void;
  /** Takes back the change of a line, if there is one. Lines were added in ascending order. */
  remove(line: number): void;
  value(): string;
}

export function createPlanHash(fingerprint: Fingerprint): PlanHash {
  const lines = numbers();
  const words = numbers();
  const removed = new Set<number>();
  let count = 0;

  function compare(a: number, b: number): number {
    for (let word = 0; word < WORDS; word += 1) {
      const difference = words.get(a * WORDS + word) - words.get(b * WORDS + word);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Sorts by first words as numbers, which is ten times as fast as by `compare`, and by `compare` where two are the same. */
  function sort(places: Uint32Array): void {
    if (places.length > PLACES) {
      places.sort(compare);
      return;
    }
    const firsts = new Float64Array(places.length);
    places.forEach((place, at) => {
      firsts[at] = words.get(place * WORDS) * PLACES + at;
    });
    firsts.sort();
    const sorted = new Uint32Array(places.length);
    firsts.forEach((first, at) => {
      sorted[at] = places[first % PLACES] ?? 0;
    });
    for (let start = 0, end = 1; start < sorted.length; start = end, end += 1) {
      const first = words.get((sorted[start] ?? 0) * WORDS);
      while (end < sorted.length && words.get((sorted[end] ?? 0) * WORDS) === first) end += 1;
      if (end - start > 1) sorted.subarray(start, end).sort(compare);
    }
    places.set(sorted);
  }

  const block = new Uint32Array(BLOCK * WORDS);
  const blockBytes = Buffer.from(block.buffer);

  /** The fingerprints of at most `BLOCK` places, one after the other. */
  function textOf(places: Uint32Array): string {
    places.forEach((place, at) => {
      for (let word = 0; word < WORDS; word += 1) block[at * WORDS + word] = words.get(place * WORDS + word);
    });
    return blockBytes.toString("hex", 0, places.length * WORDS * block.BYTES_PER_ELEMENT);
  }

  return {
    add(change) {
      const print = fingerprint(`change\n${canonicalChange(change)}`);
      for (let word = 0; word < WORDS; word += 1) {
        words.set(count * WORDS + word, wordAt(print, word * 8));
      }
      lines.set(count, change.line);
      count += 1;
    },

    remove(line) {
      let [from, to] = [0, count];
      while (from < to) {
        const middle = (from + to) >>> 1;
        if (lines.get(middle) < line) from = middle + 1;
        else to = middle;
      }
      if (from < count && lines.get(from) === line) removed.add(from);
    },

    value() {
      const places = new Uint32Array(count - removed.size);
      let at = 0;
      for (let place = 0; place < count; place += 1) {
        if (removed.has(place)) continue;
        places[at] = place;
        at += 1;
      }
      sort(places);
      let hash = `plan of ${places.length}`;
      for (let start = 0; start < places.length; start += BLOCK) {
        hash = fingerprint(`${hash}\n${textOf(places.subarray(start, start + BLOCK))}`);
      }
      return places.length === 0 ? fingerprint(hash) : hash;
    },
  };
}

/** The value of eight hexadecimal digits. */
function wordAt(print: string, start: number): number {
  let word = 0;
  for (let at = start; at < start + 8; at += 1) {
    const code = print.charCodeAt(at);
    word = (word << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return word >>> 0;
}
