// Who is alive, by Redis's clock: the clocks of two machines may differ by hours.

import { expect, test } from "vitest";
import { alive, beat, intakesOf, leave, type Presence, SILENT_MS } from "../../src/store/presence.ts";
import { KEYS, redisForTests } from "../support/store.ts";

const { redis } = redisForTests();

const me: Presence = { instance: "1-a", roles: ["worker"], dataId: "here", host: "hr-one" };

/** As if the process had been silent for so long. */
async function silence(instance: string, forMs: number): Promise<void> {
  const kept = JSON.parse((await redis().hget(KEYS.alive, instance)) ?? "") as { at: number };
  await redis().hset(KEYS.alive, instance, JSON.stringify({ ...kept, at: kept.at - forMs }));
}

test("who was heard of lately is alive; who leaves is not", async () => {
  await beat(redis(), KEYS, me);
  await beat(redis(), KEYS, { ...me, instance: "2-b" });
  await silence("1-a", SILENT_MS - 1000);
  expect((await alive(redis(), KEYS)).map((each) => each.instance).sort()).toEqual(["1-a", "2-b"]);
  await leave(redis(), KEYS, "2-b");
  const [only, ...others] = await alive(redis(), KEYS);
  expect(others).toEqual([]);
  expect(only).toMatchObject(me);
  expect(only?.silentMs).toBeGreaterThanOrEqual(SILENT_MS - 1000);
});

test("who is silent is taken for dead, may come back, and is forgotten in the end", async () => {
  await beat(redis(), KEYS, me);
  await silence("1-a", SILENT_MS + 1);
  expect(await alive(redis(), KEYS)).toEqual([]);
  await beat(redis(), KEYS, me);
  expect(await alive(redis(), KEYS)).toHaveLength(1);
  await silence("1-a", 10 * SILENT_MS);
  expect(await alive(redis(), KEYS)).toEqual([]);
  expect(await redis().hlen(KEYS.alive)).toBe(0);
});

test("intakes of one folder are told from those of another and from other roles", () => {
  const one: Presence = { ...me, roles: ["intake", "web"] };
  expect(intakesOf("here", [one, me, { ...one, dataId: "there" }])).toEqual([one]);
});
