// Proof of the order of day, month and year, from the whole file: one value over 12 decides for its column and separator, and a
// value the other way round undoes it. Run only when a roster has dates that need it.

import {
  type Clue,
  clueIn,
  clueOf,
  contradiction,
  LEFT_BY,
  numericDate,
  type Order,
  type OrderProof,
  orderStyle,
  type Sighting,
  settledOrder,
} from "../domain/date-order.ts";
import type { DateOrderReading } from "../domain/employee.ts";
import type { Mapping } from "../domain/mapping.ts";
import type { RosterOptions } from "../domain/roster-options.ts";
import type { DateProofs } from "../domain/row-dates.ts";
import type { FileLook } from "./bytes.ts";
import type { Table } from "./dialect.ts";
import { fileText } from "./file-text.ts";
import { asideNotes, takeKept } from "./kept.ts";
import { scanRecords } from "./record-scan.ts";

/** Runs over the file once more, for its dates only. `dateCells`: indexes among the kept cells. */
export async function proveDates(
  path: string,
  look: FileLook,
  table: Table,
  mapping: Mapping,
  options: RosterOptions,
  dateCells: readonly number[],
): Promise<DateProofs> {
  const proofs = new Map<number, Map<string, Partial<Record<Clue, Sighting>>>>();
  for (const index of dateCells) proofs.set(index, new Map());
  const take = takeKept(table, mapping, asideNotes());

  const learn = (cells: readonly string[], line: number): void => {
    for (const [index, bySeparator] of proofs) {
      const cell = (cells[index] ?? "").trim();
      const found = clueIn(cell);
      if (found === null) continue;
      const proof = bySeparator.get(found.separator) ?? {};
      proof[found.clue] ??= { line, cell };
      bySeparator.set(found.separator, proof);
    }
  };
  const watched = new Map<number, number>();
  for (const index of dateCells) watched.set(mapping.kept[index] ?? -1, index);
  await scanRecords(fileText(path, look, table.start.offset), options.maxRecordBytes, table.start, {
    dialect: table.dialect,
    width: table.header.length,
    watched: new Set(watched.keys()),
    matters(bytes, from, to, column) {
      const found = clueInBytes(bytes, from, to);
      return found !== null && proofs.get(watched.get(column) ?? -1)?.get(found.separator)?.[found.clue] === undefined;
    },
    take({ cells, line, lastLine }) {
      const kept = take(cells, line, lastLine, false);
      if (kept?.kind === "record") learn(kept.cells, line);
    },
  });
  return proofs;
}

/**
 * What the bytes of a cell may prove: like `clueIn`, but without a string, and a little too willing. Whatever it finds new
 * is looked at again with care.
 */
function clueInBytes(bytes: Buffer, from: number, to: number): { separator: string; clue: Clue } | null {
  let at = from;
  while (at < to && !isDigit(bytes[at])) at += 1;
  const first = numberAt(bytes, at, to);
  const separatorByte = bytes[first.end];
  if (separatorByte === undefined || first.end >= to) return null;
  if (separatorByte !== SLASH && separatorByte !== HYPHEN && separatorByte !== FULL_STOP) return null;
  const second = numberAt(bytes, first.end + 1, to);
  if (second.end >= to || bytes[second.end] !== separatorByte) return null;
  const third = numberAt(bytes, second.end + 1, to);
  const digits = third.end - second.end - 1;
  if (digits !== 2 && digits !== 4) return null;
  const separator = separatorByte === SLASH ? "/" : separatorByte === HYPHEN ? "-" : ".";
  const clue = clueOf(first.value, second.value, third.value, separator, digits === 4);
  return clue === null ? null : { separator, clue };
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
    for (const [separator, clues] of proof) {
      const pair = contradiction(clues, false);
      const order = settledOrder("auto", proof, separator, pair !== null);
      // What contradicts itself in years of two digits may be proved for those of four.
      const isShown = pair === null || (order !== null && isFullYear(clues[order]?.cell));
      if (order !== null && isShown) readings.push({ column, separator, order, ...provedBy(order, separator, clues) });
      if (pair === null) continue;
      const styles = pair.map((clue) => clueStyle(clue, separator, clues));
      readings.push({ column, separator, order: null, styles, provedOnLine: null, provedBy: null, yearProof: null });
    }
  }
  return readings;
}

function provedBy(order: Order, separator: string, clues: OrderProof) {
  const proof = clues[order] ?? clues["not-mdy"];
  return {
    styles: [clueStyle(order, separator, clues)],
    provedOnLine: proof?.line ?? null,
    provedBy: proof?.cell ?? null,
    yearProof: clues[order] === undefined ? (clues["year-last"] ?? null) : null,
  };
}

/** As the date is written that gave the clue. */
function clueStyle(clue: Clue, separator: string, clues: OrderProof): string {
  const cell = (clues[clue] ?? clues["not-mdy"])?.cell ?? "";
  return LEFT_BY[clue].map((order) => orderStyle(order, separator, isFullYear(cell))).join(" or ");
}

function isFullYear(cell = ""): boolean {
  return numericDate(cell)?.hasFullYear === true;
}
