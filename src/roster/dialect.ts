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

/** How much of the beginning is looked at. */
export const HEAD_BYTES = 65_536;

/** A header is looked for in so many records. */
const HEADER_WITHIN = 20;

/** So many lines above it are asked for a date. */
const TITLE_LINES = 200;

export interface Table {
  readonly dialect: Dialect;
  readonly header: readonly string[];
  /** Where the header begins in the text. */
  readonly start: LinePlace;
  /** Lines that were left aside above it. */
  readonly remarks: readonly Issue[];
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
  const quote = usesSingleQuotes(text) ? "'" : '"';
  const candidates: Candidate[] = [];
  for (const delimiter of delimitersToTry(options, announced?.[1])) {
    const best = findHeader(firstRecords(text, { delimiter, quote }, isWholeFile), options);
    if (best !== null) candidates.push({ ...best, dialect: { delimiter, quote } });
  }
  candidates.sort((a, b) => b.score - a.score || b.record.cells.length - a.record.cells.length);
  const found = candidates[0];
  if (found === undefined) {
    const isBlank = isWholeFile && text.toString("utf8").trim() === "";
    const what = isBlank ? "The file has" : `The file begins with ${HEADER_WITHIN * 2} lines that have`;
    const fix = isBlank ? "Run the export again." : "Take the blank lines above the header away.";
    throw refused("empty-file", null, `${what} no text, only blank lines.`, fix);
  }
  if (!found.isHeader && looksLikeData(found.record.cells)) {
    throw refused(
      "no-header",
      pass(AT_START, head.subarray(0, from + found.record.start)).line,
      "No header line was found: the file seems to begin with people right away.",
      "Let the export write the names of its columns on the first line.",
    );
  }
  const start = pass(AT_START, head.subarray(0, from + found.record.start));
  const { dialect, record, fields } = found;
  return {
    dialect,
    header: record.cells,
    start,
    remarks: aboveHeader(start, announced !== null),
    asOfLines: titleDates(head.subarray(0, start.offset).toString("utf8")),
    because: {
      delimiter:
        options.delimiter !== "auto"
          ? "set by roster.delimiter"
          : candidates.length === 1 && announced !== null
            ? "the sep= line names it"
            : `it makes ${counted(record.cells.length, "column")} of the header`,
      header: `${counted(fields, "cell")} in it ${fields === 1 ? "is a name" : "are names"} of columns that we need`,
    },
  };
}

function delimitersToTry(options: RosterOptions, announced: string | undefined): readonly string[] {
  if (options.delimiter !== "auto") return [options.delimiter];
  return announced === undefined ? DELIMITERS : [announced];
}

function isDelimiter(text: string | undefined): boolean {
  return DELIMITERS.some((delimiter) => delimiter === text);
}

interface Candidate {
  readonly record: HeadRecord;
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
function firstRecords(text: Buffer, dialect: Dialect, isWholeFile: boolean): HeadRecord[] {
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
      to: HEADER_WITHIN * 2,
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
  return records.filter((record) => record.cells.some((cell) => cell.trim() !== "")).slice(0, HEADER_WITHIN);
}

function findHeader(records: readonly HeadRecord[], options: RosterOptions): Omit<Candidate, "dialect"> | null {
  let best: Omit<Candidate, "dialect"> | null = null;
  for (const record of records) {
    const fields = recognisedFields(record.cells, options);
    if (isHeader(fields)) return { record, isHeader: true, fields: fields.size, score: 100 + fields.size };
    const score = fields.size * 2 + (record.cells.length > 1 ? 1 : 0);
    if (best === null || score > best.score) best = { record, isHeader: false, fields: fields.size, score };
  }
  return best;
}

function titleDates(above: string): AsOfLine[] {
  const lines = above.split(/\r\n|\n|\r/).slice(0, TITLE_LINES);
  return lines.map((text, at) => asOfIn(text, at + 1)).filter((line) => line !== null);
}

/** Cells that no header has: an address, a number, a date. Such a line must not be shown as "the columns". */
function looksLikeData(cells: readonly string[]): boolean {
  return cells.some((cell) => /\S@\S/.test(cell) || /^\s*\d[\d\s./:-]*$/.test(cell));
}

/** Cells in single quotes, and none in double quotes. */
function usesSingleQuotes(text: Buffer): boolean {
  const sample = text.toString("utf8");
  if (/(^|[,;\t|\n\r])"/.test(sample)) return false;
  const quotedCells = sample.match(/(?<=^|[,;\t|\n\r])'(?:[^'\n\r]|'')*'(?=[,;\t|\n\r]|$)/g);
  return (quotedCells?.length ?? 0) >= 2;
}

function aboveHeader(start: LinePlace, hasSeparatorLine: boolean): Issue[] {
  const lines = start.line - 1;
  const titles = hasSeparatorLine ? lines - 1 : lines;
  if (titles <= 0) return [];
  return [
    {
      code: "lines-above-header",
      line: hasSeparatorLine ? 2 : 1,
      column: null,
      message: `The header is on line ${start.line}; what stands above it was left aside.`,
      fix: "Nothing needs to be done.",
    },
  ];
}
