// The checks of trust.ts that look at time: the day of which a roster is, and how it has shrunk over the last weeks, a little each
// time. A person who releases a roster in doubt accepts it as it is: from there on, it is the measure.

import { asOfDay } from "./as-of.ts";
import { addDays, type Day, daysBetween } from "./day.ts";
import type { Breach } from "./limits.ts";
import type { Peak, RosterPortrait } from "./portrait.ts";
import { counted } from "./quoting.ts";
import { breach, type Earlier, last, share, smallAllowance, type TrustLimits } from "./trust-limits.ts";

/** Where the order of day and month is open in one of the two, only what is older in every reading counts. */
export function asOfOlder(now: RosterPortrait, earlier: Earlier, limits: TrustLimits): Breach | null {
  const before = earlier.portrait.asOf;
  if (now.asOf === null || before === null) return null;
  const days = daysBetween(now.asOf.to, before.from);
  const allowed = limits.asOfOlderDays;
  const message =
    `This roster is as of ${asOfDay(now.asOf)}; ${last(earlier)} was as of ${asOfDay(before)}. ` +
    `That is ${counted(days, "day")} older; the limit is ${allowed}. An old export may have been dropped again.`;
  return breach("as-of-older", days, allowed, message);
}

/** A roster of a day to come tells who will work then, and each later one would be older than it. */
export function asOfAhead(now: RosterPortrait, today: Day, limits: TrustLimits): Breach | null {
  if (now.asOf === null) return null;
  const days = daysBetween(today, now.asOf.from);
  const allowed = limits.asOfAheadDays;
  const message =
    `This roster is as of ${asOfDay(now.asOf)}, which is ${counted(days, "day")} after today; the limit is ${allowed}. ` +
    "It may have been exported for a day to come, or its date is wrong.";
  return breach("as-of-ahead", days, allowed, message);
}

export function asOfGone(now: RosterPortrait, earlier: Earlier, limits: TrustLimits): Breach | null {
  const before = earlier.portrait.asOf;
  if (!limits.isAsOfRequired || before === null) return null;
  const message =
    `No line of this roster says of which day it is; ${last(earlier)} was as of ${asOfDay(before)}: ` +
    "this may be another report, or its beginning or end may be missing.";
  return breach("as-of-gone", now.asOf === null ? 1 : 0, 0, message);
}

/** Shrinking that stays below every other limit, file after file. Rows that cannot be read count as gone here. */
export function rowsShrunk(now: RosterPortrait, earlier: Earlier, limits: TrustLimits, today: Day): Breach | null {
  const peak = peakOf(earlier.portrait.peaks, addDays(today, -limits.shrunkDays));
  if (peak === null) return null;
  const { allowed, because } = smallAllowance(peak.readable, limits.shrunkPercent, limits);
  const readable = readableIn(now);
  const message =
    `This roster has ${counted(readable, "readable row")}; the one accepted on ${peak.acceptedOn} had ${peak.readable}. ` +
    `That is ${peak.readable - readable} fewer (${share(peak.readable - readable, peak.readable)}) within ${limits.shrunkDays} days, ` +
    `however slowly it came; the limit is ${allowed} (${because}).`;
  return breach("rows-shrunk", peak.readable - readable, allowed, message);
}

function peakOf(peaks: readonly Peak[], since: Day): Peak | null {
  let most: Peak | null = null;
  for (const peak of peaks) {
    if (peak.acceptedOn >= since && (most === null || peak.readable > most.readable)) most = peak;
  }
  return most;
}

export function readableIn({ rows, unreadable }: RosterPortrait): number {
  return rows - unreadable;
}

/** More are never remembered; they would be as many rosters, each smaller than the one before. */
const MOST_PEAKS = 400;

/**
 * What an accepted roster remembers of those before it: `before` and its peaks, without those that are surpassed or older than
 * `since`. Nothing after a person has accepted a roster in doubt.
 */
export function peaksAfter(
  before: { readonly portrait: RosterPortrait; readonly acceptedOn: Day },
  now: RosterPortrait,
  since: Day,
): readonly Peak[] {
  const all = [...before.portrait.peaks, { acceptedOn: before.acceptedOn, readable: readableIn(before.portrait) }];
  const peaks: Peak[] = [];
  let most = readableIn(now);
  for (const peak of all.reverse()) {
    if (peak.acceptedOn < since || peak.readable <= most) continue;
    most = peak.readable;
    peaks.unshift(peak);
  }
  return peaks.slice(-MOST_PEAKS);
}
