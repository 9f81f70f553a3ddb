// The status columns of a row: working, gone, or a doubt that is reported. Counts the words, so that `check` can show them.

import { readDate } from "./dates.ts";
import { detached } from "./detached.ts";
import type { StatusWordReading } from "./employee.ts";
import type { Mapping, StatusPlace } from "./mapping.ts";
import type { Note } from "./note.ts";
import { isPrivate, quoted } from "./quoting.ts";
import type { RosterOptions } from "./roster-options.ts";
import { type StatusMeaning, statusWords } from "./status-words.ts";

export interface StatusColumns {
  /** What the columns say together. `unsaid`: none says either, and the person counts as working. Null: an issue was noted. */
  says(cells: readonly string[], note: Note): "working" | "gone" | "unsaid" | null;
  /** The words so far; at most 200 different ones. */
  seen(): readonly StatusWordReading[];
}

const WORDS_COUNTED = 200;

/** What is counted instead of an address in a shifted row. */
const SHIFTED = "•••@•••";

interface Counted {
  readonly word: string;
  readonly meaning: StatusMeaning;
  rows: number;
}

interface StatusColumn {
  readonly place: StatusPlace;
  readonly counts: Map<string, Counted>;
  /** The word before: mostly that of the next row, too. */
  last: Counted | null;
}

export function statusColumns(mapping: Mapping, extra: RosterOptions["status"]): StatusColumns {
  const { statuses } = mapping;
  const words = statusWords(extra);
  const columns = statuses.map((place): StatusColumn => ({ place, counts: new Map(), last: null }));

  /** Reads and counts the cell of one column. */
  function read(column: StatusColumn, cells: readonly string[], note: Note): StatusMeaning {
    const { place, counts, last } = column;
    const cell = cells[place.index] ?? "";
    if (last !== null && cell === last.word && last.meaning !== "unknown") {
      last.rows += 1;
      return last.meaning;
    }
    const bare = cell.trim();
    const word = bare.includes("@") ? SHIFTED : bare;
    const known = counts.get(word);
    const meaning = known?.meaning ?? words.meaningOf(cell, place.isInverted);
    if (known !== undefined) {
      known.rows += 1;
      column.last = known;
    } else if (counts.size < WORDS_COUNTED) {
      const own = detached(word);
      counts.set(own, { word: own, meaning, rows: 1 });
    }
    if (meaning === "unknown") noteUnknown(place, bare, note);
    return meaning;
  }

  function weigh(meanings: readonly StatusMeaning[], note: Note): "working" | "gone" | "unsaid" | null {
    if (meanings.includes("working") && meanings.includes("gone")) {
      const columns = statuses.map((status) => quoted(status.header)).join(" and ");
      const message = `The columns ${columns} contradict each other: one says working, the other gone.`;
      note(undefined, "contradicting-status", message, "Correct one of them, or choose one: roster.columns.status", {
        path: "roster.columns.status",
        value: statuses[0]?.header ?? "",
        or: statuses
          .slice(1)
          .map((status) => quoted(status.header))
          .join(", "),
      });
      return null;
    }
    if (meanings.includes("gone")) return "gone";
    if (meanings.includes("working")) return "working";
    if (meanings.includes("employment type")) return "unsaid";
    note(
      statuses[0],
      "empty-status",
      "The status is empty.",
      'Fill it in, since an empty one proves neither working nor gone; where it has one meaning in all rows, put "" into roster.status.working or roster.status.gone.',
      { path: "roster.status", value: "", or: SAYS_WHO_KNOWS },
    );
    return null;
  }

  return {
    says(cells, note) {
      if (statuses.length === 0) return "unsaid";
      const [only] = columns;
      if (only !== undefined && columns.length === 1) {
        const meaning = read(only, cells, note);
        if (meaning === "working" || meaning === "gone") return meaning;
        return meaning === "unknown" ? null : weigh([meaning], note);
      }
      const meanings = columns.map((column) => read(column, cells, note));
      return meanings.includes("unknown") ? null : weigh(meanings, note);
    },
    seen: () =>
      columns.flatMap(({ place, counts }) =>
        [...counts].map(([word, { meaning, rows }]) => ({ column: place.header, word, meaning, rows })),
      ),
  };
}

const SAYS_WHO_KNOWS = "in working or in gone: nobody but you knows what the word means";

/** Whether a cell is written as a day, in whatever order. */
function saysDay(word: string): boolean {
  return readDate(word, () => ["dmy", "mdy", "ymd"]).kind !== "bad" && /\d/.test(word);
}

function noteUnknown(place: StatusPlace, word: string, note: Note): void {
  const asks = place.isInverted ? " (the column asks whether somebody has left)" : "";
  if (place.isInverted && saysDay(word)) {
    const message = `${quoted(place.header)} is ${quoted(word)}: the column asks whether somebody has left, and has days instead of words.`;
    const fix = `Name it as the column of end dates: roster.columns.end_date: ${quoted(place.header)}`;
    note(place, "dates-in-status", message, fix, { path: "roster.columns.end_date", value: place.header, or: null });
    return;
  }
  const message = `${quoted(place.header)} is ${quoted(word)}, which is not known to mean working or gone${asks}.`;
  if (isPrivate(word)) {
    note(place, "unknown-status", message, "See whether the columns of the row are shifted.");
    return;
  }
  note(
    place,
    "unknown-status",
    message,
    "Add the word to roster.status.working or roster.status.gone in the configuration, or correct it.",
    { path: "roster.status", value: word, or: SAYS_WHO_KNOWS },
  );
}
