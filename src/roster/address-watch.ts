// Where no header says which column has the addresses, the cells may: how many of each column that nobody uses look like one. Only
// `check` looks, for a question that a person answers; nothing but the counts is kept.

import type { ColumnReading, Issue } from "../domain/employee.ts";
import { isAnotherAddress, sensitiveMatter } from "../domain/header-words.ts";
import { emailAskedFor, isEmailUnknown } from "../domain/mapping-issues.ts";
import { readEmail } from "../domain/values.ts";

export interface AddressWatch {
  /** Takes all cells of one record. */
  look(cells: readonly string[]): void;
  /** The columns with what was counted so far. */
  readings(columns: readonly ColumnReading[]): readonly ColumnReading[];
  /** The issues, of which the one of the missing address asks about the column that has most of them. */
  asked(issues: readonly Issue[]): readonly Issue[];
}

/** @returns null where the issues leave no such question */
export function addressWatch(columns: readonly ColumnReading[], issues: readonly Issue[]): AddressWatch | null {
  if (!issues.some(isEmailUnknown)) return null;
  const counts = new Map<number, number>();
  for (const [at, { by, header }] of columns.entries()) {
    // A column of private or other addresses by its name is not asked about, and what is sensitive is not looked at.
    if (by === null && !isAnotherAddress(header) && sensitiveMatter(header) === null) counts.set(at, 0);
  }
  let records = 0;
  return {
    look(cells) {
      records += 1;
      for (const [at, count] of counts) {
        const cell = cells[at] ?? "";
        if (cell.includes("@") && readEmail(cell).kind === "value") counts.set(at, count + 1);
      }
    },
    readings: (all) =>
      all.map((column, at) => {
        const addresses = counts.get(at);
        return addresses === undefined ? column : { ...column, addresses };
      }),
    asked(all) {
      const [most] = [...counts].sort(([, a], [, b]) => b - a);
      const header = columns[most?.[0] ?? -1]?.header.trim() ?? "";
      // A few addresses are somebody's remarks.
      if (most === undefined || header === "" || most[1] * 2 < records || records === 0) return all;
      return all.map((issue) => (isEmailUnknown(issue) ? emailAskedFor(issue, header, most[1], records) : issue));
    },
  };
}
