// Reading days out of cells. The order of day, month and a year of two digits is proved by the file or asked for, never guessed
// (date-order.ts). The proof is gathered per column and separator over the whole file by whoever can read it twice.

import { type NumericDate, numericDate, type Order, type OrdersFor, orderStyle, possibleOrders } from "./date-order.ts";
import { type Day, dayFrom } from "./day.ts";

export type DateReading =
  | {
      readonly kind: "day";
      readonly day: Day;
      readonly style: string;
      readonly isWhole: boolean;
      /** The cell has two digits for the year: the century is only the likelier one. */
      readonly isShortYear: boolean;
    }
  /** Empty, or a date that stands for "no end" (4712-12-31, 9999-12-31). */
  | { readonly kind: "none"; readonly isEndOfTime: boolean }
  /** Several orders are possible, and nothing proves one. */
  | {
      readonly kind: "ambiguous";
      readonly separator: string;
      readonly hasFullYear: boolean;
      readonly readings: readonly OrderReading[];
    }
  | { readonly kind: "bad" };

export interface OrderReading {
  readonly order: Order;
  /** Null: no day in this order, such as 30 February. */
  readonly day: Day | null;
}

const ISO = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?$/;
const COMPACT = /^((?:19|20|21|47|99)\d{2})(\d{2})(\d{2})$/;
const DAY_NAME_YEAR = /^(\d{1,2})(?:st|nd|rd|th|\.)?[- /]?(?:of )?(\p{L}+)\.?[- /,]*(\d{4}|\d{2})$/u;
const NAME_DAY_YEAR = /^(\p{L}+)\.?[- ](\d{1,2})(?:st|nd|rd|th)?,?[- ](\d{4}|\d{2})$/u;
const SERIAL = /^(\d{5})(?:\.\d+)?$/;
/** Spreadsheet serials of 4712-12-31 and 9999-12-31. */
const END_OF_TIME_SERIAL = /^(1027428|2958465)(?:\.0+)?$/;
const NOTHING = new Set(["", "-", "--", "n/a", "na", "none", "null", "nil", "0", "0000-00-00", "00/00/0000"]);

/** Years from here on stand for "never" in HR systems. */
const END_OF_TIME_YEAR = 2900;

/** Reads a cell. `ordersFor`: the orders that configuration and the file's proof leave for its column and a separator. */
export function readDate(cell: string, ordersFor: OrdersFor): DateReading {
  const text = cell.normalize("NFKC").trim();
  if (NOTHING.has(text.toLowerCase())) return { kind: "none", isEndOfTime: false };
  const iso = ISO.exec(text);
  if (iso !== null) {
    // A single digit at the end may be half of two.
    const isWhole = (iso[4] ?? "").length === 2 || text.length > 10;
    return made(Number(iso[1]), Number(iso[3]), Number(iso[4]), `YYYY${iso[2]}MM${iso[2]}DD`, isWhole);
  }
  const numeric = numericDate(text);
  if (numeric !== null) return readNumeric(numeric, ordersFor(numeric.separator, numeric.hasFullYear));
  const compact = COMPACT.exec(text);
  if (compact !== null) return made(Number(compact[1]), Number(compact[2]), Number(compact[3]), "YYYYMMDD", true);
  if (END_OF_TIME_SERIAL.test(text)) return { kind: "none", isEndOfTime: true };
  const serial = SERIAL.exec(text);
  if (serial !== null) return readSerial(Number(serial[1]));
  return readNamed(text);
}

function readNumeric(date: NumericDate, left: readonly Order[]): DateReading {
  const { separator, hasFullYear } = date;
  const possible = possibleOrders(date);
  // In the wrong order for its column a value is no day, not a day of another order.
  const readings = left
    .filter((order) => possible.includes(order))
    .map((order): OrderReading => ({ order, day: dayBy(order, date) }));
  const [one, another] = readings;
  if (one === undefined) return { kind: "bad" };
  const made = (style: string) => settled(one.day, style, hasFullYear, !hasFullYear);
  if (another === undefined) return made(orderStyle(one.order, separator, hasFullYear));
  const days = new Set(readings.map(({ day }) => day));
  if (days.size === 1) return made("the same in either order");
  if (hasFullYear && date.third >= END_OF_TIME_YEAR) return { kind: "none", isEndOfTime: true };
  return { kind: "ambiguous", separator, hasFullYear, readings };
}

function dayBy(order: Order, { first, second, third, hasFullYear }: NumericDate): Day | null {
  if (order === "ymd") return dayFrom(fullYear(first), second, third);
  const year = hasFullYear ? third : fullYear(third);
  return order === "dmy" ? dayFrom(year, second, first) : dayFrom(year, first, second);
}

function readSerial(serial: number): DateReading {
  // Excel counts days from 1899-12-30; plausible serials are those of the years 1950 to 2099.
  if (serial < 18_264 || serial > 73_050) return { kind: "bad" };
  const day = new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000).toISOString().slice(0, 10);
  return { kind: "day", day, style: "spreadsheet serial number", isWhole: false, isShortYear: false };
}

function readNamed(text: string): DateReading {
  const dayFirst = DAY_NAME_YEAR.exec(text);
  const match = dayFirst ?? NAME_DAY_YEAR.exec(text);
  if (match === null) return { kind: "bad" };
  const [dayText, name, yearText] = dayFirst === null ? [match[2], match[1], match[3]] : [match[1], match[2], match[3]];
  const month = monthNumber(name ?? "");
  if (month === null) return { kind: "bad" };
  const style = dayFirst === null ? "Mon DD YYYY" : "DD-Mon-YYYY";
  const isFullYear = (yearText ?? "").length === 4;
  const year = isFullYear ? Number(yearText) : fullYear(Number(yearText));
  return settled(dayFrom(year, month, Number(dayText)), style, isFullYear, !isFullYear);
}

function made(year: number, month: number, day: number, style: string, isWhole: boolean): DateReading {
  return settled(dayFrom(year, month, day), style, isWhole, false);
}

function settled(day: Day | null, style: string, isWhole: boolean, isShortYear: boolean): DateReading {
  if (day === null) return { kind: "bad" };
  const isEndOfTime = Number(day.slice(0, 4)) >= END_OF_TIME_YEAR;
  return isEndOfTime ? { kind: "none", isEndOfTime } : { kind: "day", day, style, isWhole, isShortYear };
}

/**
 * Days on which nobody's employment ended, and with which databases and spreadsheets count: 0001-01-01, 1753-01-01, 1899-12-30,
 * 1900-01-01, 1970-01-01. As an end they stand for none.
 */
export function isZeroDay(day: Day): boolean {
  return day < "1902" || day === "1970-01-01";
}

/** Of two digits: 70 to 99 are of the last century, 00 to 69 of this one. */
function fullYear(twoDigits: number): number {
  return twoDigits < 70 ? 2000 + twoDigits : 1900 + twoDigits;
}

/** Years of two digits from here on leave their century open ... */
const FIRST_OPEN_YEAR = 40;
/** ... up to this one. */
const LAST_OPEN_YEAR = { startDate: 69, endDate: 79 } as const;

/**
 * The two days that a cell with two digits for the year may mean; null: only one makes sense. Nobody has started since the
 * forties to sixties, and nobody starts that far ahead; an end may be a retirement in fifty years. An end on 31 December 99 is how
 * "never" looks when a program shortens it.
 */
export function openCentury(
  reading: DateReading & { kind: "day" },
  field: "startDate" | "endDate",
): readonly [Day, Day] | null {
  const inCentury = reading.day.slice(2);
  const year = Number(inCentury.slice(0, 2));
  const isNever = field === "endDate" && reading.day === "1999-12-31";
  if (!isNever && (year < FIRST_OPEN_YEAR || year > LAST_OPEN_YEAR[field])) return null;
  return [`19${inCentury}`, `20${inCentury}`];
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

/** `5 April 2026`, for messages that show both readings. */
export function spelledOut(day: Day): string {
  const names = "January February March April May June July August September October November December".split(" ");
  return `${Number(day.slice(8))} ${names[Number(day.slice(5, 7)) - 1]} ${Number(day.slice(0, 4))}`;
}
