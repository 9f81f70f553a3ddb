// The day of which a roster says that it shows it: "Worker Report - as of 09/01/2026" above the header, "Report generated
// 2026-11-24" below the people. Only a line that says so is believed, and an order of day and month only where something proves it:
// otherwise the day is one of two, and stays so.

import { anyOrder, type ColumnProof, type Order, type OrdersFor, ordersLeft, saysDayOrMonth } from "./date-order.ts";
import { readDate, spelledOut } from "./dates.ts";
import type { Day } from "./day.ts";
import type { AsOfReading, Issue } from "./employee.ts";
import { quoted } from "./quoting.ts";
import type { DateOrder } from "./roster-options.ts";
import type { DateProofs } from "./row-dates.ts";

/** A line that says of which day the roster is. */
export interface AsOfLine {
  readonly line: number;
  /** The date as it is written. */
  readonly written: string;
  /** "as of" says more than "generated on", where both are there. */
  readonly isEffective: boolean;
}

const DATE =
  /(?<![\p{L}\d/.-])(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4}|\d{1,2}(?:st|nd|rd|th|\.)?[- ]\p{L}{3,10}\.?[- ,]{1,2}\d{4}|\p{L}{3,10}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|20\d{6})(?!(?!T\d)[\p{L}\d/-])/u;

/** Words behind which a date is the roster's. `within`: so many characters may stand between, such as the day of the week. */
interface Cue {
  readonly words: RegExp;
  readonly within: number;
  readonly isEffective: boolean;
}

const EFFECTIVE: Cue = {
  words:
    /(?<!\p{L})(?:as[ -]?of(?: date)?|as at|effective (?:date|on|as of)|data date|snapshot(?: date| of| taken)?|stichtag|peildatum|stand(?: vom|:)|situation au)/giu,
  within: 24,
  isEffective: true,
};

const GENERATED: Cue = {
  words:
    /(?<!\p{L})(?:(?:report|file|export|extract|roster|list)? ?(?:generated|created|produced|exported|extracted|printed)(?: date| time| at| on|:)?|(?:report|run|export|extract|print|creation|file) date|run on|last updated|date of (?:report|export)|(?:erstellt|gedruckt|exportiert|ausgegeben)(?: am|:)?|druckdatum|exportdatum|(?:édité|édition|généré|extrait|exporté|imprimé)e?(?: le|:)|date d['’](?:extraction|édition|export))/giu,
  within: 24,
  isEffective: false,
};

/** Words that mean many things, unless the date follows at once. */
const BRIEFLY: readonly Cue[] = [
  { words: /(?<!\p{L})(?:stand|au|per)(?!\p{L})/giu, within: 3, isEffective: true },
  { words: /(?<!\p{L})(?:vom|on|le)(?!\p{L})|^\W{0,3}(?:date|datum)(?!\p{L})/giu, within: 3, isEffective: false },
];

/** The date of a line outside the table, if the line says that it is the roster's; null otherwise. */
export function asOfIn(text: string, line: number): AsOfLine | null {
  const plain = text.normalize("NFKC").slice(0, 500);
  for (const cue of [EFFECTIVE, GENERATED, ...BRIEFLY]) {
    const written = dateBehind(plain, cue);
    if (written !== null) return { line, written, isEffective: cue.isEffective };
  }
  // A date that is all there is.
  const alone = plain.replace(/^[\s"',;|]+|[\s"',;|]+$/g, "");
  return DATE.exec(alone)?.[0] === alone && alone !== "" ? { line, written: alone, isEffective: false } : null;
}

function dateBehind(text: string, { words, within }: Cue): string | null {
  for (const found of text.matchAll(words)) {
    const rest = text.slice(found.index + found[0].length);
    const date = DATE.exec(rest);
    if (date !== null && date.index <= within && readDate(date[0], anyOrder).kind !== "bad") return date[0];
  }
  return null;
}

/** Whether a line begins by saying so: then it is no person. */
export function isAsOfLine(text: string): boolean {
  const start = text.trim().slice(0, 200);
  return [EFFECTIVE, GENERATED].some((cue) => start.search(cue.words) === 0 && dateBehind(start, cue) !== null);
}

/** Whether one of the lines that count has a date of which only more of the file can tell the order of day and month. */
export function needsFileProof(lines: readonly AsOfLine[], configured: DateOrder): boolean {
  return strongest(lines).some(({ written }) => readDate(written, orderBy(configured, null)).kind === "ambiguous");
}

/** The day of a roster by its lines; null: no line says one. `proofs`: what the dates of its columns prove. */
export function readAsOf(
  lines: readonly AsOfLine[],
  configured: DateOrder,
  proofs: DateProofs | null,
): AsOfReading | null {
  let reading: AsOfReading | null = null;
  for (const { line, written } of strongest(lines)) {
    const days = daysOf(written, configured, proofs);
    if (days !== null)
      reading = reading === null ? { line, written, ...days } : both(reading, { line, written, ...days });
  }
  return reading;
}

/** Lines that disagree leave open which of them is right. */
function both(one: AsOfReading, other: AsOfReading): AsOfReading {
  if (other.from >= one.from && other.to <= one.to) return one;
  const [from = one.from] = [one.from, other.from].sort();
  const [to = one.to] = [one.to, other.to].sort().reverse();
  return { ...one, from, to, because: `line ${other.line} says ${quoted(other.written)}` };
}

function strongest(lines: readonly AsOfLine[]): readonly AsOfLine[] {
  const effective = lines.filter(({ isEffective }) => isEffective);
  return effective.length > 0 ? effective : lines;
}

type Days = Pick<AsOfReading, "from" | "to" | "because">;

function daysOf(written: string, configured: DateOrder, proofs: DateProofs | null): Days | null {
  const alone = readDate(written, orderBy(configured, null));
  if (alone.kind === "day") {
    const isSet = configured !== "auto" && readDate(written, anyOrder).kind === "ambiguous";
    return { from: alone.day, to: alone.day, because: isSet ? "set by roster.dates.order" : null };
  }
  if (alone.kind !== "ambiguous") return null;
  const proved = readDate(written, orderBy(configured, proofs));
  if (proved.kind === "day") {
    return { from: proved.day, to: proved.day, because: `the dates in the columns are written ${proved.style}` };
  }
  const days = alone.readings.flatMap(({ day }) => day ?? []).sort();
  const [from = null, to = from] = [days[0], days.at(-1)];
  if (from === null || to === null) return null;
  return { from, to, because: "nothing in the file proves which" };
}

/** The order that configuration gives, or that all date columns with this separator have proved alike. */
function orderBy(configured: DateOrder, proofs: DateProofs | null): OrdersFor {
  return (separator, hasFullYear) => {
    const columns: (ColumnProof | null)[] = [...(proofs?.values() ?? [])].filter((proof) =>
      saysDayOrMonth(proof.get(separator)),
    );
    if (columns.length === 0) columns.push(null);
    const orders = new Set<Order>(columns.flatMap((proof) => ordersLeft(configured, proof, separator, hasFullYear)));
    return [...orders];
  };
}

/** `1 September 2026`, or both readings. */
export function asOfDay({ from, to }: { readonly from: Day; readonly to: Day }): string {
  return from === to ? from : `${spelledOut(from)} or ${spelledOut(to)}`;
}

/** What is said where the day stays open. */
export function asOfRemark({ line, written, from, to, because }: AsOfReading): Issue | null {
  if (from === to) return null;
  return {
    code: "as-of-open",
    line,
    column: null,
    message: `The roster is of ${quoted(written)}, which may be ${spelledOut(from)} or ${spelledOut(to)}; ${because ?? "nothing says which"}.`,
    fix: "Set roster.dates.order to dmy or mdy in the configuration; until then an older roster is only noticed when it is older either way.",
  };
}
