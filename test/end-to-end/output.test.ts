// Whoever reads along may go away, and a disk may be full: what was begun is finished, and the exit code says whether all was said.

import { spawn } from "node:child_process";
import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { builtProgram, makeWorld, rosterCsv, runProgram, startProgram, type World } from "../support/program.ts";

let sandbox: Sandbox;
let world: World;

beforeAll(async () => {
  sandbox = await startSandbox();
  world = await makeWorld(sandbox);
});

afterAll(async () => {
  await world.remove();
  await sandbox.close();
});

test("a run whose reader goes away is made to its end, and its Redis is closed", async () => {
  const roster = join(world.dataDir, "roster.csv");
  writeFileSync(roster, rosterCsv(200));
  const before = sandbox.counts.created;
  const running = startProgram(["sync", roster], world.env);
  // The first line of progress, whichever it is: reading two hundred people may be over before anybody looks.
  await running.says(/run \S+|\d+ of 200/);
  running.child.stdout?.destroy();
  const { exitCode, stderr } = await running.ended;
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(sandbox.counts.created - before).toBe(200);
  const { stdout } = await runProgram(["runs"], world.env);
  expect(stdout).toMatch(/closed/);
});

test.each([["config"], ["runs"]])("%s into a pipe that is closed says nothing of it", async (command) => {
  const running = startProgram([command], world.env);
  running.child.stdout?.destroy();
  expect(await running.ended).toMatchObject({ exitCode: 0, stderr: "" });
});

test.skipIf(process.platform !== "linux")("what a full disk has swallowed is said, and is no success", async () => {
  const child = spawn(process.execPath, [builtProgram(), "config"], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...world.env },
    stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exitCode = await new Promise((resolve) => child.on("close", resolve));
  expect(stderr).toBe("What was printed is lost: the output cannot be written to (ENOSPC).\n");
  expect(exitCode).toBe(2);
});
