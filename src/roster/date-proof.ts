// Proof of the order of day and month, from the whole file: one value over 12 decides for its column and separator, and a
// value the other way round undoes it. Run only when a roster has dates that need it.

import { orderProvedBy, orderProvedByNumbers, settledOrder } from "../domain/dates.ts";
import type { DateOrderReading } from "../domain/employee.ts";
import type { Mapping } from "../domain/mapping.ts";
import type { RosterOptions } from "../domain/roster-options.ts";
import type { DateProofs } from "../domain/row-dates.ts";
import type { FileLook } from "./bytes.ts";
import type { Table } from "./dialect.ts";
import { fileText } from "./file-text.ts";
import { asideNotes, takeKept } from "./kept.ts";
import { scanRecords } from "./record-scan.ts";

interface Proved {
  dmy: number | null;
  mdy: number | null;
  dmyCell?: string;
  mdyCell?: string;
}

/** Runs over the file once more, for its dates only. `dateCells`: indexes among the kept cells. */
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
  const watched = new Map<number, number>();
  for (const index of dateCells) watched.set(mapping.kept[index] ?? -1, index);
  await scanRecords(fileText(path, look, table.start.offset), options.maxRecordBytes, table.start, {
    dialect: table.dialect,
    width: table.header.length,
    watched: new Set(watched.keys()),
    matters(bytes, from, to, column) {
      const clue = clueIn(bytes, from, to);
      return clue !== null && proofs.get(watched.get(column) ?? -1)?.get(clue.separator)?.[clue.order] == null;
    },
    take({ cells, line, lastLine }) {
      const kept = take(cells, line, lastLine, false);
      if (kept?.kind === "record") learn(kept.cells, line);
    },
  });
  return proofs;
}

/**
 * What the bytes of a cell may prove: like `orderProvedBy`, but without a string, and a little too willing. Whatever it finds new
 * is looked at again with care.
 */
function clueIn(bytes: Buffer, from: number, to: number): { separator: string; order: "dmy" | "mdy" } | null {
  let at = from;
  while (at < to && !isDigit(bytes[at])) at += 1;
  const first = numberAt(bytes, at, to);
  const separator = bytes[first.end];
  if (separator === undefined || first.end >= to) return null;
  if (separator !== SLASH && separator !== HYPHEN && separator !== FULL_STOP) return null;
  const second = numberAt(bytes, first.end + 1, to);
  if (second.end >= to || bytes[second.end] !== separator) return null;
  const order = orderProvedByNumbers(first.value, second.value, String.fromCharCode(separator));
  return order === null ? null : { separator: String.fromCharCode(separator), order };
}

const SLASH = 47;
const HYPHEN = 45;
const FULL_STOP = 46;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function numberAt(bytes: Buffer, from: number, to: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let end = from;
  while (end < to && isDigit(bytes[end])) {
    value = value * 10 + (bytes[end] ?? 48) - 48;
    end += 1;
  }
  return { value, end };
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
