/**
 * The same text in memory of its own. A cell is a part of a piece of its file's text, and keeps all of that in memory for as long as it
 * is kept itself: what is remembered of cells beyond their batch is detached first.
 */
export function detached(text: string): string {
  return text.split("").join("");
}
