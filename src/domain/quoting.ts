// How values of a roster appear in sentences for people. Names and addresses are never quoted: the caller knows which.

/** A value in double quotes: control characters replaced, at most 40 characters. */
export function quoted(value: string): string {
  const clean = value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "·");
  const characters = Array.from(clean);
  return characters.length <= 40 ? `"${clean}"` : `"${characters.slice(0, 39).join("")}…"`;
}

/** `2 rows`, `1 row`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
