// What `check` says, for programs: the same facts as the page, in snake case. No names and no addresses are in it.

import type { KnownReading, ReadingSummary } from "../domain/employee.ts";
import type { CheckedRoster, RepeatedRows } from "./check-roster.ts";

/** One JSON text. `known` is how far the reading of a refused file came. */
export function checkJson(fileName: string, checked: CheckedRoster, known: KnownReading): string {
  const { summary, problems, repeated } = checked;
  const value = {
    file: fileName,
    refused: summary === null,
    reading: summary === null ? null : reading(summary, repeated),
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

function refusedReading({ encoding, delimiter, headerLine, because }: KnownReading) {
  return {
    encoding: encoding ?? null,
    delimiter: delimiter ?? null,
    because: because ?? null,
    header_line: headerLine ?? null,
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
    columns: summary.columns,
    status_words: summary.statusWords ?? [],
    date_styles: summary.dateStyles ?? [],
    date_orders: (summary.dateOrders ?? []).map(
      ({ column, separator, order, styles, provedOnLine, provedBy, yearProof }) => ({
        column,
        separator,
        order,
        styles,
        proved_on_line: provedOnLine,
        proved_by: provedBy,
        year_proof: yearProof,
      }),
    ),
    remarks: summary.remarks.map(({ code, line, column, message }) => ({ code, line, column, message })),
  };
}
