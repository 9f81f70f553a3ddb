// A held run is decided about while no daemon runs: the command itself brings it to its end, and so does the same command again.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { keysFor } from "../../src/store/keys.ts";
import { closedAfterEach } from "../support/closing.ts";
import { makeWorld, rosterCsv, runProgram, startProgram, until, type World } from "../support/program.ts";
import { startRedis } from "../support/redis.ts";

const opened = closedAfterEach();

async function open(extra: Record<string, string> = {}): Promise<{ sandbox: Sandbox; world: World }> {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, { LIMITS_CREATE_COUNT: "2", ...extra });
  opened.push(() => world.remove());
  return { sandbox, world };
}

/** A roster of so many people, held; returns its run and where its answer is. */
async function held(world: World, name: string, count: number) {
  const file = join(world.dataDir, name);
  await writeFile(file, rosterCsv(count));
  const { exitCode, stdout } = await runProgram(["sync", file], world.env);
  expect(exitCode).toBe(3);
  const runId = /approve (\S+)/.exec(stdout)?.[1] ?? "";
  const path = join(world.dataDir, "outbox", `${name}.${runId}.result.json`);
  return {
    runId,
    file,
    answer: async () => JSON.parse(await readFile(path, "utf8")) as { verdict: string; because: string },
  };
}

/** A held run whose Redis the test may change. */
async function heldWithRedis() {
  const server = await startRedis();
  opened.push(() => server.stop());
  const { sandbox, world } = await open({ REDIS_URL: server.url });
  return { ...(await held(world, "wed.csv", 5)), world, keys: keysFor(sandbox.orgId), redis: server.connect() };
}

test("discard without a daemon brings the run to its end: its answer files say so, and the ledger may be rebuilt", {
  timeout: 90_000,
}, async () => {
  const { world } = await open();
  const { runId, answer } = await held(world, "wed.csv", 5);
  expect(await answer()).toMatchObject({ verdict: "held" });
  const refused = await runProgram(["rebuild"], world.env);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain(`run ${runId} is held: drop it with: scripts/roster-sync discard ${runId}`);

  expect(await runProgram(["discard", runId], world.env)).toMatchObject({ exitCode: 0, stderr: "" });

  const { verdict, because } = await answer();
  expect(verdict).toBe("discarded");
  expect(because).not.toContain("approve");
  expect((await runProgram(["rebuild"], world.env)).stdout).toContain("The ledger would have 0 entries");
  const again = await runProgram(["discard", runId], world.env);
  expect(again).toMatchObject({
    exitCode: 2,
    stderr: `Run ${runId} is not held: it is discarded. Look at it with: scripts/roster-sync runs ${runId}\n`,
  });
});

test("a roster that takes a held one's place while no daemon runs leaves it with its answer files complete", {
  timeout: 90_000,
}, async () => {
  const { world } = await open();
  const first = await held(world, "wed.csv", 5);
  // Large enough to be held a while before its own answer files are written.
  await held(world, "thu.csv", 20_000);
  expect(await first.answer()).toMatchObject({ verdict: "superseded" });
});

test("discard killed half-way is finished by discard; until then runs and rebuild say that it is not wrapped up, and how", {
  timeout: 90_000,
}, async () => {
  const { runId, answer, world, keys, redis } = await heldWithRedis();
  // As a process leaves it that dies once the decision is kept.
  await redis.hset(keys.run(runId), "state", "discarded");
  await redis.smove(keys.unfinished, keys.closing, runId);

  const how = `scripts/roster-sync discard ${runId}`;
  expect((await runProgram(["runs", runId], world.env)).stdout).toContain(how);
  expect((await runProgram(["rebuild"], world.env)).stderr).toContain(
    `run ${runId} is discarded and not wrapped up: ${how}`,
  );
  const { exitCode, stdout } = await runProgram(["discard", runId], world.env);
  expect(stdout).toBe(`Run ${runId} was discarded already; now its answer files say so, too.\n`);
  expect(exitCode).toBe(0);
  expect(await answer()).toMatchObject({ verdict: "discarded" });
});

test("discard that must ask Tallyfy first who was created says so while Tallyfy is away, and the run keeps its reason", {
  timeout: 90_000,
}, async () => {
  const { runId, answer, world, keys, redis } = await heldWithRedis();
  // As an earlier run leaves it whose answer about somebody was lost.
  const [[key, change] = ["", ""]] = Object.entries(await redis.hgetall(keys.changes(runId)));
  await redis.hset(keys.tried, key, (JSON.parse(change) as { emailHash: string }).emailHash);

  const away = { ...world.env, TALLYFY_API_URL: "http://127.0.0.1:9" };
  const waits = await runProgram(["discard", runId], away);
  expect(waits.exitCode).toBe(4);
  expect(waits.stderr).toContain("Its answer files do not say so yet. They wait for Tallyfy, which does not answer");
  expect(await runProgram(["discard", runId], world.env)).toMatchObject({ exitCode: 0 });
  expect((await answer()).because).toMatch(/Discarded by/);
});

test("approve stopped in mid-run goes on when it is given again", { timeout: 90_000 }, async () => {
  const { sandbox, world } = await open({ RATE_PER_SECOND: "5", RATE_MAX_PER_SECOND: "5" });
  const { runId } = await held(world, "wed.csv", 20);
  const first = startProgram(["approve", runId], world.env);
  await until(
    () => sandbox.counts.created >= 3,
    20_000,
    () => first.stdout(),
  );
  first.child.kill("SIGINT");
  expect(await first.ended).toMatchObject({
    exitCode: 130,
    stderr: expect.stringContaining("Go on with the same command"),
  });

  expect(await runProgram(["approve", runId], world.env)).toMatchObject({ exitCode: 0 });
  expect(sandbox.counts.created).toBe(20);
  expect(sandbox.counts.createdTwice).toBe(0);
});
