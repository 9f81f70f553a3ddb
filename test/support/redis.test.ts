// The support that other tests stand on keeps its promises.

import { afterEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "./redis.ts";

const started: TestRedis[] = [];
afterEach(async () => {
  for (const redis of started.splice(0)) await redis.stop();
});

async function start(): Promise<TestRedis> {
  const redis = await startRedis();
  started.push(redis);
  return redis;
}

test("two test servers share neither port nor data", async () => {
  const [one, two] = await Promise.all([start(), start()]);
  await one.connect().set("who", "one");
  expect(one.port).not.toBe(two.port);
  expect(await two.connect().get("who")).toBeNull();
});

test.each(["kill", "shutdown"] as const)("what was written survives a restart by %s", async (how) => {
  const redis = await start();
  const connection = redis.connect();
  await connection.set("kept", "yes");
  await redis.restart(how);
  expect(await connection.get("kept")).toBe("yes");
});
