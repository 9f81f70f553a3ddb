// How old a file is, by the clock of the file system that it lies on: all machines that share a folder see that one alike,
// while their own clocks differ.

import { randomBytes } from "node:crypto";
import { rm, stat, writeFile } from "node:fs/promises";

/** Milliseconds since the file was last written. @throws Error of the file system, ENOENT when it is gone */
export async function fileAgeMs(path: string): Promise<number> {
  const probe = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(probe, "", { flag: "wx" });
    const [then, now] = await Promise.all([stat(path), stat(probe)]);
    return Math.max(0, now.mtimeMs - then.mtimeMs);
  } finally {
    await rm(probe, { force: true });
  }
}
