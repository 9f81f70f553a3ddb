// Names and places of roster files inside the data folder. Text only: nothing is looked up on the disk.

import { basename } from "node:path";
import { isRunId } from "../domain/run-id.ts";

/** The folders of a data folder. */
export const FOLDERS = ["inbox", "processing", "archive", "refused", "outbox"] as const;

const CLAIMED = /^([^.]+)\.(.+)$/s;
const CLAIM_MARK = ".claim.";
/** Most file systems take 255 bytes; run id, suffixes and the endings of answer and reason files need the rest. */
const NAME_MAX_BYTES = 180;

/** @throws Error for a text that is not a run id: it becomes part of paths */
export function assertRunId(runId: string): void {
  if (!isRunId(runId)) throw new Error(`${JSON.stringify(runId)} is not a run id`);
}

/** `<runId>.<name>`; a name too long to grow is shortened in front of its ending. */
export function claimedName(runId: string, name: string): string {
  assertRunId(runId);
  return `${runId}.${fittingName(name)}`;
}

/** What `claimedName` made, taken apart; null for any other name. */
export function parseClaimedName(name: string): { readonly runId: string; readonly fileName: string } | null {
  const match = CLAIMED.exec(name);
  const [, runId, fileName] = match ?? [];
  return runId === undefined || fileName === undefined || !isRunId(runId) ? null : { runId, fileName };
}

/** A claimed file's hidden name within the inbox, while it is copied to another file system. */
export function claimMark(runId: string, name: string): string {
  return `${CLAIM_MARK}${claimedName(runId, name)}`;
}

/** The original name behind a claim mark; null for any other name. */
export function parseClaimMark(name: string): { readonly runId: string; readonly fileName: string } | null {
  return name.startsWith(CLAIM_MARK) ? parseClaimedName(name.slice(CLAIM_MARK.length)) : null;
}

/** Control characters, and those that turn the direction of writing: a name that shows them is not the name it shows. */
const DECEIVING = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;
/** Names that Windows takes for devices, whatever their ending: answer files may lie on a share. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=$|\.)/i;

/**
 * A file name without folders and deceiving characters, never hidden, no option (`-rf`) and no device (`con`) to whoever handles
 * it, of at most 180 bytes. Its ending stays. What it gives, it leaves as it is.
 */
export function fittingName(name: string): string {
  const plain = basename(name.replaceAll("\\", "/"))
    .replaceAll(DECEIVING, "_")
    .replace(/^\.+/, "")
    .replace(/^-/, "_")
    .replace(DEVICE, "_$1");
  if (plain === "") return "roster";
  if (Buffer.byteLength(plain) <= NAME_MAX_BYTES) return plain;
  const dot = plain.lastIndexOf(".");
  const ending = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : "";
  let stem = "";
  for (const character of plain.slice(0, plain.length - ending.length)) {
    if (Buffer.byteLength(stem + character + ending) > NAME_MAX_BYTES) break;
    stem += character;
  }
  return stem + ending;
}

/** The same path with a number in front of its ending, for a name that is in use: `monday.csv`, 2 → `monday.2.csv`. */
export function numbered(path: string, number: number): string {
  const name = basename(path);
  const dot = name.lastIndexOf(".");
  const at = dot <= 0 ? path.length : path.length - name.length + dot;
  return `${path.slice(0, at)}.${number}${path.slice(at)}`;
}

/** A file name as it may stand in a log line: an e-mail address in it is hidden. */
export function shownName(name: string): string {
  const clean = name.replaceAll(DECEIVING, "?").replaceAll(/[^\s@]+@[^\s@]+/g, "[address]");
  return clean.length <= 80 ? clean : `${clean.slice(0, 79)}…`;
}
