// How a value of somebody's row is shown to whoever sets the reading up: enough to recognise the column, not the person.

import type { Field } from "./employee.ts";
import { inQuotes, mayBeDate } from "./quoting.ts";

/** Values of these say nothing of who somebody is. */
const OPEN: readonly Field[] = ["status", "startDate", "endDate", "role", "timeZone"];

/** No value that is right is longer, and looking for the end of a domain takes time by the square of the length. */
const LOOKED_AT = 400;

/** A value in quotes, masked unless its field is a harmless one; `field` null is a column that only a rule reads. */
export function masked(cell: string, field: Field | null): string {
  const isDate = field === "startDate" || field === "endDate";
  const isOpen = field !== null && OPEN.includes(field) && !cell.includes("@") && (!isDate || mayBeDate(cell));
  return inQuotes(isOpen ? cell.trim() : hidden(cell.slice(0, LOOKED_AT).normalize("NFC").trim()));
}

/** The first letter of each word (of a word of one letter, none), and what stands between words. */
function hidden(text: string): string {
  const words = text.replace(/[\p{L}\p{M}\p{N}_]+/gu, (word) => {
    const letters = Array.from(word);
    return letters.length > 1 && /\p{L}/u.test(letters[0] ?? "") ? `${letters[0]}•••` : "•••";
  });
  // Of a domain, the last label is shown whole: it names nobody.
  const ending = /@.*(\.\p{L}{2,18})$/u.exec(text)?.[1];
  return ending === undefined ? words : words.slice(0, words.lastIndexOf(".")) + ending;
}
