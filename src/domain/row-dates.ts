// The date columns of a row: their days, the doubt about their order, and whether a last cell is complete.

import {
  type Clue,
  type ColumnProof,
  contradiction,
  needsProof,
  numericDate,
  type OrderProof,
  orderStyle,
  ordersLeft,
  settledOrder,
} from "./date-order.ts";
import { type DateReading, isZeroDay, openCentury, readDate, spelledOut } from "./dates.ts";
import type { Day } from "./day.ts";
import { detached } from "./detached.ts";
import type { DateStyleReading } from "./employee.ts";
import type { Mapping, Place } from "./mapping.ts";
import type { Note } from "./note.ts";
import { mayBeDate, quoted } from "./quoting.ts";
import type { DateOrder, RosterOptions } from "./roster-options.ts";

/** Proofs of the date order, by the index of the kept cell. */
export type DateProofs = ReadonlyMap<number, ColumnProof>;

export interface DateColumns {
  /** Indexes of the cells whose order only the whole file can prove. Empty when configuration settles it. */
  readonly unsettled: readonly number[];
  needsProof(cells: readonly string[]): boolean;
  /** The day of a field; null where there is none, or where an issue was noted. */
  day(
    field: "startDate" | "endDate",
    cells: readonly string[],
    line: number,
    proofs: DateProofs | null,
    note: Note,
  ): Day | null;
  /** In which styles the days so far are written. */
  seen(): readonly DateStyleReading[];
  /** Whether the cell at `index` is a date that nothing can be missing from at its end. */
  isComplete(index: number, cells: readonly string[], proofs: DateProofs | null): boolean;
}

type DateField = "startDate" | "endDate";

export const DATE_FIELDS: readonly DateField[] = ["startDate", "endDate"];

/** What the configuration calls the order of one column, under `roster.dates`. */
export const ORDER_SETTINGS: Readonly<Record<DateField, string>> = { startDate: "start_order", endDate: "end_order" };

const SEPARATOR_WORDS: Readonly<Record<string, string>> = { ".": "dots", "/": "slashes", "-": "hyphens" };

/** Days repeat: so many different cells are read only once. */
const DATES_CACHED = 20_000;

export function dateColumns(mapping: Mapping, options: RosterOptions["dates"]): DateColumns {
  const { fields } = mapping;
  const placeOf = { startDate: fields.get("startDate"), endDate: fields.get("endDate") };
  const places = [placeOf.startDate, placeOf.endDate].filter((place) => place !== undefined);
  const own = { startDate: options.startOrder, endDate: options.endOrder };
  const configuredFor = (field: DateField): DateOrder => (own[field] === "auto" ? options.order : own[field]);
  const orders = new Map<number, DateOrder>();
  for (const field of DATE_FIELDS) {
    const place = placeOf[field];
    if (place !== undefined) orders.set(place.index, configuredFor(field));
  }
  const configuredAt = (index: number): DateOrder => orders.get(index) ?? options.order;
  const unsettled = [...orders].flatMap(([index, order]) => (order === "auto" || order === "ymd" ? [index] : []));
  /** Of two columns each is settled by itself: what is right for one may be wrong for the other. */
  const settingOf = (field: DateField): string => (orders.size < 2 ? "order" : ORDER_SETTINGS[field]);

  const caches = { startDate: new Map<string, CellRead>(), endDate: new Map<string, CellRead>() };
  const styles = new Map<string, Styled>();
  let cachedFor: DateProofs | null = null;

  function readAt(place: Place, cell: string, proofs: DateProofs | null): CellRead {
    if (proofs !== cachedFor) for (const cache of Object.values(caches)) cache.clear();
    cachedFor = proofs;
    const cache = place === placeOf.endDate ? caches.endDate : caches.startDate;
    const cached = cache.get(cell);
    if (cached !== undefined) return cached;
    const proof = proofs?.get(place.index) ?? null;
    const reading = readDate(cell, (separator, hasFullYear) =>
      ordersLeft(configuredAt(place.index), proof, separator, hasFullYear),
    );
    const isNoEnd = place === placeOf.endDate && reading.kind === "day" && isZeroDay(reading.day);
    const read: CellRead = { reading: isNoEnd ? { kind: "none", isEndOfTime: true } : reading, styled: null };
    if (cache.size < DATES_CACHED) cache.set(detached(cell), read);
    return read;
  }

  function count(place: Place, read: CellRead, cell: string, line: number): void {
    if (read.styled === null) {
      const style = styleOf(read.reading);
      if (style === null) return;
      const id = `${place.index} ${style}`;
      read.styled = styles.get(id) ?? { column: place.header, style, rows: 0, sample: detached(cell.trim()), line };
      styles.set(id, read.styled);
    }
    read.styled.rows += 1;
  }

  function readAs(place: Place, cell: string, proofs: DateProofs | null): string {
    const date = numericDate(cell.trim());
    if (date === null) return "";
    const { separator, hasFullYear } = date;
    const order = settledOrder(configuredAt(place.index), proofs?.get(place.index) ?? null, separator, hasFullYear);
    // Proved or configured for this separator alone: the rest of the column may be written in another way.
    const written = SEPARATOR_WORDS[separator] ?? "numbers";
    return order === null
      ? ""
      : ` (dates with ${written} in this column are read as ${orderStyle(order, separator, hasFullYear)})`;
  }

  function noteDoubt(
    field: DateField,
    place: Place,
    shown: string,
    reading: DateReading & { kind: "ambiguous" },
    proofs: DateProofs | null,
    note: Note,
  ): void {
    const { readings, separator, hasFullYear } = reading;
    const proof = proofs?.get(place.index)?.get(separator) ?? {};
    const why = doubt(proof, hasFullYear);
    const spelled = readings.map(({ order, day }) => ({ order, day: day === null ? "no day" : spelledOut(day) }));
    const days = [...new Set(spelled.map(({ day }) => day))];
    if (contradiction(proof, hasFullYear) !== null) {
      const message = `${shown}, which may be ${either(days)}; ${why}, so that no one order is right for the column.`;
      note(place, "ambiguous-date", message, "Export dates as YYYY-MM-DD.");
      return;
    }
    const [first, ...others] = [
      ...readings.filter(({ day }) => day !== null),
      ...readings.filter(({ day }) => day === null),
    ];
    note(
      place,
      "ambiguous-date",
      `${shown}, which may be ${either(days)}; ${why}.`,
      `Write roster.dates.${settingOf(field)}: ${either(spelled.map(({ order, day }) => `${order} (${day})`))} into the configuration, or export dates as YYYY-MM-DD.`,
      {
        path: `roster.dates.${settingOf(field)}`,
        value: first?.order ?? "",
        or: `${either(others.map(({ order }) => order))}; ${spelled.map(({ order, day }, at) => `${order}${at === 0 ? " makes it" : ""} ${day}`).join(", ")}`,
      },
    );
  }

  return {
    unsettled,
    needsProof(cells) {
      for (const index of unsettled) if (needsProof(cells[index] ?? "", configuredAt(index))) return true;
      return false;
    },

    seen: () => [...styles.values()],

    day(field, cells, line, proofs, note) {
      const place = placeOf[field];
      const cell = place === undefined ? "" : (cells[place.index] ?? "");
      if (place === undefined || cell === "") return null;
      const read = readAt(place, cell, proofs);
      count(place, read, cell, line);
      const { reading } = read;
      if (reading.kind === "day" && !reading.isShortYear) return reading.day;
      const shown = `${quoted(place.header)} is ${quoted(cell.trim())}`;
      if (reading.kind === "day") {
        const open = openCentury(reading, field);
        if (open === null) return reading.day;
        const message = `${shown}, which may be ${either(open.map(spelledOut))}.`;
        note(place, "ambiguous-century", message, "Export dates with years of four digits, best as YYYY-MM-DD.");
        return null;
      }
      if (reading.kind === "ambiguous") {
        noteDoubt(field, place, shown, reading, proofs, note);
      } else if (reading.kind === "bad") {
        const message = mayBeDate(cell)
          ? `${shown}, which is not a day${readAs(place, cell, proofs)}.`
          : `${quoted(place.header)} has words where a day belongs.`;
        note(place, "bad-date", message, "Correct the date in the HR system, best as YYYY-MM-DD.");
      } else if (reading.isEndOfTime && field === "startDate") {
        const message = `${shown}, which is no day on which somebody starts.`;
        note(place, "bad-date", message, "Correct the date in the HR system.");
      }
      return null;
    },

    isComplete(index, cells, proofs) {
      const place = places.find((date) => date.index === index);
      if (place === undefined) return false;
      const { reading } = readAt(place, cells[index] ?? "", proofs);
      return reading.kind === "day" && reading.isWhole;
    },
  };
}

const FOUND: Readonly<Record<Clue, string>> = {
  dmy: "the day",
  mdy: "the month",
  ymd: "the year",
  "year-last": "the year last",
  "not-mdy": "a number over 12",
};

function doubt(proof: OrderProof, hasFullYear: boolean): string {
  const [one, other] = contradiction(proof, hasFullYear) ?? [];
  if (one === undefined || other === undefined) return "nothing in this column proves which";
  return `line ${proof[one]?.line} of the file has ${FOUND[one]} first and line ${proof[other]?.line} ${FOUND[other]}`;
}

/** `a`, `a or b`, `a, b or c`. */
function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

interface Styled extends DateStyleReading {
  rows: number;
}

/** What a cell was read as, and where its style is counted: null until it is. */
interface CellRead {
  readonly reading: DateReading;
  styled: Styled | null;
}

function styleOf(reading: DateReading): string | null {
  if (reading.kind === "day") return reading.style;
  if (reading.kind === "ambiguous") return reading.readings.some(({ order }) => order === "ymd") ? "year-open" : "open";
  return reading.kind === "none" && reading.isEndOfTime ? "no end" : null;
}
