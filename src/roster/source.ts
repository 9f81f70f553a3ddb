// The bytes of a roster file as a stream, unpacked where the file is gzip, and where it is asked for with the hash of the file as it
// lies on the disk: hashing takes longer than reading.
// A file that unpacks to far more than any roster would (a "bomb") is refused as soon as that shows.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open as openFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream";
import { constants, createGunzip } from "node:zlib";
import { refused } from "./refused.ts";

export interface Source {
  /** The content, piece by piece; once. @throws RosterRefused when it cannot be unpacked */
  pieces(): AsyncGenerator<Buffer>;
  /** Bytes of the file that were read so far. */
  bytes(): number;
  readonly isCompressed: boolean;
}

export interface HashedSource extends Source {
  /** Of the whole file, hex; complete only after the last piece. */
  sha256(): string;
}

const CHUNK_BYTES = 131_072;

/** Text of rosters is packed to a fifth or a twentieth; bombs to a thousandth. */
const MAX_RATIO = 200;

/** Up to here no ratio is looked at: a small roster full of one department may be packed well. */
const ALWAYS_BYTES = 16_777_216;

/** Opens a file for one pass. */
export function openSource(path: string): Promise<Source> {
  return open(path, () => undefined);
}

/** The same, with its hash. */
export async function openHashed(path: string): Promise<HashedSource> {
  const hash = createHash("sha256");
  const source = await open(path, (piece) => hash.update(piece));
  return { ...source, sha256: () => hash.digest("hex") };
}

/** `see` is shown each piece as it lies on the disk. */
async function open(path: string, see: (piece: Buffer) => void): Promise<Source> {
  let bytes = 0;
  const isCompressed = await isGzip(path);
  const take = (piece: Buffer): void => {
    see(piece);
    bytes += piece.length;
  };

  async function* plain(): AsyncGenerator<Buffer> {
    const end = await lastByte(path);
    if (end < 0) return;
    for await (const piece of createReadStream(path, { highWaterMark: CHUNK_BYTES, end }) as AsyncIterable<Buffer>) {
      take(piece);
      yield piece;
    }
  }

  async function* unpacked(): AsyncGenerator<Buffer> {
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    const file = createReadStream(path, { end: await lastByte(path) });
    file.on("data", (piece) => take(piece as Buffer));
    pipeline(file, gunzip, () => undefined);
    let length = 0;
    try {
      for await (const piece of gunzip as AsyncIterable<Buffer>) {
        length += piece.length;
        if (length > ALWAYS_BYTES && length > bytes * MAX_RATIO) throw bomb();
        yield piece;
      }
    } catch (error) {
      throw isZlibError(error) ? notUnpacked(error) : error;
    }
  }

  return {
    pieces: isCompressed ? unpacked : plain,
    bytes: () => bytes,
    isCompressed,
  };
}

/** Of the file as it is when a pass begins: one that grows faster than it is read comes to an end all the same. -1: it is empty. */
async function lastByte(path: string): Promise<number> {
  return (await stat(path)).size - 1;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await openFile(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

interface ZlibError extends Error {
  readonly errno: number;
  readonly code: string;
}

function isZlibError(error: unknown): error is ZlibError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");
}

function notUnpacked(error: ZlibError): Error {
  const isCut = error.errno === constants.Z_BUF_ERROR;
  return isCut
    ? refused("cut-off", null, "The compressed file (gzip) ends too early: it was cut off.", "Export or copy it again.")
    : refused(
        "damaged",
        null,
        "The compressed file (gzip) is damaged and cannot be unpacked.",
        "Export or copy it again.",
      );
}

function bomb(): Error {
  return refused(
    "unpacks-too-far",
    null,
    `The compressed file (gzip) unpacks to more than ${MAX_RATIO} times its size, which no roster does.`,
    "See whether it is the right file; if it is, unpack it and drop the CSV file inside.",
  );
}
