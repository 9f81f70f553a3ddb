// How many people one process creates at the same time, and what becomes of those who wait meanwhile.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import { type Environment, makeWorld, rosterCsv, startReady, until } from "../support/program.ts";

const opened = closedAfterEach();

async function dropOn(sandbox: Sandbox, people: number, env: Environment): Promise<void> {
  const world = await makeWorld(sandbox, env);
  opened.push(() => world.remove());
  await startReady([], world.env, opened);
  await writeFile(join(world.dataDir, "inbox", "all.csv"), rosterCsv(people));
}

async function openSandbox(): Promise<Sandbox> {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  return sandbox;
}

test("as many creates are under way as WORKER_CONCURRENCY says, and never more", { timeout: 60_000 }, async () => {
  const sandbox = await openSandbox();
  sandbox.switches.latencyMs = { min: 150, max: 150 };
  await dropOn(sandbox, 30, { WORKER_CONCURRENCY: "3" });
  await until(
    () => sandbox.counts.created === 30,
    30_000,
    () => `${sandbox.counts.created} created`,
  );
  expect(sandbox.counts.maxConcurrent).toBe(3);
});

test("when everybody is refused alike, not everybody is refused", {
  timeout: 60_000,
}, async () => {
  const sandbox = await openSandbox();
  const refusal = {
    endpoint: "createUser",
    status: 400,
    body: { message: "This organisation is suspended." },
  } as const;
  sandbox.switches.latencyMs = { min: 100, max: 100 };
  sandbox.switches.nextAnswers = Array.from({ length: 100 }, () => refusal);
  await dropOn(sandbox, 60, { WORKER_CONCURRENCY: "4", HALT_IDENTICAL_REFUSALS: "6" });
  const refused = () => 100 - sandbox.switches.nextAnswers.length;
  await until(
    () => refused() >= 6,
    30_000,
    () => `${refused()} refused`,
  );
  await delay(1_500);
  // The six, and at most those who were in hand: three for each call that may be under way.
  expect(refused()).toBeLessThanOrEqual(6 + 3 * 4);
});
