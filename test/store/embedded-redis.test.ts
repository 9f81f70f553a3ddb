// The private Redis, with real servers in temporary folders.

import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Log } from "../../src/app/ports.ts";
import { type EmbeddedRedis, ensureEmbeddedRedis } from "../../src/store/embedded-redis.ts";
import { isAlive } from "../../src/store/folder-lock.ts";
import { inspectRedis } from "../../src/store/inspect-redis.ts";
import { HOME_SILENT_MS, thisMachine } from "../../src/store/redis-home.ts";
import { startServer } from "../../src/store/redis-process.ts";
import { startRedis } from "../support/redis.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
let dataDir: string;
const servers: EmbeddedRedis[] = [];
const connections: Redis[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "roster-sync-embedded-"));
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.disconnect();
  for (const server of servers.splice(0)) await server.release();
  await rm(dataDir, { recursive: true, force: true });
});

async function ensure(folder = dataDir, machine = thisMachine()): Promise<EmbeddedRedis> {
  const server = await ensureEmbeddedRedis({ dataDir: folder, log: silent, machine });
  servers.push(server);
  return server;
}

function connect(socketPath: string, name = `roster-sync:${process.pid}:test`): Redis {
  const redis = new Redis({
    path: socketPath,
    connectionName: name,
    maxRetriesPerRequest: null,
    retryStrategy: () => 20,
  });
  redis.on("error", () => {});
  connections.push(redis);
  return redis;
}

async function pidOf(redis: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await redis.info("server"))?.[1]);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("The condition did not come true within 10 s.");
    await delay(10);
  }
}

test("it starts with an append-only file, noeviction, a socket and no TCP port", async () => {
  const server = await ensure();
  expect(server.started).toBe(true);
  expect(server.socketPath).toBe(join(dataDir, "redis", "redis.sock"));
  expect(server.describe).toMatch(/^its own (redis|valkey)-server \d+\.\d+/);
  const redis = connect(server.socketPath);
  expect(await redis.config("GET", "port")).toEqual(["port", "0"]);
  expect((await stat(server.socketPath)).mode & 0o777).toBe(0o700);
  expect(await inspectRedis(redis)).toMatchObject({ persistence: "aof", evictionPolicy: "noeviction", warnings: [] });
});

test("the server does not inherit our environment, which may hold secrets", async () => {
  process.env.ROSTER_SYNC_TEST_SECRET = "do-not-pass-on";
  const server = await ensure();
  const environment = await readFile(`/proc/${await pidOf(connect(server.socketPath))}/environ`, "utf8");
  delete process.env.ROSTER_SYNC_TEST_SECRET;
  expect(environment).toBe("");
});

test("of two users, the first to leave leaves it running and the last one ends it", async () => {
  const first = await ensure();
  const second = await ensure();
  expect([first.started, second.started]).toEqual([true, false]);
  const redis = connect(second.socketPath);
  const pid = await pidOf(redis);
  await first.release();
  expect(await redis.set("still", "here")).toBe("OK");
  redis.disconnect();
  await second.release();
  expect(isAlive(pid)).toBe(false);
  expect(await readdir(join(dataDir, "redis"))).not.toContain("redis.sock");
  await first.release(); // Harmless again.
});

test("a folder that was taken away meanwhile does not keep its server running", async () => {
  const server = await ensure();
  const redis = connect(server.socketPath);
  const pid = await pidOf(redis);
  redis.disconnect();
  await rm(join(dataDir, "redis"), { recursive: true });
  await server.release();
  expect(isAlive(pid)).toBe(false);
});

test("a connection of another process keeps it running", async () => {
  const server = await ensure();
  const other = connect(server.socketPath, "roster-sync:1:main");
  const pid = await pidOf(other);
  await server.release();
  expect(await pidOf(other)).toBe(pid);
  other.disconnect();
  await ensure(); // Ended by the clean-up.
});

test("many users that start and stop at the same time never lose data and never meet two servers", async () => {
  async function useOnce(number: number): Promise<void> {
    const server = await ensureEmbeddedRedis({ dataDir, log: silent });
    const redis = connect(server.socketPath);
    await redis.sadd("seen", number);
    redis.disconnect();
    await server.release();
  }
  await Promise.all(Array.from({ length: 8 }, (_, number) => useOnce(number)));
  const server = await ensure();
  expect(await connect(server.socketPath).scard("seen")).toBe(8);
});

test("data outlives the last release", async () => {
  const first = await ensure();
  const before = connect(first.socketPath);
  await before.set("ledger", "kept");
  before.disconnect();
  await first.release();
  const second = await ensure();
  expect(second.started).toBe(true);
  expect(await connect(second.socketPath).get("ledger")).toBe("kept");
});

test("a server that is killed comes back with its data, and connections find it again", async () => {
  const server = await ensure();
  await ensure(); // A second user: both bring it back, one of them starts it.
  const redis = connect(server.socketPath);
  await redis.set("before", "the kill");
  const pid = await pidOf(redis);
  process.kill(pid, "SIGKILL");
  const startedAt = Date.now();
  expect(await redis.get("before")).toBe("the kill");
  expect(Date.now() - startedAt).toBeLessThan(3_000);
  expect(await pidOf(redis)).not.toBe(pid);
});

test("a server left over by a killed process is used again and ended by the next one out", async () => {
  const folder = join(dataDir, "redis");
  await mkdir(folder);
  const leftOver = await startServer(folder, join(folder, "redis.sock"));
  const server = await ensure();
  expect(server.started).toBe(false);
  expect(server.describe).toContain("already running");
  await server.release();
  await until(() => !isAlive(leftOver.pid));
});

test("a server whose socket was deleted is ended before another one takes its files", async () => {
  const folder = join(dataDir, "redis");
  await mkdir(folder);
  const leftOver = await startServer(folder, join(folder, "redis.sock"));
  await rm(join(folder, "redis.sock"));
  const server = await ensure();
  expect(server.started).toBe(true);
  expect(isAlive(leftOver.pid)).toBe(false);
});

test("the lock of a dead process does not keep anybody out", async () => {
  await mkdir(join(dataDir, "redis"));
  await writeFile(join(dataDir, "redis", "lock"), `${hostname()} 4194303 1 x\n`);
  expect((await ensure()).started).toBe(true);
});

test("a data folder too deep for a socket path gets its socket elsewhere, the same one each time", async () => {
  const deep = join(dataDir, "a".repeat(60), "b".repeat(60));
  const first = await ensure(deep);
  expect(Buffer.byteLength(first.socketPath)).toBeLessThanOrEqual(107);
  expect((await stat(join(first.socketPath, ".."))).mode & 0o777).toBe(0o700);
  const second = await ensure(deep);
  expect(second).toMatchObject({ started: false, socketPath: first.socketPath });
  expect(await readdir(join(deep, "redis"))).toContain("appendonlydir");
  await first.release();
  await second.release();
  await rm(join(first.socketPath, ".."), { recursive: true });
});

test("a socket folder that others may enter is refused", async () => {
  const deep = join(dataDir, "c".repeat(60), "d".repeat(60));
  const first = await ensure(deep);
  await first.release();
  const socketFolder = join(first.socketPath, "..");
  await chmod(socketFolder, 0o777);
  await expect(ensure(deep)).rejects.toThrow(/does not belong to this account alone/);
  await rm(socketFolder, { recursive: true });
});

test("a damaged append-only file is reported with the file, Redis's own words and the way to repair it", async () => {
  const first = await ensure();
  const redis = connect(first.socketPath);
  await redis.set("some", "thing");
  redis.disconnect();
  await first.release();
  const folder = join(dataDir, "redis", "appendonlydir");
  const file = (await readdir(folder)).find((name) => name.endsWith(".incr.aof")) ?? "";
  await appendFile(join(folder, file), "this is not the Redis protocol\r\n");
  await expect(ensure()).rejects.toThrow(/Bad file format.*redis-check-aof --fix/s);
});

test("a data folder that is a file is reported with what to do", async () => {
  const file = join(dataDir, "file");
  await writeFile(file, "");
  await expect(ensure(file)).rejects.toThrow(/cannot be written to.*DATA_DIR/);
});

test("a Redis that forgets or evicts is warned about", async () => {
  const server = await startRedis();
  try {
    const redis = server.connect();
    await redis.config("SET", "appendonly", "no");
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    const unsafe = await inspectRedis(redis);
    expect(unsafe).toMatchObject({ kind: "redis", persistence: "none", evictionPolicy: "allkeys-lru" });
    expect(unsafe.warnings).toHaveLength(2);
    await redis.config("SET", "save", "60 1");
    expect((await inspectRedis(redis)).persistence).toBe("rdb");
    await redis.call("ACL", "SETUSER", "default", "-config");
    expect(await inspectRedis(redis)).toMatchObject({ persistence: "unknown", evictionPolicy: "allkeys-lru" });
  } finally {
    await server.stop();
  }
});

const OTHER_MACHINE = { host: "hr-two", bootId: "another-boot", machineId: "another-machine" };

/** As if nobody had refreshed the folder's home for so long. */
async function silence(forMs: number): Promise<void> {
  const then = new Date(Date.now() - forMs);
  await utimes(join(dataDir, "redis", "home"), then, then);
}

test("on a shared folder the Redis of one machine is not started on another: it says which machine, and what to do", async () => {
  await ensure();
  const refused = ensure(dataDir, OTHER_MACHINE);
  await expect(refused).rejects.toThrow(new RegExp(`runs on the machine ${hostname()}.*set REDIS_URL`));
  await ensure(dataDir, { ...OTHER_MACHINE, bootId: thisMachine().bootId }); // Two containers of one machine.
});

test("after a clean end another machine may be the next", async () => {
  const here = await ensure();
  const redis = connect(here.socketPath);
  await redis.set("ledger", "from here");
  redis.disconnect();
  await here.release();
  const there = await ensure(dataDir, OTHER_MACHINE);
  expect(await connect(there.socketPath).get("ledger")).toBe("from here");
});

test("a machine that died is given up, and what it left running here with old data is ended before the files are used", async () => {
  const folder = join(dataDir, "redis");
  await mkdir(folder);
  const leftOver = await startServer(folder, join(folder, "redis.sock"));
  await writeFile(join(folder, "home"), JSON.stringify(OTHER_MACHINE));
  await expect(ensure()).rejects.toThrow(/hr-two/);
  await silence(HOME_SILENT_MS + 1_000);
  const server = await ensure();
  expect(server.started).toBe(true);
  expect(isAlive(leftOver.pid)).toBe(false);
  await expect(ensure(dataDir, OTHER_MACHINE)).rejects.toThrow(hostname());
});
