// Finding Redis: told by name, waited for, and given up with a message that helps and hides the password.

import { afterEach, expect, test } from "vitest";
import { describeAddress } from "../../src/store/address.ts";
import { awaitRedis, openConnection, RedisUnreachable } from "../../src/store/connection.ts";
import { freePort } from "../support/redis.ts";
import { redisForTests } from "../support/store.ts";

const { redis, server } = redisForTests();

const opened: { disconnect(): void }[] = [];
afterEach(() => {
  for (const connection of opened.splice(0)) connection.disconnect();
});

function open(url: string, purpose = "test") {
  const connection = openConnection({ url, socketPath: null }, purpose);
  connection.on("error", () => undefined);
  opened.push(connection);
  return connection;
}

test("a connection says whose it is and what for", async () => {
  const connection = open(server().url, "people-worker");
  await awaitRedis(connection, { url: server().url, socketPath: null }, 5000);
  expect(await redis().client("LIST")).toContain(`name=roster-sync:${process.pid}:people-worker`);
});

test("a Redis that does not answer is given up in time, by an error that names it", async () => {
  const url = `redis://user:hush@127.0.0.1:${await freePort()}`;
  const waited = awaitRedis(open(url), { url, socketPath: null }, 200);
  await expect(waited).rejects.toThrow(RedisUnreachable);
  await expect(waited).rejects.toThrow(
    /^Redis at redis:\/\/127\.0\.0\.1:\d+ did not answer within 0\.2 s \(ECONNREFUSED\)\. Check the address,/,
  );
});

test("when no Sentinel answers it is said, and where they were looked for", async () => {
  const access = { user: null, password: "hush", tls: null };
  const sentinels = [{ host: "127.0.0.1", port: await freePort() }];
  const address = { sentinels, masterName: "people", sentinelUser: null, sentinelPassword: "hush", access };
  const redis = openConnection(address, "test");
  redis.on("error", () => undefined);
  opened.push(redis);
  await expect(awaitRedis(redis, address, 300)).rejects.toThrow(
    /^The master "people" of the Sentinels 127\.0\.0\.1:\d+ cannot be asked for: no Sentinel answers\. Check .* REDIS_SENTINELS/,
  );
});

test("a connection comes back by itself after Redis was restarted", async () => {
  const connection = open(server().url);
  await connection.set("kept", "yes");
  await server().restart();
  expect(await connection.get("kept")).toBe("yes");
});

test.each([
  [{ url: "redis://user:hush@cache.example.test:6380/2", socketPath: null }, "redis://cache.example.test:6380/2"],
  [{ url: "rediss://:hush@cache.example.test", socketPath: null }, "rediss://cache.example.test:6379"],
  [{ url: null, socketPath: "/data/redis/redis.sock" }, "socket /data/redis/redis.sock"],
  [
    { clusterNodes: [{ host: "::1", port: 7000 }], access: { user: "u", password: "hush", tls: null } },
    "the cluster at [::1]:7000",
  ],
])("an address is described without its password", (address, expected) => {
  expect(describeAddress(address)).toBe(expected);
});

test("a Redis that wants another password is said to, without the password", async () => {
  await redis().config("SET", "requirepass", "hush-hush");
  try {
    const url = server().url.replace("redis://", "redis://:wrong-word@");
    const waited = awaitRedis(open(url), { url, socketPath: null }, 5000);
    await expect(waited).rejects.toThrow(RedisUnreachable);
    await expect(waited).rejects.toThrow(
      /refuses the user name or the password \(WRONGPASS\)|wants a password \(NOAUTH\)/,
    );
  } finally {
    await redis().config("SET", "requirepass", "");
  }
});
