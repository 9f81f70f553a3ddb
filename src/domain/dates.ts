// Reading days out of cells. The order of day and month is proved by the file (a value over 12) or asked for, never
// guessed. The proof is gathered per column and separator over the whole file by whoever can read it twice.

import { type Day, dayFrom } from "./day.ts";
import type { DateOrder } from "./roster-options.ts";

export type DateReading =
  | { readonly kind: "day"; readonly day: Day; readonly style: string; readonly isWhole: boolean }
  /** Empty, or a date that stands for "no end" (4712-12-31, 9999-12-31). */
  | { readonly kind: "none"; readonly isEndOfTime: boolean }
  /** Both readings are days, and nothing proves one. */
  | { readonly kind: "ambiguous"; readonly separator: string; readonly dmy: Day; readonly mdy: Day }
  | { readonly kind: "bad" };

/** What one column's values with one separator have proved: the first line for each order, and what stands there. */
export interface OrderProof {
  readonly dmy: number | null;
  readonly mdy: number | null;
  readonly dmyCell?: string;
  readonly mdyCell?: string;
}

/** Proofs by separator. */
export type ColumnProof = ReadonlyMap<string, OrderProof>;

const ISO = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?$/;
const COMPACT = /^((?:19|20|21|47|99)\d{2})(\d{2})(\d{2})$/;
const NUMERIC = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:[T ]\d{1,2}:\d{2}.*)?$/;
const DAY_NAME_YEAR = /^(\d{1,2})(?:st|nd|rd|th|\.)?[- /]?(?:of )?(\p{L}+)\.?[- /,]*(\d{4}|\d{2})$/u;
const NAME_DAY_YEAR = /^(\p{L}+)\.?[- ](\d{1,2})(?:st|nd|rd|th)?,?[- ](\d{4}|\d{2})$/u;
const SERIAL = /^(\d{5})(?:\.\d+)?$/;
const NOTHING = new Set(["", "-", "--", "n/a", "na", "none", "null", "nil", "0", "0000-00-00", "00/00/0000"]);

/** Years from here on stand for "never" in HR systems. */
const END_OF_TIME_YEAR = 2900;

/** Reads a cell. `order`: what configuration or the file's proof says about this column and separator; null: nothing yet. */
export function readDate(cell: string, orderFor: (separator: string) => "dmy" | "mdy" | null): DateReading {
  const text = cell.normalize("NFKC").trim();
  if (NOTHING.has(text.toLowerCase())) return { kind: "none", isEndOfTime: false };
  const iso = ISO.exec(text);
  if (iso !== null) {
    // A single digit at the end may be half of two.
    const isWhole = (iso[4] ?? "").length === 2 || text.length > 10;
    return made(Number(iso[1]), Number(iso[3]), Number(iso[4]), `YYYY${iso[2]}MM${iso[2]}DD`, isWhole);
  }
  const numeric = NUMERIC.exec(text);
  if (numeric !== null) return readNumeric(numeric, orderFor);
  const compact = COMPACT.exec(text);
  if (compact !== null) return made(Number(compact[1]), Number(compact[2]), Number(compact[3]), "YYYYMMDD", true);
  const serial = SERIAL.exec(text);
  if (serial !== null) return readSerial(Number(serial[1]));
  return readNamed(text);
}

function readNumeric(match: RegExpExecArray, orderFor: (separator: string) => "dmy" | "mdy" | null): DateReading {
  const first = Number(match[1]);
  const second = Number(match[3]);
  const separator = match[2] ?? "";
  const yearText = match[4] ?? "";
  const year = fullYear(yearText);
  const dmy = dayFrom(year, second, first);
  const mdy = dayFrom(year, first, second);
  const order = orderFor(separator);
  const isWhole = yearText.length === 4;
  const years = isWhole ? "YYYY" : "YY";
  if (order === "dmy") return settled(dmy, year, `DD${separator}MM${separator}${years}`, isWhole);
  if (order === "mdy") return settled(mdy, year, `MM${separator}DD${separator}${years}`, isWhole);
  if (dmy !== null && mdy !== null && dmy !== mdy) {
    if (year >= END_OF_TIME_YEAR) return { kind: "none", isEndOfTime: true };
    return { kind: "ambiguous", separator, dmy, mdy };
  }
  if (dmy !== null && dmy === mdy) return settled(dmy, year, "the same in either order", isWhole);
  const style = mdy === null ? `DD${separator}MM${separator}${years}` : `MM${separator}DD${separator}${years}`;
  return settled(dmy ?? mdy, year, style, isWhole);
}

function readSerial(serial: number): DateReading {
  // Excel counts days from 1899-12-30; plausible serials are those of the years 1950 to 2099.
  if (serial < 18_264 || serial > 73_050) return { kind: "bad" };
  const day = new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000).toISOString().slice(0, 10);
  return { kind: "day", day, style: "spreadsheet serial number", isWhole: false };
}

function readNamed(text: string): DateReading {
  const dayFirst = DAY_NAME_YEAR.exec(text);
  const match = dayFirst ?? NAME_DAY_YEAR.exec(text);
  if (match === null) return { kind: "bad" };
  const [dayText, name, yearText] = dayFirst === null ? [match[2], match[1], match[3]] : [match[1], match[2], match[3]];
  const month = monthNumber(name ?? "");
  if (month === null) return { kind: "bad" };
  const style = dayFirst === null ? "Mon DD YYYY" : "DD-Mon-YYYY";
  return made(fullYear(yearText ?? ""), month, Number(dayText), style, (yearText ?? "").length === 4);
}

function made(year: number, month: number, day: number, style: string, isWhole: boolean): DateReading {
  return settled(dayFrom(year, month, day), year, style, isWhole);
}

function settled(day: Day | null, year: number, style: string, isWhole: boolean): DateReading {
  if (day === null) return { kind: "bad" };
  return year >= END_OF_TIME_YEAR ? { kind: "none", isEndOfTime: true } : { kind: "day", day, style, isWhole };
}

/** Two digits: 70 to 99 are of the last century, 00 to 69 of this one. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length !== 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

const MONTHS: readonly (readonly string[])[] = [
  ["january", "januar", "janner", "janvier", "janv", "enero", "ene", "januari"],
  ["february", "februar", "fevrier", "fevr", "fev", "febrero", "februari"],
  ["march", "marz", "mrz", "mars", "marzo", "maart", "mrt"],
  ["april", "avril", "avr", "abril", "abr"],
  ["may", "mai", "mayo", "mei"],
  ["june", "juni", "juin", "junio"],
  ["july", "juli", "juillet", "juil", "julio"],
  ["august", "aout", "agosto", "ago", "augustus"],
  ["september", "sept", "septembre", "septiembre"],
  ["october", "oktober", "okt", "octobre", "octubre"],
  ["november", "novembre", "noviembre"],
  ["december", "dezember", "dez", "decembre", "diciembre", "dic"],
];

const MONTH_NUMBERS: ReadonlyMap<string, number> = new Map(
  MONTHS.flatMap((names, index) => [
    ...names.map((name): [string, number] => [name, index + 1]),
    [(names[0] ?? "").slice(0, 3), index + 1] as [string, number],
  ]),
);

function monthNumber(name: string): number | null {
  const folded = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return MONTH_NUMBERS.get(folded) ?? null;
}

/** What a value proves about the order of its column: `dmy`, `mdy`, or null when it proves nothing. */
export function orderProvedBy(cell: string): { readonly separator: string; readonly order: "dmy" | "mdy" } | null {
  const match = NUMERIC.exec(cell.trim());
  if (match === null) return null;
  const separator = match[2] ?? "";
  const order = orderProvedByNumbers(Number(match[1]), Number(match[3]), separator);
  return order === null ? null : { separator, order };
}

/** The same of the first two numbers of a date. */
export function orderProvedByNumbers(first: number, second: number, separator: string): "dmy" | "mdy" | null {
  // With full stops the day comes first wherever such dates are written.
  if (separator === "." && first <= 31 && second <= 12) return "dmy";
  if (first > 12 && first <= 31 && second <= 12) return "dmy";
  if (second > 12 && second <= 31 && first <= 12) return "mdy";
  return null;
}

/** The order that configuration or proof gives for a separator; null when nothing does, or when the file proves both. */
export function settledOrder(
  configured: DateOrder,
  proof: ColumnProof | null,
  separator: string,
): "dmy" | "mdy" | null {
  if (configured !== "auto") return separator === "." ? "dmy" : configured;
  if (separator === ".") return proof?.get(separator)?.mdy == null ? "dmy" : null;
  const found = proof?.get(separator);
  if (found === undefined) return null;
  if (found.dmy !== null && found.mdy === null) return "dmy";
  if (found.mdy !== null && found.dmy === null) return "mdy";
  return null;
}

/** Whether a cell needs the proof of the whole file: both readings are days, and the separator does not settle it. */
export function needsProof(cell: string): boolean {
  const match = NUMERIC.exec(cell.trim());
  if (match === null || match[2] === ".") return false;
  const first = Number(match[1]);
  const second = Number(match[3]);
  return first <= 12 && second <= 12 && first !== second;
}

/** `5 April 2026`, for messages that show both readings. */
export function spelledOut(day: Day): string {
  const names = "January February March April May June July August September October November December".split(" ");
  return `${Number(day.slice(8))} ${names[Number(day.slice(5, 7)) - 1]} ${Number(day.slice(0, 4))}`;
}
