// The first look at a roster file, before a single row is believed: what kind of file it is, its hash and size, whether
// its bytes are the text they claim to be, and whether it ends with a line end. Reads the whole file once, as a stream.

import { isAscii, isUtf8 } from "node:buffer";
import type { RosterEncoding } from "../domain/roster-options.ts";
import type { RosterRefused } from "../domain/roster-refused.ts";
import {
  type Choice,
  chooseEncoding,
  PROOF_OF_UTF8,
  provesLittle,
  type Spot,
  wideEncoding,
} from "./choose-encoding.ts";
import { refuseContainers, TELLING_BYTES } from "./containers.ts";
import { AT_START, pass } from "./lines.ts";
import { BrokenCsv } from "./records.ts";
import { refused } from "./refused.ts";
import { openHashed, openSource } from "./source.ts";
import { scanUtf8 } from "./utf8.ts";

export interface FileLook extends Choice {
  readonly sha256: string;
  readonly bytes: number;
  /** The file is gzip; everything else said here is about what is in it. */
  readonly isCompressed: boolean;
  readonly endsWithLineEnd: boolean;
  /** Whether a CR may be in it: no byte of the file says otherwise. */
  readonly hasReturns: boolean;
}

/** UTF-16 may take twice the bytes of UTF-8, in which records are measured. */
const WIDEST_CHARACTER = 2;
const SLACK_BYTES = 65_536;

/**
 * Looks at a file. `knownSha256`: its hash, where somebody has computed it already; it is not computed again here, but whoever reads the
 * text to its end is held to it, and to the length found here.
 * @throws RosterRefused when it cannot be text in the configured encoding, with line and place; BrokenCsv as soon as a line is
 * longer than a record may be in any encoding: the rest, perhaps gigabytes, is not read
 */
export async function lookAt(
  path: string,
  configured: RosterEncoding,
  maxRecordBytes: number,
  knownSha256: string | null,
): Promise<FileLook> {
  const source =
    knownSha256 === null ? await openHashed(path) : { ...(await openSource(path)), sha256: () => knownSha256 };
  let isEmpty = true;
  let start: Buffer = Buffer.alloc(0);
  let end: Buffer = Buffer.alloc(0);
  let firstNul: number | null = null;
  let firstInvalid: number | null = null;
  let validWide = 0;
  let invalid = 0;
  /** Offset of the first character of several bytes. */
  let firstWide: number | null = null;
  let isCutInCharacter = false;
  let tail: Buffer = Buffer.alloc(0);
  /** Bytes before the chunk that is looked at. */
  let passed = 0;
  let hasReturns = false;
  /** Bytes since the last line end. */
  let lineBytes = 0;

  function checkText(chunk: Buffer, isLast: boolean): number {
    if (firstNul === null) {
      const nul = chunk.indexOf(0);
      if (nul !== -1) firstNul = passed + nul;
    }
    if (isAscii(chunk)) return chunk.length;
    const whole = isLast ? chunk.length : chunk.length - unfinished(chunk);
    const text = chunk.subarray(0, whole);
    if (isAscii(text)) return whole;
    firstWide ??= passed + text.findIndex((byte) => byte >= 0x80);
    // Counting is slow; past this nobody asks for the number.
    if (validWide >= PROOF_OF_UTF8 && isUtf8(text)) return whole;
    const scan = scanUtf8(text);
    validWide += scan.validWide;
    invalid += scan.invalid;
    if (firstInvalid === null && scan.firstInvalid !== null) {
      firstInvalid = passed + scan.firstInvalid;
      isCutInCharacter = isLast && scan.invalid === 1 && scan.isLastCut;
    } else if (scan.invalid > 0) isCutInCharacter = false;
    return whole;
  }

  async function refuseNul(offset: number): Promise<void> {
    if (wideEncoding(configured, start, true) === null) throw nulBytes(await spotAt(path, offset));
  }

  for await (const piece of source.pieces()) {
    isEmpty = false;
    hasReturns ||= piece.includes(13);
    if (start.length < TELLING_BYTES) {
      start = Buffer.concat([start, piece.subarray(0, TELLING_BYTES)]);
      if (start.length >= TELLING_BYTES) refuseContainers(start);
    }
    end = Buffer.concat([end, piece.subarray(-4)]).subarray(-4);
    const chunk = tail.length === 0 ? piece : Buffer.concat([tail, piece]);
    const done = checkText(chunk, false);
    passed += done;
    if (firstNul !== null && start.length >= TELLING_BYTES) await refuseNul(firstNul);
    tail = Buffer.from(chunk.subarray(done));
    lineBytes = lineBytesAfter(piece, lineBytes, hasReturns);
    if (lineBytes > maxRecordBytes * WIDEST_CHARACTER + SLACK_BYTES) {
      refuseContainers(start);
      if (firstNul !== null) await refuseNul(firstNul);
      throw new BrokenCsv("long-record", (await spotAt(path, passed)).line);
    }
  }
  if (tail.length > 0) checkText(tail, true);

  if (isEmpty) {
    throw refused(
      "empty-file",
      null,
      "The file is empty.",
      "Run the export again; nothing was changed because of this file.",
    );
  }
  refuseContainers(start);
  if (firstNul !== null) await refuseNul(firstNul);
  const findings = {
    start,
    firstInvalid: firstInvalid === null ? null : await spotAt(path, firstInvalid),
    firstWide: firstWide === null || !provesLittle(validWide, configured) ? null : await spotAt(path, firstWide),
    validWide,
    invalid,
    hasNul: firstNul !== null,
    isCutInCharacter,
  };
  const { encoding, because, markBytes } = chooseEncoding(configured, findings);
  const { sha256, bytes, isCompressed } = source;
  const endsWithLineEnd = hasLineEnd(end, encoding);
  return { sha256: sha256(), bytes: bytes(), isCompressed, encoding, because, markBytes, endsWithLineEnd, hasReturns };
}

/** How long the line is that a piece leaves open. In UTF-16, too, a line end has one of the two bytes. */
function lineBytesAfter(piece: Buffer, before: number, hasReturns: boolean): number {
  const lastEnd = Math.max(piece.lastIndexOf(10), hasReturns ? piece.lastIndexOf(13) : -1);
  return lastEnd === -1 ? before + piece.length : piece.length - lastEnd - 1;
}

/** Lines are counted only where one is needed: once more from the beginning. */
async function spotAt(path: string, offset: number): Promise<Spot> {
  let place = AT_START;
  const source = await openSource(path);
  for await (const piece of source.pieces()) {
    place = pass(place, piece, 0, Math.min(piece.length, offset - place.offset));
    if (place.offset === offset) break;
  }
  return { line: place.line, byte: offset - place.lineStart + 1 };
}

/** How many bytes at the end belong to a character that the next piece completes. */
function unfinished(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back += 1) {
    const byte = chunk[chunk.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

function nulBytes({ line, byte }: Spot): RosterRefused {
  return refused(
    "nul-bytes",
    line,
    `The file has NUL bytes in it, the first as byte ${byte} of line ${line}: it is damaged, not text, or UTF-16 without a byte order mark.`,
    'Save the export as "CSV UTF-8", or set roster.encoding to utf-16le or utf-16be if it is that.',
  );
}

function hasLineEnd(end: Buffer, encoding: string): boolean {
  if (encoding === "utf-16le") return isBreak(end.at(-2)) && end.at(-1) === 0;
  if (encoding === "utf-16be") return isBreak(end.at(-1)) && end.at(-2) === 0;
  return isBreak(end.at(-1));
}

function isBreak(byte: number | undefined): boolean {
  return byte === 10 || byte === 13;
}
