// Proof of the order of day and month, from the whole file: one value over 12 decides for its column and separator, and a
// value the other way round undoes it. Run only when a roster has dates that need it.

import { orderProvedBy, settledOrder } from "../domain/dates.ts";
import type { DateOrderReading } from "../domain/employee.ts";
import type { Mapping } from "../domain/mapping.ts";
import type { RosterOptions } from "../domain/roster-options.ts";
import type { DateProofs } from "../domain/row-dates.ts";
import type { FileLook } from "./bytes.ts";
import type { Table } from "./dialect.ts";
import { fileText } from "./file-text.ts";
import { asideNotes, takeKept } from "./kept.ts";
import { BrokenCsv, readRecords } from "./records.ts";

interface Proved {
  dmy: number | null;
  mdy: number | null;
  dmyCell?: string;
  mdyCell?: string;
}

/** Reads the file once more, for its dates only. `dateCells`: indexes among the kept cells. */
export async function proveDates(
  path: string,
  look: FileLook,
  table: Table,
  mapping: Mapping,
  options: RosterOptions,
  dateCells: readonly number[],
): Promise<DateProofs> {
  const proofs = new Map<number, Map<string, Proved>>();
  for (const index of dateCells) proofs.set(index, new Map());
  const take = takeKept(table, mapping, asideNotes());

  const learn = (cells: readonly string[], line: number): void => {
    for (const [index, bySeparator] of proofs) {
      const proved = orderProvedBy(cells[index] ?? "");
      if (proved === null) continue;
      const proof = bySeparator.get(proved.separator) ?? { dmy: null, mdy: null };
      if (proof[proved.order] === null) {
        proof[proved.order] = line;
        proof[`${proved.order}Cell`] = (cells[index] ?? "").trim();
      }
      bySeparator.set(proved.separator, proof);
    }
  };
  const records = readRecords(
    fileText(path, look, table.start.offset),
    table.dialect,
    options.maxRecordBytes,
    table.start,
    (cells, line, lastLine, hasStrayQuote): null => {
      const kept = take(cells, line, lastLine, hasStrayQuote);
      if (kept?.kind === "record") learn(kept.cells, line);
      return null;
    },
  );
  try {
    for await (const _ of records) {
      // Nothing is handed out: every record was looked at and dropped.
    }
  } catch (error) {
    // What is broken further down is reported when the reading itself gets there.
    if (!(error instanceof BrokenCsv)) throw error;
  }
  return proofs;
}

/** How each date column's order was settled, for people. */
export function dateOrders(proofs: DateProofs | null, mapping: Mapping): readonly DateOrderReading[] {
  const readings: DateOrderReading[] = [];
  for (const [index, proof] of proofs ?? []) {
    const column = mapping.columns[mapping.kept[index] ?? -1]?.header.trim() ?? "";
    for (const [separator, lines] of proof) {
      const order = settledOrder("auto", proof, separator);
      const provedOnLine = order === null ? null : lines[order];
      const provedBy = order === null ? null : (lines[`${order}Cell`] ?? null);
      readings.push({ column, separator, order, provedOnLine, provedBy });
    }
  }
  return readings;
}
