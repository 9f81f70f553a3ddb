// Tokens at rest: readable with the key and the name they were sealed for, and with nothing else. And the lock.

import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createTokenVault } from "../../src/store/vault.ts";
import { until } from "../support/program.ts";
import { dump, KEYS, redisForTests } from "../support/store.ts";

const { redis, server } = redisForTests();

const HEX = randomBytes(32).toString("hex");
const TOKEN = { token: "secret-token-text", obtainedAt: Date.now(), expiresAt: Date.now() + 3_600_000 };

function vault(key: string | null = HEX) {
  return createTokenVault(redis(), KEYS, key);
}

describe("keeping tokens", () => {
  test.each([
    ["64 hex digits", HEX],
    ["base64", randomBytes(32).toString("base64")],
    ["base64 without padding", randomBytes(32).toString("base64").replace("=", "")],
    ["a passphrase", "correct horse battery staple"],
  ])("with %s as key, another process reads what was saved", async (_, key) => {
    await vault(key).save("app", TOKEN);
    expect(await vault(key).load("app")).toEqual(TOKEN);
  });

  test("hex digits in capitals are the same key", async () => {
    await vault(HEX.toUpperCase()).save("app", TOKEN);
    expect(await vault(HEX).load("app")).toEqual(TOKEN);
  });

  test("what lies in Redis does not show the token, and is different each time", async () => {
    await vault().save("app", TOKEN);
    const once = await redis().getBuffer(KEYS.vault("app"));
    expect((await dump(redis())).values).not.toContain(TOKEN.token);
    await vault().save("app", TOKEN);
    expect(await redis().getBuffer(KEYS.vault("app"))).not.toEqual(once);
  });

  test("another key reads nothing", async () => {
    await vault().save("app", TOKEN);
    expect(await vault(randomBytes(32).toString("hex")).load("app")).toBeNull();
  });

  test("a token moved under another name reads as nothing", async () => {
    await vault().save("app", TOKEN);
    await redis().rename(KEYS.vault("app"), KEYS.vault("admin"));
    expect(await vault().load("admin")).toBeNull();
  });

  test("a token that was tampered with, anywhere, or cut off, reads as nothing", async () => {
    await vault().save("app", TOKEN);
    const sealed = (await redis().getBuffer(KEYS.vault("app"))) ?? Buffer.alloc(0);
    for (let at = 0; at < sealed.length; at += 5) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      await redis().set(KEYS.vault("app"), changed);
      expect(await vault().load("app")).toBeNull();
    }
    for (const length of [0, 5, 12, 27, 28, sealed.length - 1]) {
      await redis().set(KEYS.vault("app"), sealed.subarray(0, length));
      expect(await vault().load("app")).toBeNull();
    }
  });

  test("without a key nothing is stored and nothing is read", async () => {
    await vault(null).save("app", TOKEN);
    expect(await redis().keys("*")).toEqual([]);
    await vault().save("app", TOKEN);
    expect(await vault(null).load("app")).toBeNull();
  });

  test("Redis forgets a token when it expires, and one that has expired is not stored", async () => {
    await vault().save("app", TOKEN);
    const leftMs = await redis().pttl(KEYS.vault("app"));
    expect(leftMs).toBeGreaterThan(3_500_000);
    expect(leftMs).toBeLessThanOrEqual(3_600_000);
    await vault().save("admin", { ...TOKEN, expiresAt: Date.now() - 1 });
    expect(await vault().load("admin")).toBeNull();
  });

  test("a forgotten token is gone", async () => {
    await vault().save("app", TOKEN);
    await vault().forget("app");
    expect(await vault().load("app")).toBeNull();
  });
});

describe("one at a time", () => {
  test("work of one name never overlaps, over all connections, also without a key", async () => {
    const vaults = [vault(), vault(null), createTokenVault(server().connect(), KEYS, HEX)];
    let atWork = 0;
    let most = 0;
    async function work(): Promise<number> {
      atWork += 1;
      most = Math.max(most, atWork);
      await redis().ping();
      await redis().ping();
      atWork -= 1;
      return most;
    }
    await Promise.all([...vaults, ...vaults].map((each) => each.exclusively("app", work)));
    expect(most).toBe(1);
  });

  test("work of different names does not wait for each other", async () => {
    const order: string[] = [];
    await vault().exclusively("app", async () => {
      await vault().exclusively("admin", async () => order.push("admin"));
      order.push("app");
    });
    expect(order).toEqual(["admin", "app"]);
  });

  test("work that throws gives the lock back, and its error on", async () => {
    await expect(vault().exclusively("app", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await vault().exclusively("app", async () => "yes")).toBe("yes");
  });

  test("a lock that was lost is not taken from its new holder", async () => {
    await vault().exclusively("app", async () => {
      await redis().set(KEYS.lock("app"), "somebody else");
    });
    expect(await redis().get(KEYS.lock("app"))).toBe("somebody else");
  });

  test("a lock is kept for as long as the work takes, and no longer than its process lives", {
    timeout: 30_000,
  }, async () => {
    // Longer than a busy machine stands still.
    const lockMs = 1_500;
    const dying = redis().duplicate();
    const order: string[] = [];
    const lasting = createTokenVault(redis(), KEYS, HEX, lockMs).exclusively("app", async () => {
      await delay(3 * lockMs);
      order.push("long work");
    });
    await until(
      () => redis().exists(KEYS.lock("app")),
      5_000,
      () => "the lock",
    );
    void createTokenVault(dying, KEYS, HEX, lockMs).exclusively("app", () => {
      order.push("whose process dies");
      dying.disconnect();
      return new Promise<void>(() => undefined);
    });
    await lasting;
    await until(
      () => order.length === 2,
      15_000,
      () => "the second holder",
    );
    await vault().exclusively("app", async () => order.push("the next one"));
    expect(order).toEqual(["long work", "whose process dies", "the next one"]);
  });
});
