// A forgotten or another REDIS_URL on the same data folder: nobody is planned by a ledger that is not the folder's, and the way to a new
// Redis is one that the program tells.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { keysFor } from "../../src/store/keys.ts";
import { closedAfterEach } from "../support/closing.ts";
import {
  makeWorld,
  type RunningProgram,
  rosterCsv,
  runProgram,
  startReady,
  until,
  type World,
} from "../support/program.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";

const opened = closedAfterEach();

interface Scene {
  readonly sandbox: Sandbox;
  readonly world: World;
  /** Without REDIS_URL. */
  readonly own: Record<string, string>;
  readonly other: Record<string, string>;
  readonly server: TestRedis;
  sync(env: Record<string, string>, ...options: string[]): Promise<{ exitCode: number | null; stderr: string }>;
}

async function openScene(): Promise<Scene> {
  const server = await startRedis();
  opened.push(() => server.stop());
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox);
  opened.push(() => world.remove());
  const own = { ...world.env };
  return {
    sandbox,
    world,
    own,
    other: { ...own, REDIS_URL: server.url },
    server,
    async sync(env, ...options) {
      const path = join(world.dataDir, "monday.csv");
      await writeFile(path, rosterCsv(5));
      return runProgram(["sync", path, ...options], env);
    },
  };
}

/** As if the ledger had its id for a day. */
async function aged(server: TestRedis, { orgId }: Sandbox): Promise<void> {
  await server.connect().hset(keysFor(orgId).meta, "ledgerIdAt", Date.now() - 86_400_000);
}

/** Until the folder has noted its private ledger, which takes some seconds where nobody hurries it; then the daemon stops in order. */
async function remembers({ dataDir }: World, { orgId }: Sandbox, daemon: RunningProgram): Promise<void> {
  const redis = new Redis({ path: join(dataDir, "redis", "redis.sock") });
  await redis.hset(keysFor(orgId).meta, "ledgerIdAt", Date.now() - 86_400_000);
  redis.disconnect();
  const isNoted = () => readFile(join(dataDir, ".ledger-id"), "utf8").catch(() => null);
  await until(isNoted, 20_000, () => "the folder did not note its ledger");
  daemon.child.kill("SIGTERM");
  await daemon.ended;
}

test("while a daemon runs on its private Redis, nothing is done with another one, and doctor says so", {
  timeout: 120_000,
}, async () => {
  const { sandbox, own, other, world, sync } = await openScene();
  const daemon = await startReady([], own, opened);
  expect((await sync(own)).exitCode).toBe(0);
  const path = join(world.dataDir, "monday.csv");
  const attempts = sandbox.counts.createsAttempted;

  const doctor = await runProgram(["doctor"], other);
  expect(doctor.exitCode).toBe(78);
  expect(doctor.stdout).toMatch(/WRONG +ledger .*\n.*set REDIS_URL/);
  expect(doctor.stdout).not.toMatch(/no daemon/);
  for (const args of [["start"], ["start", "--role", "intake"], ["sync", path], ["plan", path], ["approve", "x"]]) {
    const { exitCode, stderr } = await runProgram(args, other);
    expect(exitCode, `${args}\n${stderr}`).toBe(78);
    expect(stderr).toContain("Nothing was changed.");
    expect(stderr).toContain("roster-sync rebuild --yes");
  }
  expect((await runProgram(["runs"], other)).stderr).toContain("Nothing was changed.");
  expect(sandbox.counts.createsAttempted).toBe(attempts);
  expect((await runProgram(["doctor"], own)).stdout).toMatch(/ok +intake +one daemon/);
  // In order, so that its Redis goes with it.
  daemon.child.kill("SIGTERM");
  await daemon.ended;
});

test("from the private Redis to a shared one: rebuild, and go on; the private one is then refused", {
  timeout: 120_000,
}, async () => {
  const { sandbox, own, other, sync, server, world } = await openScene();
  expect((await sync(own)).exitCode).toBe(0);
  await remembers(world, sandbox, await startReady([], own, opened));
  const attempts = sandbox.counts.createsAttempted;
  expect((await sync(other)).exitCode).toBe(78);
  await runProgram(["rebuild"], other);
  expect((await sync(other)).exitCode).toBe(78);
  expect((await runProgram(["rebuild", "--yes"], other)).exitCode).toBe(0);
  expect((await sync(other, "--force")).exitCode).toBe(0);
  expect(sandbox.counts.createsAttempted).toBe(attempts);

  const back = await sync(own);
  expect(back.exitCode).toBe(78);
  expect(back.stderr).toContain(`last used with Redis at ${server.url}`);
  expect(back.stderr).toContain("rebuild --add --yes");
  // A person who means it.
  await runProgram(["rebuild", "--add", "--yes"], own);
  expect((await sync(own, "--force")).exitCode).toBe(0);
  expect((await sync(other)).exitCode).toBe(78);
  expect(await readFile(join(world.dataDir, ".ledger-id"), "utf8")).toContain("private Redis");
});

test("Redis emptied: told as that; set back to before it had the id, or by a folder of an older version: nobody is kept out", {
  timeout: 120_000,
}, async () => {
  const { sandbox, world, other, sync, server } = await openScene();
  const memory = join(world.dataDir, ".ledger-id");
  const { meta } = keysFor(sandbox.orgId);
  expect((await sync(other)).exitCode).toBe(0);
  // Younger than what Redis may lose: not yet remembered.
  await expect(readFile(memory, "utf8")).rejects.toThrow("ENOENT");
  expect((await sync(other)).exitCode).toBe(0);
  await aged(server, sandbox);
  expect((await sync(other)).exitCode).toBe(0);
  const remembered = await readFile(memory, "utf8");
  expect(remembered).toContain(`\nRedis at ${server.url}\n`);

  const redis = server.connect();
  await redis.hdel(meta, "ledgerId", "ledgerIdAt");
  expect((await sync(other)).exitCode).toBe(0);
  expect(await redis.hget(meta, "ledgerId")).toBe(remembered.slice(0, 16));
  await rm(memory);
  await redis.hdel(meta, "ledgerId", "ledgerIdAt");
  expect((await sync(other)).exitCode).toBe(0);

  await redis.flushall();
  expect((await sync(other)).stderr).toMatch(/emptied or exchanged|knows nothing of them/);
  // Workers and pages have no folder of their own.
  await startReady(["--role", "worker", "--role", "web"], other, opened);
});

test("a Redis that is emptied under a running daemon ends it, and nobody is planned by the empty ledger at the next start", {
  timeout: 120_000,
}, async () => {
  const { sandbox, world, other, sync, server } = await openScene();
  expect((await sync(other)).exitCode).toBe(0);
  const daemon = await startReady(["--role", "intake", "--role", "worker"], other, opened);
  await aged(server, sandbox);
  await until(
    () => readFile(join(world.dataDir, ".ledger-id"), "utf8").catch(() => null),
    20_000,
    () => "the folder did not note its ledger",
  );
  const attempts = sandbox.counts.createsAttempted;
  await server.connect().flushall();
  const { exitCode, stdout, stderr } = await daemon.ended;
  expect(exitCode, stderr).toBe(78);
  expect(`${stdout}${stderr}`).toContain("stopping: Redis lost the ledger");
  expect((await runProgram(["start"], other)).exitCode).toBe(78);
  expect(sandbox.counts.createsAttempted).toBe(attempts);
});

test("a folder that was first used without REDIS_URL and never had a roster takes the Redis that is set, and only that", {
  timeout: 120_000,
}, async () => {
  const { sandbox, world, own, other, sync, server } = await openScene();
  await remembers(world, sandbox, await startReady([], own, opened));
  const daemon = await startReady([], other, opened);
  expect((await sync(other)).exitCode).toBe(0);
  // At once, before the folder has noted the other ledger.
  expect((await sync(other, "--force")).exitCode).toBe(0);
  await aged(server, sandbox);
  const memory = () => readFile(join(world.dataDir, ".ledger-id"), "utf8");
  await until(
    async () => (await memory().catch(() => "")).includes(server.url),
    20_000,
    () => "the folder did not note the shared ledger",
  );
  daemon.child.kill("SIGTERM");
  await daemon.ended;
  expect((await sync(own)).exitCode).toBe(78);
  expect((await sync(other, "--force")).exitCode).toBe(0);
});
