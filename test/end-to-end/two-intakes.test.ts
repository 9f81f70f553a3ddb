// Several intakes on one shared folder: each file is taken by one of them, once, whichever dies and whatever their clocks say.

import { appendFile, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { keysFor } from "../../src/store/keys.ts";
import { createRunStore } from "../../src/store/runs.ts";
import { closedAfterEach } from "../support/closing.ts";
import {
  type Environment,
  makeWorld,
  type RunningProgram,
  rosterCsv,
  runProgram,
  startReady,
  until,
  type World,
} from "../support/program.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";

const FILES = 200;
const CLOCK_AHEAD = fileURLToPath(new URL("../support/clock-ahead.mjs", import.meta.url));
const opened = closedAfterEach();

async function open(extra: Environment = {}): Promise<{ redis: TestRedis; sandbox: Sandbox; world: World }> {
  const redis = await startRedis();
  opened.push(() => redis.stop());
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, { REDIS_URL: redis.url, ...extra });
  opened.push(() => world.remove());
  return { redis, sandbox, world };
}

function start(env: Environment, role: string): Promise<RunningProgram> {
  return startReady(["--role", role], env, opened);
}

/** The environment of a machine whose clock is ahead. */
function ahead(world: World, ms: number): Environment {
  return { ...world.env, NODE_OPTIONS: `--import ${CLOCK_AHEAD}`, CLOCK_AHEAD_MS: String(ms) };
}

async function filesBelow(folder: string, pattern: RegExp): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true });
  return paths.map((path) => path.split("/").at(-1) ?? "").filter((name) => pattern.test(name));
}

test("three intakes, 200 files by rename and by slow writing, one intake killed: each file has one run and one answer", {
  timeout: 180_000,
}, async () => {
  const { redis, sandbox, world } = await open({ INBOX_SETTLE_MS: "1000", INBOX_SCAN_MS: "500" });
  const inbox = join(world.dataDir, "inbox");
  const intakes = [
    await start(world.env, "intake"),
    await start(ahead(world, 3_600_000), "intake"),
    await start(world.env, "intake"),
  ];
  await start(world.env, "worker");
  await mkdir(join(world.dataDir, "coming"));

  // The same three people in each, in files that differ; every twentieth is no roster at all.
  const names = Array.from({ length: FILES }, (_, number) => `r${String(number).padStart(3, "0")}.csv`);
  async function dropByRename(name: string, number: number): Promise<void> {
    const text = number % 20 === 0 ? `no roster ${number}\n` : rosterCsv(3) + "\n".repeat(number);
    await writeFile(join(world.dataDir, "coming", name), text);
    await rename(join(world.dataDir, "coming", name), join(inbox, name));
  }
  async function dropSlowly(name: string, number: number): Promise<void> {
    const lines = (rosterCsv(3) + "\n".repeat(number)).match(/.*\n/g) ?? [];
    for (const line of lines.slice(0, 4)) {
      await appendFile(join(inbox, name), line);
      await delay(60);
    }
    await appendFile(join(inbox, name), lines.slice(4).join(""));
  }
  async function drop(names: readonly (readonly [number, string])[]): Promise<void> {
    const slow = names.flatMap(([number, name]) => (number % 10 === 5 ? [dropSlowly(name, number)] : []));
    for (const [number, name] of names) if (number % 10 !== 5) await dropByRename(name, number);
    await Promise.all(slow);
  }
  const all = [...names.entries()];
  const dropping = drop(all.slice(0, FILES - 40));

  // In the midst of taking: whichever has taken some first, however unequal their shares are and however fast the machine is.
  const taken = (intake: RunningProgram) => intake.stdout().match(/a roster was taken/g)?.length ?? 0;
  const doomed = await until(
    async () => intakes.find((intake) => taken(intake) > 5),
    20_000,
    () => intakes.map(taken).join(", "),
  );
  doomed.child.kill("SIGKILL");
  await doomed.ended;
  await Promise.all([dropping, drop(all.slice(FILES - 40))]);
  await start(world.env, "intake");

  await until(
    async () => (await readdir(inbox)).length === 0 && (await readdir(join(world.dataDir, "processing"))).length === 0,
    90_000,
    () => "everything taken and put away",
  );
  const store = createRunStore(redis.connect(), keysFor(sandbox.orgId), 1000);
  const runs = await until(
    async () => {
      const list = await store.list(1000);
      return list.every((run) => run.endedAt !== null) ? list : null;
    },
    60_000,
    () => "all runs ended",
  );

  expect(runs.map((run) => run.fileName).sort()).toEqual(names);
  expect(new Set(runs.map((run) => run.state))).not.toContain("failed");
  const put = [
    ...(await filesBelow(join(world.dataDir, "archive"), /\.csv$/)),
    ...(await filesBelow(join(world.dataDir, "refused"), /\.csv$/)),
  ];
  expect(put.sort()).toEqual(runs.map((run) => `${run.runId}.${run.fileName}`).sort());
  const answers = await readdir(join(world.dataDir, "outbox"));
  expect(answers.filter((name) => name.endsWith(".csv"))).toHaveLength(FILES);
  expect(answers.filter((name) => name.endsWith(".json"))).toHaveLength(FILES);
  expect(sandbox.counts.created).toBe(3);
  expect(sandbox.counts.createdTwice).toBe(0);
});

test("which of two rosters is newer does not depend on whose clock is ahead", { timeout: 60_000 }, async () => {
  const { sandbox, world } = await open();
  const fast = await start(ahead(world, 7_200_000), "intake");
  await start(world.env, "worker");
  await writeFile(join(world.dataDir, "inbox", "old.csv"), rosterCsv(3));
  await fast.says(/"state":"closed".*"msg":"run ended"/);
  fast.child.kill("SIGKILL");
  await start(world.env, "intake");

  await writeFile(join(world.dataDir, "inbox", "new.csv"), rosterCsv(5));

  await until(
    () => sandbox.counts.created === 5,
    20_000,
    () => `${sandbox.counts.created} created: the newer roster counts as the older one`,
  );
});

test("an intake that shares its folder says so, in the log, on the page and in doctor", {
  timeout: 60_000,
}, async () => {
  const { world } = await open();
  const first = await startReady([], world.env, opened);
  const [, web] = await first.says(/"web":"(http[^"]+)"/);
  const alone = await runProgram(["doctor"], world.env);
  expect(alone.stdout).toMatch(/ok +intake +one daemon takes files/);

  const second = await start(ahead(world, 3_600_000), "intake");

  await Promise.all([first, second].map((one) => one.says(/another intake takes files out of this data folder/)));
  const page = await (await fetch(new URL("/", web))).text();
  expect(page).toContain("2 intakes share it");
  expect(page).toContain("All is well");
  const shared = await runProgram(["doctor"], world.env);
  expect(shared.stdout).toMatch(/warning +intake +2 daemons take files/);
  second.child.kill("SIGTERM");
  await first.says(/the only intake of its data folder again/);
});

test("the private Redis of a folder that another machine uses is refused, with what to do", async () => {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox);
  opened.push(() => world.remove());
  await mkdir(join(world.dataDir, "redis"), { recursive: true });
  const home = { host: "hr-two", bootId: "another-boot", machineId: "another-machine" };
  await writeFile(join(world.dataDir, "redis", "home"), JSON.stringify(home));

  const { exitCode, stderr } = await runProgram(["start"], world.env);

  expect(exitCode).toBe(7);
  expect(stderr).toMatch(/runs on the machine hr-two.*set REDIS_URL/s);
});
