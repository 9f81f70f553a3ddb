// A roster file as a stream of UTF-8 text, for one pass. Each that comes to the end is held to the hash, and to the length that was
// looked at.

import type { FileLook } from "./bytes.ts";
import { toUtf8, Undecodable, undecodable } from "./encoding.ts";
import { refused } from "./refused.ts";
import { openHashed, openSource } from "./source.ts";

/** The text from byte `skip` (of the text) on. @throws RosterRefused when the file is no longer the one that was looked at */
export async function* fileText(path: string, look: FileLook, skip: number): AsyncGenerator<Buffer> {
  let toSkip = skip;
  try {
    for await (const piece of toUtf8(sameBytes(path, look), look)) {
      const skipped = Math.min(toSkip, piece.length);
      toSkip -= skipped;
      if (piece.length > skipped) yield piece.subarray(skipped);
    }
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error;
    throw await undecodable((await openSource(path)).pieces(), look, error.before);
  }
}

/** The beginning of the text: at least `bytes` of it, or all. */
export async function headOf(
  path: string,
  look: FileLook,
  bytes: number,
): Promise<{ readonly head: Buffer; readonly isWholeFile: boolean }> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of fileText(path, look, 0)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= bytes) return { head: Buffer.concat(pieces), isWholeFile: false };
  }
  return { head: Buffer.concat(pieces), isWholeFile: true };
}

async function* sameBytes(path: string, look: FileLook): AsyncGenerator<Buffer> {
  const source = await openHashed(path);
  yield* source.pieces();
  if (source.sha256() === look.sha256 && source.bytes() === look.bytes) return;
  throw refused(
    "file-changed",
    null,
    "The file was changed while it was being read.",
    "Drop a roster only when it is complete: write it under another name and rename it at the end.",
  );
}
