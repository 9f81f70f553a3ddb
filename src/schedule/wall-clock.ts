// What the clock on the wall shows in a time zone, and when it shows it. A wall time is kept as the milliseconds that the
// same digits would be in UTC. Days on which the clock is changed are the reason for this file.

const DAY_MS = 24 * 60 * 60 * 1000;

/** Milliseconds to add to a moment to get the zone's wall time at that moment. */
export type Offset = (momentMs: number) => number;

/** @throws RangeError when there is no such IANA time zone */
export function offsetIn(timeZone: string): Offset {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (momentMs) => {
    const part = new Map<string, number>();
    for (const { type, value } of format.formatToParts(momentMs)) part.set(type, Number(value));
    const get = (type: string) => part.get(type) ?? 0;
    const wallMs = Date.UTC(get("year"), get("month") - 1, get("day"), get("hour"), get("minute"), get("second"));
    return wallMs - Math.floor(momentMs / 1000) * 1000;
  };
}

/**
 * The moment at which the wall shows a time. A time shown twice is taken when it is shown first; a time that is skipped is
 * taken as much later as was skipped (02:30 becomes 03:30): always exactly one moment for each wall time.
 */
export function momentOf(wallMs: number, offset: Offset): number {
  const before = offset(wallMs - DAY_MS);
  const early = wallMs - before;
  if (offset(early) === before) return early;
  const after = offset(wallMs + DAY_MS);
  const late = wallMs - after;
  return offset(late) === after ? late : early;
}

/** The smallest and the largest offset of the days around a moment: they differ only where the clock is changed. */
export function offsetsAround(momentMs: number, offset: Offset): { readonly least: number; readonly most: number } {
  const offsets = [offset(momentMs - 2 * DAY_MS), offset(momentMs), offset(momentMs + 2 * DAY_MS)];
  return { least: Math.min(...offsets), most: Math.max(...offsets) };
}
