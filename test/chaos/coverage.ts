// Where processes died, of all the places that have a name: before and after each step.

import { EFFECTS, sidesOf } from "./steps.ts";

/** In so many worlds every place has its turn more than a dozen times: where nobody died then, nobody can be told to. */
const ENOUGH_WORLDS = 500;

/**
 * @param fired `step:when` of each death, repeated or not
 * @param planned of each that was planned
 * @returns what to say of it, and whether it is a failure
 */
export function coverageOf(
  fired: Iterable<string>,
  planned: Iterable<string>,
  worlds: number,
): { readonly said: string; readonly isTooFew: boolean } {
  const died = new Set(fired);
  const places = EFFECTS.flatMap(({ name }) => sidesOf(name));
  const isEnough = worlds >= ENOUGH_WORLDS;
  const missed = (isEnough ? places : [...new Set(planned)]).filter((place) => !died.has(place));
  const count = `Processes died at ${places.filter((place) => died.has(place)).length} of ${places.length} places: before and after each of ${EFFECTS.length} steps.`;
  if (missed.length === 0) return { said: count, isTooFew: false };
  const because = isEnough
    ? `FAILED: in ${worlds} worlds nobody died at`
    : `Planned, and yet nobody died there (from ${ENOUGH_WORLDS} worlds on every missed place is a failure)`;
  return { said: `${count}\n${because}: ${missed.join(", ")}`, isTooFew: isEnough };
}
