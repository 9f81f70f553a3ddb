// What fills a Redis: the bytes of all keys, grouped by what they are for.

import type { Redis } from "ioredis";

/** Bytes by the kind of key: ids of runs, jobs and people are taken out of the names. */
export async function bytesByKind(client: Redis): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for await (const keys of client.scanStream({ count: 500 })) {
    for (const key of keys as string[]) {
      const kind = key
        .replace(/^\{[^}]*\}:/, "")
        .replace(/\d{8}-\d{6}-[0-9a-f]+(-[0-9a-f]+)?/g, "RUN")
        .replace(/claim:.*/, "claim:PERSON");
      found.set(kind, (found.get(kind) ?? 0) + Number((await client.memory("USAGE", key, "SAMPLES", 0)) ?? 0));
    }
  }
  return found;
}
