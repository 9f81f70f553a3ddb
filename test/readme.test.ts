// The README does not lie: its commands run, its tables agree with the program.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../src/domain/exit.ts";
import { type Sandbox, startSandbox } from "../src/sandbox/server.ts";
import { ACL_RULE } from "../src/store/redis-trouble.ts";
import { makeWorld, runProgram, type World } from "./support/program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const SCRIPTS = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

let sandbox: Sandbox;
let world: World;

beforeAll(async () => {
  sandbox = await startSandbox();
  // As a reader has it: the limits as they are by default.
  world = await makeWorld(sandbox, { LIMITS_CREATE_COUNT: "100" });
});

afterAll(async () => {
  await world.remove();
  await sandbox.close();
});

/** The shell lines of the README, in order, each with the comment behind it. */
function shellLines(): { command: string; comment: string }[] {
  const blocks = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  return blocks
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [command = "", ...comment] = line.split(/\s+# /);
      return { command: command.trim(), comment: comment.join(" # ") };
    });
}

test("it has fewer than 200 lines besides the table of options, which the program writes", () => {
  const written = README.replace(/<!-- options -->.*<!-- \/options -->/s, "");
  expect(written.split("\n").length).toBeLessThan(200);
});

test("the rights that it gives an ACL user are those that the program asks for", () => {
  expect(README).toContain(ACL_RULE);
});

test("every npm script that it names exists", () => {
  const named = [...README.matchAll(/npm (?:run )?(setup|demo|test|start|[a-z]+)\b/g)].map((match) => match[1] ?? "");
  const unknown = named.filter((name) => SCRIPTS[name] === undefined && name !== "and");
  expect(unknown).toEqual([]);
});

test("every file that it links to exists", () => {
  const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? "");
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
});

test("its table of exit codes is the program's", () => {
  const codes = [...README.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
  expect(codes).toEqual(Object.values(EXIT).sort((a, b) => a - b));
});

test("the commands of the tour run in order, each with the exit code that it says", { timeout: 120_000 }, async () => {
  const tour = shellLines().filter(({ command }) =>
    /^scripts\/roster-sync (check|plan|sync|runs|approve|users|token|tasks|doctor)\b/.test(command),
  );
  const fromTour = tour.slice(tour.findIndex(({ command }) => command.includes("fixtures/")));
  expect(fromTour.length).toBeGreaterThan(8);
  let run = "";
  for (const { command, comment } of fromTour) {
    const args = command
      .replace("scripts/roster-sync ", "")
      .replace("RUN", run)
      .replace("fixtures/", join(ROOT, "fixtures/"))
      .split(/\s+/);
    const { exitCode, stdout, stderr } = await runProgram(args, world.env);
    const expected = Number(/exits (\d+)/.exec(comment)?.[1] ?? 0);
    expect(exitCode, `${command}\n${stdout}\n${stderr}`).toBe(expected);
    run = /approve (\d{8}-\d{6}-[0-9a-f]+)/.exec(stdout)?.[1] ?? run;
  }
  expect(sandbox.counts.created).toBe(250);
});

test.each([
  ["scripts/roster-sync", ["--version"]],
  ["npx", ["--no-install", "roster-sync", "--version"]],
] as const)("%s works inside the clone", (program, args) => {
  const output = execFileSync(program, args, { cwd: ROOT, encoding: "utf8" });
  expect(output.trim()).toMatch(/^\d+\.\d+\.\d+$/);
});

// Typed outside the clone, npx would fetch whatever has that name on the public registry, and run it with the secrets in the environment.
test("nothing tells anybody to type npx roster-sync", () => {
  const inFolders = ["src", "scripts", "config", "fixtures"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const files = ["README.md", "SECURITY.md", "compose.yaml", "Dockerfile"].map((name) => join(ROOT, name));
  const named = [...files, ...inFolders].filter((file) => /npx (-\S+ )*roster-sync/.test(readFileSync(file, "utf8")));
  expect(named).toEqual([]);
});
