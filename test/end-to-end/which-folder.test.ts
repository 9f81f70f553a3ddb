// A mistyped DATA_DIR, or one of a file: every command says which folder it looks at, and none makes it the right one.

import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { makeWorld, rosterCsv, runProgram, type World } from "../support/program.ts";

const RUN = "20200101-000000-abcdef";
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

test("a DATA_DIR that is a file is told of alike by every command", { timeout: 60_000 }, async () => {
  const file = join(world.dataDir, "a-file");
  await writeFile(file, "");
  const roster = join(world.dataDir, "monday.csv");
  await writeFile(roster, rosterCsv(3));
  for (const args of [["runs"], ["approve", RUN], ["discard", RUN], ["doctor"], ["users"], ["plan", roster]]) {
    const { exitCode, stdout, stderr } = await runProgram(args, { ...world.env, DATA_DIR: file });
    expect(exitCode, `${args.join(" ")}\n${stderr}`).toBe(78);
    expect(stdout + stderr).toContain(`${file} is not a folder`);
  }
});

test("commands that look leave no folder behind, say so, and are still told that nothing ever ran there", {
  timeout: 60_000,
}, async () => {
  const elsewhere = join(world.dataDir, "dtaa", "tallyfy");
  const roster = join(world.dataDir, "monday.csv");
  await writeFile(roster, rosterCsv(3));
  const env = { ...world.env, DATA_DIR: elsewhere };

  const doctor = await runProgram(["doctor"], env);
  expect(doctor.exitCode).toBe(0);
  expect(doctor.stdout).toContain(`${elsewhere} was never used`);
  expect(doctor.stdout).toMatch(/ok +Redis +.*started for this look only/);
  const users = await runProgram(["users"], env);
  expect(users.stderr).toContain(`the ledger is empty (data folder ${elsewhere})`);
  const plan = await runProgram(["plan", roster], env);
  expect(plan.exitCode).toBe(0);

  expect(existsSync(join(world.dataDir, "dtaa"))).toBe(false);
  expect((await runProgram(["runs"], env)).stderr).toContain("never ran with the data folder");
  await mkdir(elsewhere, { recursive: true });
  await runProgram(["doctor"], env);
  expect(await readdir(elsewhere)).toEqual([]);
});

test("a run that is not there is told of with the folder in which it was looked for", { timeout: 60_000 }, async () => {
  const roster = join(world.dataDir, "monday.csv");
  await writeFile(roster, rosterCsv(3));
  await runProgram(["sync", roster], world.env);
  for (const command of ["runs", "approve", "discard"]) {
    const { exitCode, stderr } = await runProgram([command, RUN], world.env);
    expect(exitCode, command).toBe(2);
    expect(stderr).toContain(`There is no run ${RUN} (data folder ${world.dataDir})`);
  }
});
