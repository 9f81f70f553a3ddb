// CSV text (UTF-8) as a stream of batches of records, each with the line on which it begins: what plain-records.ts does not take
// by itself. The parsing is csv-parse's;
// added are true line numbers, and the place of a quote that is never closed. What a record means is decided elsewhere.

import { type CsvError, type Options, Parser } from "csv-parse";
import { type LinePlace, pass } from "./lines.ts";

export interface Dialect {
  readonly delimiter: string;
  readonly quote: string;
}

/** How a text is laid out in records. */
export interface Layout {
  readonly dialect: Dialect;
  /** Whether there is a CR anywhere in it. */
  readonly hasReturns: boolean;
  readonly maxRecordBytes: number;
}

/**
 * Makes of one record what is kept of it; null drops it. Called while parsing, so that nothing else stays in memory.
 * `hasStrayQuote`: a cell goes on after its closing quote, and may have swallowed what follows.
 */
export type Take<T> = (cells: readonly string[], line: number, lastLine: number, hasStrayQuote: boolean) => T | null;

type Broken =
  | "open-quote"
  | "long-record"
  | "moved-header"
  | "says-cut-off"
  | "rows-below-end"
  | "leavers-below"
  | "other";

/** The file's quotes do not add up, a record is too long, columns change places on the way, or a line speaks against the whole. */
export class BrokenCsv extends Error {
  override readonly name = "BrokenCsv";
  readonly kind: Broken;
  readonly line: number;

  constructor(kind: Broken, line: number, options?: { cause?: unknown }) {
    super(`CSV that cannot be read: ${kind}`, options);
    this.kind = kind;
    this.line = line;
  }
}

/** So few that a batch is forgotten before the garbage collector has moved it twice. */
export const BATCH_RECORDS = 200;

const LINE_ENDS: readonly string[] = ["\r\n", "\n", "\r"];

/** How csv-parse reads a dialect. `hasReturns`: whether there is a CR anywhere; it looks at every byte for each line end there may be. */
export function csvOptions({ delimiter, quote }: Dialect, hasReturns = true): Options {
  return {
    columns: false,
    delimiter,
    quote,
    escape: quote,
    record_delimiter: hasReturns ? [...LINE_ENDS] : ["\n"],
    // A quote inside an unquoted cell is text. A cell that goes on after its closing quote is found by `scanQuotes`.
    relax_quotes: true,
    relax_column_count: true,
  };
}

/** A csv-parse parser that hands out batches. Its input begins at `start` of the whole text. */
class BatchParser<T> extends Parser {
  readonly #take: Take<T>;
  readonly #quote: number;
  readonly #delimiter: number;
  readonly #offset: number;
  readonly #maxRecordBytes: number;
  /** Bytes that came so far. */
  #came = 0;
  #place: LinePlace;
  #pieces: Buffer[] = [];
  /** Bytes of the first piece that belong to records already handed out. */
  #passed = 0;
  #batch: T[] = [];

  constructor(layout: Layout, start: LinePlace, take: Take<T>) {
    const { dialect, hasReturns, maxRecordBytes } = layout;
    const options = { ...csvOptions(dialect, hasReturns), readableHighWaterMark: 2 };
    super(options);
    this.#take = take;
    this.#maxRecordBytes = maxRecordBytes;
    this.#quote = dialect.quote.charCodeAt(0);
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#offset = start.offset;
    this.#place = start;
  }

  override _transform(bytes: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#pieces.push(bytes);
    this.#came += bytes.length;
    try {
      super._transform(bytes, encoding, (error) => done(error == null ? this.#overflow() : this.#broken(error)));
    } catch (error) {
      done(this.#broken(error));
    }
  }

  override _flush(done: (error?: Error | null) => void): void {
    try {
      super._flush((error) => {
        if (error != null) {
          done(this.#broken(error));
          return;
        }
        if (this.#batch.length > 0) super.push(this.#batch);
        done(null);
      });
    } catch (error) {
      done(this.#broken(error));
    }
  }

  override push(record: unknown): boolean {
    if (!Array.isArray(record)) return super.push(record);
    // To csv-parse every record is the first: for each that is not as long as the first it would build an error with a stack,
    // and a damaged file has a million of them. Whether a record has the right length is decided where it is taken.
    (this.info as { records: number }).records = 0;
    const cells = record as readonly string[];
    const { line } = this.#place;
    const end = this.#offset + this.info.bytes;
    if (end - this.#place.offset > this.#maxRecordBytes) throw this.#tooLong();
    const hasStrayQuote = this.#hasStrayQuote(cells, end);
    this.#advance(end);
    const taken = this.#take(cells, line, this.#lineBefore(end, line), hasStrayQuote);
    if (taken !== null) this.#batch.push(taken);
    if (this.#batch.length < BATCH_RECORDS) return true;
    const batch = this.#batch;
    this.#batch = [];
    return super.push(batch);
  }

  #advance(end: number): void {
    let first = this.#pieces[0];
    while (first !== undefined && this.#place.offset < end) {
      const to = Math.min(first.length, this.#passed + end - this.#place.offset);
      this.#place = pass(this.#place, first, this.#passed, to);
      this.#passed = to;
      if (to < first.length) return;
      this.#pieces.shift();
      this.#passed = 0;
      first = this.#pieces[0];
    }
  }

  /** The last line of the record that ends at `end` (after its line end, where it has one). */
  #lineBefore(end: number, line: number): number {
    const endsWithLineEnd = this.#place.lineStart === end;
    return Math.max(line, endsWithLineEnd ? this.#place.line - 1 : this.#place.line);
  }

  #broken(error: unknown): BrokenCsv {
    if (error instanceof BrokenCsv) return error;
    const code = (error as Partial<CsvError> | null)?.code;
    if (code !== "CSV_QUOTE_NOT_CLOSED") return new BrokenCsv("other", this.#place.line, { cause: error });
    return new BrokenCsv("open-quote", this.#openQuoteLine() ?? this.#place.line, { cause: error });
  }

  /** What did not become a record yet is kept in memory, so it must not grow beyond all measure. */
  #overflow(): BrokenCsv | null {
    const unfinished = this.#offset + this.#came - this.#place.offset;
    return unfinished > this.#maxRecordBytes ? this.#tooLong() : null;
  }

  #tooLong(): BrokenCsv {
    const openLine = this.#openQuoteLine();
    return openLine === null ? new BrokenCsv("long-record", this.#place.line) : new BrokenCsv("open-quote", openLine);
  }

  /** The line of the quote that is open at the end of what came, or where a record became too long; null when none is. */
  #openQuoteLine(): number | null {
    const bytes = Buffer.concat(this.#pieces).subarray(this.#passed, this.#passed + this.#maxRecordBytes);
    const { openAt } = scanQuotes(bytes, this.#quote, this.#delimiter);
    return openAt === null ? null : pass(this.#place, bytes, 0, openAt).line;
  }

  /** Whether a cell of the record that ends at `end` goes on after its closing quote. Rarely more than a look at first letters. */
  #hasStrayQuote(cells: readonly string[], end: number): boolean {
    if (!cells.some((cell) => cell.charCodeAt(0) === this.#quote)) return false;
    const from = this.#passed;
    const text = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    const bytes = (text ?? Buffer.alloc(0)).subarray(from, from + end - this.#place.offset);
    return scanQuotes(bytes, this.#quote, this.#delimiter).strayAt !== null;
  }
}

/** Whether a cell of this one record goes on after its closing quote. */
export function hasStrayQuote(cells: readonly string[], record: Uint8Array, { quote, delimiter }: Dialect): boolean {
  if (!cells.some((cell) => cell.startsWith(quote))) return false;
  return scanQuotes(record, quote.charCodeAt(0), delimiter.charCodeAt(0)).strayAt !== null;
}

/** Whether the last cell of these bytes, which begin with a record, is in quotes that are not closed. */
export function isQuoteOpen(bytes: Uint8Array, { quote, delimiter }: Dialect): boolean {
  return scanQuotes(bytes, quote.charCodeAt(0), delimiter.charCodeAt(0)).openAt !== null;
}

/**
 * Reads records in batches of some hundreds. `start`: the place in the text at which `text` begins.
 * @throws BrokenCsv, and whatever the source throws
 */
export async function* parseRecords<T>(
  text: AsyncIterable<Buffer>,
  layout: Layout,
  start: LinePlace,
  take: Take<T>,
): AsyncGenerator<readonly T[]> {
  const parser = new BatchParser(layout, start, take);
  let failure: unknown = null;
  const fed = feed(text, parser).catch((error: unknown) => {
    failure = error;
    parser.destroy(error instanceof Error ? error : new Error("reading failed", { cause: error }));
  });
  try {
    for await (const batch of parser) yield batch as readonly T[];
  } catch (error) {
    throw failure ?? error;
  } finally {
    parser.destroy();
    await fed;
  }
}

async function feed(text: AsyncIterable<Buffer>, parser: Parser): Promise<void> {
  for await (const piece of text) {
    if (parser.destroyed || parser.errored !== null) return;
    if (!parser.write(piece)) await drained(parser);
  }
  if (!parser.destroyed) parser.end();
}

function drained(parser: Parser): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      parser.off("drain", settle);
      parser.off("close", settle);
      resolve();
    };
    if (parser.destroyed) {
      resolve();
      return;
    }
    parser.on("drain", settle);
    parser.on("close", settle);
  });
}

/**
 * Where quotes do not add up: `openAt`, a cell's opening quote that the bytes do not close; `strayAt`, a closing quote
 * after which the cell goes on (`"Ana" Ruiz`), because one was not doubled or not closed. A quote inside an unquoted cell is text.
 */
function scanQuotes(
  bytes: Uint8Array,
  quote: number,
  delimiter: number,
): { readonly openAt: number | null; readonly strayAt: number | null } {
  let openAt: number | null = null;
  let strayAt: number | null = null;
  let isCellStart = true;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (openAt !== null) {
      if (byte !== quote) continue;
      const next = bytes[at + 1];
      if (next === quote) at += 1;
      else {
        openAt = null;
        if (next !== undefined && next !== delimiter && next !== 10 && next !== 13) strayAt ??= at;
      }
    } else if (byte === quote && isCellStart) {
      openAt = at;
    }
    isCellStart = openAt === null && (byte === delimiter || byte === 10 || byte === 13);
  }
  return { openAt, strayAt };
}
