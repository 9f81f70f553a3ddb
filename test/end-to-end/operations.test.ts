// What an operator meets: a command beside the daemon, roles on several processes, nights, seats, signals.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { isAlive } from "../../src/store/folder-lock.ts";
import { closedAfterEach } from "../support/closing.ts";
import {
  makeWorld,
  type RunningProgram,
  rosterCsv,
  runProgram,
  startProgram,
  until,
  type World,
} from "../support/program.ts";
import { startRedis } from "../support/redis.ts";

const opened = closedAfterEach();

async function open(extra: Record<string, string> = {}): Promise<{ sandbox: Sandbox; world: World }> {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, extra);
  opened.push(() => world.remove());
  return { sandbox, world };
}

async function start(world: World, args: readonly string[] = ["start"]): Promise<RunningProgram> {
  const program = startProgram(args, world.env);
  opened.push(() => {
    program.child.kill("SIGTERM");
    return program.ended;
  });
  await program.says(/"msg":"ready"/);
  return program;
}

async function drop(world: World, name: string, text: string): Promise<void> {
  await writeFile(join(world.dataDir, `${name}.part`), text);
  await writeFile(join(world.dataDir, "inbox", name), text);
}

test("sync beside a running daemon uses the daemon's Redis and workers, and tells the run to its end", {
  timeout: 60_000,
}, async () => {
  const { sandbox, world } = await open();
  const daemon = await start(world);
  const file = join(world.dataDir, "monday.csv");
  await writeFile(file, rosterCsv(20));

  const { exitCode, stdout } = await runProgram(["sync", file], world.env);

  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/created +20/);
  expect(daemon.stdout().match(/"msg":"settled a person"/g)).toHaveLength(20);
  expect(sandbox.counts.created).toBe(20);
});

test("intake, workers and web on separate processes make one installation", { timeout: 60_000 }, async () => {
  const redis = await startRedis();
  opened.push(() => redis.stop());
  const { sandbox, world } = await open({ REDIS_URL: redis.url });
  await start(world, ["start", "--role", "intake"]);
  const workers = [await start(world, ["start", "--role", "worker"]), await start(world, ["start", "-r", "worker"])];
  const web = await start(world, ["start", "--role", "web"]);
  await drop(world, "monday.csv", rosterCsv(60));

  await until(
    () => sandbox.counts.created === 60,
    30_000,
    () => `${sandbox.counts.created}`,
  );
  const shares = workers.map((worker) => worker.stdout().match(/"msg":"settled a person"/g)?.length ?? 0);
  expect(Math.min(...shares)).toBeGreaterThan(5);
  const [, address] = await web.says(/"web":"(http[^"]+)"/);
  const page = await until(
    async () => {
      const text = await (await fetch(address ?? "")).text();
      return text.includes("monday.csv") ? text : null;
    },
    10_000,
    () => "the run on the page",
  );
  expect(page).toContain("All is well");
});

test("two daemons on one folder and one Redis take each file once", { timeout: 60_000 }, async () => {
  const { sandbox, world } = await open();
  await start(world);
  await start(world);
  // The same people each time, in files that differ, since the last one taken is the one that counts.
  for (let number = 0; number < 6; number += 1) {
    await drop(world, `part-${number}.csv`, rosterCsv(8) + "\n".repeat(number));
  }

  await until(
    async () => (await readdir(join(world.dataDir, "inbox"))).length === 0,
    20_000,
    () => "an empty inbox",
  );
  const runs = await until(
    async () => {
      const list = JSON.parse((await runProgram(["runs", "--json"], world.env)).stdout) as { state: string }[];
      return list.length === 6 && list.every((run) => ["closed", "superseded", "nothing-new"].includes(run.state))
        ? list
        : null;
    },
    30_000,
    () => "six ended runs",
  );
  expect(runs).toHaveLength(6);
  expect(sandbox.counts.created).toBe(8);
  expect(sandbox.counts.createdTwice).toBe(0);
});

test("the night tries again whom time has healed", { timeout: 60_000 }, async () => {
  const { sandbox, world } = await open({ SCHEDULE_CRON: "*/3 * * * * *" });
  sandbox.switches.otherOrgEmails = ["person.00002@corp-roster.example"];
  sandbox.switches.otherOrgOnCreate = "taken";
  const daemon = await start(world);
  await drop(world, "monday.csv", rosterCsv(4));
  await until(
    () => sandbox.counts.created === 3,
    20_000,
    () => `${sandbox.counts.created}`,
  );
  await daemon.says(/"msg":"Tallyfy refused a person"/);

  sandbox.switches.otherOrgEmails = [];

  await until(
    () => sandbox.counts.created === 4,
    30_000,
    () => daemon.stdout().slice(-1500),
  );
  expect(sandbox.counts.createdTwice).toBe(0);
});

test("when seats run out the run stays open, a person is told, and it goes on when there are seats", {
  timeout: 60_000,
}, async () => {
  const { sandbox, world } = await open({ HALT_SEATS_PROBE_MS: "1000" });
  sandbox.switches.seats = { full: 5, light: null };
  const daemon = await start(world);
  await drop(world, "monday.csv", rosterCsv(12));
  await daemon.says(/"msg":"provisioning is halted"/);
  const [, web] = await daemon.says(/"web":"(http[^"]+)"/);
  const ready = await fetch(new URL("/readyz", web));
  expect(ready.status).toBe(503);
  expect(await ready.text()).toMatch(/[Bb]uy seats/);
  expect(sandbox.counts.created).toBeLessThan(6);

  sandbox.switches.seats = { full: 100, light: null };

  await until(
    () => sandbox.counts.created === 12,
    30_000,
    () => `${sandbox.counts.created}\n${daemon.stdout().slice(-1500)}`,
  );
  await daemon.says(/"state":"closed".*"msg":"run ended"/);
  expect(sandbox.counts.createdTwice).toBe(0);
});

test("rows that were left out keep the overview from being green until a roster without them is accepted", {
  timeout: 60_000,
}, async () => {
  const { world } = await open();
  const daemon = await start(world);
  const [, web = ""] = await daemon.says(/"web":"(http[^"]+)"/);
  const ready = async () => {
    const answer = await fetch(new URL("/readyz", web));
    return { status: answer.status, body: (await answer.json()) as { status: string; problems: { what: string }[] } };
  };
  const rows = rosterCsv(12).split("\n");
  const unreadable = rows.map((row, at) => (at >= 1 && at <= 3 ? row.replace("2024-01-15", "2024-02-30") : row));
  await drop(world, "monday.csv", unreadable.join("\n"));
  await daemon.says(/"state":"closed".*"msg":"run ended"/);
  const { status, body } = await ready();
  expect([status, body.status]).toEqual([200, "warning"]);
  expect(body.problems[0]?.what).toBe("3 rows of the newest roster were left out because they could not be trusted.");
  const page = await (await fetch(web)).text();
  const [, link = ""] = /\(monday\.csv\) were left out .*?<a href="(\/runs\/[^"]+)">/.exec(page) ?? [];
  expect(await (await fetch(new URL(link, web))).text()).toContain(".result.csv");

  await drop(world, "tuesday.csv", rosterCsv(12));
  await until(
    async () => (await ready()).body.status === "ok",
    20_000,
    () => daemon.stdout().slice(-1500),
  );
});

test("a 429 stops everybody for as long as it says, and costs nobody an attempt", { timeout: 60_000 }, async () => {
  const { sandbox, world } = await open({ RETRY_ATTEMPTS: "2", RATE_PER_SECOND: "100" });
  sandbox.switches.rateLimit = {
    ...sandbox.switches.rateLimit,
    kind: "fixed",
    max: 5,
    windowMs: 1000,
    retryAfter: "seconds",
  };
  await start(world);
  await drop(world, "monday.csv", rosterCsv(20));

  await until(
    () => sandbox.counts.created === 20,
    40_000,
    () => `${sandbox.counts.created}`,
  );
  // One is enough where nobody else was on the way when it came.
  expect(sandbox.counts.refused429).toBeGreaterThan(0);
  const { stdout } = await runProgram(["runs", "--json"], world.env);
  expect(JSON.parse(stdout)[0].counts.outcomes).toMatchObject({ applied: 20, exhausted: 0 });
});

test("while Tallyfy is away the page and the log say so, and the run goes on when it is back", {
  timeout: 60_000,
}, async () => {
  const { sandbox, world } = await open({
    RATE_PER_SECOND: "10",
    RETRY_BASE_MS: "300",
    RETRY_ATTEMPTS: "40",
    RETRY_CAP_MS: "1000",
  });
  const daemon = await start(world);
  const [, web] = await daemon.says(/"web":"(http[^"]+)"/);
  await drop(world, "monday.csv", rosterCsv(15));
  await until(
    () => sandbox.counts.created > 0,
    20_000,
    () => "the first person",
  );
  sandbox.switches.failBeforeWriteShare = 1;
  await daemon.says(/"msg":"Tallyfy does not answer as it should/);
  const ready = await (await fetch(new URL("/readyz", web))).text();
  expect(ready).toMatch(/Tallyfy has not answered/);
  expect(ready).toMatch(/doctor/);

  sandbox.switches.failBeforeWriteShare = 0;
  await daemon.says(/"state":"closed".*"msg":"run ended"/, 30_000);
  expect(sandbox.counts.created).toBe(15);
  expect(await (await fetch(new URL("/readyz", web))).text()).not.toMatch(/Tallyfy has not answered/);
});

test("Ctrl-C during sync ends it with 130, says that nothing is lost, and the same command goes on", {
  timeout: 60_000,
}, async () => {
  const { sandbox, world } = await open({ RATE_PER_SECOND: "10" });
  const file = join(world.dataDir, "monday.csv");
  await writeFile(file, rosterCsv(30));
  const first = startProgram(["sync", file], world.env);
  await until(
    () => sandbox.counts.created >= 5,
    20_000,
    () => first.stdout(),
  );
  first.child.kill("SIGINT");
  const { exitCode, stderr } = await first.ended;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(/nothing is lost/);

  const second = await runProgram(["sync", file], world.env);
  expect(second.exitCode).toBe(0);
  expect(second.stdout).toMatch(/going on with it/);
  expect(second.stdout).not.toContain("nothing to create");
  expect(sandbox.counts.created).toBe(30);
  expect(sandbox.counts.createdTwice).toBe(0);
});

test("a closed terminal ends the daemon in order: its Redis goes with it", { timeout: 60_000 }, async () => {
  const { world } = await open({});
  const daemon = startProgram(["start"], world.env);
  await daemon.says(/"msg":"ready"/);
  const pid = Number(await readFile(join(world.dataDir, "redis", "redis.pid"), "utf8"));
  daemon.child.stdout?.destroy();
  daemon.child.stderr?.destroy();
  daemon.child.kill("SIGHUP");
  expect((await daemon.ended).exitCode).toBe(0);
  expect(isAlive(pid)).toBe(false);
});

test("a held run is never a success, however often the file is given; --yes releases it", {
  timeout: 60_000,
}, async () => {
  const { sandbox, world } = await open({ LIMITS_CREATE_COUNT: "2" });
  const file = join(world.dataDir, "monday.csv");
  await writeFile(file, rosterCsv(5));
  expect((await runProgram(["sync", file], world.env)).exitCode).toBe(3);
  expect((await runProgram(["sync", file], world.env)).exitCode).toBe(3);
  expect((await runProgram(["sync", "--yes", file], world.env)).exitCode).toBe(0);
  expect(sandbox.counts.created).toBe(5);
});

test("sync goes on by itself when the daemon beside it dies", { timeout: 90_000 }, async () => {
  const { sandbox, world } = await open({ RATE_PER_SECOND: "10" });
  const daemon = await start(world);
  const file = join(world.dataDir, "monday.csv");
  await writeFile(file, rosterCsv(20));
  const program = startProgram(["sync", file], world.env);
  await until(
    () => sandbox.counts.created >= 3,
    20_000,
    () => program.stdout(),
  );
  daemon.child.kill("SIGKILL");

  expect((await program.ended).exitCode).toBe(0);
  expect(sandbox.counts.created).toBe(20);
  expect(sandbox.counts.createdTwice).toBe(0);
});

test("a second signal ends the daemon at once, and the next start finds what was under way", {
  timeout: 60_000,
}, async () => {
  const { sandbox, world } = await open({ RATE_PER_SECOND: "10" });
  const daemon = await start(world);
  await drop(world, "monday.csv", rosterCsv(12));
  await until(
    () => sandbox.counts.created > 0,
    20_000,
    () => "the first person",
  );
  sandbox.switches.latencyMs = { min: 8_000, max: 8_000 };
  const inFlight = sandbox.counts.createsAttempted;
  await until(
    () => sandbox.counts.createsAttempted > inFlight,
    10_000,
    () => "a slow call",
  );
  daemon.child.kill("SIGTERM");
  await daemon.says(/"msg":"stopping/);

  const before = Date.now();
  daemon.child.kill("SIGTERM");
  const { exitCode } = await daemon.ended;
  expect(exitCode).toBe(143);
  expect(Date.now() - before).toBeLessThan(1_000);

  sandbox.switches.latencyMs = { min: 0, max: 0 };
  await start(world);
  await until(
    () => sandbox.counts.created === 12,
    40_000,
    () => `${sandbox.counts.created}`,
  );
  expect(sandbox.counts.createdTwice).toBe(0);
});
