// Where the files and the socket of a private Redis lie. A socket path may have 107 characters; where the data folder is
// deeper, the socket goes to a folder among the temporary ones that only this account may enter.

import { createHash } from "node:crypto";
import { access, chmod, constants, lstat, mkdir, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedRedisError } from "./redis-process.ts";

/** sockaddr_un has 108 bytes on Linux and 104 elsewhere, one of them for the end. */
const SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/** Makes the folder, for this account alone, and returns its one true path. @throws EmbeddedRedisError */
export async function prepareFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    await access(folder, constants.W_OK | constants.X_OK);
    return await realpath(folder);
  } catch (cause) {
    throw new EmbeddedRedisError(
      `The data folder ${folder} cannot be written to. Run this as the account that it belongs to, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
}

/** In the data folder where the path fits, otherwise in a folder of our own among the temporary ones, found again by its name. */
export async function chooseSocketPath(folder: string): Promise<string> {
  const inside = join(folder, "redis.sock");
  if (Buffer.byteLength(inside) <= SOCKET_PATH_BYTES) return inside;
  const owner = process.getuid?.() ?? 0;
  const name = `roster-sync-${owner}-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
  const candidates = [tmpdir(), "/tmp"].map((parent) => join(parent, name));
  const outside = candidates.find((path) => Buffer.byteLength(join(path, "redis.sock")) <= SOCKET_PATH_BYTES);
  if (outside === undefined) {
    throw new EmbeddedRedisError(
      `The path ${folder} is too long for a Unix socket. Set DATA_DIR to a shorter one, or set REDIS_URL.`,
    );
  }
  await mkdir(outside, { recursive: true, mode: 0o700 });
  const found = await lstat(outside);
  // Anybody may make folders there: one that others own or may write to would let them answer in Redis's place.
  if (!found.isDirectory() || found.uid !== owner || (found.mode & 0o077) !== 0) {
    throw new EmbeddedRedisError(
      `${outside} does not belong to this account alone, so Redis's socket cannot be put there. Remove it, or set DATA_DIR to a shorter path.`,
    );
  }
  return join(outside, "redis.sock");
}
