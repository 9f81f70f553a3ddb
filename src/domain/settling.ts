// Whether a dropped file is a roster, and whether it is complete: decided from names and from what was seen of the file,
// never from a watcher's word. Time arrives as `nowMs`. No file is touched here; the looking is done in inbox/.
// The names come from hr-exports.md, "Habits seen everywhere".

export type NameKind =
  /** To be taken, if only so that the reader can refuse it with a useful message (a workbook, an archive). */
  | { readonly kind: "roster" }
  /** Unfinished, a lock, or the litter of some program: ignored without a word. */
  | { readonly kind: "temporary" }
  /** Says something about the roster beside it. `of` is the name without the mark's ending. */
  | { readonly kind: "sidecar"; readonly mark: SidecarMark; readonly of: string }
  /** Not known: ignored, and said once. */
  | { readonly kind: "stranger" };

export type SidecarMark = "done" | "sha256";

const TEXT_ENDINGS = ["csv", "txt", "tsv", "tab", "psv"];
/** Not readable as a roster, but somebody meant them: the reader says what to do instead. */
const MEANT_ENDINGS = ["xlsx", "xls", "xlsm", "xlsb", "ods", "numbers", "gz", "zip", "7z", "json", "xml", "pdf"];
const ROSTER_ENDINGS = new Set([...TEXT_ENDINGS, ...MEANT_ENDINGS]);
const TEMPORARY_ENDINGS = new Set(
  "filepart part partial tmp temp crdownload download opdownload uploading writing swp swx lock".split(" "),
);
const LITTER = new Set([
  "thumbs.db",
  "desktop.ini",
  "$recycle.bin",
  "system volume information",
  "lost+found",
  "@eadir",
]);

/** What a name in the inbox stands for. Endings count in capitals too. */
export function kindOfName(name: string): NameKind {
  const lower = name.toLowerCase();
  if (lower.startsWith(".") || lower.startsWith("~$") || lower.endsWith("~") || LITTER.has(lower)) {
    return { kind: "temporary" };
  }
  const dot = lower.lastIndexOf(".");
  const ending = dot < 0 ? "" : lower.slice(dot + 1);
  if (TEMPORARY_ENDINGS.has(ending)) return { kind: "temporary" };
  if (ending === "done" || ending === "sha256") return { kind: "sidecar", mark: ending, of: name.slice(0, dot) };
  return { kind: ROSTER_ENDINGS.has(ending) ? "roster" : "stranger" };
}

/**
 * The sidecars of one roster among all names of its folder: `monday.csv.done`, or `monday.done` where no other roster is
 * called `monday`. Capitals do not matter.
 */
export function sidecarsOf(roster: string, names: readonly string[]): ReadonlyMap<SidecarMark, string> {
  const whole = roster.toLowerCase();
  const stem = withoutEnding(whole);
  let rostersWithStem = 0;
  const exact = new Map<SidecarMark, string>();
  const byStem = new Map<SidecarMark, string>();
  for (const name of names) {
    const kind = kindOfName(name);
    if (kind.kind === "roster" && withoutEnding(name.toLowerCase()) === stem) rostersWithStem += 1;
    if (kind.kind !== "sidecar") continue;
    const of = kind.of.toLowerCase();
    if (of === whole) exact.set(kind.mark, name);
    else if (of === stem) byStem.set(kind.mark, name);
  }
  return rostersWithStem > 1 ? exact : new Map([...byStem, ...exact]);
}

function withoutEnding(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? name : name.slice(0, dot);
}

/**
 * The SHA-256 (hex, lower case) that a `.sha256` file states for a roster: alone, or in a line as `sha256sum` writes it.
 * Null when it states none, or only for other files.
 */
export function statedChecksum(text: string, roster: string): string | null {
  for (const line of text.split(/\r\n|\r|\n/)) {
    const match = /^\s*\\?([0-9a-f]{64})(?:\s+\*?(.*\S))?\s*$/i.exec(line);
    if (match?.[1] === undefined) continue;
    const stated = match[2]?.split(/[/\\]/).at(-1);
    if (stated === undefined || stated.toLowerCase() === roster.toLowerCase()) return match[1].toLowerCase();
  }
  return null;
}

/** What one look at a file shows. A file that is still being written shows something else at the next look. */
export interface Sighting {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/** A file under observation. All moments are of one clock, in milliseconds. */
export interface Candidate {
  readonly sighting: Sighting;
  readonly firstSeenMs: number;
  /** Since when every look showed the same. */
  readonly unchangedSinceMs: number;
}

/** Adds a look to what is known; `before` is null at the first one. */
export function observe(before: Candidate | null, sighting: Sighting, nowMs: number): Candidate {
  if (before === null) return { sighting, firstSeenMs: nowMs, unchangedSinceMs: nowMs };
  const firstSeenMs = Math.min(before.firstSeenMs, nowMs);
  if (!isSame(before.sighting, sighting)) return { sighting, firstSeenMs, unchangedSinceMs: nowMs };
  return { sighting, firstSeenMs, unchangedSinceMs: Math.min(before.unchangedSinceMs, nowMs) };
}

export function isSame(one: Sighting, other: Sighting): boolean {
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.inode === other.inode;
}

/** What lies beside a candidate at the same look. */
export interface SidecarState {
  /** When the `.done` file was written, by the same file system's clock; null without one. */
  readonly doneMtimeMs: number | null;
  /** `unchecked`: there is a `.sha256` file, and this content has not been compared with it. */
  readonly checksum: "none" | "unchecked" | "matches" | "differs";
}

export type Readiness =
  | { readonly kind: "ready" }
  | { readonly kind: "wait"; readonly lookAgainMs: number }
  /** Complete as far as one can see; compare it with its `.sha256` file and ask again. */
  | { readonly kind: "compare" }
  /** Unchanged for long enough, yet not what its `.sha256` file says: not taken until one of the two changes. */
  | { readonly kind: "mismatch" };

/** An empty file mostly waits for its content: it settles so many times slower. */
export const EMPTY_FACTOR = 10;

/** Whether a candidate, looked at just now, is complete. */
export function readiness(candidate: Candidate, beside: SidecarState, settleMs: number, nowMs: number): Readiness {
  const { sighting, unchangedSinceMs } = candidate;
  const isMarkedDone = beside.doneMtimeMs !== null && beside.doneMtimeMs >= sighting.mtimeMs;
  const neededMs = sighting.size === 0 ? settleMs * EMPTY_FACTOR : settleMs;
  const lookAgainMs = unchangedSinceMs + neededMs;
  if (!isMarkedDone && nowMs < lookAgainMs) return { kind: "wait", lookAgainMs };
  if (beside.checksum === "unchecked") return { kind: "compare" };
  if (beside.checksum === "differs") return { kind: "mismatch" };
  return { kind: "ready" };
}
