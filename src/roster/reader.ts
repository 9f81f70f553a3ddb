// The roster reader: a file becomes rows, in order, some hundreds at a time, in bounded memory; or it is refused as a whole
// with every reason at once. Bytes are checked first, then the table is found, then its columns, then rows are read one by one.

import type { RosterReader, RosterReading } from "../app/ports.ts";
import type { Issue, KnownReading, ReadingSummary, RosterRow } from "../domain/employee.ts";
import { mapHeader } from "../domain/mapping.ts";
import type { Fingerprint } from "../domain/profile.ts";
import type { RosterOptions } from "../domain/roster-options.ts";
import { RosterRefused } from "../domain/roster-refused.ts";
import { addressWatch } from "./address-watch.ts";
import { lookAt } from "./bytes.ts";
import { noRows, nothingReadable, pagesMissing, refusal, titleComplaint } from "./complaints.ts";
import { findTable, HEAD_BYTES } from "./dialect.ts";
import { headOf } from "./file-text.ts";
import { nearestHeader } from "./nearest.ts";
import { BrokenCsv } from "./records.ts";
import { type FoundTable, readRows } from "./table-rows.ts";

export interface ReaderOptions extends RosterOptions {
  readonly fingerprint: Fingerprint;
  /**
   * Whether a file whose header leaves something open is read to its end all the same, before it is refused: its rows say
   * what the other columns have. For a page that tells all problems at once.
   */
  readonly readsOn?: boolean;
}

/** @throws RosterRefused from `rows`, for every reason in hr-exports.md that makes a file as a whole unusable */
export function createRosterReader(options: ReaderOptions): RosterReader {
  return { open: (path, sha256 = null) => openRoster(path, sha256, options) };
}

function openRoster(path: string, sha256: string | null, options: ReaderOptions): RosterReading {
  let summary: ReadingSummary | null = null;
  let known: KnownReading = {};
  return {
    async *rows() {
      summary = null;
      known = {};
      summary = yield* readRoster(path, sha256, options, (found) => {
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
  knownSha256: string | null,
  options: ReaderOptions,
  tell: (known: KnownReading) => void,
): AsyncGenerator<readonly RosterRow[], ReadingSummary> {
  const look = await lookAt(path, options.encoding, options.maxRecordBytes, knownSha256).catch((error: unknown) => {
    throw error instanceof BrokenCsv ? refusal(error, options.maxRecordBytes) : error;
  });
  const encodingBecause = look.isCompressed ? `unpacked from gzip; ${look.because}` : look.because;
  tell({ encoding: look.encoding, because: { encoding: encodingBecause } });
  const { head, isWholeFile } = await headOf(path, look, HEAD_BYTES);
  const table = findTable(head, isWholeFile, options);
  const because = { encoding: encodingBecause, ...table.because };
  const known = { encoding: look.encoding, delimiter: table.dialect.delimiter, headerLine: table.start.line, because };
  tell(known);
  const result = mapHeader(table.header, table.start.line, options, nearestHeader);
  const found = { path, look, table, because, remarks: result.remarks };
  if (result.kind === "mapped") {
    const { mapping } = result;
    const { summary, firstIssues, nameOrder } = yield* readRows({ ...found, mapping }, options);
    tell(summary);
    const reasons = [titleComplaint(table, mapping), noRows(summary), pagesMissing(summary), nameOrder].filter(
      (reason) => reason !== null,
    );
    if (reasons.length > 0) throw new RosterRefused(reasons);
    const unreadable = nothingReadable(summary);
    if (unreadable !== null) throw new RosterRefused([unreadable, ...firstIssues]);
    return summary;
  }

  const { issues, columns, partial } = result;
  tell({ ...known, columns });
  if (options.readsOn !== true || partial === null || !table.isHeader) throw new RosterRefused(issues);
  const watch = addressWatch(columns, issues);
  const tellAll = (more: KnownReading): void =>
    tell(watch === null ? more : { ...more, columns: watch.readings(more.columns ?? columns) });
  const more = yield* readOn({ ...found, mapping: partial, lookAt: watch?.look ?? null }, options, tellAll);
  throw new RosterRefused([...(watch?.asked(issues) ?? issues), ...more]);
}

/** Reads the rows of a file that is refused already. Returns why it is refused besides. */
async function* readOn(
  found: FoundTable,
  options: ReaderOptions,
  tell: (known: KnownReading) => void,
): AsyncGenerator<readonly RosterRow[], readonly Issue[]> {
  try {
    const { summary } = yield* readRows(found, options);
    tell(summary);
    return [noRows(summary), pagesMissing(summary)].filter((reason) => reason !== null);
  } catch (error) {
    if (error instanceof RosterRefused) return error.issues;
    throw error;
  }
}
