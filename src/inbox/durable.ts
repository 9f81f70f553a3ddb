// Files that are there whole or not at all, also after a power cut: a temporary name, fsync, rename, fsync of the folder.
// Nothing here knows what the files mean.

import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, type FileHandle, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

const TEMPORARY = /^\.roster-sync-[0-9a-f]{12}\.part$/;
const LEFT_BEHIND_MS = 60 * 60 * 1000;
/** A quarter of a megabyte is hashed in half the time that it takes in Node's own pieces. */
const PIECE_BYTES = 262_144;

/**
 * SHA-256 of a file's content, hex; of as much as it has at this moment, so that a file that grows for ever comes to an end.
 * @throws Error with code EPLAIN for anything but a regular file, links included
 */
export async function hashFile(path: string): Promise<string> {
  const file = await openPlain(path);
  try {
    const hash = createHash("sha256");
    const { size } = await file.stat();
    const options = { start: 0, end: size - 1, autoClose: false, highWaterMark: PIECE_BYTES };
    if (size > 0) await pipeline(file.createReadStream(options), hash);
    return hash.digest("hex");
  } finally {
    await file.close();
  }
}

/** The text of a small file that others may swap at any moment. @throws Error with code EPLAIN for anything but a regular file */
export async function readPlain(path: string): Promise<string> {
  const file = await openPlain(path);
  try {
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** Never follows a link, and never waits for the other end of a pipe, should one have taken the file's place since it was looked at. */
async function openPlain(path: string): Promise<FileHandle> {
  // Windows knows neither flag.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (error) {
    throw ["ELOOP", "ENXIO", "EMLINK"].includes(errorCode(error)) ? notPlain() : error;
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw notPlain();
}

function notPlain(): Error {
  return Object.assign(new Error("not a regular file"), { code: "EPLAIN" });
}

/** Copies a file, times included. A file at `target` is replaced: see to it before. */
export async function copyWhole(source: string, target: string): Promise<void> {
  await whole(target, async (temporary) => {
    await copyFile(source, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const { atime, mtime } = await stat(source);
    await utimes(temporary, atime, mtime);
    await sync(temporary, "r");
  });
}

/**
 * Copies a file out of a folder that others may write to, times included: whatever takes its place meanwhile, no link is followed.
 * @throws Error with code EPLAIN for anything but a regular file
 */
export async function copyPlain(source: string, target: string): Promise<void> {
  const from = await openPlain(source);
  try {
    await whole(target, async (temporary) => {
      const { size, atime, mtime } = await from.stat();
      const to = await open(temporary, "wx", 0o600);
      try {
        if (size > 0) {
          const content = from.createReadStream({ start: 0, end: size - 1, autoClose: false });
          for await (const piece of content) await to.writeFile(piece);
        }
        await to.utimes(atime, mtime);
        await to.sync();
      } finally {
        await to.close();
      }
    });
  } finally {
    await from.close();
  }
}

/** Writes a text file from its pieces, holding one of them at a time. A file at `target` is replaced. */
export async function writeWhole(target: string, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  await whole(target, async (temporary) => {
    const file = await open(temporary, "wx", 0o666);
    try {
      for await (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

async function whole(target: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = join(dirname(target), `.roster-sync-${randomBytes(6).toString("hex")}.part`);
  try {
    await write(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Makes the names in a folder durable, where the file system can. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await sync(folder, "r");
  } catch (error) {
    // Windows and some network mounts cannot; there is nothing better to do there.
    if (!["EISDIR", "EPERM", "EINVAL", "EACCES", "ENOTSUP", "EBADF"].includes(errorCode(error))) throw error;
  }
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes temporary files (all of them our own copies) that a crash left in a folder or below it an hour ago or earlier. */
export async function sweepTemporaries(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!TEMPORARY.test(basename(name))) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && nowMs - found.ctimeMs > LEFT_BEHIND_MS) await rm(path, { force: true });
  }
}

/** The system's code of a failed call, such as `ENOENT`; empty for any other error. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
