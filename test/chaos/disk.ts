// A disk that gets full: the data folder of a world on a small file system of its own, where one can be mounted.

import { execFileSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { atExit } from "./at-exit.ts";

export interface Disk {
  fill(): Promise<void>;
  free(): Promise<void>;
  close(): Promise<void>;
}

/** A small file system of its own under the data folder where that can be mounted; elsewhere the preload says that the disk is full. */
export function openDisk(dataDir: string, side: string): Disk {
  const isMounted = tryToMount(dataDir);
  const forget = atExit(() => {
    if (isMounted) unmount(dataDir);
  });
  const filler = isMounted ? join(dataDir, "filler") : join(side, "disk-full");
  return {
    async fill() {
      if (!isMounted) return writeFile(filler, "");
      const block = Buffer.alloc(64 * 1024, 1);
      for (let size = block.length; size >= 1; size = Math.floor(size / 2)) {
        while (
          await writeFile(filler, block.subarray(0, size), { flag: "a" }).then(
            () => true,
            () => false,
          )
        );
      }
    },
    free: () => rm(filler, { force: true }),
    async close() {
      await rm(filler, { force: true });
      if (isMounted) unmount(dataDir);
      forget();
    },
  };
}

function tryToMount(folder: string): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || process.env.CHAOS_NO_MOUNT !== undefined)
    return false;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m,mode=0700", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function unmount(folder: string): void {
  execFileSync("umount", ["--lazy", folder], { stdio: "ignore" });
}
