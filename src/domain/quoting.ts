// How values of a roster appear in sentences for people. Names and addresses are never quoted: the caller knows which, and an
// address or a national id that stands where it should not is made out here.

const ADDRESS = /\S+@\S+/g;
const PRIVATE_NUMBER = /(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)/g;

/** Whether a value has something in it that may not be repeated, such as an address in a shifted row. */
export function isPrivate(value: string): boolean {
  return withoutPrivate(value) !== value.slice(0, LOOKED_AT);
}

/** Longer values are not looked at to their end, nor shown so. */
const LOOKED_AT = 500;

function withoutPrivate(value: string): string {
  const text = value.length > LOOKED_AT ? value.slice(0, LOOKED_AT) : value;
  const bare = text.includes("@") ? text.replace(ADDRESS, "•••@•••") : text;
  return bare.replace(PRIVATE_NUMBER, "•••-••-••••");
}

/** Whether a cell may be shown that should have a date: with a number, and no more words than a month. Others may be a name. */
export function mayBeDate(cell: string): boolean {
  return /\d/.test(cell) && (cell.slice(0, LOOKED_AT).match(/\p{L}{2,}/gu)?.length ?? 0) < 2;
}

/** A value in double quotes: control characters replaced, addresses and national ids masked, at most 40 characters. */
export function quoted(value: string): string {
  return inQuotes(withoutPrivate(value));
}

/** The same, of a value that is masked already, or that nobody but its reader sees. */
export function inQuotes(value: string): string {
  const clean = value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "·");
  const characters = Array.from(clean);
  return characters.length <= 40 ? `"${clean}"` : `"${characters.slice(0, 39).join("")}…"`;
}

/** Everything that moves a cursor, changes colours or turns the direction of writing, but for line ends and tabs. */
const COMMANDING = /[^\P{Cc}\n\t]|[\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** A text as a terminal may show it: names of files, users and tasks come from other people, and may hold commands to it. */
export function printable(text: string): string {
  return text.replace(COMMANDING, "·");
}

/** `2 rows`, `1 row`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
