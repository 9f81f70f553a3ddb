// Where the table is in a file and how its cells are separated, found from the beginning of the file itself: the separator
// is right when it makes a header appear. Title lines above the header are set aside, and said so.

import { parse } from "csv-parse/sync";
import { type AsOfLine, asOfIn } from "../domain/as-of.ts";
import type { Issue } from "../domain/employee.ts";
import { isHeader, recognisedFields } from "../domain/mapping.ts";
import { counted, quoted } from "../domain/quoting.ts";
import { DELIMITERS, type RosterOptions } from "../domain/roster-options.ts";
import { AT_START, type LinePlace, pass } from "./lines.ts";
import type { Dialect } from "./records.ts";
import { refused } from "./refused.ts";
import {
  aboveHeader,
  extraSeparator,
  HEADER_WITHIN,
  noHeader,
  quotedLines,
  rowsAbove,
  wrongSeparator,
} from "./table-complaints.ts";

/** How much of the beginning is looked at. */
export const HEAD_BYTES = 65_536;

/** A header is looked for in these records first, which is where nearly all are. */
const HEADER_MOSTLY_WITHIN = 20;

const LINE_END = /\r\n|\n|\r/;

/** So many lines above it are asked what they say. */
const TITLE_LINES = 200;

export interface Title {
  readonly line: number;
  readonly text: string;
}

export interface Table {
  readonly dialect: Dialect;
  readonly header: readonly string[];
  /** Each row ends with a separator that the header does not have: its last cell is nothing, or the row is misshapen. */
  readonly hasOpenRows: boolean;
  /** Whether it names what a roster needs; otherwise it is the line that looks most like one. */
  readonly isHeader: boolean;
  /** Where the header begins in the text. */
  readonly start: LinePlace;
  /** Lines that were left aside above it. */
  readonly remarks: readonly Issue[];
  /** Their texts, without separators and quotes; not the blank ones. */
  readonly titles: readonly Title[];
  /** Those of them that say of which day the roster is. */
  readonly asOfLines: readonly AsOfLine[];
  /** Why this separator and this header line: for people. */
  readonly because: { readonly delimiter: string; readonly header: string };
}

/** Finds the table. `head`: the beginning of the text, UTF-8 without mark. @throws RosterRefused when there is no header */
export function findTable(head: Buffer, isWholeFile: boolean, options: RosterOptions): Table {
  const announced = /^"?sep=(.)"?[ \t]*(\r\n|\n|\r|$)/i.exec(head.subarray(0, 32).toString("utf8"));
  if (announced !== null && options.delimiter === "auto" && !isDelimiter(announced[1])) {
    throw refused(
      "unknown-separator",
      1,
      `The first line announces ${quoted(announced[1] ?? "")} as the separator, which is not read here.`,
      "Export with a comma, a semicolon, a tab or a pipe (|) between the columns.",
    );
  }
  const from = announced === null ? 0 : Buffer.byteLength(announced[0]);
  const text = head.subarray(from);
  const given = options.delimiter === "auto" ? announced?.[1] : options.delimiter;
  const found = best(text, given === undefined ? DELIMITERS : [given], isWholeFile, options);
  if (found === null) {
    const isBlank = isWholeFile && text.toString("utf8").trim() === "";
    const what = isBlank ? "The file has" : `The file begins with ${HEADER_WITHIN * 2} lines that have`;
    const fix = isBlank ? "Run the export again." : "Take the blank lines above the header away.";
    throw refused("empty-file", null, `${what} no text, only blank lines.`, fix);
  }
  const lineOf = ({ start }: HeadRecord): number => pass(AT_START, head.subarray(0, from + start)).line;
  if (!found.isHeader) {
    const other = given === undefined ? null : best(text, DELIMITERS, isWholeFile, options);
    if (other?.isHeader === true)
      throw wrongSeparator(given ?? "", other.dialect.delimiter, options.delimiter !== "auto");
    const inner = found.record.cells.length === 1 ? (found.record.cells[0] ?? "") : "";
    if (isHeaderInside(inner, options)) throw quotedLines(lineOf(found.record));
    if (looksLikeData(found.record.cells)) throw noHeader(lineOf(found.record), given);
    if (found.record.cells.length === 1 && found.fields === 0) throw noHeader(null, given);
  }
  const start = pass(AT_START, head.subarray(0, from + found.record.start));
  const lost = found.above.find(({ cells }) => looksLikePerson(cells, found.record.cells.length));
  if (found.isHeader && lost !== undefined) throw rowsAbove(lineOf(lost), start.line);
  const { dialect, record, fields } = found;
  const above = head
    .subarray(0, start.offset)
    .toString("utf8")
    .split(LINE_END)
    .slice(0, start.line - 1);
  const remarks = aboveHeader(above, announced !== null);
  const titles = above.slice(0, TITLE_LINES);
  const extra = extraSeparators(found);
  return {
    dialect,
    // What follows the last separator of each row is a column without a name.
    header: extra === "rows" ? [...record.cells, ""] : extra === "header" ? record.cells.slice(0, -1) : record.cells,
    hasOpenRows: extra === "rows",
    isHeader: found.isHeader,
    start,
    remarks: extra === null ? remarks : [...remarks, extraSeparator(start.line, extra)],
    titles: titlesIn(titles),
    asOfLines: titles.map((text, at) => asOfIn(text, at + 1)).filter((line) => line !== null),
    because: {
      delimiter:
        options.delimiter !== "auto"
          ? "set by roster.delimiter"
          : announced !== null
            ? "the sep= line names it"
            : `it makes ${counted(record.cells.length, "column")} of the header`,
      header: `${counted(fields, "cell")} in it ${fields === 1 ? "is a name" : "are names"} of columns that we need`,
    },
  };
}

/** The best header that one of the separators makes, near the beginning if there is one; null where there is only blank text. */
function best(
  text: Buffer,
  delimiters: readonly string[],
  isWholeFile: boolean,
  options: RosterOptions,
): Candidate | null {
  const quote = usesSingleQuotes(text) ? "'" : '"';
  let candidates: Candidate[] = [];
  for (const within of [HEADER_MOSTLY_WITHIN, HEADER_WITHIN]) {
    candidates = delimiters.flatMap((delimiter) => {
      const dialect = { delimiter, quote };
      const header = findHeader(firstRecords(text, dialect, isWholeFile, within), options);
      return header === null ? [] : [{ ...header, dialect }];
    });
    candidates.sort((a, b) => b.score - a.score || b.record.cells.length - a.record.cells.length);
    if (candidates[0]?.isHeader === true) break;
  }
  return candidates[0] ?? null;
}

/** Whether a single cell is a header by itself. */
function isHeaderInside(cell: string, options: RosterOptions): boolean {
  return DELIMITERS.some((delimiter) => isHeader(recognisedFields(cell.split(delimiter), options)));
}

function isDelimiter(text: string | undefined): boolean {
  return DELIMITERS.some((delimiter) => delimiter === text);
}

interface Candidate {
  readonly record: HeadRecord;
  /** The records above it, and the first below it. */
  readonly above: readonly HeadRecord[];
  readonly below: readonly HeadRecord[];
  readonly isHeader: boolean;
  /** How many fields its cells name. */
  readonly fields: number;
  readonly score: number;
  readonly dialect: Dialect;
}

interface HeadRecord {
  readonly cells: readonly string[];
  /** Offset of its first byte, blank lines before it passed. */
  readonly start: number;
}

/** The first records, as far as they can be parsed. */
function firstRecords(text: Buffer, dialect: Dialect, isWholeFile: boolean, within: number): HeadRecord[] {
  const records: HeadRecord[] = [];
  let end = 0;
  try {
    parse(text, {
      columns: false,
      delimiter: dialect.delimiter,
      quote: dialect.quote,
      escape: dialect.quote,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_quotes: true,
      relax_column_count: true,
      to: within * 2,
      on_record: (cells: string[], context) => {
        records.push({ cells, start: end });
        end = context.bytes;
        return null;
      },
    });
  } catch {
    // What could be parsed before the damage is enough to find a header; the damage itself is reported while reading.
  }
  if (!isWholeFile && end >= text.length) records.pop();
  return records.filter((record) => record.cells.some((cell) => cell.trim() !== "")).slice(0, within);
}

function findHeader(records: readonly HeadRecord[], options: RosterOptions): Omit<Candidate, "dialect"> | null {
  let best: Omit<Candidate, "dialect"> | null = null;
  for (const [at, record] of records.entries()) {
    const fields = recognisedFields(record.cells, options);
    const found = { record, above: records.slice(0, at), below: records.slice(at + 1), fields: fields.size };
    if (isHeader(fields)) return { ...found, isHeader: true, score: 100 + fields.size };
    // What is shown as the columns must not be people; and of lines that say as little, a title has fewer cells.
    const cells = Math.min(record.cells.length, 50);
    const score = looksLikeData(record.cells) ? cells / 100 - 1 : fields.size * 2 + cells / 100;
    if (best === null || score > best.score) best = { ...found, isHeader: false, score };
  }
  return best;
}

/** So many rows that end alike are no accident. */
const ROWS_ALIKE = 3;

/** Whether the first rows all have one separator more than the header at their end, or all one less: some systems write lines so. */
function extraSeparators({ record, below }: Candidate): "rows" | "header" | null {
  const { cells: header } = record;
  const rows = below.filter(({ cells }) => cells.filter((cell) => cell.trim() !== "").length > 1);
  if (rows.length < ROWS_ALIKE) return null;
  const isHeaderOpen = header.at(-1)?.trim() === "";
  if (isHeaderOpen) return rows.every(({ cells }) => cells.length === header.length - 1) ? "header" : null;
  const isOpen = ({ cells }: HeadRecord) => cells.length === header.length + 1 && cells.at(-1)?.trim() === "";
  return rows.every(isOpen) ? "rows" : null;
}

function titlesIn(lines: readonly string[]): Title[] {
  const titles = lines.map((text, at) => ({ line: at + 1, text: text.replace(/[",;|\t ]+/g, " ").trim() }));
  return titles.filter(({ text }) => text !== "");
}

/** Cells that no header has: an address, a number, a date. Such a line must not be shown as "the columns". */
function looksLikeData(cells: readonly string[]): boolean {
  return cells.some((cell) => /\S@\S/.test(cell) || /^\s*\d[\d\s./:-]*$/.test(cell));
}

/** So much of the header's width, at least, is filled in a row of a person, with an address and without. */
const PERSON_FILLED = { withAddress: 2 / 3, without: 0.8 };

function looksLikePerson(cells: readonly string[], width: number): boolean {
  const filled = cells.filter((cell) => cell.trim() !== "");
  if (filled.length < 3 || !looksLikeData(cells)) return false;
  if (filled.some((cell) => /\S@\S/.test(cell))) return filled.length >= width * PERSON_FILLED.withAddress;
  const words = filled.filter((cell) => /\p{L}{2}/u.test(cell)).length;
  return width > 3 && words > 1 && filled.length >= width * PERSON_FILLED.without;
}

/** Cells in single quotes, and none in double quotes. */
function usesSingleQuotes(text: Buffer): boolean {
  const sample = text.toString("utf8");
  if (/(^|[,;\t|\n\r])"/.test(sample)) return false;
  const quotedCells = sample.match(/(?<=^|[,;\t|\n\r])'(?:[^'\n\r]|'')*'(?=[,;\t|\n\r]|$)/g);
  return (quotedCells?.length ?? 0) >= 2;
}
