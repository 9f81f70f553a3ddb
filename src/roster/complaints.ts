// What is said about a file as a whole: why it is refused, and what is worth knowing although nothing stops for it.

import type { Issue, ReadingSummary } from "../domain/employee.ts";
import { type Mapping, saysWhoLeft } from "../domain/mapping.ts";
import type { RosterRefused } from "../domain/roster-refused.ts";
import { saysLeavers, saysCutOff as saysRowsMissing } from "../domain/self-said.ts";
import type { FileLook } from "./bytes.ts";
import type { Table } from "./dialect.ts";
import type { BrokenCsv } from "./records.ts";
import { refused } from "./refused.ts";

/** CSV that does not add up, as a refusal. */
export function refusal(broken: BrokenCsv, maxRecordBytes: number): RosterRefused {
  switch (broken.kind) {
    case "open-quote":
      return refused(
        "open-quote",
        broken.line,
        `A quote that is opened on line ${broken.line} is not closed where its cell ends: rows below it would be swallowed, or the file was cut off.`,
        "Close the quote, or write a quote inside a cell twice, and export again.",
      );
    case "long-record":
      return refused(
        "long-record",
        broken.line,
        `The row that begins on line ${broken.line} is longer than ${maxRecordBytes} bytes, which no row of a roster is.`,
        "See whether the file is the right one; if such rows are really meant, raise roster.max_record_bytes.",
      );
    case "moved-header":
      return refused(
        "moved-header",
        broken.line,
        `Line ${broken.line} is a header that names the columns in another order than the header of the table: the rows below it would be read into the wrong columns.`,
        "Export once more as one table; or make two files of it, each with its own header, and put the rows into one order of columns.",
      );
    case "says-cut-off":
      return refused("says-cut-off", broken.line, ...saysCutOff(broken.line));
    case "rows-below-end":
      return refused(
        "rows-below-end",
        broken.line,
        `Line ${broken.line} has a person below the line that says that the file ends: two files may have been joined, or one written over a longer one.`,
        "Export again into a new file; or, if the people below belong to it, remove that line.",
      );
    case "leavers-below":
      return refused("leavers-below", broken.line, ...leaversBelow(broken.line));
    case "other":
      return refused(
        "broken-csv",
        broken.line,
        `The file cannot be read as CSV from line ${broken.line} on.`,
        "Export it again, with quotes around cells that have separators or line breaks in them.",
      );
  }
}

type Words = readonly [message: string, fix: string];

function saysCutOff(line: number): Words {
  return [
    `Line ${line} says that rows are missing, perhaps because the export has a row limit.`,
    "Export all rows; an export with a part of the people is never taken for the whole.",
  ];
}

function leaversBelow(line: number): Words {
  return [
    `Line ${line} says that the people below it have left, and no column does: all of them would count as working.`,
    'Export the status or the end date in a column, or leave those people out. If nobody below has left, roster.columns.status: "" says so.',
  ];
}

/** Why a table is refused for a line above its header. Null: nothing there speaks against it. */
export function titleComplaint({ titles }: Table, mapping: Mapping): Issue | null {
  for (const { line, text } of titles) {
    if (saysRowsMissing(text)) return issueOn(line, "says-cut-off", saysCutOff(line));
    if (!saysWhoLeft(mapping) && saysLeavers(text)) return issueOn(line, "leavers-below", leaversBelow(line));
  }
  return null;
}

function issueOn(line: number, code: string, [message, fix]: Words): Issue {
  return { code, line, column: null, message, fix };
}

/** Why a file is refused whose last page says that more follow. Null: it does not. */
export function pagesMissing({ trailer }: Pick<ReadingSummary, "trailer">): Issue | null {
  const last = trailer?.page;
  if (trailer === null || last === undefined || last.page >= last.of) return null;
  return issueOn(trailer.line, "pages-missing", [
    `The file ends with page ${last.page} of ${last.of}: the others are missing.`,
    "Export all pages; an export with a part of the people is never taken for the whole.",
  ]);
}

/** Why a file is refused whose table was found: there are no rows. Null: there are. */
export function noRows({ rows, headerLine: line }: Pick<ReadingSummary, "rows" | "headerLine">): Issue | null {
  if (rows > 0) return null;
  return {
    code: "no-rows",
    line,
    column: null,
    message: `There is a header on line ${line} and not one person below it.`,
    fix: "Run the export again; an empty roster is never taken to mean that everybody has left.",
  };
}

/** Why a file with rows is refused: not one of them can be read. Null: one can. */
export function nothingReadable({ rows, unreadable }: Pick<ReadingSummary, "rows" | "unreadable">): Issue | null {
  if (unreadable < rows) return null;
  const what = rows === 1 ? "The only row cannot" : `Not one of the ${rows} rows can`;
  return {
    code: "nothing-readable",
    line: null,
    column: null,
    message: `${what} be read; the first problems follow.`,
    fix: "Correct what they have in common: mostly a column, a setting or the export as a whole.",
  };
}

/** Remarks about the file itself. */
export function fileRemarks(look: FileLook, table: Table): readonly Issue[] {
  const remarks: Issue[] = [...table.remarks];
  const remark = (code: string, message: string, fix: string): void => {
    remarks.push({ code, line: null, column: null, message, fix });
  };
  if (look.encoding === "windows-1252" && !look.because.endsWith("set by roster.encoding")) {
    remark(
      "not-utf-8",
      `The file was read as Windows-1252, because ${look.because}.`,
      "See whether names with accents are right; otherwise name the encoding under roster.encoding.",
    );
  }
  if (!look.endsWithLineEnd) {
    remark(
      "no-final-line-end",
      "The file does not end with a line end; that is common, but it is also what a cut-off file looks like.",
      "Nothing needs to be done, unless the last row is reported.",
    );
  }
  return remarks;
}
