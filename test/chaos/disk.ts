// A disk that gets full: the data folder of a world on a small file system of its own, where one can be mounted.

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fillUp, mountSmall, unmount } from "../support/small-disk.ts";
import { atExit } from "./at-exit.ts";

export interface Disk {
  fill(): Promise<void>;
  free(): Promise<void>;
  close(): Promise<void>;
}

/** A small file system of its own under the data folder where that can be mounted; elsewhere the preload says that the disk is full. */
export function openDisk(dataDir: string, side: string): Disk {
  const isMounted = process.env.CHAOS_NO_MOUNT === undefined && mountSmall(dataDir, "3m");
  const forget = atExit(() => {
    if (isMounted) unmount(dataDir);
  });
  const filler = isMounted ? join(dataDir, "filler") : join(side, "disk-full");
  return {
    fill: () => (isMounted ? fillUp(filler) : writeFile(filler, "")),
    free: () => rm(filler, { force: true }),
    async close() {
      await rm(filler, { force: true });
      if (isMounted) unmount(dataDir);
      forget();
    },
  };
}
