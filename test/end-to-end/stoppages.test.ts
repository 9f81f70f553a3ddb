// What keeps a run from going on is said where somebody looks at the run, in the words of the overview.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import {
  makeWorld,
  type RunningProgram,
  rosterCsv,
  runProgram,
  startProgram,
  startReady,
  until,
  type World,
} from "../support/program.ts";

const opened = closedAfterEach();

/** A run under way, very slowly. */
async function underWay(): Promise<{ sandbox: Sandbox; world: World; daemon: RunningProgram; runId: string }> {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, { RATE_PER_SECOND: "1", RATE_MAX_PER_SECOND: "1" });
  opened.push(() => world.remove());
  const daemon = await startReady([], world.env, opened);
  await writeFile(join(world.dataDir, "inbox", "monday.csv"), rosterCsv(60));
  await until(
    () => sandbox.counts.created > 0,
    20_000,
    () => "the first person",
  );
  const [{ runId }] = JSON.parse((await runProgram(["runs", "--json"], world.env)).stdout) as [{ runId: string }];
  return { sandbox, world, daemon, runId };
}

test("a run whose daemon was killed says that nobody works on it, and what to do; so does the history", {
  timeout: 90_000,
}, async () => {
  const { world, daemon, runId } = await underWay();
  const runs = async (...args: string[]) => (await runProgram(["runs", ...args], world.env)).stdout;
  expect(await runs(runId)).toMatch(/is under way\.\n {2}This is the first roster: .*\n +rows/);

  daemon.child.kill("SIGKILL");

  await until(
    async () => (await runs(runId)).includes("may have died"),
    15_000,
    () => "a doubt",
  );
  await until(
    async () => (await runs(runId)).includes("No daemon is at work"),
    20_000,
    () => "no daemon",
  );
  expect(await runs(runId)).toMatch(
    /is under way\.\n {2}No daemon is at work\.\n {2}Start it: `scripts\/roster-sync start`\./,
  );
  expect(await runs()).toMatch(/\n\nNo daemon is at work\.\nStart it: `scripts\/roster-sync start`\./);
});

test("a run whose queue somebody paused says so while it is followed, at Ctrl-C, and when one is approved", {
  timeout: 90_000,
}, async () => {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, { DASHBOARD_PASSWORD: "a long password", LIMITS_CREATE_COUNT: "20" });
  opened.push(() => world.remove());
  const daemon = await startReady([], world.env, opened);
  const [, web = ""] = await daemon.says(/"web":"(http[^"]+)"/);
  const authorization = `Basic ${Buffer.from("admin:a long password").toString("base64")}`;
  const headers = { authorization, "sec-fetch-site": "same-origin" };
  expect((await fetch(new URL("/queues/api/queues/provision/pause", web), { method: "PUT", headers })).status).toBe(
    200,
  );
  const file = join(world.dataDir, "monday.csv");
  await writeFile(file, rosterCsv(12));

  const sync = startProgram(["sync", file], world.env);
  await sync.says(/0 of 12 · 0 created · paused, and not by us: resume it on the page Queues/);
  sync.child.kill("SIGINT");
  const { exitCode, stderr } = await sync.ended;
  expect(exitCode).toBe(130);
  expect(stderr).toContain("The queue that creates users is paused, and not by us: nobody is created.\nResume it");
  expect(stderr).toContain("Once that is over, the daemon goes on with it.");

  await writeFile(file, rosterCsv(60));
  const held = await runProgram(["sync", file], world.env);
  const [, run = "", reason] = /approve (\S+)( --reason)?/.exec(held.stdout) ?? [];
  const approved = await runProgram(["approve", run, ...(reason === undefined ? [] : ["--reason", "so"])], world.env);
  expect(approved.stdout).toMatch(
    /is released\.\nThe queue that creates users is paused, .*\nResume it .*\nThen the daemon works on it\./,
  );
});

test("a run that is halted says so, why, and what to do", {
  timeout: 90_000,
}, async () => {
  const { sandbox, world, daemon, runId } = await underWay();
  sandbox.switches.seats = { full: 1, light: null };
  await daemon.says(/"msg":"provisioning is halted"/);
  const { stdout } = await runProgram(["runs", runId], world.env);
  expect(stdout).toMatch(/is under way\.\n {2}Provisioning is halted \(seats\): .*\n {2}Buy seats in Tallyfy/);
  const [, web] = await daemon.says(/"web":"(http[^"]+)"/);
  const { problems } = (await (await fetch(new URL("/readyz", web))).json()) as {
    problems: { what: string; doThis: string }[];
  };
  for (const text of [problems[0]?.what, problems[0]?.doThis]) expect(stdout).toContain(text);
});
