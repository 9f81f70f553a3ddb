// Counting the lines of a text as people see them: CR LF, LF and a lone CR each end one. Works on pieces of any size.
// csv-parse counts a CR LF inside quotes twice, so line numbers are never taken from it.

export interface LinePlace {
  /** Bytes passed so far. */
  readonly offset: number;
  /** Line on which the next byte stands, from 1. */
  readonly line: number;
  /** Offset at which that line begins. */
  readonly lineStart: number;
  readonly isAfterCr: boolean;
}

export const AT_START: LinePlace = { offset: 0, line: 1, lineStart: 0, isAfterCr: false };

/** The place after passing the bytes from `from` up to `to`. An LF right after a CR belongs to the line end already counted. */
export function pass(place: LinePlace, bytes: Uint8Array, from = 0, to = bytes.length): LinePlace {
  let { line, lineStart, isAfterCr } = place;
  const base = place.offset - from;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at];
    if (byte === 10) {
      if (!isAfterCr) line += 1;
      lineStart = base + at + 1;
      isAfterCr = false;
    } else if (byte === 13) {
      line += 1;
      lineStart = base + at + 1;
      isAfterCr = true;
    } else isAfterCr = false;
  }
  return { offset: base + to, line, lineStart, isAfterCr };
}
