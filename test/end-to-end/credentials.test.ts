// Refused credentials: nobody fails one by one, a person is told once, and work goes on by itself when they are right.

import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import { makeWorld, rosterCsv, runProgram, startProgram, startReady, until } from "../support/program.ts";

const opened = closedAfterEach();

async function open(extra: Record<string, string> = {}) {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, extra);
  opened.push(() => world.remove());
  const roster = join(world.dataDir, "..", `${world.dataDir.split("/").at(-1)}.csv`);
  await writeFile(roster, rosterCsv(5));
  return { sandbox, world, roster };
}

test("sync with a wrong secret exits 6, says what to correct, and loses nothing", async () => {
  const { sandbox, world, roster } = await open({ TALLYFY_CLIENT_SECRET: "wrong" });

  const { exitCode, stderr, stdout } = await runProgram(["sync", roster], world.env);

  expect(exitCode).toBe(6);
  expect(stderr).toMatch(/TALLYFY_CLIENT_SECRET/);
  expect(`${stdout}${stderr}`).not.toContain("wrong");
  expect(sandbox.counts.createsAttempted).toBe(0);
  expect(await readdir(join(world.dataDir, "processing"))).toHaveLength(1);
});

test("a wrong secret, then a Tallyfy out of reach: reason and remedy stay of one cause, and a right start goes on at once", {
  timeout: 90_000,
}, async () => {
  const { sandbox, world, roster } = await open({ HALT_PROBE_MS: "600000" });
  const wrong = await startReady([], { ...world.env, TALLYFY_CLIENT_SECRET: "wrong" }, opened);
  await wrong.says(/"msg":"provisioning is halted"/);
  wrong.child.kill("SIGTERM");
  await wrong.ended;
  const nowhere = {
    ...world.env,
    TALLYFY_API_URL: "http://127.0.0.1:1/api",
    TALLYFY_TOKEN_URL: "http://127.0.0.1:1/t",
  };
  await runProgram(["sync", roster], nowhere);
  const away = await startReady([], nowhere, opened);
  const problem = await until(
    async () => {
      const { stdout } = await runProgram(["runs"], nowhere);
      return stdout.includes("ECONNREFUSED") && stdout;
    },
    20_000,
    () => away.stdout(),
  );
  expect(problem).toMatch(/halted \(credentials\): (?!Tallyfy could not be reached).*looked at last: .*ECONNREFUSED/);
  expect(problem).toMatch(/\nSee first what `\S+roster-sync doctor` says .*Correct TALLYFY_CLIENT_ID/);
  away.child.kill("SIGTERM");
  await away.ended;

  const right = await startReady([], world.env, opened);
  await until(
    () => sandbox.counts.created === 5,
    30_000,
    () => right.stdout(),
  );
  expect((await runProgram(["runs"], world.env)).stdout).not.toContain("halted");
});

test("the daemon stays up, red, and goes on by itself once the secret file is right", { timeout: 90_000 }, async () => {
  const { sandbox, world } = await open({ HALT_PROBE_MS: "1000" });
  const secretFile = join(world.dataDir, "secret");
  await writeFile(secretFile, "wrong\n", { mode: 0o600 });
  const { TALLYFY_CLIENT_SECRET: _, ...env } = world.env;
  const daemon = startProgram(["start"], { ...env, TALLYFY_CLIENT_SECRET_FILE: secretFile });
  opened.push(() => {
    daemon.child.kill("SIGTERM");
    return daemon.ended;
  });
  const [, web] = await daemon.says(/"web":"(http[^"]+)"/);
  await writeFile(join(world.dataDir, "inbox", "monday.csv"), rosterCsv(5));

  await daemon.says(/"msg":"provisioning is halted"/);
  const ready = await fetch(new URL("/readyz", web));
  expect(ready.status).toBe(503);
  expect(await ready.text()).toMatch(/TALLYFY_CLIENT_SECRET/);
  expect(daemon.child.exitCode).toBeNull();
  const command = (...args: string[]) => runProgram(args, { ...env, TALLYFY_CLIENT_SECRET_FILE: secretFile });
  const [{ runId }] = JSON.parse((await command("runs", "--json")).stdout) as [{ runId: string }];
  for (const args of [["runs"], ["runs", runId], ["doctor"]]) {
    expect((await command(...args)).stdout.replace(/\s+/g, " ")).toMatch(
      /Provisioning is halted \(credentials\): .*TALLYFY_CLIENT_SECRET.* Nobody is created since 20\S+Z.* looked at again by itself, next at 20\S+Z\./,
    );
  }

  await writeFile(secretFile, `${sandbox.clientSecret}\n`, { mode: 0o600 });
  await until(
    () => sandbox.counts.created === 5,
    60_000,
    () => daemon.stdout().slice(-2000),
  );
  await until(
    async () => (await fetch(new URL("/readyz", web))).status === 200,
    20_000,
    () => "ready again",
  );
  expect(daemon.stdout().match(/"msg":"provisioning is halted"/g)).toHaveLength(1);
});

test("sync exits 7 when Tallyfy cannot be reached", async () => {
  const { sandbox, world, roster } = await open();
  await sandbox.close();

  const { exitCode, stderr } = await runProgram(["sync", roster], world.env);

  expect(exitCode).toBe(7);
  expect(stderr).toMatch(/doctor/);
});

test("tokens revoked in mid-run are renewed, and nobody fails for it", { timeout: 60_000 }, async () => {
  const { sandbox, world, roster } = await open({ RATE_PER_SECOND: "20" });
  await writeFile(roster, rosterCsv(40));
  const program = startProgram(["sync", roster], world.env);
  await until(
    () => sandbox.counts.created >= 10,
    20_000,
    () => program.stdout(),
  );

  sandbox.revokeAll();

  expect((await program.ended).exitCode).toBe(0);
  expect(sandbox.counts.created).toBe(40);
});
