// Scripts are run by their fingerprint, and again with their text where Redis has forgotten it; what comes together travels together.

import { expect, test } from "vitest";
import { type Common, forEach, runScript, together } from "../../src/store/script.ts";
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

const COUNT = forEach(
  { common: { keys: 1, args: 1 }, own: { keys: 1, args: 2 } },
  "return {KEYS[2], twice(redis.call('HINCRBY', KEYS[1], KEYS[2], ARGV[2])), ARGV[1], ARGV[3]}",
  "local function twice(number) return 2 * number end",
);

test("what is asked in one turn is one script, and each has the answer to what he asked", async () => {
  const count = together(redis(), COUNT);
  const common: Common = { keys: ["counts"], args: ["all"] };
  await count(common, ["warm"], [1, ""]);
  await redis().config("RESETSTAT");
  const callers = Array.from({ length: 40 }, (_, at) => at);
  const answers = await Promise.all(callers.map((at) => count(common, [`key ${at}`], [at, `of ${at}`])));
  expect(answers).toEqual(callers.map((at) => [`key ${at}`, 2 * at, "all", `of ${at}`]));
  expect(await redis().info("commandstats")).toMatch(/cmdstat_evalsha:calls=1,/);
});

test("a crowd is more than one script, and who has nothing in common with it has his own", async () => {
  const count = together(redis(), COUNT);
  const [ours, theirs]: Common[] = [
    { keys: ["ours"], args: ["ours"] },
    { keys: ["theirs"], args: ["theirs"] },
  ];
  await redis().config("RESETSTAT");
  const crowd = await Promise.all(
    Array.from({ length: 150 }, (_, at) => count((at === 70 ? theirs : ours) as Common, ["sum"], [1, ""])),
  );
  expect(crowd[149]).toEqual(["sum", 2 * 149, "ours", ""]);
  expect(crowd[70]).toEqual(["sum", 2, "theirs", ""]);
  expect(await redis().info("commandstats")).toMatch(/cmdstat_evalsha:calls=4,/);
});

test("when it fails, each of them hears of it, whoever came before it had what they asked for, and the next may ask", async () => {
  const count = together(redis(), COUNT);
  const common: Common = { keys: ["failing"], args: [""] };
  const failing = ["1", "no number", "1"].map((number) => count(common, ["sum"], [number, ""]));
  for (const each of failing) await expect(each).rejects.toThrow(/not an integer/);
  expect(await count(common, ["sum"], [1, ""])).toEqual(["sum", 4, "", ""]);
});

test("whoever brings another number of keys or arguments hears of it alone", async () => {
  const count = together(redis(), COUNT);
  const common: Common = { keys: ["counting"], args: [""] };
  const [good, ...wrong] = [
    count(common, ["a"], [1, ""]),
    count(common, ["b"], [1]),
    count(common, ["b", "c"], [1, ""]),
    count({ keys: [], args: [""] }, ["b"], [1, ""]),
  ];
  for (const each of wrong) await expect(each).rejects.toThrow("another number of keys or arguments");
  expect(await good).toEqual(["a", 2, "", ""]);
});
