// Whether the very last cell of a file that ends without a line end is whole, or what is left of a longer one. The other rows
// tell: their words and their mail domains repeat. What does not repeat (names, ids) proves nothing.

import { detached } from "../domain/detached.ts";
import type { Field } from "../domain/employee.ts";

export interface LastCellWatch {
  /** Takes the cell of that column of every other row. */
  look(cell: string): void;
  /** Other rows have the same word, or an address at the same domain, and none has a longer one that begins so. */
  isWhole(cell: string): boolean;
}

/** So many rows must say the same. */
const WITNESSES = 2;

/** A column with more different words than this has no words that repeat. */
const MOST_WORDS = 1000;

const NOTHING_REPEATS: ReadonlySet<Field | null> = new Set<Field>([
  "employeeId",
  "firstName",
  "lastName",
  "lastNamePrefix",
  "fullName",
]);

/** `field`: what the column serves; null: only rules. Dates have a proof of their own (row-dates.ts). */
export function lastCellWatch(field: Field | null): LastCellWatch {
  const seen = new Map<string, number>();
  const repeating = (cell: string): string => {
    const text = cell.trim().toLowerCase();
    return field === "email" ? text.slice(text.lastIndexOf("@") + 1) : text;
  };
  return {
    look(cell) {
      const word = repeating(cell);
      const count = seen.get(word);
      if (count !== undefined) seen.set(word, count + 1);
      else if (seen.size <= MOST_WORDS) seen.set(detached(word), 1);
    },
    isWhole(cell) {
      const word = repeating(cell);
      if (NOTHING_REPEATS.has(field) || word === "" || seen.size > MOST_WORDS) return false;
      const isLonger = (other: string) => other.length > word.length && other.startsWith(word);
      return (seen.get(word) ?? 0) >= WITNESSES && ![...seen.keys()].some(isLonger);
    },
  };
}
