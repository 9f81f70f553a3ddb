// In which encoding a roster is written: a byte order mark counts first, then strict UTF-8, then what is configured. Where that
// would spoil names, or nothing proves it, the file is refused with what would settle it.

import type { RosterEncoding } from "../domain/roster-options.ts";
import type { RosterRefused } from "../domain/roster-refused.ts";
import { refused } from "./refused.ts";

/** A place for people: line from 1, and the byte within it from 1. */
export interface Spot {
  readonly line: number;
  readonly byte: number;
}

/** What the first look found. */
export interface Findings {
  readonly start: Buffer;
  readonly firstInvalid: Spot | null;
  /** The first character of several bytes, where `provesLittle`; null otherwise. */
  readonly firstWide: Spot | null;
  readonly validWide: number;
  readonly invalid: number;
  readonly hasNul: boolean;
  readonly isCutInCharacter: boolean;
}

export interface Choice {
  readonly encoding: Exclude<RosterEncoding, "auto">;
  /** Why this encoding: for people. */
  readonly because: string;
  /** Bytes of the byte order mark at the front. */
  readonly markBytes: number;
}

/** So many characters of several bytes, and not one wrong byte, are no coincidence in any encoding. */
export const PROOF_OF_UTF8 = 8;

/** In these, what would be a letter in UTF-8 is a capital with a sign after it, which no name has; or a line end has a NUL. */
const NEVER_LIKE_UTF8: readonly RosterEncoding[] = [
  "auto",
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1252",
  "iso-8859-1",
  "iso-8859-15",
];

/** Whether so few characters of several bytes leave open that the file is what is configured. */
export function provesLittle(validWide: number, configured: RosterEncoding): boolean {
  return validWide < PROOF_OF_UTF8 && !NEVER_LIKE_UTF8.includes(configured);
}

/** A byte order mark, then strict UTF-8, then what is configured: Windows-1252 when nothing is. */
export function chooseEncoding(configured: RosterEncoding, findings: Findings): Choice {
  const { start, firstInvalid, firstWide } = findings;
  const wide = wideEncoding(configured, start, findings.hasNul);
  if (wide !== null) return wide;
  const marked = markOf(start);
  if (firstInvalid === null) {
    if (marked !== null) return marked;
    if (firstWide !== null) throw ambiguous(firstWide, configured);
    return { encoding: "utf-8", because: "all of it is valid UTF-8", markBytes: 0 };
  }
  const isMostlyUtf8 = findings.validWide > findings.invalid;
  const isStrict = marked !== null || configured === "utf-8";
  if (findings.isCutInCharacter && (isStrict || isMostlyUtf8 || configured === "auto"))
    throw cutInCharacter(firstInvalid);
  if (isStrict) throw notUtf8(firstInvalid, marked === null && !isMostlyUtf8);
  if (isMostlyUtf8 || (configured === "auto" && findings.validWide > 0)) throw mixed(firstInvalid, isMostlyUtf8);
  const because = `byte ${firstInvalid.byte} of line ${firstInvalid.line} is not UTF-8`;
  if (configured === "auto") return { encoding: "windows-1252", because, markBytes: 0 };
  return { encoding: configured, because: `${because}; set by roster.encoding`, markBytes: 0 };
}

function markOf(start: Buffer): Choice | null {
  const because = "the file begins with its byte order mark";
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return { encoding: "utf-8", because, markBytes: 3 };
  if (start[0] === 0xff && start[1] === 0xfe) return { encoding: "utf-16le", because, markBytes: 2 };
  if (start[0] === 0xfe && start[1] === 0xff) return { encoding: "utf-16be", because, markBytes: 2 };
  return null;
}

/** UTF-16, where something says so; null otherwise. */
export function wideEncoding(configured: RosterEncoding, start: Buffer, hasNul: boolean): Choice | null {
  const marked = markOf(start);
  if (marked !== null) return marked.encoding === "utf-8" ? null : marked;
  const found = unmarkedWide(start);
  if (found !== null) return { encoding: found, because: "every other byte at its beginning is 0", markBytes: 0 };
  if (!hasNul || (configured !== "utf-16le" && configured !== "utf-16be")) return null;
  return { encoding: configured, because: "it has NUL bytes; set by roster.encoding", markBytes: 0 };
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

const SAVE_AS_UTF8 = 'Save the export as "CSV UTF-8"';
const NAME_ANOTHER = "roster.encoding: windows-1252";
const ANOTHER = {
  path: "roster.encoding",
  value: "windows-1252",
  or: "the encoding that the file really has",
};

function cutInCharacter({ line }: Spot): RosterRefused {
  return refused(
    "cut-off",
    line,
    "The file ends in the middle of a character: it was cut off, or its last character is not UTF-8.",
    `Export it again; if it is complete and in another encoding, name that: ${NAME_ANOTHER}`,
  );
}

function notUtf8({ byte, line }: Spot, mayBeAnother: boolean): RosterRefused {
  const message = `Byte ${byte} of line ${line} is not UTF-8.`;
  if (!mayBeAnother) return refused("not-utf-8", line, message, `Correct that line, or export again. ${SAVE_AS_UTF8}.`);
  return refused("not-utf-8", line, message, `${SAVE_AS_UTF8}, or name its encoding: ${NAME_ANOTHER}`, ANOTHER);
}

function mixed({ byte, line }: Spot, isMostlyUtf8: boolean): RosterRefused {
  const share = isMostlyUtf8 ? "Most" : "Part";
  const message = `${share} of the file is UTF-8, but byte ${byte} of line ${line} is not: names in it would be spoilt.`;
  const fix = "Correct that line and save as UTF-8";
  if (isMostlyUtf8) return refused("mixed-encoding", line, message, `${fix}, or export again.`);
  return refused(
    "mixed-encoding",
    line,
    message,
    `${fix}; if the whole file is another encoding, name it: ${NAME_ANOTHER}`,
    ANOTHER,
  );
}

function ambiguous({ byte, line }: Spot, configured: RosterEncoding): RosterRefused {
  return refused(
    "ambiguous-encoding",
    line,
    `From byte ${byte} of line ${line} on, the few characters that are not plain Latin may be UTF-8, or ${configured} as roster.encoding says: nothing proves which.`,
    `${SAVE_AS_UTF8}, which marks it; or set roster.encoding to utf-8 if the file is that.`,
    { path: "roster.encoding", value: "utf-8", or: "save the file with a byte order mark" },
  );
}
