// Bytes of a named encoding become UTF-8, strictly and as a stream: a byte that means nothing refuses the file, it never
// turns into a replacement character. Windows-1252 is decoded here, because Node 20 gets 0x80 to 0x9F wrong.

import type { FileLook } from "./bytes.ts";
import { refused } from "./refused.ts";

/** 0x80 to 0x9F in Windows-1252; a space stands for the five bytes that mean nothing. */
const WINDOWS_1252 = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

interface Decoder {
  /** The text of the next bytes. @throws RangeError when a byte means nothing */
  decode(bytes: Buffer, isLast: boolean): string;
}

function decoderFor(encoding: FileLook["encoding"]): Decoder {
  if (isWindows1252(encoding)) return { decode: (bytes) => decodeWindows1252(bytes) };
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return {
    decode(bytes, isLast) {
      try {
        return decoder.decode(bytes, { stream: !isLast });
      } catch (error) {
        throw new RangeError("undecodable", { cause: error });
      }
    },
  };
}

/** What calls itself ISO-8859-1 is Windows-1252 in practice, and the WHATWG encoding standard says so too. */
function isWindows1252(encoding: FileLook["encoding"]): boolean {
  return encoding === "windows-1252" || encoding === "iso-8859-1";
}

function decodeWindows1252(bytes: Buffer): string {
  const text = bytes.toString("latin1");
  return text.replace(/[\x80-\x9f]/g, (character) => {
    const meant = WINDOWS_1252[character.charCodeAt(0) - 0x80] ?? " ";
    if (meant === " ") throw new RangeError("undecodable");
    return meant;
  });
}

/** Passes UTF-8 on and turns everything else into it. @throws RosterRefused where a byte means nothing in the encoding */
export async function* toUtf8(pieces: AsyncIterable<Buffer>, look: FileLook): AsyncGenerator<Buffer> {
  let toSkip = look.markBytes;
  if (look.encoding === "utf-8") {
    // The first look has proved that every byte is valid.
    for await (const piece of pieces) {
      const skipped = Math.min(toSkip, piece.length);
      toSkip -= skipped;
      if (piece.length > skipped) yield piece.subarray(skipped);
    }
    return;
  }
  const decoder = decoderFor(look.encoding);
  let lines = 1;
  const decode = (bytes: Buffer, isLast: boolean): Buffer => {
    try {
      const text = decoder.decode(bytes, isLast);
      lines += text.split("\n").length - 1;
      return Buffer.from(text, "utf8");
    } catch (error) {
      if (error instanceof RangeError) throw undecodable(look, bytes, lines, isLast);
      throw error;
    }
  };
  for await (const piece of pieces) {
    const skipped = Math.min(toSkip, piece.length);
    toSkip -= skipped;
    const text = decode(piece.subarray(skipped), false);
    if (text.length > 0) yield text;
  }
  const rest = decode(Buffer.alloc(0), true);
  if (rest.length > 0) yield rest;
}

function undecodable(look: FileLook, bytes: Buffer, linesBefore: number, isLast: boolean): Error {
  if (isLast) {
    return refused(
      "cut-off",
      null,
      `The file ends in the middle of a ${look.encoding} character: it was cut off.`,
      "Export it again.",
    );
  }
  // Exact for encodings of one byte a character; for the others the line where the piece begins is the nearest known.
  let line = linesBefore;
  if (isWindows1252(look.encoding)) {
    const at = bytes.findIndex((byte) => byte >= 0x80 && byte <= 0x9f && WINDOWS_1252[byte - 0x80] === " ");
    for (const byte of bytes.subarray(0, at)) if (byte === 10) line += 1;
  }
  const where = isWindows1252(look.encoding) ? `On line ${line}` : `Not far below line ${line}`;
  return refused(
    "undecodable",
    line,
    `${where} is a byte that means nothing in ${look.encoding} (taken because ${look.because}).`,
    'Save the export as "CSV UTF-8", or name its encoding under roster.encoding.',
  );
}
