// Scripts are run by their fingerprint, and again with their text where Redis has forgotten it.

import { expect, test } from "vitest";
import { runScript } from "../../src/store/script.ts";
import { redisForTests } from "../support/store.ts";

const { redis } = redisForTests();

const ADD = "return redis.call('INCRBY', KEYS[1], ARGV[1])";

test("a script runs once each time, whether Redis knows it or has forgotten it", async () => {
  expect(await runScript(redis(), ADD, ["sum"], [2])).toBe(2);
  expect(await runScript(redis(), ADD, ["sum"], ["3"])).toBe(5);
  await redis().script("FLUSH");
  expect(await runScript(redis(), ADD, ["sum"], [4])).toBe(9);
});

test("its text travels once", async () => {
  await runScript(redis(), ADD, ["sum"], [1]);
  await redis().config("RESETSTAT");
  for (let time = 0; time < 5; time += 1) await runScript(redis(), ADD, ["sum"], [1]);
  const stats = await redis().info("commandstats");
  expect(stats).toMatch(/cmdstat_evalsha:calls=5/);
  expect(stats).not.toMatch(/cmdstat_eval:/);
});

test("what a script refuses is thrown as it is", async () => {
  const refusal = runScript(redis(), "return redis.error_reply('READINGLOST no')", [], []);
  await expect(refusal).rejects.toThrow("READINGLOST no");
});
