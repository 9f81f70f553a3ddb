// The rows of a table whose columns are known: records are cut, kept, read one by one, and counted for the summary.

import { asOfRemark, needsFileProof, readAsOf } from "../domain/as-of.ts";
import type { Issue, ReadingSummary, RosterRow, Trailer } from "../domain/employee.ts";
import type { Mapping } from "../domain/mapping.ts";
import type { Fingerprint } from "../domain/profile.ts";
import type { RosterOptions } from "../domain/roster-options.ts";
import { createRowReader } from "../domain/row.ts";
import type { DateProofs } from "../domain/row-dates.ts";
import { countInTitle } from "../domain/self-said.ts";
import type { FileLook } from "./bytes.ts";
import { fileRemarks, refusal } from "./complaints.ts";
import { dateOrders, proveDates } from "./date-proof.ts";
import type { Table } from "./dialect.ts";
import { fileText } from "./file-text.ts";
import { fillCounts } from "./fill.ts";
import { idWatch } from "./id-watch.ts";
import { asideNotes, type Kept, takeKept } from "./kept.ts";
import { lastCellWatch } from "./last-cell.ts";
import { nameOrderWatch } from "./name-order.ts";
import { readRecords } from "./plain-records.ts";
import { BrokenCsv } from "./records.ts";

/** A table in a file, and which of its columns serve which field. */
export interface FoundTable {
  readonly path: string;
  readonly look: FileLook;
  readonly table: Table;
  readonly mapping: Mapping;
  /** About the header. */
  readonly remarks: readonly Issue[];
  readonly because: NonNullable<ReadingSummary["because"]>;
  /** Takes all cells of each record; null: nobody asks for those that are not used. */
  readonly lookAt?: ((cells: readonly string[]) => void) | null;
}

/** So many issues of rows are named when no row can be read. */
const NAMED = 20;

export interface RowsRead {
  readonly summary: ReadingSummary;
  /** Of the rows that cannot be read, the first. */
  readonly firstIssues: readonly Issue[];
  /** Why whole names cannot be split in the order in which they are; null: nothing speaks against it. */
  readonly nameOrder: Issue | null;
}

/** @throws RosterRefused for what only the rows show: broken CSV, ids that are private */
export async function* readRows(
  { path, look, table, mapping, remarks, because, lookAt = null }: FoundTable,
  options: RosterOptions & { readonly fingerprint: Fingerprint },
): AsyncGenerator<readonly RosterRow[], RowsRead> {
  const asides = asideNotes();
  const takeRecord = takeKept(table, mapping, asides);
  let fileEndsOn = table.start.line;
  const take: typeof takeRecord = (cells, line, lastLine, hasStrayQuote) => {
    fileEndsOn = lastLine;
    const kept = takeRecord(cells, line, lastLine, hasStrayQuote);
    if (lookAt !== null && kept?.kind === "record") lookAt(cells);
    return kept;
  };
  const filled = fillCounts(mapping);
  const ids = idWatch(mapping);
  const nameOrder = nameOrderWatch(mapping, options);
  const reader = createRowReader(mapping, options, options.fingerprint);
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
        nameOrder?.look(row, kept.cells);
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

  const asOfLines = [...table.asOfLines, ...asides.asOfLines()];
  if (proofs === null && needsFileProof(asOfLines, options.dates.order)) {
    proofs = await proveDates(path, look, table, mapping, options, reader.dateCells);
  }
  const asOf = readAsOf(asOfLines, options.dates.order, proofs);
  const asOfIssue = asOf === null ? null : asOfRemark(asOf);
  const summary: ReadingSummary = {
    sha256: look.sha256,
    bytes: look.bytes,
    encoding: look.encoding,
    delimiter: table.dialect.delimiter,
    headerLine: table.start.line,
    lastLine: fileEndsOn,
    trailer: withTitleCount(asides.trailer(), table),
    asOf,
    columns: filled.readings(),
    rows: counts.rows,
    wellShaped: filled.records(),
    employees: counts.employee,
    outOfScope: counts["out-of-scope"],
    unreadable: counts.unreadable,
    remarks: [...fileRemarks(look, table), ...remarks, ...asides.remarks(), ...(asOfIssue === null ? [] : [asOfIssue])],
    statusWords: reader.statusSeen(),
    dateOrders: dateOrders(proofs, mapping),
    dateStyles: reader.datesSeen(),
    because,
  };
  return { summary, firstIssues, nameOrder: nameOrder?.complaint(table.start.line) ?? null };
}

/** What stands below the people counts; a count above the header is taken where they give none. */
function withTitleCount(trailer: Trailer | null, { titles }: Table): Trailer | null {
  if (trailer?.count != null) return trailer;
  const titled = titles.flatMap(({ line, text }) => {
    const count = countInTitle(text);
    return count === null ? [] : [{ line, count }];
  });
  const [first] = titled;
  if (first === undefined || titled.some(({ count }) => count !== first.count)) return trailer;
  return trailer === null ? { ...first, hasEndMark: false } : { ...trailer, count: first.count };
}
