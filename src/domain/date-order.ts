// In which order the numbers of a date stand: day, month, year. A value by itself rules some orders out (a value over 12 is no
// month, one over 31 no day); what all values of a column and separator leave is proved, the rest is asked for, never guessed.
// A year of two digits may also stand first; one of four digits in front is not read here, as nothing about it is open.

import type { DateOrder } from "./roster-options.ts";

export type Order = "dmy" | "mdy" | "ymd";

/** What one value says of its column: its order, that the year comes last, or that the day or the year comes first. */
export type Clue = Order | "year-last" | "not-mdy";

export interface Sighting {
  readonly line: number;
  /** The date on that line. */
  readonly cell: string;
}

/** What one column's values with one separator have said: where each clue stands first. */
export type OrderProof = Readonly<Partial<Record<Clue, Sighting>>>;

/** Proofs by separator. */
export type ColumnProof = ReadonlyMap<string, OrderProof>;

/** The orders that are left for a separator. */
export type OrdersFor = (separator: string, hasFullYear: boolean) => readonly Order[];

export interface NumericDate {
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly separator: string;
  /** The last number has four digits, so it is the year. */
  readonly hasFullYear: boolean;
}

const NUMERIC = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:[T ]\d{1,2}:\d{2}.*)?$/;
const ANY: readonly Order[] = ["dmy", "mdy", "ymd"];
const YEAR_LAST: readonly Order[] = ["dmy", "mdy"];
/** The orders that a clue leaves. */
export const LEFT_BY: Readonly<Record<Clue, readonly Order[]>> = {
  dmy: ["dmy"],
  mdy: ["mdy"],
  ymd: ["ymd"],
  "year-last": YEAR_LAST,
  "not-mdy": ["dmy", "ymd"],
};

/** Nothing is known yet. */
export const anyOrder: OrdersFor = (_, hasFullYear) => (hasFullYear ? YEAR_LAST : ANY);

export function numericDate(text: string): NumericDate | null {
  const match = NUMERIC.exec(text);
  if (match === null) return null;
  const last = match[4] ?? "";
  return {
    first: Number(match[1]),
    second: Number(match[3]),
    third: Number(last),
    separator: match[2] ?? "",
    hasFullYear: last.length === 4,
  };
}

/** The orders in which the numbers of a date may stand, by their size alone. */
export function possibleOrders({ first, second, third, separator, hasFullYear }: NumericDate): readonly Order[] {
  const isPossible = {
    dmy: isDayNumber(first) && isMonth(second),
    mdy: isMonth(first) && isDayNumber(second),
    ymd: !hasFullYear && separator !== "." && isMonth(second) && isDayNumber(third),
  };
  return ANY.filter((order) => isPossible[order]);
}

/** What a value says about the order of its column; null when it says nothing. Numbers, as it is asked of every date of a file. */
export function clueOf(
  first: number,
  second: number,
  third: number,
  separator: string,
  hasFullYear: boolean,
): Clue | null {
  const dmy = isDayNumber(first) && isMonth(second);
  const mdy = isMonth(first) && isDayNumber(second);
  // With full stops the day comes first wherever such dates are written.
  if (separator === ".") return dmy ? "dmy" : mdy ? "mdy" : null;
  const ymd = !hasFullYear && isMonth(second) && isDayNumber(third);
  if (dmy && mdy) return ymd ? null : "year-last";
  if (dmy) return ymd ? "not-mdy" : "dmy";
  if (mdy) return "mdy";
  return ymd ? "ymd" : null;
}

/** The same of a cell. */
export function clueIn(cell: string): { readonly separator: string; readonly clue: Clue } | null {
  const date = numericDate(cell.trim());
  if (date === null) return null;
  const { first, second, third, separator, hasFullYear } = date;
  const clue = clueOf(first, second, third, separator, hasFullYear);
  return clue === null ? null : { separator, clue };
}

function isMonth(number: number): boolean {
  return number >= 1 && number <= 12;
}

function isDayNumber(number: number): boolean {
  return number >= 1 && number <= 31;
}

/** The orders that configuration and proof leave; all of them where values of one column contradict each other. */
export function ordersLeft(
  configured: DateOrder,
  proof: ColumnProof | null,
  separator: string,
  hasFullYear: boolean,
): readonly Order[] {
  const clues = proof?.get(separator) ?? {};
  if (separator === ".") return configured === "auto" && clues.mdy !== undefined ? YEAR_LAST : ["dmy"];
  if (configured === "dmy" || configured === "mdy") return [configured];
  if (configured === "ymd" && !hasFullYear) return ["ymd"];
  const left = configured === "auto" ? leftBy(clues) : [];
  if (!hasFullYear) return left.length > 0 ? left : ANY;
  if (left.length > 0 && !left.includes("ymd")) return left;
  // Dates that begin with a year of two digits say nothing of those that end with one of four.
  if (clues.dmy !== undefined && clues.mdy === undefined) return ["dmy"];
  return clues.mdy !== undefined && clues.dmy === undefined ? ["mdy"] : YEAR_LAST;
}

function leftBy(clues: OrderProof): readonly Order[] {
  return ANY.filter((order) => CLUES.every((clue) => clues[clue] === undefined || LEFT_BY[clue].includes(order)));
}

/** The order that is left, when it is one. */
export function settledOrder(
  configured: DateOrder,
  proof: ColumnProof | null,
  separator: string,
  hasFullYear: boolean,
): Order | null {
  const [order, another] = ordersLeft(configured, proof, separator, hasFullYear);
  return another === undefined ? (order ?? null) : null;
}

const CLUES: readonly Clue[] = ["dmy", "mdy", "ymd", "year-last", "not-mdy"];

/** Clues that cannot both be true of one column. Of any that leave nothing, two do so by themselves. */
const CONTRADICTIONS: readonly (readonly [Order, Clue])[] = [
  ["dmy", "mdy"],
  ["dmy", "ymd"],
  ["mdy", "ymd"],
  ["ymd", "year-last"],
  ["mdy", "not-mdy"],
];

/** Two clues that contradict each other. Whether a year of four digits is concerned: only by day against month. */
export function contradiction(proof: OrderProof, hasFullYear: boolean): readonly [Order, Clue] | null {
  const concerned = hasFullYear ? CONTRADICTIONS.slice(0, 1) : CONTRADICTIONS;
  return concerned.find(([one, other]) => proof[one] !== undefined && proof[other] !== undefined) ?? null;
}

/** Whether a column's values say anything of day and month. */
export function saysDayOrMonth(proof: OrderProof | undefined): boolean {
  return proof?.dmy !== undefined || proof?.mdy !== undefined || proof?.["not-mdy"] !== undefined;
}

/** Whether a cell needs the proof of the whole file: several orders are possible, they differ, and nothing settles them yet. */
export function needsProof(cell: string, configured: DateOrder): boolean {
  const date = numericDate(cell.trim());
  if (date === null || date.separator === ".") return false;
  if (configured === "dmy" || configured === "mdy" || (configured === "ymd" && !date.hasFullYear)) return false;
  const possible = possibleOrders(date);
  const isSame = date.first === date.second && (!possible.includes("ymd") || date.second === date.third);
  return possible.length > 1 && !isSame;
}

/** Such as `DD/MM/YYYY`. */
export function orderStyle(order: Order, separator: string, hasFullYear: boolean): string {
  const years = hasFullYear ? "YYYY" : "YY";
  const parts = { dmy: ["DD", "MM", years], mdy: ["MM", "DD", years], ymd: [years, "MM", "DD"] };
  return parts[order].join(separator);
}
