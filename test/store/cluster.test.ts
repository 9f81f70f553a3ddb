// A cluster that lost a part of its slots, and mistakes about what kind of Redis it is: said in plain words, and got over.

import { once } from "node:events";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import type { RedisAccess, RedisAddress } from "../../src/store/address.ts";
import { awaitRedis, openConnection, type RedisConnection } from "../../src/store/connection.ts";
import { inspectRedis } from "../../src/store/inspect-redis.ts";
import { keysFor } from "../../src/store/keys.ts";
import { missingRights } from "../../src/store/redis-rights.ts";
import { until } from "../support/program.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { type ClusterOfTests, type Server, startCluster } from "../support/redis-kinds.ts";

const NO_ACCESS: RedisAccess = { user: null, password: null, tls: null };
let cluster: ClusterOfTests;
const opened: RedisConnection[] = [];

beforeAll(async () => {
  cluster = await startCluster();
});

afterEach(() => {
  for (const redis of opened.splice(0)) redis.disconnect();
});

afterAll(async () => {
  await cluster.stop();
});

function at(servers: readonly Server[]): RedisAddress {
  return { clusterNodes: servers.map(({ port }) => ({ host: "127.0.0.1", port })), access: NO_ACCESS };
}

function open(address: RedisAddress): RedisConnection {
  const redis = openConnection(address, "test");
  redis.on("error", () => undefined);
  opened.push(redis);
  return redis;
}

/** A replica and its master. */
async function startPair(): Promise<[replica: TestRedis, master: TestRedis]> {
  const pair = [await startRedis(), await startRedis()] as const;
  const [replica, master] = pair;
  onTestFinished(async () => {
    await Promise.all(pair.map((server) => server.stop()));
  });
  await replica.connect().replicaof("127.0.0.1", master.port);
  return [replica, master];
}

/** An organisation whose keys lie in the slots of this master. */
async function organisationOn(server: Server): Promise<string> {
  for (let number = 0; ; number += 1) {
    if ((await cluster.masterOf(keysFor(`org-${number}`).meta)) === server) return `org-${number}`;
  }
}

test("every master is looked at, and each warning says which one it is about", async () => {
  const [, , third] = cluster.masters;
  await third?.connect().config("SET", "maxmemory-policy", "allkeys-lru");
  const redis = open(at(cluster.masters));
  await awaitRedis(redis, at(cluster.masters), 5_000);
  const { masters, warnings } = await inspectRedis(redis);
  expect(masters).toBe(3);
  expect(warnings).toEqual([expect.stringMatching(new RegExp(`^127.0.0.1:${third?.port}: .*allkeys-lru`))]);
  await third?.connect().config("SET", "maxmemory-policy", "noeviction");
});

test("REDIS_URL with one node of a cluster is told from a Redis of its own", async () => {
  const [first, second] = cluster.masters;
  if (first === undefined || second === undefined) throw new Error("no cluster");
  const address: RedisAddress = { url: `redis://127.0.0.1:${first.port}`, socketPath: null };
  const redis = open(address);
  await awaitRedis(redis, address, 5_000);
  await expect(missingRights(redis, keysFor(await organisationOn(second)))).rejects.toThrow(/^MOVED/);
});

test("REDIS_CLUSTER with a Redis that is none is said at once", async () => {
  const single = await startRedis();
  try {
    const address: RedisAddress = { clusterNodes: [{ host: "127.0.0.1", port: single.port }], access: NO_ACCESS };
    await expect(awaitRedis(open(address), address, 3_000)).rejects.toThrow(/is no cluster\. Set REDIS_URL/);
  } finally {
    await single.stop();
  }
});

test("REDIS_URL with a replica is said to be one", async () => {
  const [replica] = await startPair();
  const address: RedisAddress = { url: replica.url, socketPath: null };
  const redis = open(address);
  const work = () => missingRights(redis, keysFor("acme"));
  await expect(awaitRedis(redis, address, 1_000, work)).rejects.toThrow(
    /is a replica and takes no changes \(READONLY\)/,
  );
});

test("a Redis that is out of memory is no question of rights", async () => {
  const [, master] = await startPair();
  const redis = master.connect();
  await redis.config("SET", "maxmemory", "1");
  expect(await missingRights(redis, keysFor("acme"))).toEqual([]);
});

test("a slot that moves to another master while it is used takes nothing away", { timeout: 60_000 }, async () => {
  const [from, to] = cluster.masters;
  if (from === undefined || to === undefined) throw new Error("no cluster");
  const keys = keysFor(await organisationOn(from));
  const redis = open(at(cluster.masters));
  const [source, target] = [from.connect(), to.connect()];
  const slot = Number(await source.call("CLUSTER", "KEYSLOT", keys.meta));
  const [sourceId, targetId] = [await source.call("CLUSTER", "MYID"), await target.call("CLUSTER", "MYID")].map(String);
  let counted = 0;
  let isMoved = false;
  const counting = (async () => {
    for (; !isMoved || counted % 50 !== 0; counted += 1) await redis.hincrby(keys.meta, "count", 1);
  })();
  await until(
    () => counted > 50,
    10_000,
    () => "some counting",
  );
  await target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceId ?? "");
  await source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", targetId ?? "");
  for (const key of (await source.call("CLUSTER", "GETKEYSINSLOT", slot, 100)) as string[]) {
    await source.call("MIGRATE", "127.0.0.1", to.port, key, 0, 5_000);
  }
  for (const node of [target, source]) await node.call("CLUSTER", "SETSLOT", slot, "NODE", targetId ?? "");
  const atMove = counted;
  await until(
    () => counted > atMove + 50,
    10_000,
    () => "counting to go on",
  );
  isMoved = true;
  await counting;
  expect(Number(await redis.hget(keys.meta, "count"))).toBe(counted);
});

test("while a part of the slots has no master it is said, and a connection begun meanwhile is not lost", {
  timeout: 60_000,
}, async () => {
  const [first, second] = cluster.masters;
  const [replica] = cluster.replicas;
  if (first === undefined || second === undefined || replica === undefined) throw new Error("no cluster");
  const keys = keysFor(await organisationOn(first));
  await Promise.all([first.kill(), replica.kill()]);
  await until(
    async () => String(await second.connect().call("CLUSTER", "INFO")).includes("cluster_state:fail"),
    20_000,
    () => "the cluster to notice",
  );
  const redis = open(at([second]));
  await once(redis, "connect");
  redis.disconnect();
  await once(redis, "end");
  await redis.connect(); // BullMQ does the same after a wait that took too long, and waits for its end.
  const address = at([second]);
  await expect(awaitRedis(redis, address, 1_000, () => redis.exists(keys.meta))).rejects.toThrow(
    /is down.*CLUSTERDOWN/,
  );
});
