// A Redis that cannot work is the machine's trouble and not a bug: said in words, with what to do.

import { expect, test } from "vitest";
import { failureOf } from "../../src/cli/failure.ts";
import { ListingLost } from "../../src/domain/listing-lost.ts";
import { redisRefusal } from "../../src/store/redis-refusal.ts";
import { redisForTests } from "../support/store.ts";

const { redis } = redisForTests();

test("a Redis without memory ends a command with 7 and says what to raise, for commands and scripts", async () => {
  await redis().config("SET", "maxmemory", "1");
  try {
    const command = await redis()
      .set("key", "value")
      .catch((error: unknown) => error);
    const script = await redis()
      .eval("return redis.call('SET', KEYS[1], 'value')", 1, "key")
      .catch((error: unknown) => error);
    for (const error of [command, script]) {
      const { exitCode, text } = failureOf(error);
      expect(exitCode).toBe(7);
      expect(text).toContain("out of memory. Raise its maxmemory");
    }
  } finally {
    await redis().config("SET", "maxmemory", "0");
  }
});

test("a list of members that Redis lost while it was read ends a command with 7 and says to give it again", () => {
  const { exitCode, text } = failureOf(new ListingLost());
  expect(exitCode).toBe(7);
  expect(text).toContain("Give the same command again");
});

test("any other error of Redis is not explained away", async () => {
  const error = await redis()
    .call("NOSUCH")
    .catch((thrown: unknown) => thrown);
  expect(redisRefusal(error)).toBeNull();
  expect(redisRefusal(new Error("OOM"))).toBeNull();
  expect(failureOf(error).exitCode).toBe(1);
});
