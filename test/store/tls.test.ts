// Redis over TLS with an ACL user: let in with the rights that the README names, and told in plain words what is wrong otherwise.

import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { describeAddress, type RedisAccess, type RedisAddress } from "../../src/store/address.ts";
import { awaitRedis, openConnection, type RedisConnection } from "../../src/store/connection.ts";
import { keysFor } from "../../src/store/keys.ts";
import { missingRights } from "../../src/store/redis-rights.ts";
import { ACL_RULE } from "../../src/store/redis-trouble.ts";
import { startTlsCluster, startTlsRedis, startTlsSentinel, type TlsRedis } from "../support/redis-kinds.ts";

const KEYS = keysFor("acme");
let server: TlsRedis;
const opened: RedisConnection[] = [];

beforeAll(async () => {
  server = await startTlsRedis(false);
  const rule = ACL_RULE.split(" ");
  await server.connect().call("ACL", "SETUSER", "roster-sync", "on", ">open sesame", "resetchannels", ...rule);
  await server
    .connect()
    .call("ACL", "SETUSER", "reader", "on", ">open sesame", "~*", "+@read", "+@connection", "+info");
  await server.connect().call("ACL", "SETUSER", "stranger", "on", ">open sesame", "~elsewhere:*", ...rule.slice(1));
});

afterEach(() => {
  for (const redis of opened.splice(0)) redis.disconnect();
});

afterAll(async () => {
  await server.stop();
});

function at(
  access: Partial<RedisAccess>,
  url = `rediss://127.0.0.1:${server.port}`,
): { url: string; socketPath: null; access: RedisAccess } {
  const { ca } = server.tls;
  return {
    url,
    socketPath: null,
    access: { user: null, password: null, tls: { ca, cert: null, key: null }, ...access },
  };
}

async function enter(address: RedisAddress, withinMs = 5_000): Promise<RedisConnection> {
  const redis = openConnection(address, "test");
  redis.on("error", () => undefined);
  opened.push(redis);
  await awaitRedis(redis, address, withinMs);
  return redis;
}

/** Behind it, whoever says more than a handshake without a certificate takes is cut off before the answer to it arrives. */
async function startResettingRelay(to: number) {
  /** Of TLS: greetings are open, all that follows is sealed. The end of a handshake takes this much of it. */
  const SEALED_RECORD = 23;
  const HANDSHAKE_BYTES = 150;
  let resets = 0;
  const relay = createServer((client) => {
    const upstream = connect(to, "127.0.0.1");
    let [coming, said, isAnswering] = [Buffer.alloc(0), 0, false];
    client.on("error", () => upstream.destroy());
    // Redis closes with our words unread, which is a reset: what it said before still has to be passed on.
    upstream.on("error", () => undefined);
    upstream.on("close", () => isAnswering || client.destroy());
    client.on("data", (data) => {
      upstream.write(data);
      coming = Buffer.concat([coming, data]);
      while (coming.length >= 5 && coming.length >= 5 + coming.readUInt16BE(3)) {
        const length = 5 + coming.readUInt16BE(3);
        if (coming[0] === SEALED_RECORD) said += length;
        coming = coming.subarray(length);
      }
    });
    upstream.on("data", (data) => {
      if (said === 0) {
        client.write(data);
        return;
      }
      isAnswering = true;
      setTimeout(() => {
        if (said <= HANDSHAKE_BYTES) return client.end(data);
        resets += 1;
        client.resetAndDestroy();
      }, 400);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  return { port: (relay.address() as AddressInfo).port, resets: () => resets, close: () => relay.close() };
}

test("the rule that the README names suffices for everything that is done in Redis", async () => {
  const redis = await enter(at({ user: "roster-sync", password: "open sesame" }));
  expect(await missingRights(redis, KEYS)).toEqual([]);
  await expect(redis.flushall()).rejects.toThrow(/NOPERM/);
  await expect(redis.keys("*")).rejects.toThrow(/NOPERM/);
  await expect(redis.get("another application's key")).rejects.toThrow(/NOPERM/);
});

test("many processes that start at the same moment do not stumble over each other's tries, and leave nothing", async () => {
  const address = at({ user: "roster-sync", password: "open sesame" });
  const connections = await Promise.all(Array.from({ length: 8 }, () => enter(address)));
  for (let round = 0; round < 5; round += 1) {
    const found = await Promise.all(connections.map((redis) => missingRights(redis, KEYS)));
    expect(found.flat()).toEqual([]);
  }
  expect(await server.connect().keys("*probe*")).toEqual([]);
});

test("commands that an ACL forbids are named, all of them at once", async () => {
  const redis = await enter(at({ user: "reader", password: "open sesame" }));
  const missing = await missingRights(redis, KEYS);
  expect(missing).toEqual(
    expect.arrayContaining(["SET", "HSET", "ZADD", "EVAL", "MULTI AND EXEC", "BZPOPMIN", "TIME"]),
  );
  expect(missing).not.toContain("GET");
});

test("keys that an ACL forbids are named", async () => {
  const redis = await enter(at({ user: "stranger", password: "open sesame" }));
  expect(await missingRights(redis, KEYS)).toEqual([`keys such as ${KEYS.probe}`]);
});

describe("somebody who is not let in hears why, what to do, and no password", () => {
  const cases: readonly [name: string, address: () => RedisAddress, expected: RegExp][] = [
    [
      "a certificate of an unknown authority",
      () => at({ tls: { ca: null, cert: null, key: null } }),
      /does not trust \(.*REDIS_CA_FILE/,
    ],
    [
      "a name that is not in the certificate",
      () => at({}, `rediss://127.0.0.2:${server.port}`),
      /another name.*stands in its certificate/,
    ],
    [
      "a wrong password",
      () => at({ user: "roster-sync", password: "hush-hush" }),
      /refuses the user name or the password \(WRONGPASS\).*REDIS_PASSWORD/,
    ],
    [
      "a wrong password in the URL",
      () => at({}, `rediss://roster-sync:hush-hush@localhost:${server.port}`),
      /\(WRONGPASS\)/,
    ],
    [
      "no TLS to a port that wants it",
      () => at({ tls: null }, `redis://127.0.0.1:${server.port}`),
      /did not answer within 1.5 s .*whether it speaks TLS there/,
    ],
  ];
  test.each(cases)("%s", async (_name, address, expected) => {
    const refused = await enter(address(), 1_500).then(
      () => null,
      (error: unknown) => error,
    );
    expect(String(refused)).toMatch(expected);
    expect(String(refused)).not.toMatch(/hush-hush|open sesame/);
  });
});

test("a Redis that wants a certificate from us gets ours, and says so when there is none", async () => {
  const strict = await startTlsRedis(true);
  try {
    const url = `rediss://localhost:${strict.port}`;
    await enter(at({ tls: strict.tls }, url));
    await expect(enter(at({}, url))).rejects.toThrow(/wants a certificate from us.*REDIS_CERT_FILE/);
  } finally {
    await strict.stop();
  }
});

test("it says so, too, where its reason is lost with what we had said by then", async () => {
  const strict = await startTlsRedis(true);
  const relay = await startResettingRelay(strict.port);
  onTestFinished(async () => {
    relay.close();
    await strict.stop();
  });
  await expect(enter(at({}, `rediss://localhost:${relay.port}`), 1_500)).rejects.toThrow(/wants a certificate from us/);
  expect(relay.resets()).toBeGreaterThan(0);
});

test("Sentinels and the master that they name are reached over TLS", async () => {
  const sentinel = await startTlsSentinel("people", server);
  onTestFinished(() => sentinel.stop());
  const [access, sentinels] = [at({}).access, [{ host: "localhost", port: sentinel.port }]];
  const address = { sentinels, masterName: "people", sentinelUser: null, sentinelPassword: null, access };
  expect(await missingRights(await enter(address), KEYS)).toEqual([]);
  expect(describeAddress(address)).toMatch(/of the Sentinels localhost:\d+, over TLS$/);
  const untrusted = { ...address, access: { ...access, tls: { ca: null, cert: null, key: null } } };
  await expect(enter(untrusted, 2_000)).rejects.toThrow(/does not trust .*REDIS_CA_FILE/);
});

test("a cluster is reached over TLS", async () => {
  const cluster = await startTlsCluster();
  onTestFinished(() => cluster.stop());
  const address = { clusterNodes: [{ host: "localhost", port: cluster.port }], access: at({}).access };
  expect(await missingRights(await enter(address), KEYS)).toEqual([]);
  const untrusted = { ...address, access: { ...address.access, tls: { ca: null, cert: null, key: null } } };
  await expect(enter(untrusted, 2_000)).rejects.toThrow(/does not trust .*REDIS_CA_FILE/);
});
