// What is kept of a record while the file streams by: the cells that are needed, and nothing of any other column. Records of
// the wrong shape become issues with their line; they are neither swallowed nor shifted into place.

import { type AsOfLine, asOfIn } from "../domain/as-of.ts";
import { type Aside, asideMessage, asideReader, LONE_CELL, MOVED_HEADER } from "../domain/aside.ts";
import type { Issue, Trailer } from "../domain/employee.ts";
import { type Mapping, saysWhoLeft } from "../domain/mapping.ts";
import { counted } from "../domain/quoting.ts";
import { DELIMITERS } from "../domain/roster-options.ts";
import { countSaid, pageSaid, saysCutOff, saysEnd } from "../domain/self-said.ts";
import type { Table } from "./dialect.ts";
import { BrokenCsv, type Take } from "./records.ts";
import { separatorName } from "./table-complaints.ts";

export type Kept =
  | { readonly kind: "record"; readonly cells: readonly string[]; readonly line: number }
  | { readonly kind: "misshapen"; readonly issue: Issue; readonly line: number };

export interface AsideNotes {
  /** @throws BrokenCsv for a line that says of the file that it is not the whole */
  note(aside: Aside, line: number, cells: readonly string[]): void;
  /** A row of somebody, or of a lone text, which begins something else. */
  row(isLone: boolean): void;
  /** `saysWhoLeft`: a column does. @throws BrokenCsv where nobody can stand any more, or nobody who works */
  person(line: number, saysWhoLeft: boolean): void;
  /** Whether the last record so far was no person. */
  cameLast(): boolean;
  remarks(): readonly Issue[];
  /** What stands below the last person. */
  trailer(): Trailer | null;
  /** Footers that say of which day the roster is. */
  asOfLines(): readonly AsOfLine[];
}

/** So many records of one kind are named. */
const NAMED = 5;

/** So many footers are asked for a date: a footer on every page says the same each time. */
const AS_OF_LINES = 100;

/** Remembers which records were left aside. */
export function asideNotes(): AsideNotes {
  const lines = new Map<Aside, number[]>();
  const counts = new Map<Aside, number>();
  let isAside = false;
  let trailer: Trailer | null = null;
  let heading: number | null = null;
  const asOfLines: AsOfLine[] = [];
  return {
    note(aside, line, cells) {
      isAside = true;
      if (aside === "heading") heading = line;
      if (aside === "footer") {
        if (saysCutOff(cells.join(" "))) throw new BrokenCsv("says-cut-off", line);
        trailer = withFooter(trailer, line, cells);
        const asOf = asOfLines.length < AS_OF_LINES ? asOfIn(cells.join(" "), line) : null;
        if (asOf !== null) asOfLines.push(asOf);
      }
      const named = lines.get(aside) ?? [];
      if (named.length < NAMED) named.push(line);
      lines.set(aside, named);
      counts.set(aside, (counts.get(aside) ?? 0) + 1);
    },
    row(isLone) {
      isAside = false;
      if (isLone) heading = null;
      else trailer = null;
    },
    person(line, saysWhoLeft) {
      if (trailer?.hasEndMark === true) throw new BrokenCsv("rows-below-end", line);
      if (heading !== null && !saysWhoLeft) throw new BrokenCsv("leavers-below", heading);
    },
    cameLast: () => isAside,
    trailer: () => trailer,
    asOfLines: () => asOfLines,
    remarks() {
      const remarks: Issue[] = [];
      for (const [aside, named] of lines) {
        const more = (counts.get(aside) ?? 0) - named.length;
        for (const [at, line] of named.entries()) {
          const also = more > 0 && at === named.length - 1 ? ` ${counted(more, "more such record")} below.` : "";
          const message = asideMessage(aside) + also;
          remarks.push({ code: `aside-${aside}`, line, column: null, message, fix: "Nothing needs to be done." });
        }
      }
      return remarks.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
    },
  };
}

function withFooter(before: Trailer | null, line: number, cells: readonly string[]): Trailer {
  const text = cells.join(" ");
  const [count, hasEndMark, page] = [countSaid(text), saysEnd(text), pageSaid(text)];
  if (before === null) return { line, count, hasEndMark, ...(page === null ? {} : { page }) };
  return {
    ...before,
    count: before.count === null || count === null || before.count === count ? (before.count ?? count) : null,
    hasEndMark: before.hasEndMark || hasEndMark,
    ...(page === null ? {} : { page }),
  };
}

/** Keeps what is needed of each record below the header. `asides` is told of records that are no people. */
export function takeKept(table: Table, mapping: Mapping, asides: AsideNotes): Take<Kept> {
  const width = table.header.length;
  const { quote } = table.dialect;
  const classify = asideReader(table.header, mapping.columns);
  const isSomebody = personTest(mapping);
  const isSaidWhoLeft = saysWhoLeft(mapping);
  let isHeader = true;
  return (cells, line, lastLine, hasStrayQuote) => {
    if (isHeader) {
      isHeader = false;
      return null;
    }
    const aside = classify(cells);
    if (aside === MOVED_HEADER) throw new BrokenCsv(MOVED_HEADER, line);
    if (aside === LONE_CELL) {
      asides.row(true);
      return { kind: "misshapen", line, issue: loneCell(line) };
    }
    if (aside !== null) {
      asides.note(aside, line, cells);
      return null;
    }
    if (cells.length === width && isSomebody(cells)) asides.person(line, isSaidWhoLeft);
    asides.row(false);
    if (hasStrayQuote) {
      // A cell over several lines that does not end at its quote has swallowed other people's rows.
      if (lastLine > line) throw new BrokenCsv("open-quote", line);
      return { kind: "misshapen", line, issue: strayQuote(line, quote) };
    }
    const isOpen = table.hasOpenRows && cells.at(-1)?.trim() === "";
    if (cells.length !== width || isOpen !== table.hasOpenRows) {
      const expected = table.hasOpenRows ? width - 1 : width;
      return { kind: "misshapen", line, issue: ragged(line, lastLine, cells, expected) };
    }
    const kept: string[] = [];
    for (const position of mapping.kept) {
      const cell = cells[position] ?? "";
      const first = cell.charCodeAt(0);
      if ((first === SPACE || first === TAB) && isSpacedQuote(cell, quote))
        return { kind: "misshapen", line, issue: spaceBeforeQuote(line, table.header[position] ?? "", quote) };
      kept.push(first === EQUALS ? plainCell(cell) : cell);
    }
    return { kind: "record", line, cells: kept };
  };
}

const [TAB, SPACE, EQUALS] = [9, 32, 61];

/** `="00123"` is how exports keep spreadsheets from touching a value; the value is what stands in it. */
function plainCell(cell: string): string {
  return /^="([^"]*)"$/.exec(cell)?.[1] ?? cell;
}

/** ` "Ana"`: a space before the opening quote makes it a part of the value, and separators behind it count. */
function isSpacedQuote(cell: string, quote: string): boolean {
  return cell.trimStart().startsWith(quote) && cell.trimEnd().endsWith(quote);
}

function spaceBeforeQuote(line: number, header: string, quote: string): Issue {
  return {
    code: "stray-quote",
    line,
    column: header.trim(),
    message: `A space stands between a separator and the ${quote} that opens a cell, so that the ${quote} counts as a part of it.`,
    fix: `Let the export write no spaces around its separators.`,
  };
}

function strayQuote(line: number, quote: string): Issue {
  return {
    code: "stray-quote",
    line,
    column: null,
    message: `A cell goes on after its closing ${quote}, so that nobody can tell where it ends.`,
    fix: `Write a ${quote} inside a cell twice (${quote}${quote}), or leave it out, and export again.`,
  };
}

/** The separator that would make as many cells as the header has; null: none would. */
function otherSeparator(cell: string, width: number): string | null {
  if (width < 3) return null;
  const found = DELIMITERS.find((delimiter) => cell.split(delimiter).length === width);
  return found === undefined ? null : separatorName(found);
}

/** A row with an address, or without such a column with an id, is somebody's, whatever else is wrong with it. */
function personTest({ columns }: Mapping): (cells: readonly string[]) => boolean {
  const emailAt = columns.findIndex(({ field }) => field === "email");
  const idAt = columns.findIndex(({ field }) => field === "employeeId");
  return (cells) => (emailAt === -1 ? /\d/.test(cells[idAt] ?? "") : (cells[emailAt] ?? "").includes("@"));
}

function loneCell(line: number): Issue {
  return {
    code: "lone-cell",
    line,
    column: null,
    message: "Only one cell of this row is filled, and not with an id: perhaps a heading or a note among the people.",
    fix: "Leave such lines out of the export; or, if it is somebody's row, fill it in.",
  };
}

function ragged(line: number, lastLine: number, cells: readonly string[], width: number): Issue {
  const found = cells.length;
  const where = lastLine > line ? `The row (lines ${line} to ${lastLine})` : "The row";
  const other = found === 1 ? otherSeparator(cells[0] ?? "", width) : null;
  if (other !== null) {
    return {
      code: "other-separator",
      line,
      column: null,
      message: `${where} is separated by another mark (${other}) than the header.`,
      fix: "Let the export separate header and rows by the same mark.",
    };
  }
  const isEndless = found === width + 1 && cells.at(-1)?.trim() === "";
  const why = isEndless
    ? "the row ends with one separator more than the header, or one stands inside an unquoted cell"
    : found > width
      ? "a separator stands inside an unquoted cell"
      : "the row is cut off or a separator is missing";
  return {
    code: found > width ? "too-many-cells" : "too-few-cells",
    line,
    column: null,
    message: `${where} has ${counted(found, "cell")} and the header ${width}: probably ${why}.`,
    fix: "Correct the row, or let the export put its cells in quotes; cells were not shifted to make it fit.",
  };
}
