// Collecting garbage at a chosen moment, for tests of what is still held afterwards.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
export const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes in use by what is still held. */
export function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
