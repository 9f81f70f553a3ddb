// Redis lost everything: one command makes the ledger again, says what it could not know, and nobody is created twice.

import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { expect, test } from "vitest";
import type { LedgerEntry } from "../../src/domain/ledger.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { keysFor } from "../../src/store/keys.ts";
import { closedAfterEach } from "../support/closing.ts";
import { makeWorld, rosterCsv, runProgram, startProgram, until, type World } from "../support/program.ts";
import { startRedis } from "../support/redis.ts";

const opened = closedAfterEach();

interface Scene {
  readonly sandbox: Sandbox;
  readonly world: World;
  readonly redis: Redis;
  entries(): Promise<Map<string, LedgerEntry>>;
  sync(name: string, csv: string, ...options: string[]): Promise<number | null>;
}

/** A company in which E00001 and E00002 had an account before, and E00009's address belongs to another organisation. */
async function openScene(): Promise<Scene> {
  const server = await startRedis();
  opened.push(() => server.stop());
  const members = [1, 2].map((number) => ({
    email: `person.0000${number}@corp-roster.example`,
    firstName: "Given",
    lastName: "Family",
  }));
  const sandbox = await startSandbox({
    members,
    switches: { otherOrgEmails: ["person.00009@corp-roster.example"], otherOrgOnCreate: "taken" },
  });
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, { REDIS_URL: server.url });
  opened.push(() => world.remove());
  const redis = server.connect();
  return {
    sandbox,
    world,
    redis,
    async entries() {
      const texts = await redis.hvals(keysFor(sandbox.orgId).ledger);
      return new Map(texts.map((text) => JSON.parse(text) as LedgerEntry).map((entry) => [entry.key, entry]));
    },
    async sync(name, csv, ...options) {
      const path = join(world.dataDir, name);
      await writeFile(path, csv);
      const { exitCode } = await runProgram(["sync", path, ...options], world.env);
      await rm(path);
      return exitCode;
    },
  };
}

/** What the minute of an entry is cannot be known; everything else can. */
function withoutMinute(entries: ReadonlyMap<string, LedgerEntry>) {
  return Object.fromEntries(
    [...entries].sort().map(([key, { at, ...entry }]) => [key, { ...entry, day: at.slice(0, 10) }]),
  );
}

test("after a loss the ledger is what it was, entry by entry; the next roster and the night create nobody twice", {
  timeout: 120_000,
}, async () => {
  const { sandbox, world, redis, entries, sync } = await openScene();
  const keys = keysFor(sandbox.orgId);
  // E00009 is refused by Tallyfy, which is reported with 4.
  expect(await sync("monday.csv", rosterCsv(10))).toBe(4);
  expect(await sync("tuesday.csv", rosterCsv(14))).toBe(4);
  const before = await entries();
  expect(before.size).toBe(13);
  const runsBefore = (await runProgram(["runs"], world.env)).stdout;
  const acceptedBefore = JSON.parse((await redis.hget(keys.meta, "accepted")) ?? "{}");
  const portraitBefore = await redis.hget(keys.meta, "acceptedPortrait");
  const created = sandbox.counts.created;

  await redis.flushall();
  const shown = await runProgram(["rebuild"], world.env);
  expect(shown).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("--yes") });
  expect((await entries()).size).toBe(0);
  const { exitCode, stdout } = await runProgram(["rebuild", "--yes"], world.env);
  expect(stdout).toMatch(/created by this program +11\n.*had an account before\) +2\n.*not known\) +0\n/);
  expect(stdout).toContain("Members of Tallyfy who stand in no archived roster: 2");
  expect(stdout).not.toMatch(/@|Given|Family/);
  expect(exitCode).toBe(0);

  expect(withoutMinute(await entries())).toEqual(withoutMinute(before));
  const owners = await redis.hgetall(keys.emails);
  expect(owners).toEqual(Object.fromEntries([...before.values()].map(({ emailHash, key }) => [emailHash, key])));
  expect(JSON.parse((await redis.hget(keys.meta, "accepted")) ?? "{}")).toEqual({
    ...acceptedBefore,
    at: expect.any(String),
  });
  expect(await redis.hget(keys.meta, "acceptedPortrait")).toBe(portraitBefore);
  expect((await runProgram(["runs"], world.env)).stdout).toBe(runsBefore);

  const attempts = sandbox.counts.createsAttempted;
  expect(await sync("again.csv", rosterCsv(14))).toBe(0);
  expect(sandbox.counts.createsAttempted).toBe(attempts);
  // Run again by force, only the person whom Tallyfy refuses is tried; a newer roster brings its one new person.
  expect(await sync("forced.csv", rosterCsv(14), "--force")).toBe(4);
  expect(sandbox.counts.createsAttempted).toBe(attempts + 1);
  expect(await sync("wednesday.csv", rosterCsv(15))).toBe(4);
  expect(sandbox.counts.created).toBe(created + 1);
  expect(sandbox.counts.createdTwice).toBe(0);

  const refused = await runProgram(["rebuild", "--yes"], world.env);
  expect(refused).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("The ledger was not lost: it has 14 entries."),
  });
});

test("killed in the middle of a run, then everything lost: whoever was created is known, and the rest comes with the roster", {
  timeout: 120_000,
}, async () => {
  const { sandbox, world, redis, entries, sync } = await openScene();
  const roster = (count: number) => rosterCsv(count).replace("person.00009@", "person.90009@");
  expect(await sync("monday.csv", roster(30))).toBe(0);
  const path = join(world.dataDir, "all.csv");
  await writeFile(path, roster(60));
  const cut = startProgram(["sync", path], { ...world.env, RATE_PER_SECOND: "20" });
  await until(
    () => sandbox.counts.created >= 38,
    30_000,
    () => `${sandbox.counts.created} created`,
  );
  cut.child.kill("SIGKILL");
  await cut.ended;
  await redis.flushall();

  // Killed at one moment after the other while it is rebuilt: the last time gives what one time gives.
  for (const afterMs of [350, 500, 650]) {
    const rebuilding = startProgram(["rebuild", "--yes"], world.env);
    const timer = setTimeout(() => rebuilding.child.kill("SIGKILL"), afterMs);
    await rebuilding.ended;
    clearTimeout(timer);
  }
  if ((await entries()).size === 0) await runProgram(["rebuild", "--yes"], world.env);
  const { stdout, exitCode } = await runProgram(["rebuild", "--add"], world.env);
  expect(stdout).toContain("Rosters in the archive without answer files: 1");
  expect(exitCode).toBe(4);
  const rebuilt = [...(await entries()).values()];
  expect(rebuilt).toHaveLength(2 + sandbox.counts.created);
  expect(rebuilt.filter(({ origin }) => origin === "created")).toHaveLength(28);
  expect(rebuilt.filter(({ origin }) => origin === "adopted")).toHaveLength(2);

  expect(await sync("all.csv", roster(60))).toBe(0);
  expect(sandbox.counts.created).toBe(58);
  expect(sandbox.counts.createdTwice).toBe(0);
});

test("without an acting admin it says what answer files alone can tell, and does that on request", {
  timeout: 120_000,
}, async () => {
  const { world, redis, entries, sync } = await openScene();
  await sync("monday.csv", rosterCsv(8));
  const before = await entries();
  await redis.flushall();
  const { TALLYFY_ADMIN_EMAIL: _, ...env } = world.env as Record<string, string>;

  const refused = await runProgram(["rebuild"], env);
  expect(refused).toMatchObject({ exitCode: 78, stderr: expect.stringContaining("--no-tallyfy") });
  const { exitCode, stdout } = await runProgram(["rebuild", "--no-tallyfy", "--yes"], env);
  expect(stdout).toContain("From answer files alone");
  expect(stdout).toContain("Beyond that, everything could be known.");
  expect(exitCode).toBe(4);

  const after = await entries();
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  // The number of an account that was there before stands in no answer file.
  for (const [key, entry] of after) {
    const { accountId, at: _at, ...rest } = before.get(key) as LedgerEntry;
    expect(entry).toMatchObject({ ...rest, accountId: entry.origin === "adopted" ? null : accountId });
  }
});

test("the private Redis deleted with its files: the same", { timeout: 120_000 }, async () => {
  const { sandbox, world } = await openScene();
  const { REDIS_URL: _, ...env } = world.env as Record<string, string>;
  const path = join(world.dataDir, "monday.csv");
  await writeFile(path, rosterCsv(8));
  expect((await runProgram(["sync", path], env)).exitCode).toBe(0);
  const attempts = sandbox.counts.createsAttempted;
  const folder = (await readdir(world.dataDir)).find((name) => name.includes("redis"));
  await until(
    async () => !(await readdir(join(world.dataDir, folder ?? ""))).some((name) => name.endsWith(".sock")),
    20_000,
    () => "the private Redis to stop",
  );
  await rm(join(world.dataDir, folder ?? "no such"), { recursive: true, force: true });

  const { exitCode, stdout } = await runProgram(["rebuild", "--yes"], env);
  expect(stdout).toMatch(/created by this program +6\n/);
  expect(exitCode).toBe(0);
  expect((await runProgram(["sync", "--force", path], env)).exitCode).toBe(0);
  expect(sandbox.counts.createsAttempted).toBe(attempts);
});
