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

/** Where in the file text cannot be made of the bytes; told by `toUtf8`, made a sentence by whoever can read the file again. */
export class Undecodable extends Error {
  override readonly name = "Undecodable";
  /** Bytes of the file before the piece in which it is. */
  readonly before: number;

  constructor(before: number, options: { cause: unknown }) {
    super("bytes that mean nothing", options);
    this.before = before;
  }
}

/** Passes UTF-8 on and turns everything else into it. @throws Undecodable where a byte means nothing in the encoding */
export async function* toUtf8(pieces: AsyncIterable<Buffer>, look: FileLook): AsyncGenerator<Buffer> {
  let toSkip = look.markBytes;
  let before = 0;
  // That every byte is valid UTF-8 was proved by the first look.
  const decoder = look.encoding === "utf-8" ? null : decoderFor(look.encoding);
  const decode = (bytes: Buffer, isLast: boolean): Buffer => {
    if (decoder === null) return bytes;
    try {
      const text = decoder.decode(bytes, isLast);
      // Of all encodings only UTF-16 gets here with a NUL.
      if (text.includes("\0")) throw new RangeError("a NUL");
      return Buffer.from(text, "utf8");
    } catch (error) {
      if (error instanceof RangeError) throw new Undecodable(before, { cause: error });
      throw error;
    }
  };
  for await (const piece of pieces) {
    const skipped = Math.min(toSkip, piece.length);
    toSkip -= skipped;
    const text = decode(piece.subarray(skipped), false);
    before += piece.length;
    if (text.length > 0) yield text;
  }
  const rest = decode(Buffer.alloc(0), true);
  if (rest.length > 0) yield rest;
}

/** Reads the file once more, up to the byte that means nothing, and says where it is. */
export async function undecodable(pieces: AsyncIterable<Buffer>, look: FileLook, before: number): Promise<Error> {
  const decoder = decoderFor(look.encoding);
  const place = placeKeeper();
  let passed = 0;
  for await (const piece of pieces) {
    const from = Math.max(0, look.markBytes - passed);
    const whole = Math.max(from, Math.min(piece.length, before - passed));
    place.pass(decoder.decode(piece.subarray(from, whole), false));
    for (let at = whole; at < piece.length; at += 1) {
      const text = decodedByte(decoder, piece.subarray(at, at + 1));
      if (text === null || text.includes("\0")) return noText(look, place.spot(), text !== null);
      place.pass(text);
    }
    passed += piece.length;
  }
  return refused(
    "cut-off",
    null,
    `The file ends in the middle of a ${look.encoding} character: it was cut off.`,
    "Export it again.",
  );
}

function decodedByte(decoder: Decoder, byte: Buffer): string | null {
  try {
    return decoder.decode(byte, false);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

interface TextSpot {
  readonly line: number;
  readonly character: number;
}

/** Counts lines and characters, both from 1, of text that comes bit by bit. */
function placeKeeper() {
  let line = 1;
  let character = 1;
  let isAfterCr = false;
  return {
    pass(text: string) {
      for (const one of text) {
        if (one === "\n" ? !isAfterCr : one === "\r") line += 1;
        character = one === "\n" || one === "\r" ? 1 : character + 1;
        isAfterCr = one === "\r";
      }
    },
    spot: (): TextSpot => ({ line, character }),
  };
}

function noText(look: FileLook, { line, character }: TextSpot, isNul: boolean): Error {
  if (isNul) {
    return refused(
      "nul-bytes",
      line,
      `Character ${character} of line ${line} is a NUL: the file is damaged.`,
      "Export or copy it again.",
    );
  }
  return refused(
    "undecodable",
    line,
    `Character ${character} of line ${line} means nothing in ${look.encoding} (taken because ${look.because}).`,
    'Save the export as "CSV UTF-8", or name its encoding under roster.encoding.',
  );
}
