// Loaded into the daemon by `node --import` when the soak is asked for the heap: every ten seconds what is left after a full
// collection goes to the file SOAK_HEAP, in bytes. A collection more keeps the process smaller than it is in life.

import { writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const { SOAK_HEAP } = process.env;
setInterval(() => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(SOAK_HEAP, String(heapUsed + external));
}, 10_000).unref();
