// How many rows have a value in each column that is used, and a masked sample of it. Nothing else of the values is kept.

import type { ColumnReading } from "../domain/employee.ts";
import type { Mapping } from "../domain/mapping.ts";
import { masked } from "../domain/mask.ts";

export interface FillCounts {
  /** Takes the kept cells of one record. */
  count(cells: readonly string[]): void;
  /** How many were counted. */
  records(): number;
  /** The columns with what was counted so far. */
  readings(): readonly ColumnReading[];
}

export function fillCounts({ columns, kept }: Mapping): FillCounts {
  const filled = kept.map(() => 0);
  const samples: string[] = [];
  let records = 0;
  return {
    records: () => records,
    count(cells) {
      records += 1;
      for (let at = 0; at < cells.length; at += 1) {
        const cell = cells[at] ?? "";
        if (isBlank(cell)) continue;
        filled[at] = (filled[at] ?? 0) + 1;
        samples[at] ??= masked(cell, columns[kept[at] ?? -1]?.field ?? null);
      }
    },
    readings: () =>
      columns.map((column, position) => {
        const at = kept.indexOf(position);
        if (at === -1) return column;
        const sample = samples[at];
        const counted = { ...column, filled: filled[at] ?? 0 };
        return sample === undefined ? counted : { ...counted, sample };
      }),
  };
}

function isBlank(cell: string): boolean {
  // Most cells begin with a letter or a digit, which is all there is to know of them.
  const first = cell.charCodeAt(0);
  return !(first > 32 && first < 127) && cell.trim() === "";
}
