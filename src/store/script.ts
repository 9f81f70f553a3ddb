// Lua scripts by their fingerprint: a script travels once, and Redis need not read and hash its text each time. Those in pipelines
// (plan-record.ts, adoptions) travel with their text, since a pipeline cannot say it once more.

import { createHash } from "node:crypto";
import type { RedisConnection } from "./connection.ts";

const fingerprints = new Map<string, string>();

/** Runs a script. Redis forgets scripts when it starts anew; then the text is sent once more. */
export async function runScript(
  redis: RedisConnection,
  script: string,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(fingerprintOf(script), keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return redis.eval(script, keys.length, ...keys, ...args);
  }
}

/** SHA-1, as Redis names scripts. */
function fingerprintOf(script: string): string {
  let fingerprint = fingerprints.get(script);
  if (fingerprint === undefined) {
    fingerprint = createHash("sha1").update(script).digest("hex");
    fingerprints.set(script, fingerprint);
  }
  return fingerprint;
}
