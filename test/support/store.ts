// A run store, ledger and the rest on a real Redis of their own, for one test file; and small ways of reading what they give.

import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Reading, RunStore } from "../../src/app/ports.ts";
import type { Plan } from "../../src/domain/plan.ts";
import { keysFor } from "../../src/store/keys.ts";
import { startRedis, type TestRedis } from "./redis.ts";

export const KEYS = keysFor("acme");

export interface RedisForTests {
  /** The server. */
  server(): TestRedis;
  /** One connection that all tests of the file share. The server is empty when a test begins. */
  redis(): Redis;
}

/** Starts one Redis for the tests of a file. */
export function redisForTests(): RedisForTests {
  let server: TestRedis | undefined;
  let redis: Redis | undefined;
  function started<T>(value: T | undefined): T {
    if (value === undefined) throw new Error("Redis is there only while a test runs.");
    return value;
  }
  beforeAll(async () => {
    server = await startRedis();
    redis = server.connect();
  });
  beforeEach(async () => {
    await started(redis).flushall();
  });
  afterAll(async () => {
    await server?.stop();
  });
  return { server: () => started(server), redis: () => started(redis) };
}

/** All items of all pages. */
export async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

/** Everything in Redis as text: key names and values. */
export async function dump(redis: Redis): Promise<{ readonly names: readonly string[]; readonly values: string }> {
  const names = await redis.keys("*");
  const values: unknown[] = [];
  for (const name of names) {
    const type = await redis.type(name);
    if (type === "string") values.push((await redis.getBuffer(name))?.toString("latin1"));
    else if (type === "hash") values.push(await redis.hgetall(name));
    else if (type === "list") values.push(await redis.lrange(name, 0, -1));
    else if (type === "set") values.push(await redis.smembers(name));
    else if (type === "zset") values.push(await redis.zrange(name, 0, "-1", "WITHSCORES"));
    else if (type === "stream") values.push(await redis.xrange(name, "-", "+"));
    // A lock may have run out since its name was read.
    else if (type !== "none") throw new Error(`nobody said how to read a ${type}`);
  }
  return { names, values: JSON.stringify(values) };
}

/** Records a plan in two parts, as a reading does. */
export async function record(runs: Pick<RunStore, "beginReading" | "recordPart">, plan: Plan): Promise<Reading> {
  const { runId, changes, adoptions, skips } = plan;
  const reading = await runs.beginReading(runId);
  await runs.recordPart(reading, 0, { changes: changes.slice(0, 1), adoptions: [], skips: [], withdrawn: [] });
  await runs.recordPart(reading, 1, { changes: changes.slice(1), adoptions, skips, withdrawn: [] });
  return reading;
}
