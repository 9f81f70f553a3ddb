// The command line as people use it: every command, its words, its exit codes.

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { makeWorld, rosterCsv, runProgram, startProgram, type World } from "../support/program.ts";

let sandbox: Sandbox;
let world: World;

beforeAll(async () => {
  sandbox = await startSandbox();
  world = await makeWorld(sandbox, { LIMITS_CREATE_COUNT: "10", LIMITS_CREATE_PERCENT: "1" });
});

afterAll(async () => {
  await world.remove();
  await sandbox.close();
});

async function roster(name: string, text: string): Promise<string> {
  const path = join(world.dataDir, name);
  await writeFile(path, text);
  return path;
}

const COMMANDS = [
  ...["start", "check", "plan", "sync", "runs", "approve", "discard", "users", "token", "tasks", "config", "doctor"],
  ...["rebuild", "sandbox", "demo"],
];

test.each(COMMANDS)("%s --help says what it does, with an example, and exits 0", async (name) => {
  const { exitCode, stdout } = await runProgram([name, "--help"], {});
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Usage: scripts\/roster-sync /);
  expect(stdout).toContain(`$ scripts/roster-sync ${name}`);
  for (const [runId] of stdout.matchAll(/\d{8}-\d{6}-\S+/g)) expect(runId).toMatch(/-[0-9a-f]{8}$/);
});

test("--help lists every command and every exit code", async () => {
  const { stdout } = await runProgram(["--help"], {});
  for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, "m"));
  for (const code of [
    "0 done",
    "1 a bug",
    "2 wrong",
    "3 held",
    "4 not all of it was done: rows left out, people failed, no seats left, or a newer roster took over",
    "5 the roster",
    "6 Tallyfy",
    "7 Tallyfy",
    "78 the",
    "130 sync or approve was stopped with Ctrl-C",
  ]) {
    expect(stdout).toContain(code);
  }
});

test("wrong usage exits 2", async () => {
  for (const args of [
    ["no-such-command"],
    ["sync"],
    ["sync", "no-such-file.csv"],
    ["sync", "/dev/zero"],
    ["check", "/dev/zero"],
    ["check", "/dev"],
    ["start", "--role", "king"],
    ["plan", "x.csv", "--no-such-option"],
  ]) {
    expect((await runProgram(args, world.env)).exitCode, args.join(" ")).toBe(2);
  }
  const early = await runProgram(["--config", "x.yaml", "runs"], world.env);
  expect(early).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("options come after the command: ") });
  expect((await runProgram(["check", "fixtures"], world.env)).stderr).toContain("fixtures is a folder.");
  expect((await runProgram(["runs", "20200101-000000-abcdef"], world.env)).exitCode).toBe(2);
  expect((await runProgram(["approve", "20200101-000000-abcdef"], world.env)).exitCode).toBe(2);
});

test("commands that look back say when the data folder is none, and make none", async () => {
  const elsewhere = join(tmpdir(), `never-used-${process.pid}`);
  for (const args of [["runs"], ["approve", "20200101-000000-abcdef"], ["discard", "20200101-000000-abcdef"]]) {
    const { exitCode, stderr } = await runProgram(args, { ...world.env, DATA_DIR: elsewhere });
    expect(exitCode, args.join(" ")).toBe(2);
    expect(stderr).toContain(`never ran with the data folder ${elsewhere}`);
  }
  expect(existsSync(elsewhere)).toBe(false);
});

test("all problems of the configuration are said at once, with exit code 78, without any secret", async () => {
  const env = {
    ...world.env,
    TALLYFY_ORG_ID: "not-hex",
    RATE_PER_SECOND: "fast",
    WORKER_CONCURENCY: "7777",
    HOST: "0.0.0.0",
  };
  const { exitCode, stdout } = await runProgram(["doctor"], env);
  expect(exitCode).toBe(78);
  for (const name of ["TALLYFY_ORG_ID", "RATE_PER_SECOND", "DASHBOARD_PASSWORD"]) expect(stdout).toContain(name);
  expect(stdout).toMatch(/WORKER_CONCURENCY.*WORKER_CONCURRENCY/);
  expect(stdout).not.toContain(sandbox.clientSecret);
});

test("check needs neither Redis nor credentials: 0 for a good file, 4 with problems, 5 for no roster", async () => {
  const good = await roster("good.csv", rosterCsv(3));
  const bad = await roster("bad.csv", `${rosterCsv(3)}E77777,Ana,Ruiz,nowhere,Active,2024-01-15\n`);
  const none = await roster("none.csv", "hello\n");

  expect(await runProgram(["check", good], {})).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout } = await runProgram(["check", bad], {});
  expect(exitCode).toBe(4);
  expect(stdout).toMatch(/5/);
  expect(stdout).not.toContain("nowhere");
  expect(await runProgram(["check", none], {})).toMatchObject({ exitCode: 5 });
});

test("check of a file of which no row can be read tells each problem once, and how far the reading came", async () => {
  const rows = [1, 2, 3].map((at) => `E${at};Una;Frost;una${at}@corp.example;Limbo\n`);
  const file = await roster("limbo.csv", `Employee ID;First Name;Last Name;Email;Status\n${rows.join("")}`);
  const { exitCode, stdout } = await runProgram(["check", file], {});
  expect(exitCode).toBe(5);
  expect(stdout).toMatch(/nothing-readable \(1\)[\s\S]*unknown-status \(3\)/);
  expect(stdout.match(/"Status" is "Limbo"/g)).toHaveLength(3);
  expect(stdout).toMatch(/^ {2}encoding {3}utf-8.*\n {2}separator {2}semicolon.*\n {2}header {5}line 1/m);

  const json = JSON.parse((await runProgram(["check", file, "--json"], {})).stdout);
  expect(json).toMatchObject({ refused: true, reading: null, known: { encoding: "utf-8", header_line: 1 } });
  expect(json.problems.map(({ count }: { count: number }) => count)).toEqual([1, 3]);
});

test("check says that a closing line does not fit the rows, and that a run would be held for it", async () => {
  const { exitCode, stdout } = await runProgram(["check", await roster("short.csv", `${rosterCsv(3)}Total: 8\n`)], {});
  expect(exitCode).toBe(4);
  expect(stdout).toMatch(/trailer-count \(1\)\n +line 5: A line of the file says 8, and 3 rows were read.*is held/);
  expect((await runProgram(["check", await roster("full.csv", `${rosterCsv(3)}Total: 3\n`)], {})).exitCode).toBe(0);
});

test("check gives programs the same facts, writes the mapping once, and replaces a file only with --force", async () => {
  const bad = await roster("bad.csv", `${rosterCsv(3)}E00001,Ana,Ruiz,other@corp.example,Limbo,2024-01-15\n`);
  const { exitCode, stdout } = await runProgram(["check", bad, "--json"], {});
  const { reading, problems, settings } = JSON.parse(stdout);
  expect([exitCode, reading.rows, reading.unreadable]).toEqual([4, 4, 1]);
  expect(problems.map(({ code }: { code: string }) => code)).toEqual(["unknown-status", "duplicate"]);
  expect(settings).toMatchObject([{ path: "roster.status", value: "Limbo" }]);
  expect(stdout).not.toContain("Ruiz");

  const config = `${bad}.yaml`;
  expect((await runProgram(["check", bad, "--write-config", config], {})).exitCode).toBe(4);
  const written = await readFile(config, "utf8");
  expect(written).toContain('email: "Work Email"');
  await writeFile(config, "roster: {}\n");
  const refusal = await runProgram(["check", bad, "--write-config", config], {});
  expect(refusal.exitCode).toBe(2);
  expect(await readFile(config, "utf8")).toBe("roster: {}\n");
  expect((await runProgram(["check", bad, "--write-config", config, "--force"], {})).exitCode).toBe(4);
  expect(await readFile(config, "utf8")).toBe(written);
  expect((await runProgram(["check", bad, "--config", config], {})).exitCode).toBe(4);
});

test("plan changes nothing, sync holds, approve releases, the same file is nothing new, a broken row exits 4", {
  timeout: 90_000,
}, async () => {
  const file = await roster("monday.csv", rosterCsv(25));

  const plan = await runProgram(["plan", file], world.env);
  expect(plan.exitCode).toBe(3);
  expect(plan.stdout.match(/^\+ /gm)).toHaveLength(25);
  expect(plan.stdout).toContain("25 to create");
  expect(sandbox.counts.created).toBe(0);
  const json = JSON.parse((await runProgram(["plan", file, "--json"], world.env)).stdout);
  expect(json.changes).toHaveLength(25);

  const held = await runProgram(["sync", file], world.env);
  expect(held.exitCode).toBe(3);
  expect(held.stdout).toContain("The plan creates 25 people; the limit is 10");
  const runId = /approve (\S+)/.exec(held.stdout)?.[1] ?? "";
  expect((await runProgram(["runs"], world.env)).stdout).toMatch(new RegExp(`${runId} +held`));
  // What is read here has the command as it is typed here; what may be read elsewhere has the plain one.
  expect(held.stdout).toContain(`release it with: scripts/roster-sync approve ${runId}\n`);
  const { because } = JSON.parse((await runProgram(["runs", runId, "--json"], world.env)).stdout);
  expect(because).toContain(`release it with: roster-sync approve ${runId}\n`);

  const approved = await runProgram(["approve", runId], world.env);
  expect(approved.exitCode).toBe(0);
  expect(approved.stdout).toMatch(/Released by .*\(command line\)/);
  expect(sandbox.counts.created).toBe(25);
  expect((await runProgram(["approve", runId], world.env)).exitCode).toBe(2);

  const again = await runProgram(["sync", file], world.env);
  expect(again.exitCode).toBe(0);
  expect(again.stdout).toContain("Nothing new");
  expect((await runProgram(["runs"], world.env)).stdout).toMatch(/nothing-new +command +- /);
  const forced = await runProgram(["sync", "--force", file], world.env);
  expect(forced.exitCode).toBe(0);
  expect(forced.stdout).toMatch(/already provisioned +25/);

  const broken = await roster("broken.csv", `${rosterCsv(26)}E77777,Ana,Ruiz,nowhere,Active,2024-01-15\n`);
  const partial = await runProgram(["sync", broken], world.env);
  expect(partial.exitCode).toBe(4);
  expect(partial.stdout).toMatch(/unreadable +1/);
  const answers = /(\S+\.result\.csv)/.exec(partial.stdout)?.[1] ?? "";
  expect(await readFile(answers, "utf8")).toMatch(/^28,E77777,unreadable,/m);
  expect(sandbox.counts.created).toBe(26);
});

test("sync --yes approves a hold; discard drops one", { timeout: 60_000 }, async () => {
  const file = await roster("many.csv", rosterCsv(60));
  const held = await runProgram(["sync", file], world.env);
  const runId = /approve (\S+)/.exec(held.stdout)?.[1] ?? "";
  expect((await runProgram(["discard", runId], world.env)).exitCode).toBe(0);
  expect((await runProgram(["runs", runId], world.env)).stdout).toContain("discarded");
  expect(sandbox.counts.created).toBe(26);

  const yes = await runProgram(["sync", "--yes", file], world.env);
  expect(yes.exitCode).toBe(0);
  expect(sandbox.counts.created).toBe(60);
});

test("a file that is no roster exits 5", async () => {
  const { exitCode, stdout } = await runProgram(["sync", await roster("letter.csv", "Dear Sir\n")], world.env);
  expect(exitCode).toBe(5);
  expect(stdout).toContain("was refused");
});

test("a level above the usual one keeps a command's log quiet, and a refused file is not said to have nothing to create", async () => {
  const file = await roster("note.csv", "Dear Madam\n");
  const { stdout, stderr } = await runProgram(["sync", file], { ...world.env, LOG_LEVEL: "error" });
  expect(stderr).not.toContain('"level"');
  expect(stdout + stderr).not.toContain("nothing to create");
});

test("users shows members and ledger; token shows no token unless asked; tasks acts as the member", async () => {
  const users = JSON.parse((await runProgram(["users", "--json"], world.env)).stdout);
  expect(users.filter((user: { ledger: string }) => user.ledger === "created")).toHaveLength(60);

  const token = await runProgram(["token", "Person.00001@corp-roster.example"], world.env);
  expect(token.exitCode).toBe(0);
  expect(token.stdout).toMatch(/expires in +7776000 s/);
  expect(token.stdout).not.toMatch(/^token /m);
  const revealed = await runProgram(["token", "--reveal", "person.00001@corp-roster.example"], world.env);
  expect(revealed.stdout).toMatch(/^token +\S+/m);

  expect((await runProgram(["tasks", "person.00001@corp-roster.example"], world.env)).exitCode).toBe(0);
  expect((await runProgram(["token", "stranger@corp-roster.example"], world.env)).exitCode).toBe(2);
});

test("listing members without an acting admin is a matter of configuration", async () => {
  const { TALLYFY_ADMIN_EMAIL: _, ...env } = world.env;
  const users = await runProgram(["users"], env);
  expect(users.exitCode).toBe(78);
  expect(users.stderr).toContain("TALLYFY_ADMIN_EMAIL");
});

test("config masks secrets and says where each value came from; --schema is JSON", async () => {
  const { stdout } = await runProgram(["config"], world.env);
  expect(stdout).toMatch(/^TALLYFY_CLIENT_SECRET +\(hidden\) +environment/m);
  expect(stdout).toMatch(/^WORKER_CONCURRENCY +\d+ +default/m);
  expect(stdout).not.toContain(sandbox.clientSecret);
  expect(JSON.parse((await runProgram(["config", "--schema"], {})).stdout)).toHaveProperty("properties.tallyfy");
});

test("doctor says everything at once: 0 when all is well, and the first trouble's code otherwise", async () => {
  const well = await runProgram(["doctor"], world.env);
  expect(well.exitCode).toBe(0);
  expect(well.stdout).toMatch(/ok +acting admin/);

  const slipped = await runProgram(["doctor"], { ...world.env, LIMITS_CREATE: "5" });
  expect(slipped.exitCode).toBe(0);
  expect(slipped.stdout).toMatch(/warning +environment +LIMITS_CREATE: .* ignored.*LIMITS_CREATE_COUNT/);
  const wrong = await runProgram(["doctor"], { ...world.env, TALLYFY_CLIENT_SECRET: "wrong" });
  expect(wrong.exitCode).toBe(6);
  expect(wrong.stdout).toMatch(/ok +Redis/);
  expect(wrong.stdout).toMatch(/WRONG +token/);
  expect(wrong.stdout.match(/WRONG/g), wrong.stdout).toHaveLength(2);
  for (const subject of ["credentials", "acting admin"]) {
    expect(wrong.stdout).toMatch(new RegExp(`warning +${subject} +not looked at: it needs a token`));
  }

  const apart = await runProgram(["doctor"], { ...world.env, REDIS_URL: "redis://127.0.0.1:1" });
  expect(apart.exitCode).toBe(7);
  expect(apart.stdout).toMatch(/WRONG +Redis/);
});

test("the sandbox command prints what to set, and ends with 0 on a signal", async () => {
  const program = startProgram(["sandbox", "--port", "0"], {});
  await program.says(/TALLYFY_API_URL/);
  program.child.kill("SIGTERM");
  expect((await program.ended).exitCode).toBe(0);
});
