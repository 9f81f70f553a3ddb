// Chance that repeats: the same seed gives the same numbers, whatever the order in which requests arrive.
// Each request draws from a generator of its own, seeded by what it asks for and how often that was asked before.

/** A small seeded generator (mulberry32): numbers from 0 up to, but not including, 1. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

export interface Chance {
  /** The generator for the next request about `subject`: the first, the second and so on differ from each other. */
  draw(subject: string): () => number;
  reset(): void;
}

export function createChance(seed: number): Chance {
  const drawn = new Map<string, number>();
  return {
    draw(subject) {
      const nth = drawn.get(subject) ?? 0;
      drawn.set(subject, nth + 1);
      return generator(hash(`${seed}\n${nth}\n${subject}`));
    },
    reset: () => drawn.clear(),
  };
}
