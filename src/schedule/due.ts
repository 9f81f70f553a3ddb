// Which moments a cron expression names in a time zone. cron-parser walks the calendar in wall time only; moments are made
// by wall-clock.ts, since both libraries lose runs on the days on which the clock is changed (cron-parser's `prev` forgets
// the skipped hour and counts the repeated one twice). Nothing is started here.

import { CronExpressionParser } from "cron-parser";
import { validate } from "node-cron";
import { momentOf, offsetIn, offsetsAround } from "./wall-clock.ts";

/** Whether `text` is a schedule: five fields, or six with seconds in front, that names at least one moment. */
export function isCron(text: string): boolean {
  const fields = text.trim().split(/\s+/).length;
  if ((fields !== 5 && fields !== 6) || !validate(text)) return false;
  try {
    walk(text, 0).next();
    return true;
  } catch {
    return false;
  }
}

/**
 * The latest moment of the schedule that is not after `nowMs` (milliseconds since 1970, as the result).
 * A time that a change of the clock skips counts as much later as was skipped; a repeated time counts once, when it comes first.
 * Day of month and day of week, where both are given: either is enough, as in cron.
 * @throws Error for what `isCron` refuses, RangeError for an unknown time zone
 */
export function latestDue(cron: string, timeZone: string, nowMs: number): number {
  const offset = offsetIn(timeZone);
  const { most } = offsetsAround(nowMs, offset);
  const dates = walk(cron, wholeSecond(nowMs) + most + 1000);
  let best = Number.NEGATIVE_INFINITY;
  for (;;) {
    const wallMs = dates.prev().getTime();
    // No earlier wall time can be shown later than this.
    if (wallMs - offsetsAround(wallMs, offset).least <= best) return best;
    const momentMs = momentOf(wallMs, offset);
    if (momentMs <= nowMs && momentMs > best) best = momentMs;
  }
}

/** The first moment of the schedule after `nowMs`. Otherwise as `latestDue`. */
export function nextDue(cron: string, timeZone: string, nowMs: number): number {
  const offset = offsetIn(timeZone);
  const { least } = offsetsAround(nowMs, offset);
  const dates = walk(cron, wholeSecond(nowMs) + least - 1000);
  let best = Number.POSITIVE_INFINITY;
  for (;;) {
    const wallMs = dates.next().getTime();
    if (wallMs - offsetsAround(wallMs, offset).most >= best) return best;
    const momentMs = momentOf(wallMs, offset);
    if (momentMs > nowMs && momentMs < best) best = momentMs;
  }
}

/** The calendar from a wall time on, which itself does not belong to it. */
function walk(cron: string, wallMs: number) {
  return CronExpressionParser.parse(cron, { tz: "UTC", currentDate: wallMs });
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
