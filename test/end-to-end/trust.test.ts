// Damaged rosters on the built program: held with numbers and limits, released only with a reason; daily changes pass.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { makeWorld, rosterCsv, runProgram, type World } from "../support/program.ts";

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

function run(...words: string[]) {
  return runProgram(words, world.env);
}

async function roster(name: string, text: string): Promise<string> {
  const path = join(world.dataDir, name);
  await writeFile(path, text);
  return path;
}

/** Some lines of a roster, the header being line 0. */
function lines(text: string, keep: (line: string, number: number) => string | null): string {
  const kept = text
    .trimEnd()
    .split("\n")
    .map((line, number) => (number === 0 ? line : keep(line, number)));
  return `${kept.filter((line) => line !== null).join("\n")}\n`;
}

function heldRun(stdout: string): string {
  const runId = /roster-sync approve (\S+)/.exec(stdout)?.[1];
  if (runId === undefined) throw new Error(`no held run in:\n${stdout}`);
  return runId;
}

test("daily changes pass; a cut roster is held, released only with a reason that is kept; blanked addresses are held", {
  timeout: 120_000,
}, async () => {
  const first = await run("sync", await roster("monday.csv", rosterCsv(300)));
  expect(first.exitCode).toBe(0);
  expect(first.stdout).toContain("This is the first roster");
  expect(sandbox.counts.created).toBe(300);

  // Three joiners, two gone.
  const daily = await run("sync", await roster("tuesday.csv", rosterCsv(301, 3)));
  expect(daily.exitCode).toBe(0);
  expect(daily.stdout).toContain("301 rows (300 then), 298 of 300 people still there");
  expect(sandbox.counts.created).toBe(303);

  const cut = await roster("cut.csv", rosterCsv(120, 190));
  const plan = await run("plan", cut);
  expect(plan.exitCode).toBe(3);
  expect(plan.stdout).toContain("This run would be held:\n  This roster has 120 rows;");
  const held = await run("sync", cut);
  expect(held.exitCode).toBe(3);
  expect(held.stdout).toMatch(/has 120 rows; .*tuesday\.csv.* had 301\. That is 181 fewer; the limit is 30/);
  expect(held.stdout).toMatch(/Of the 301 people .* 187 are not found in this one/);
  expect(held.stdout).toContain("nobody is taken to have left");
  expect(sandbox.counts.created).toBe(303);
  expect((await run("sync", "--force", "--yes", cut)).exitCode).toBe(3);

  const runId = heldRun((await run("sync", "--force", cut)).stdout);
  const without = await run("approve", runId);
  expect(without.exitCode).toBe(2);
  expect(without.stderr).toContain(`roster-sync approve ${runId} --reason`);
  expect(sandbox.counts.created).toBe(303);
  const approved = await run("approve", runId, "--reason", "the northern sites were sold");
  expect(approved.exitCode).toBe(0);
  expect(approved.stdout).toMatch(/Released by .*: the northern sites were sold/);
  expect(sandbox.counts.created).toBe(309);
  const answer = await readFile(join(world.dataDir, "outbox", `cut.csv.${runId}.result.json`), "utf8");
  expect(JSON.parse(answer)).toMatchObject({
    verdict: "closed",
    reason: "the northern sites were sold",
    over_limits: [{ limit: "rows-fewer", counted: 181, allowed: 30 }, { limit: "people-gone" }],
  });

  // Accepted once: the next one is compared with the small roster.
  const small = lines(rosterCsv(120, 190), (line) => line.replace("2024-01-15", "2024-01-16"));
  expect((await run("sync", await roster("small.csv", small))).exitCode).toBe(0);

  const blanked = lines(rosterCsv(125, 190), (line, number) =>
    number % 2 === 0 ? line.replace(/person\.\S+@[^,]*/, "") : line,
  );
  const blank = await run("sync", await roster("blanked.csv", blanked));
  expect(blank.exitCode).toBe(3);
  expect(blank.stdout).toMatch(
    /"Work Email" was 0 % blank in .* and is 50 % blank in this one: 62 rows; the limit is 12/,
  );
  expect(sandbox.counts.created).toBe(309);

  const other = rosterCsv(125, 190).replace("Work Email", "E-mail").replace("Start Date", "Cost Centre");
  const moved = await run("sync", await roster("moved.csv", other), "--yes", "--reason", "a new report");
  expect(moved.stdout).toContain('was read from "Start Date" and is read from no column now');
  expect(moved.exitCode).toBe(0);
  expect(sandbox.counts.created).toBe(314);
});

test("a reason without an approval is wrong usage", async () => {
  const file = await roster("reason.csv", rosterCsv(1));
  expect((await run("sync", file, "--reason", "because")).exitCode).toBe(2);
});
