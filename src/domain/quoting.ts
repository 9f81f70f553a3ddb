// How values of a roster appear in sentences for people. Names and addresses are never quoted: the caller knows which.

/** A value in double quotes: control characters replaced, at most 40 characters. */
export function quoted(value: string): string {
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
