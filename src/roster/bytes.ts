// The first look at a roster file, before a single row is believed: what kind of file it is, its hash and size, whether
// its bytes are the text they claim to be, and whether it ends with a line end. Reads the whole file once, as a stream.

import { isAscii, isUtf8 } from "node:buffer";
import type { RosterEncoding } from "../domain/roster-options.ts";
import type { RosterRefused } from "../domain/roster-refused.ts";
import { refuseContainers, TELLING_BYTES } from "./containers.ts";
import { AT_START, pass } from "./lines.ts";
import { BrokenCsv } from "./records.ts";
import { refused } from "./refused.ts";
import { openSource } from "./source.ts";
import { scanUtf8 } from "./utf8.ts";

export interface FileLook {
  readonly sha256: string;
  readonly bytes: number;
  /** The file is gzip; everything else said here is about what is in it. */
  readonly isCompressed: boolean;
  readonly encoding: Exclude<RosterEncoding, "auto">;
  /** Why this encoding: for people. */
  readonly because: string;
  /** Bytes of the byte order mark at the front. */
  readonly markBytes: number;
  readonly endsWithLineEnd: boolean;
  /** Whether a CR may be in it: no byte of the file says otherwise. */
  readonly hasReturns: boolean;
}

/** UTF-16 may take twice the bytes of UTF-8, in which records are measured. */
const WIDEST_CHARACTER = 2;
const SLACK_BYTES = 65_536;

/**
 * Looks at a file. @throws RosterRefused when it cannot be text in the configured encoding, with line and place; BrokenCsv as soon as a
 * line is longer than a record may be in any encoding: the rest, perhaps gigabytes, is not read
 */
export async function lookAt(path: string, configured: RosterEncoding, maxRecordBytes: number): Promise<FileLook> {
  const source = await openSource(path);
  let isEmpty = true;
  let start: Buffer = Buffer.alloc(0);
  let end: Buffer = Buffer.alloc(0);
  let firstNul: number | null = null;
  let firstInvalid: number | null = null;
  let validWide = 0;
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
    if (isUtf8(text)) {
      if (!isAscii(text)) validWide += 1;
      return whole;
    }
    const scan = scanUtf8(text);
    validWide += scan.validWide;
    if (firstInvalid === null && scan.firstInvalid !== null) {
      firstInvalid = passed + scan.firstInvalid;
      isCutInCharacter = isLast && scan.invalid === 1 && scan.isLastCut;
    } else if (scan.invalid > 0) isCutInCharacter = false;
    return whole;
  }

  async function refuseNul(offset: number): Promise<void> {
    if (wideEncoding(configured, start) === null) throw nulBytes(await spotAt(path, offset));
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
    validWide,
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

/** A place for people: line from 1, and the byte within it from 1. */
interface Spot {
  readonly line: number;
  readonly byte: number;
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

interface Findings {
  readonly start: Buffer;
  readonly firstInvalid: Spot | null;
  readonly validWide: number;
  readonly isCutInCharacter: boolean;
}

type Choice = Pick<FileLook, "encoding" | "because" | "markBytes">;

function chooseEncoding(configured: RosterEncoding, findings: Findings): Choice {
  const { start, firstInvalid } = findings;
  const wide = wideEncoding(configured, start);
  if (wide !== null) return wide;
  const marked = markOf(start);
  if (marked !== null || configured === "utf-8") {
    if (firstInvalid !== null) throw notUtf8(firstInvalid, findings.isCutInCharacter);
    const because = marked === null ? "set by roster.encoding" : "the file begins with its byte order mark";
    return { encoding: "utf-8", because, markBytes: marked?.markBytes ?? 0 };
  }
  if (configured !== "auto") return { encoding: configured, because: "set by roster.encoding", markBytes: 0 };
  if (firstInvalid === null) return { encoding: "utf-8", because: "all of it is valid UTF-8", markBytes: 0 };
  if (findings.isCutInCharacter) throw notUtf8(firstInvalid, true);
  if (findings.validWide > 0) {
    throw refused(
      "mixed-encoding",
      firstInvalid.line,
      `Most of the file is UTF-8, but byte ${firstInvalid.byte} of line ${firstInvalid.line} is not: a name in it would be spoilt.`,
      "Correct that line and save as UTF-8; if the whole file is another encoding, name it: roster.encoding: windows-1252",
      { path: "roster.encoding", value: "windows-1252", or: "the encoding that the file really has" },
    );
  }
  const because = `byte ${firstInvalid.byte} of line ${firstInvalid.line} is not UTF-8`;
  return { encoding: "windows-1252", because, markBytes: 0 };
}

function markOf(start: Buffer): Choice | null {
  const because = "the file begins with its byte order mark";
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return { encoding: "utf-8", because, markBytes: 3 };
  if (start[0] === 0xff && start[1] === 0xfe) return { encoding: "utf-16le", because, markBytes: 2 };
  if (start[0] === 0xfe && start[1] === 0xff) return { encoding: "utf-16be", because, markBytes: 2 };
  return null;
}

/** UTF-16, where something says so; null otherwise. */
function wideEncoding(configured: RosterEncoding, start: Buffer): Choice | null {
  const marked = markOf(start);
  if (marked !== null) return marked.encoding === "utf-8" ? null : marked;
  if (configured === "utf-16le" || configured === "utf-16be") {
    return { encoding: configured, because: "set by roster.encoding", markBytes: 0 };
  }
  const encoding = configured === "auto" ? unmarkedWide(start) : null;
  return encoding === null ? null : { encoding, because: "every other byte at its beginning is 0", markBytes: 0 };
}

/** The beginning of a header in Latin letters has a 0 beside each letter in UTF-16, and never in anything else that is text. */
function unmarkedWide(start: Buffer): "utf-16le" | "utf-16be" | null {
  const bytes = start.subarray(0, 64);
  const zeros = [0, 0];
  for (const [at, byte] of bytes.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const most = Math.floor(bytes.length / 2) * 0.75;
  if (bytes.length < 8 || Math.max(even, odd) < most || Math.min(even, odd) > 0) return null;
  return odd > even ? "utf-16le" : "utf-16be";
}

function nulBytes({ line, byte }: Spot): RosterRefused {
  return refused(
    "nul-bytes",
    line,
    `The file has NUL bytes in it, the first as byte ${byte} of line ${line}: it is damaged, not text, or UTF-16 without a byte order mark.`,
    'Save the export as "CSV UTF-8", or set roster.encoding to utf-16le or utf-16be if it is that.',
  );
}

function notUtf8(spot: Spot, isCut: boolean): RosterRefused {
  if (isCut) {
    return refused(
      "cut-off",
      spot.line,
      "The file ends in the middle of a character: it was cut off, or its last character is not UTF-8.",
      "Export it again; if it is complete and in another encoding, name that: roster.encoding: windows-1252",
    );
  }
  return refused(
    "not-utf-8",
    spot.line,
    `Byte ${spot.byte} of line ${spot.line} is not UTF-8.`,
    'Save the export as "CSV UTF-8", or name its encoding: roster.encoding: windows-1252',
    { path: "roster.encoding", value: "windows-1252", or: "the encoding that the file really has" },
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
