// Where processes died, of all the places that have a name: before and after each step.

import { EFFECTS, sidesOf } from "./steps.ts";

/** In so many worlds every place has its turn more than a dozen times: where nobody died then, nobody can be told to. */
const ENOUGH_WORLDS = 500;

/**
 * @param fired `step:when` of each death, repeated or not
 * @returns what to say of it, and whether it is a failure
 */
export function coverageOf(
  fired: Iterable<string>,
  worlds: number,
): { readonly said: string; readonly isTooFew: boolean } {
  const died = new Set(fired);
  const places = EFFECTS.flatMap(({ name }) => sidesOf(name));
  const missed = places.filter((place) => !died.has(place));
  const count = `Processes died at ${places.length - missed.length} of ${places.length} places: before and after each of ${EFFECTS.length} steps.`;
  if (missed.length === 0) return { said: count, isTooFew: false };
  const isTooFew = worlds >= ENOUGH_WORLDS;
  const because = isTooFew
    ? `FAILED: in ${worlds} worlds nobody died at`
    : `Nobody died at these; from ${ENOUGH_WORLDS} worlds on that is a failure`;
  return { said: `${count}\n${because}: ${missed.join(", ")}`, isTooFew };
}
