// How a daemon starts: what it says of itself and of others is true, also when it cannot start.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { SILENT_MS } from "../../src/store/presence.ts";
import { closedAfterEach } from "../support/closing.ts";
import { makeWorld, type RunningProgram, runProgram, startReady, until, type World } from "../support/program.ts";
import { startRedis } from "../support/redis.ts";

const opened = closedAfterEach();

async function open(extra: Record<string, string> = {}): Promise<{ sandbox: Sandbox; world: World }> {
  const redis = await startRedis();
  opened.push(() => redis.stop());
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, { REDIS_URL: redis.url, ...extra });
  opened.push(() => world.remove());
  return { sandbox, world };
}

function start(world: World): Promise<RunningProgram> {
  return startReady([], world.env, opened);
}

test("a daemon whose port is taken says that and nothing else, and no other daemon hears of it", {
  timeout: 60_000,
}, async () => {
  const { world } = await open();
  const first = await start(world);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  opened.push(() => new Promise((resolve) => other.close(resolve)));
  const port = String((other.address() as AddressInfo).port);

  const { exitCode, stdout, stderr } = await runProgram(["start"], { ...world.env, PORT: port });

  expect(exitCode).toBe(78);
  expect(stderr).toContain(`Another program listens on port ${port}`);
  expect(stdout).not.toMatch(/"level":"(warn|error)"/);
  expect(stdout).not.toContain("Tallyfy");
  const doctor = await runProgram(["doctor"], world.env);
  expect(doctor.stdout).toMatch(/ok +intake +one daemon takes files/);
  expect(first.stdout()).not.toContain("another intake");
});

test("a daemon that is stopped while it asks Tallyfy for the first time blames nobody", async () => {
  const { sandbox, world } = await open();
  Object.assign(sandbox.switches.latencyMs, { min: 3_000, max: 3_000 });
  const program = await start(world);
  program.child.kill("SIGTERM");
  const { exitCode, stdout } = await program.ended;
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain("could not be asked");
});

test("a daemon that follows a killed one warns of nobody, and doctor says that who is silent may have died", {
  timeout: 60_000,
}, async () => {
  const { sandbox, world } = await open();
  const killed = await start(world);
  // Its first call asks for the token of all: killed in the midst of it, it would let the others wait for its lock first.
  await until(
    () => sandbox.counts.requests > 1 && sandbox.counts.inFlight === 0,
    10_000,
    () => "its first calls",
  );
  await delay(500);
  killed.child.kill("SIGKILL");
  await killed.ended;
  const diedAt = Date.now();
  await delay(5_500);
  const doctor = await runProgram(["doctor"], world.env);
  expect(doctor.stdout).toMatch(/warning +intake +one daemon takes files.*silent for \d+ s, so it may have died/);

  const follower = await start(world);
  // Until the dead one is forgotten: nothing is said that would have to be taken back.
  await delay(diedAt + SILENT_MS + 4_000 - Date.now());

  expect(follower.stdout()).not.toMatch(/another intake|the only intake/);
});
