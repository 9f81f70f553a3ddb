// The fast way through CSV text: most lines of most rosters are one record each, without a quote or with whole cells in
// quotes, and are cut at the separators. Every other record is csv-parse's (records.ts), and what it says of a record is what
// counts: a test compares the two over invented texts. Nothing is guessed here: what is not plain is handed over.

import { isAscii } from "node:buffer";
import { parse } from "csv-parse/sync";
import { type LinePlace, pass } from "./lines.ts";
import {
  BATCH_RECORDS,
  csvOptions,
  hasStrayQuote,
  isQuoteOpen,
  type Layout,
  parseRecords,
  type Take,
} from "./records.ts";

/** From so many records on, a file of which more than a quarter is not plain is left to the parser from there on. */
const LEAST_RECORDS = 200;
/** A record over more lines than these, or a text without a line feed for so long, is left to the parser with all that follows. */
const MOST_LINES = 50;
const MOST_BYTES_WITHOUT_LINE = 2 ** 20;
/** In UTF-8, of one unit of JavaScript's texts. */
const MOST_BYTES_A_UNIT = 3;

/**
 * Reads records in batches of some hundreds. `start`: the place in the text at which `text` begins.
 * @throws BrokenCsv, and whatever the source throws
 */
export async function* readRecords<T>(
  text: AsyncIterable<Buffer>,
  layout: Layout,
  start: LinePlace,
  take: Take<T>,
): AsyncGenerator<readonly T[]> {
  const pieces = text[Symbol.asyncIterator]();
  const cutter = createCutter(layout, start, take);
  let isHandedOver = false;
  try {
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      isHandedOver = !cutter.cut(next.value);
      yield* cutter.batches();
      if (isHandedOver) break;
    }
    const { rest, place, batch } = cutter.left();
    if (batch.length > 0) yield batch;
    if (isHandedOver || rest.length > 0) yield* parseRecords(following(rest, pieces), layout, place, take);
  } finally {
    await pieces.return?.();
  }
}

async function* following(rest: Buffer, pieces: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield rest;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
}

interface Cutter<T> {
  /** Takes the records that are complete. False: from `left` on, all is the parser's. */
  cut(piece: Buffer): boolean;
  batches(): Generator<readonly T[]>;
  /** What no record was made of yet, and where it begins; and the records of no full batch. */
  left(): { readonly rest: Buffer; readonly place: LinePlace; readonly batch: readonly T[] };
}

function createCutter<T>(layout: Layout, start: LinePlace, take: Take<T>): Cutter<T> {
  const { dialect, hasReturns, maxRecordBytes } = layout;
  // Two records tell that it is not one: of thousands, each of another length would cost an error with a stack.
  const options = { ...csvOptions(dialect, hasReturns), to: 2 };
  const cellsOf = plainCells(dialect.delimiter, dialect.quote);
  let place = start;
  let rest: Buffer = Buffer.alloc(0);
  let batch: T[] = [];
  let full: (readonly T[])[] = [];
  let records = 0;
  let parsed = 0;

  function keep(cells: readonly string[], line: number, lastLine: number, isStray: boolean): void {
    const taken = take(cells, line, lastLine, isStray);
    records += 1;
    if (taken === null) return;
    batch.push(taken);
    if (batch.length < BATCH_RECORDS) return;
    full.push(batch);
    batch = [];
  }

  /**
   * One record that is not plain, at the front of `bytes`. Answers its length; "more" when its end has not come yet; "over" when
   * it is for the parser to say what it is.
   */
  function parseOne(bytes: Buffer): number | "more" | "over" {
    parsed += 1;
    if (records > LEAST_RECORDS && parsed * 4 > records) return "over";
    let end = 0;
    for (let lines = 1; lines <= MOST_LINES; lines += 1) {
      end = bytes.indexOf(10, end) + 1;
      if (end === 0) return bytes.length > maxRecordBytes ? "over" : "more";
      if (end > maxRecordBytes) return "over";
      if (isQuoteOpen(bytes.subarray(0, end), dialect)) continue;
      const record = bytes.subarray(0, end);
      const cells = onlyRecordOf(record);
      if (cells === null) return "over";
      const after = pass(place, record);
      keep(cells, place.line, after.line - 1, hasStrayQuote(cells, record, dialect));
      place = after;
      return end;
    }
    return "over";
  }

  function onlyRecordOf(bytes: Buffer): readonly string[] | null {
    try {
      const found = parse(bytes, options) as unknown as string[][];
      return found.length === 1 ? (found[0] ?? null) : null;
    } catch {
      return null;
    }
  }

  return {
    cut(piece) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      rest = bytes;
      const end = bytes.lastIndexOf(10) + 1;
      if (end === 0) return bytes.length <= MOST_BYTES_WITHOUT_LINE;
      const isNarrow = isAscii(bytes.subarray(0, end));
      const text = bytes.toString(isNarrow ? "latin1" : "utf8", 0, end);
      let at = 0;
      let { line } = place;
      const base = place.offset;
      // Of the text before `at`, so many characters are counted as bytes: lines need no such count while they are short enough anyway.
      let counted = 0;
      let byte = 0;
      const moveOn = (): void => {
        if (at === counted) return;
        byte += isNarrow ? at - counted : Buffer.byteLength(text.slice(counted, at));
        counted = at;
        place = { offset: base + byte, line, lineStart: base + byte, isAfterCr: false };
      };
      let nextQuote = text.indexOf(dialect.quote);
      let nextReturn = hasReturns ? text.indexOf("\r") : -1;
      while (at < text.length) {
        const feed = text.indexOf("\n", at);
        if (nextReturn !== -1 && nextReturn < at) nextReturn = text.indexOf("\r", at);
        if (nextQuote !== -1 && nextQuote < at) nextQuote = text.indexOf(dialect.quote, at);
        const isReturned = nextReturn !== -1 && nextReturn === feed - 1;
        const lineEnd = isReturned ? feed - 1 : feed;
        const isShort =
          (feed + 1 - at) * MOST_BYTES_A_UNIT <= maxRecordBytes ||
          Buffer.byteLength(text.slice(at, feed + 1)) <= maxRecordBytes;
        const isPlain = (nextReturn === -1 || nextReturn >= lineEnd) && isShort;
        const cells = isPlain ? cellsOf(text, at, lineEnd, nextQuote) : null;
        if (cells !== null) {
          keep(cells, line, line, false);
          line += 1;
          at = feed + 1;
          continue;
        }
        moveOn();
        const came = parseOne(bytes.subarray(byte));
        if (typeof came === "string") {
          rest = bytes.subarray(byte);
          return came === "more";
        }
        at += isNarrow ? came : bytes.toString("utf8", byte, byte + came).length;
        byte += came;
        counted = at;
        line = place.line;
      }
      moveOn();
      rest = bytes.subarray(end);
      return true;
    },

    *batches() {
      const ready = full;
      full = [];
      yield* ready;
    },

    left() {
      return { rest, place, batch };
    },
  };
}

/**
 * Cuts the line from `at` to `end` (without its line end) into cells where that is plain: no quote, or quotes around whole cells
 * that have none inside. `nextQuote`: the first quote from `at` on, or -1. Null: not plain.
 */
function plainCells(delimiter: string, quote: string) {
  const delimiterCode = delimiter.charCodeAt(0);
  return (text: string, at: number, end: number, nextQuote: number): readonly string[] | null => {
    if (nextQuote === -1 || nextQuote >= end) return text.slice(at, end).split(delimiter);
    const cells: string[] = [];
    let quoteAt = nextQuote;
    for (let from = at; ; ) {
      if (quoteAt === from) {
        const close = text.indexOf(quote, from + 1);
        if (close === -1 || close >= end) return null;
        const next = close + 1;
        if (next !== end && text.charCodeAt(next) !== delimiterCode) return null;
        cells.push(text.slice(from + 1, close));
        if (next === end) return cells;
        quoteAt = text.indexOf(quote, next);
        from = next + 1;
      } else {
        let stop = text.indexOf(delimiter, from);
        if (stop === -1 || stop > end) stop = end;
        if (quoteAt !== -1 && quoteAt < stop) return null;
        cells.push(text.slice(from, stop));
        if (stop === end) return cells;
        from = stop + 1;
      }
    }
  };
}
