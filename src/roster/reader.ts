// The roster reader: a file becomes rows, in order, some hundreds at a time, in bounded memory; or it is refused as a whole
// with every reason at once. Bytes are checked first, then the table is found, then records are read one by one.

import type { RosterReader, RosterReading } from "../app/ports.ts";
import { asOfRemark, needsFileProof, readAsOf } from "../domain/as-of.ts";
import type { Issue, KnownReading, ReadingSummary, RosterRow } from "../domain/employee.ts";
import { mapHeader } from "../domain/mapping.ts";
import type { Fingerprint } from "../domain/profile.ts";
import type { RosterOptions } from "../domain/roster-options.ts";
import { RosterRefused } from "../domain/roster-refused.ts";
import { createRowReader } from "../domain/row.ts";
import type { DateProofs } from "../domain/row-dates.ts";
import { lookAt } from "./bytes.ts";
import { fileRemarks, refusal, refuseWithoutPeople } from "./complaints.ts";
import { dateOrders, proveDates } from "./date-proof.ts";
import { findTable, HEAD_BYTES } from "./dialect.ts";
import { fileText, headOf } from "./file-text.ts";
import { fillCounts } from "./fill.ts";
import { idWatch } from "./id-watch.ts";
import { asideNotes, type Kept, takeKept } from "./kept.ts";
import { lastCellWatch } from "./last-cell.ts";
import { nearestHeader } from "./nearest.ts";
import { readRecords } from "./plain-records.ts";
import { BrokenCsv } from "./records.ts";

/** So many issues of rows are named when no row can be read. */
const NAMED = 20;

/** @throws RosterRefused from `rows`, for every reason in hr-exports.md that makes a file as a whole unusable */
export function createRosterReader(options: RosterOptions & { readonly fingerprint: Fingerprint }): RosterReader {
  return { open: (path) => openRoster(path, options, options.fingerprint) };
}

function openRoster(path: string, options: RosterOptions, fingerprint: Fingerprint): RosterReading {
  let summary: ReadingSummary | null = null;
  let known: KnownReading = {};
  return {
    async *rows() {
      summary = null;
      known = {};
      summary = yield* readRoster(path, options, fingerprint, (found) => {
        known = found;
      });
    },
    summary() {
      if (summary === null) throw new Error("the summary is complete only after the last row");
      return summary;
    },
    known: () => known,
  };
}

async function* readRoster(
  path: string,
  options: RosterOptions,
  fingerprint: Fingerprint,
  tell: (known: KnownReading) => void,
): AsyncGenerator<readonly RosterRow[], ReadingSummary> {
  const look = await lookAt(path, options.encoding, options.maxRecordBytes).catch((error: unknown) => {
    throw error instanceof BrokenCsv ? refusal(error, options.maxRecordBytes) : error;
  });
  const encodingBecause = look.isCompressed ? `unpacked from gzip; ${look.because}` : look.because;
  tell({ encoding: look.encoding, because: { encoding: encodingBecause } });
  const { head, isWholeFile } = await headOf(path, look, HEAD_BYTES);
  const table = findTable(head, isWholeFile, options);
  const because = { encoding: encodingBecause, ...table.because };
  const { encoding } = look;
  tell({ encoding, delimiter: table.dialect.delimiter, headerLine: table.start.line, because });
  const result = mapHeader(table.header, table.start.line, options, nearestHeader);
  if (result.kind === "refused") throw new RosterRefused(result.issues);
  const { mapping } = result;

  const asides = asideNotes();
  const takeRecord = takeKept(table, mapping, asides);
  let fileEndsOn = table.start.line;
  const take: typeof takeRecord = (cells, line, lastLine, hasStrayQuote) => {
    fileEndsOn = lastLine;
    return takeRecord(cells, line, lastLine, hasStrayQuote);
  };
  const filled = fillCounts(mapping);
  const ids = idWatch(mapping);
  const reader = createRowReader(mapping, options, fingerprint);
  const counts = { rows: 0, employee: 0, "out-of-scope": 0, unreadable: 0 };
  const firstIssues: Issue[] = [];
  const lastIndex = mapping.kept.indexOf(table.header.length - 1);
  const mayBeCut = !look.endsWithLineEnd && lastIndex !== -1;
  const lastCells = mayBeCut ? lastCellWatch(mapping.columns.at(-1)?.field ?? null) : null;
  let proofs: DateProofs | null = null;

  /** Whether the last cell of a record may be what is left of a longer one. */
  const isCut = (kept: Kept, isUnfinished: boolean): boolean => {
    if (lastCells === null || kept.kind !== "record") return false;
    const cell = kept.cells[lastIndex] ?? "";
    if (isUnfinished) return !lastCells.isWhole(cell);
    lastCells.look(cell);
    return false;
  };

  const readBatch = async (batch: readonly Kept[], isLast: boolean): Promise<RosterRow[]> => {
    if (proofs === null && batch.some((kept) => kept.kind === "record" && reader.needsProof(kept.cells))) {
      proofs = await proveDates(path, look, table, mapping, options, reader.dateCells);
    }
    const rows: RosterRow[] = [];
    const unfinished = isLast && !asides.cameLast() ? batch.at(-1) : undefined;
    for (const kept of batch) {
      const cutAt = isCut(kept, kept === unfinished) ? lastIndex : null;
      const row: RosterRow =
        kept.kind === "record"
          ? reader.read(kept.cells, kept.line, proofs, cutAt)
          : { kind: "unreadable", key: null, emailHash: null, line: kept.line, issues: [kept.issue] };
      if (kept.kind === "record") {
        filled.count(kept.cells);
        ids.look(kept.cells);
      }
      counts.rows += 1;
      counts[row.kind] += 1;
      if (row.kind === "unreadable" && firstIssues.length < NAMED) firstIssues.push(...row.issues);
      rows.push(row);
    }
    ids.refuseIfPrivate(table.start.line);
    return rows;
  };

  let waiting: readonly Kept[] | null = null;
  try {
    const text = fileText(path, look, table.start.offset);
    const layout = { dialect: table.dialect, hasReturns: look.hasReturns, maxRecordBytes: options.maxRecordBytes };
    for await (const batch of readRecords(text, layout, table.start, take)) {
      if (waiting !== null) yield await readBatch(waiting, false);
      waiting = batch;
    }
  } catch (error) {
    throw error instanceof BrokenCsv ? refusal(error, options.maxRecordBytes) : error;
  }
  if (waiting !== null) yield await readBatch(waiting, true);

  refuseWithoutPeople(counts, table, firstIssues);
  const asOfLines = [...table.asOfLines, ...asides.asOfLines()];
  if (proofs === null && needsFileProof(asOfLines, options.dates.order)) {
    proofs = await proveDates(path, look, table, mapping, options, reader.dateCells);
  }
  const asOf = readAsOf(asOfLines, options.dates.order, proofs);
  const asOfIssue = asOf === null ? null : asOfRemark(asOf);
  return {
    sha256: look.sha256,
    bytes: look.bytes,
    encoding,
    delimiter: table.dialect.delimiter,
    headerLine: table.start.line,
    lastLine: fileEndsOn,
    trailer: asides.trailer(),
    asOf,
    columns: filled.readings(),
    rows: counts.rows,
    wellShaped: filled.records(),
    employees: counts.employee,
    outOfScope: counts["out-of-scope"],
    unreadable: counts.unreadable,
    remarks: [
      ...fileRemarks(look, table),
      ...result.remarks,
      ...asides.remarks(),
      ...(asOfIssue === null ? [] : [asOfIssue]),
    ],
    statusWords: reader.statusSeen(),
    dateOrders: dateOrders(proofs, mapping),
    dateStyles: reader.datesSeen(),
    because,
  };
}
