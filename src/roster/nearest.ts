// "Did you mean": the header nearest in spelling to a wanted one.

import { distance } from "fastest-levenshtein";
import { foldHeader } from "../domain/header-words.ts";

/** The header nearest to one of the wanted names; null when even the nearest differs in more than a share of its letters. */
export function nearestHeader(wanted: readonly string[], headers: readonly string[], within = 0.34): string | null {
  let best: string | null = null;
  let bestShare = within;
  for (const header of headers) {
    const folded = foldHeader(header).slice(0, 100);
    if (folded.length < 3) continue;
    for (const name of wanted) {
      const goal = foldHeader(name);
      const share = distance(folded, goal) / Math.max(folded.length, goal.length);
      if (share < bestShare) {
        best = header.trim();
        bestShare = share;
      }
    }
  }
  return best;
}
