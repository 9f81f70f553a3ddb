// Whether a roster may be taken for the truth: its portrait is compared with that of the last accepted one before anything is
// applied. Each check has a name, a limit in the configuration, and a sentence for the person who decides. The first line of
// limits says what may always differ, since percentages mislead in small rosters.
//
//   check           | counts                                                  | held above (trust.*, default)
//   ----------------|---------------------------------------------------------|------------------------------------------------
//   rows-fewer      | rows less than before                                   | rows_fewer_percent 10, or tolerated_count 10
//   rows-more       | rows more than before                                   | rows_more_percent 25, or rows_more_count 50
//   people-gone     | people of the last roster who are not found in this one | people_gone_percent 10, or tolerated_count
//   issues          | rows with issues, beyond the share that was accepted    | issues_percent 10, or tolerated_count
//   blanks          | blank cells of one used column, beyond that share       | blanks_percent 10, or tolerated_count
//   fields-changed  | fields no longer read, or read from another column      | fields_changed_count 0
//   columns-changed | headers gone and headers new, used or not               | columns_changed_percent 50, or tolerated_count
//   columns-doubted | new unused headers that may be those of a field         | columns_doubted_count 0
//   trailer-count   | difference between the closing line's count and rows    | trailer_count_difference 0
//   trailer-gone    | a closing line or #EOF that was there before            | trailer_required true
//   as-of-older     | days by which its as-of date is older than the last's   | as_of_older_days 0
//   as-of-ahead     | days by which its as-of date is after today             | as_of_ahead_days 1
//   as-of-gone      | an as-of date that was there before                     | as_of_required true
//   rows-shrunk     | readable rows less than in the largest of shrunk_days   | shrunk_percent 20, or tolerated_count; 60 days
//
// "Or" means the larger of the two; tolerated_count is at most half of what is compared, so that a roster of six may lose
// three rows and not all. Of a first roster only `issues`,
// `columns-doubted`, `trailer-count` and `as-of-ahead` are asked. The same content is not compared.

import type { Day } from "./day.ts";
import type { Breach } from "./limits.ts";
import { peopleKept } from "./people-sketch.ts";
import type { RosterPortrait } from "./portrait.ts";
import { counted } from "./quoting.ts";
import { blanks, columnsChanged, columnsDoubted, fieldsChanged } from "./trust-columns.ts";
import {
  allowance,
  breach,
  type Earlier,
  last,
  share,
  smallAllowance,
  type TrustCheck,
  type TrustLimits,
} from "./trust-limits.ts";
import { asOfAhead, asOfGone, asOfOlder, rowsShrunk } from "./trust-time.ts";

const TRUST_CHECKS: readonly string[] = [
  "rows-fewer",
  "rows-more",
  "people-gone",
  "issues",
  "blanks",
  "fields-changed",
  "columns-changed",
  "columns-doubted",
  "trailer-count",
  "trailer-gone",
  "as-of-older",
  "as-of-ahead",
  "as-of-gone",
  "rows-shrunk",
] satisfies readonly TrustCheck[];

/** Whether a person must say why they release the run: the roster itself is in doubt, not only the size of the plan. */
export function needsReason(breaches: readonly Breach[]): boolean {
  return breaches.some(({ limit }) => TRUST_CHECKS.includes(limit));
}

/** Everything for which this roster should not be taken for the truth without a person. Empty: nothing. */
export function distrust(
  now: RosterPortrait,
  earlier: Earlier | null,
  limits: TrustLimits,
  today: Day,
): readonly Breach[] {
  const found =
    earlier === null
      ? [
          issues(now, null, limits),
          columnsDoubted(now, null, limits),
          trailerCount(now, null, limits),
          asOfAhead(now, today, limits),
        ]
      : [
          rowsFewer(now, earlier, limits),
          rowsMore(now, earlier, limits),
          peopleGone(now, earlier, limits),
          issues(now, earlier, limits),
          ...blanks(now, earlier, limits),
          fieldsChanged(now, earlier, limits),
          columnsChanged(now, earlier, limits),
          columnsDoubted(now, earlier, limits),
          trailerCount(now, earlier, limits),
          trailerGone(now, earlier, limits),
          asOfOlder(now, earlier, limits),
          asOfAhead(now, today, limits),
          asOfGone(now, earlier, limits),
          rowsShrunk(now, earlier, limits, today),
        ];
  return found.filter((breach) => breach !== null);
}

/** What a closing line alone puts in doubt, for whoever has nothing to compare the roster with. */
export function trailerDoubt(now: Pick<RosterPortrait, "rows" | "trailer">, limits: TrustLimits): Breach | null {
  return trailerCount(now, null, limits);
}

/** What the roster was compared with, in one sentence. */
export function comparisonText(now: RosterPortrait, earlier: Earlier | null): string {
  if (earlier === null) return "This is the first roster: there is none that it could be compared with.";
  const { fileName, acceptedOn, portrait } = earlier;
  const kept = peopleKept(portrait.sketch, now.sketch);
  let people = "";
  if (kept?.isSample === false) people = `, ${kept.found} of ${counted(kept.sampled, "person", "people")} still there`;
  if (kept?.isSample === true) people = `, about ${share(kept.found, kept.sampled)} of its people still there`;
  return `Compared with ${fileName}, accepted on ${acceptedOn}: ${counted(now.rows, "row")} (${portrait.rows} then)${people}.`;
}

function rowsFewer(now: RosterPortrait, earlier: Earlier, limits: TrustLimits): Breach | null {
  const before = earlier.portrait.rows;
  const { allowed, because } = smallAllowance(before, limits.rowsFewerPercent, limits);
  const message =
    `This roster has ${counted(now.rows, "row")}; ${last(earlier)} had ${before}. ` +
    `That is ${before - now.rows} fewer; the limit is ${allowed} (${because}).`;
  return breach("rows-fewer", before - now.rows, allowed, message);
}

function rowsMore(now: RosterPortrait, earlier: Earlier, limits: TrustLimits): Breach | null {
  const before = earlier.portrait.rows;
  const { allowed, because } = allowance(before, limits.rowsMorePercent, limits.rowsMoreCount);
  const message =
    `This roster has ${counted(now.rows, "row")}; ${last(earlier)} had ${before}. ` +
    `That is ${now.rows - before} more; the limit is ${allowed} (${because}).`;
  return breach("rows-more", now.rows - before, allowed, message);
}

function peopleGone(now: RosterPortrait, earlier: Earlier, limits: TrustLimits): Breach | null {
  const kept = peopleKept(earlier.portrait.sketch, now.sketch);
  if (kept === null || kept.sampled === 0) return null;
  const before = kept.isSample ? earlier.portrait.people : kept.sampled;
  const gone = Math.round((before * (kept.sampled - kept.found)) / kept.sampled);
  const { allowed, because } = smallAllowance(before, limits.peopleGonePercent, limits);
  const nameless = now.rows - now.people;
  const perhaps = nameless > 0 ? ` ${counted(nameless, "row")} without a usable person key may be some of them.` : "";
  const more = now.rows - earlier.portrait.rows;
  const isNearly = Math.abs(more) <= allowed;
  const hint =
    more >= -allowed
      ? ` With ${isNearly ? "nearly as many rows as" : "more rows than"} before, this may be another company's roster, or ids that are written in another way (such as without leading zeros).`
      : "";
  const message =
    `Of the ${before} people in ${last(earlier)}, ${kept.isSample ? "about " : ""}${gone} are not found in this one; ` +
    `the limit is ${allowed} (${because}).${perhaps}${hint}`;
  return breach("people-gone", gone, allowed, message);
}

function issues(now: RosterPortrait, earlier: Earlier | null, limits: TrustLimits): Breach | null {
  const { rows, unreadable } = now;
  const { allowed: added, because } = smallAllowance(rows, limits.issuesPercent, limits);
  if (earlier === null) {
    const message = `Of ${counted(rows, "row")}, ${unreadable} cannot be read without guessing; the limit is ${added} (${because}).`;
    return breach("issues", unreadable, added, message);
  }
  const before = earlier.portrait;
  const usual = Math.round((rows * before.unreadable) / Math.max(1, before.rows));
  const message =
    `Of ${counted(rows, "row")}, ${unreadable} cannot be read without guessing (${share(unreadable, rows)}); ` +
    `in ${last(earlier)} it was ${share(before.unreadable, before.rows)}. ` +
    `The limit is ${usual + added} (${usual} as before, and ${because}).`;
  return breach("issues", unreadable, usual + added, message);
}

function trailerCount(
  now: Pick<RosterPortrait, "rows" | "trailer">,
  earlier: Earlier | null,
  limits: TrustLimits,
): Breach | null {
  const said = now.trailer?.count ?? null;
  if (said === null) return null;
  const before = earlier?.portrait ?? null;
  const saidBefore = before?.trailer?.count ?? null;
  const usual = before === null || saidBefore === null ? 0 : saidBefore - before.rows;
  const allowed = limits.trailerCountDifference;
  // A count that fits the rows is right, whatever was accepted before; one that always counts the header too is known by then.
  const difference = Math.min(Math.abs(said - now.rows), Math.abs(said - now.rows - usual));
  const message =
    `A line of the file says ${said}, and ${counted(now.rows, "row was", "rows were")} read` +
    `${usual === 0 ? "" : ` (before, it said ${Math.abs(usual)} ${usual > 0 ? "more" : "fewer"} than there were)`}: ` +
    `${counted(difference, "row does", "rows do")} not fit; the limit is ${allowed}. Rows may be missing, or be there twice.`;
  return breach("trailer-count", difference, allowed, message);
}

function trailerGone(now: RosterPortrait, earlier: Earlier, limits: TrustLimits): Breach | null {
  const before = earlier.portrait.trailer;
  if (!limits.isTrailerRequired || before === null) return null;
  const isGone = now.trailer === null || (before.hasEndMark && !now.trailer.hasEndMark);
  const what = before.hasEndMark ? "mark of its end (such as #EOF)" : "closing line (such as a total)";
  const message = `This roster has no ${what}, and ${last(earlier)} had one: its end may be missing.`;
  return breach("trailer-gone", isGone ? 1 : 0, 0, message);
}
