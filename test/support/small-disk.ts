// A small file system in memory, mounted on a folder: a disk that can be filled. Where mounting is not permitted there is none.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** False: this needs root on Linux, and a container may forbid it all the same. */
export function mountSmall(folder: string, size: string): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0700`, "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export function unmount(folder: string): void {
  execFileSync("umount", ["--lazy", folder], { stdio: "ignore" });
}

/** Takes every free byte with a file of this name. */
export async function fillUp(filler: string): Promise<void> {
  const block = Buffer.alloc(64 * 1024, 1);
  for (let size = block.length; size >= 1; size = Math.floor(size / 2)) {
    while (
      await writeFile(filler, block.subarray(0, size), { flag: "a" }).then(
        () => true,
        () => false,
      )
    );
  }
}

export interface SmallDisk {
  /** Leaves room for so many bytes and no more. */
  fill(room?: number): Promise<void>;
  free(): Promise<void>;
}

/** Puts the folder on a disk of its own until `unmount`. @throws Error where that is not permitted */
export function smallDisk(folder: string): SmallDisk {
  if (!mountSmall(folder, "256k")) throw new Error("a file system cannot be mounted here");
  const filler = join(folder, ".filler");
  const rest = join(folder, ".rest");
  return {
    async fill(room = 0) {
      if (room > 0) await writeFile(rest, Buffer.alloc(room));
      await fillUp(filler);
      await rm(rest, { force: true });
    },
    free: () => rm(filler, { force: true }),
  };
}

export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "roster-sync-mount-"));
  const isMounted = mountSmall(folder, "64k");
  if (isMounted) unmount(folder);
  rmdirSync(folder);
  return isMounted;
}
