// "Did you mean": the header nearest in spelling to a wanted one.

import { distance } from "fastest-levenshtein";
import { foldHeader } from "../domain/header-words.ts";

/** The header nearest to one of the wanted names; null when even the nearest differs in more than a share of its letters. */
export function nearestHeader(wanted: readonly string[], headers: readonly string[], within = 0.34): string | null {
  const goals = wanted.map(foldHeader);
  let best: string | null = null;
  let bestShare = within;
  for (const header of headers) {
    const folded = foldHeader(header).slice(0, 100);
    if (folded.length < 3) continue;
    for (const goal of goals) {
      const share = (isSwapped(folded, goal) ? 1 : distance(folded, goal)) / Math.max(folded.length, goal.length);
      if (share < bestShare) {
        best = header.trim();
        bestShare = share;
      }
    }
  }
  return best;
}

/** Two neighbouring letters have changed places, which is one error and not two. */
function isSwapped(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  const at = Array.from(one).findIndex((letter, place) => letter !== other[place]);
  return (
    at !== -1 && one[at] === other[at + 1] && one[at + 1] === other[at] && one.slice(at + 2) === other.slice(at + 2)
  );
}
