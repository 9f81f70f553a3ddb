// One installation on many processes, as on many machines: intake here, web there, workers as often as one likes. They share one
// app token, the pace and the hourly budget, and one that vanishes loses nothing. WORKERS=10 tries it with more of them.

import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OPTIONS } from "../../src/config/schema.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import {
  type Environment,
  makeWorld,
  type RunningProgram,
  rosterCsv,
  startReady,
  until,
  type World,
} from "../support/program.ts";
import { startRedis } from "../support/redis.ts";

const WORKERS = Number(process.env.WORKERS ?? 5);
const PER_SECOND = 15;
const opened = closedAfterEach();

interface Installation {
  readonly sandbox: Sandbox;
  readonly world: World;
  readonly intake: RunningProgram;
  readonly workers: readonly RunningProgram[];
  readonly web: string;
}

/** A process that has nothing in common with the others but Redis and the configuration. */
async function start(env: Environment, role: string): Promise<RunningProgram> {
  if (role === "intake") return startReady(["--role", role], env, opened, 60_000);
  const machine = await mkdtemp(join(tmpdir(), "roster-sync-machine-"));
  opened.push(async () => {
    // No inbox, into which somebody drops what nobody takes.
    expect(await readdir(machine)).toEqual([]);
    await rm(machine, { recursive: true, force: true });
  });
  return startReady(["--role", role], { ...env, DATA_DIR: join(machine, "data") }, opened, 60_000);
}

async function install(extra: Environment): Promise<Installation> {
  const redis = await startRedis();
  opened.push(() => redis.stop());
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const ceiling: Environment = OPTIONS.some(({ env }) => env === "RATE_MAX_PER_SECOND")
    ? { RATE_MAX_PER_SECOND: `${PER_SECOND}` }
    : {};
  const world = await makeWorld(sandbox, {
    REDIS_URL: redis.url,
    TOKEN_ENCRYPTION_KEY: "a passphrase that is long enough",
    RATE_PER_SECOND: `${PER_SECOND}`,
    ...ceiling,
    ...extra,
  });
  opened.push(() => world.remove());
  const roles = ["intake", "web", ...Array.from({ length: WORKERS }, () => "worker")];
  const programs = await Promise.all(roles.map((role) => start(world.env, role)));
  const [intake, page, ...workers] = programs;
  const [, web = ""] = (await page?.says(/"web":"(http[^"]+)"/)) ?? [];
  if (intake === undefined) throw new Error("no intake");
  return { sandbox, world, intake, workers, web };
}

function settledBy(program: RunningProgram): number {
  return program.stdout().match(/"msg":"settled a person"/g)?.length ?? 0;
}

/** The most requests that any span of so many milliseconds saw. */
function most(timesMs: readonly number[], spanMs: number): number {
  let first = 0;
  return timesMs.reduce((max, at, index) => {
    while ((timesMs[first] ?? at) <= at - spanMs) first += 1;
    return Math.max(max, index - first + 1);
  }, 0);
}

test(`intake, web and ${WORKERS} workers share token and pace; a worker and the intake vanish in mid-run, and nobody is lost`, {
  timeout: 180_000,
}, async () => {
  const people = 40 * WORKERS;
  const { sandbox, world, intake, workers, web } = await install({});
  await writeFile(join(world.dataDir, "inbox", "all.csv"), rosterCsv(people));
  await until(
    () => sandbox.counts.created >= people / 4,
    60_000,
    () => `${sandbox.counts.created}\n${intake.stdout().slice(-2000)}`,
  );
  const [doomed] = workers;
  doomed?.child.kill("SIGKILL");
  intake.child.kill("SIGKILL");
  await until(
    () => sandbox.counts.created >= people / 2,
    60_000,
    () => `${sandbox.counts.created} created without the two`,
  );
  const successor = await start(world.env, "intake");
  await successor.says(/"state":"closed".*"msg":"run ended"/, 90_000);

  expect(sandbox.counts.created).toBe(people);
  expect(sandbox.counts.createdTwice).toBe(0);
  expect(sandbox.counts.tokensIssued).toBe(1);
  expect(Math.min(...workers.slice(1).map(settledBy))).toBeGreaterThan(0);
  // Even spacing, give or take what a busy machine delays; each worker by itself would make it as many times that as there are workers.
  expect(most(sandbox.counts.createTimesMs, 2_000)).toBeLessThanOrEqual(2 * PER_SECOND * 1.5);
  const page = await (await fetch(web)).text();
  expect(page).toContain("all.csv");
});

test(`the hourly budget holds over ${WORKERS} workers together`, { timeout: 120_000 }, async () => {
  const budget = 45;
  const { sandbox, world, web } = await install({ HOURLY_BUDGET: `${budget}` });
  await writeFile(join(world.dataDir, "inbox", "all.csv"), rosterCsv(2 * budget));

  await until(
    async () => (await (await fetch(web)).text()).includes("Everybody waits until"),
    60_000,
    () => `${sandbox.counts.requests} requests`,
  );
  await until(
    () => sandbox.counts.inFlight === 0,
    10_000,
    () => "the last calls to end",
  );

  const { token = 0 } = sandbox.counts.byEndpoint;
  expect(sandbox.counts.requests).toBeLessThanOrEqual(budget);
  expect(sandbox.counts.created).toBeGreaterThan(budget / 2);
  expect(token).toBe(1);
});
