// What a failover of a chaos world loses: the writes of the last moment before the master died, and nothing else.

import type { Redis } from "ioredis";
import { afterEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { follow, takeOver } from "./failover.ts";

const KEYS = 400;

const started: TestRedis[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});

interface One {
  readonly server: TestRedis;
  readonly redis: Redis;
  readonly port: number;
}

async function start(): Promise<One> {
  const server = await startRedis();
  started.push(server);
  return { server, redis: server.connect(), port: server.port };
}

test("a replica that is killed the moment it has caught up has everything", async () => {
  const [master, replica] = await Promise.all([start(), start()]);
  for (let number = 0; number < KEYS; number += 1) await master.redis.set(`key-${number}`, "kept");
  // Two milliseconds a key: the file that holds them is written for nearly a second after they are in memory.
  await replica.redis.config("SET", "rdb-key-save-delay", "2000");
  await follow(replica.redis, master);
  await replica.server.restart("kill");
  expect(await replica.redis.dbsize()).toBe(KEYS);
});

test("what is written while the replica lags is lost, what was written before is not", async () => {
  const [master, replica] = await Promise.all([start(), start()]);
  await master.redis.set("before", "kept");
  await follow(replica.redis, master);
  const over = takeOver(replica.redis, master.server, 300);
  let written = 0;
  for (const until = Date.now() + 200; Date.now() < until; written += 1) await master.redis.rpush("meanwhile", written);
  await over;
  expect(written).toBeGreaterThan(0);
  expect(await replica.redis.get("before")).toBe("kept");
  // The first of them may still have gone through before the cut.
  expect(await replica.redis.llen("meanwhile")).toBeLessThan(written / 2);
  await expect(master.redis.ping()).rejects.toThrow();
});
