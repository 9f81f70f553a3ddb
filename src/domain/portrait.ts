// What is remembered of a roster so that the next one can be compared with it: counts, headers and a sketch of its people.
// No values of any cell. Some tens of kilobytes at most, whatever the roster's size.

import type { Day } from "./day.ts";
import type { AsOfReading, Field, ReadingSummary, RosterRow, Trailer } from "./employee.ts";
import { NEAR_MISS } from "./mapping-remarks.ts";
import { draftSketch, type PeopleSketch } from "./people-sketch.ts";

/** Portraits of another number were drawn by another version, and are compared with nothing. */
export const PORTRAIT_VERSION = 1;

/** Headers beyond these are not remembered, and longer ones not to their end. */
const MOST_HEADERS = 500;
const MOST_CHARACTERS = 100;

/** A column that is used. */
export interface UsedColumn {
  readonly header: string;
  /** Null: it serves only include, exclude or role rules. */
  readonly field: Field | null;
  /** Whether the configuration names it, which is a person's word. */
  readonly isConfigured: boolean;
  /** Rows in which it has a value. */
  readonly filled: number;
}

export interface RosterPortrait {
  readonly version: number;
  readonly rows: number;
  /** Rows with issues. */
  readonly unreadable: number;
  /** Rows with a person key. */
  readonly people: number;
  readonly sketch: PeopleSketch;
  readonly used: readonly UsedColumn[];
  /** All headers, used or not. */
  readonly headers: readonly string[];
  /** Headers that nothing uses and that are nearly usual ones for a field that nothing else serves. */
  readonly doubted: readonly string[];
  readonly trailer: Pick<Trailer, "count" | "hasEndMark"> | null;
  /** The day, or the earliest and the latest, of which the roster said it was; null: it did not say. */
  readonly asOf: Pick<AsOfReading, "from" | "to"> | null;
  /** Rosters that were accepted before this one and had more readable rows than any later one; empty in the portrait of a new roster. */
  readonly peaks: readonly Peak[];
}

/** How many readable rows an accepted roster had. */
export interface Peak {
  readonly acceptedOn: Day;
  readonly readable: number;
}

/** A portrait in the making; grows row by row, in bounded memory. */
export interface PortraitDraft {
  add(row: RosterRow): void;
  finish(summary: ReadingSummary): RosterPortrait;
}

export function draftPortrait(): PortraitDraft {
  const sketch = draftSketch();
  let people = 0;
  return {
    add(row) {
      // Whoever has a row is here, also when the row cannot be read otherwise: unreadable is not absent.
      const key = row.kind === "employee" ? row.employee.key : row.key;
      if (key === null) return;
      people += 1;
      sketch.add(key);
    },
    finish({ rows, unreadable, columns, trailer, asOf, remarks }) {
      const used = columns.filter((column) => column.by !== null);
      return {
        version: PORTRAIT_VERSION,
        rows,
        unreadable,
        people,
        sketch: sketch.finish(),
        used: used.map(({ header, field, by, filled }) => ({
          header: clipped(header),
          field,
          isConfigured: by !== "synonym",
          filled,
        })),
        headers: columns.slice(0, MOST_HEADERS).map(({ header }) => clipped(header)),
        doubted: remarks.flatMap(({ code, column }) =>
          code === NEAR_MISS && column !== null ? [clipped(column)] : [],
        ),
        trailer: trailer === null ? null : { count: trailer.count, hasEndMark: trailer.hasEndMark },
        asOf: asOf == null ? null : { from: asOf.from, to: asOf.to },
        peaks: [],
      };
    },
  };
}

/** What a version before as-of dates, peaks and doubted headers has kept is completed: it is still the roster to compare with. */
export function completedPortrait(kept: RosterPortrait | null): RosterPortrait | null {
  return kept?.version === PORTRAIT_VERSION
    ? { ...kept, doubted: kept.doubted ?? [], asOf: kept.asOf ?? null, peaks: kept.peaks ?? [] }
    : null;
}

function clipped(header: string): string {
  return header.trim().slice(0, MOST_CHARACTERS);
}
