// What `check` says, for programs: the same facts as the page, in snake case. No names and no addresses are in it.

import type { KnownReading, ReadingSummary } from "../domain/employee.ts";
import type { CheckedRoster, RepeatedRows } from "./check-roster.ts";

/** One JSON text. */
export function checkJson(fileName: string, checked: CheckedRoster): string {
  const { summary, known, problems, repeated, people } = checked;
  const value = {
    file: fileName,
    refused: summary === null,
    reading: summary === null ? null : { ...reading(summary, repeated), people },
    known: summary === null ? refusedReading(known) : null,
    problems: problems.groups.map(({ code, count, first, fixes }) => ({
      code,
      count,
      first: first.map(({ line, column, message }) => ({ line, column, message })),
      fixes,
    })),
    settings: problems.settings,
  };
  return JSON.stringify(value, null, 2);
}

/** As far as it came: null and empty is what was not found out. */
function refusedReading(known: KnownReading) {
  return {
    encoding: known.encoding ?? null,
    delimiter: known.delimiter ?? null,
    because: known.because ?? null,
    header_line: known.headerLine ?? null,
    rows: known.rows ?? null,
    ...understood(known),
  };
}

function reading(summary: ReadingSummary, { merged, withdrawn }: RepeatedRows) {
  const { sha256, bytes, encoding, delimiter, because, headerLine, lastLine, trailer, rows } = summary;
  return {
    sha256,
    bytes,
    encoding,
    delimiter,
    because: because ?? null,
    header_line: headerLine,
    last_line: lastLine,
    trailer: trailer === null ? null : { line: trailer.line, count: trailer.count, has_end_mark: trailer.hasEndMark },
    as_of: summary.asOf ?? null,
    rows,
    employees: summary.employees,
    out_of_scope: summary.outOfScope,
    unreadable: summary.unreadable,
    merged_lines: [...merged.keys()],
    withdrawn,
    ...understood(summary),
  };
}

function understood({ columns, statusWords, dateStyles, dateOrders, remarks }: KnownReading) {
  return {
    columns: columns ?? [],
    status_words: statusWords ?? [],
    date_styles: dateStyles ?? [],
    date_orders: (dateOrders ?? []).map(({ column, separator, order, styles, provedOnLine, provedBy, yearProof }) => ({
      column,
      separator,
      order,
      styles,
      proved_on_line: provedOnLine,
      proved_by: provedBy,
      year_proof: yearProof,
    })),
    remarks: (remarks ?? []).map(({ code, line, column, message }) => ({ code, line, column, message })),
  };
}
