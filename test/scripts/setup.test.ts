// The set-up scripts, run as npm runs them, in a small project of their own, on a PATH that holds nothing but what a test puts there.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const repository = new URL("../..", import.meta.url).pathname;
let project: string;
let bin: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "roster-sync-setup-"));
  bin = join(project, "bin");
  await cp(join(repository, "scripts"), join(project, "scripts"), { recursive: true });
  await Promise.all(["bin", "src/cli", "node_modules"].map((path) => mkdir(join(project, path), { recursive: true })));
  await symlink(join(repository, "node_modules/typescript"), join(project, "node_modules/typescript"));
  await symlink(join(repository, "node_modules/@typescript"), join(project, "node_modules/@typescript"));
  await put("package.json", '{ "type": "module" }');
  await put("package-lock.json", '{ "packages": { "": {} } }');
  await put("node_modules/.package-lock.json", '{ "packages": {} }');
  await put(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: { rootDir: "src", outDir: "dist", types: [], module: "nodenext" },
      include: ["src"],
    }),
  );
  await put(
    "src/cli/main.ts",
    'console.log("started with", JSON.stringify((globalThis as any).process.argv.slice(2)));\n',
  );
  for (const tool of ["env", "true"]) await symlink(`/usr/bin/${tool}`, join(bin, tool));
  await command("sudo", '[ "$1" = -n ] && shift\nexec "$@"'); // For test runs without root.
});
afterEach(() => rm(project, { recursive: true, force: true }));

function put(path: string, text: string): Promise<void> {
  return writeFile(join(project, path), text);
}

async function command(name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
}

/** A package manager that notes how it is called, and brings a redis-server only after its lists were refreshed. */
function packageManager(): Promise<void> {
  return command(
    "apt-get",
    `echo "$DEBIAN_FRONTEND $*" >> ${project}/calls
     case "$1" in
       update) : > ${project}/lists ;;
       install) [ -e ${project}/lists ] || { echo "E: Unable to locate package redis-server"; exit 100; }
         echo "#!/bin/sh" > ${bin}/redis-server; /bin/chmod 755 ${bin}/redis-server ;;
     esac`,
  );
}

async function run(script: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(project, "scripts", script), ...args], {
    env: { PATH: bin, npm_lifecycle_event: "demo", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const [exitCode] = await once(child, "close");
  return { exitCode, stdout, stderr };
}

test("where a server is missing it is announced and installed, and the second set-up says nothing", async () => {
  await packageManager();
  const first = await run("setup.mjs");
  expect(first).toMatchObject({ exitCode: 0, stdout: "" });
  expect(first.stderr).toMatch(
    /npm run demo needs a redis-server.*\nInstalling it now: .*apt-get install.*redis-server\n.*NO_INSTALL/,
  );
  const calls = (await readFile(join(project, "calls"), "utf8")).trim().split("\n");
  const install = "noninteractive install -y --no-install-recommends redis-server";
  expect(calls).toEqual([install, "noninteractive update", install]);
  expect(await readdir(join(project, "dist", "cli"))).toContain("main.js");
  expect(await run("setup.mjs")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});

test.each([
  ["--no-install", ["--no-install"], {}],
  ["ROSTER_SYNC_NO_INSTALL=1", [], { ROSTER_SYNC_NO_INSTALL: "1" }],
])("with %s nothing is installed and the command to type is told", async (_, args, env) => {
  await packageManager();
  const refused = await run("setup.mjs", args, env);
  expect(refused.exitCode).toBe(78);
  expect(refused.stderr).toContain("No system package was installed, as you asked. Type this");
  expect(refused.stderr).toMatch(/apt-get update && .*apt-get install -y --no-install-recommends redis-server/);
  // What is invented does not go into a company's Redis.
  expect(refused.stderr).not.toContain("REDIS_URL");
  expect(await readdir(project)).not.toContain("calls");
});

test("a package manager that fails is quoted", async () => {
  await command("apt-get", 'echo "E: Could not get lock /var/lib/dpkg/lock-frontend" >&2; exit 100');
  const failed = await run("setup.mjs");
  expect(failed.exitCode).toBe(78);
  expect(failed.stderr).toContain("Could not get lock");
});

test("without a package manager that it knows, it says so", async () => {
  const failed = await run("setup.mjs");
  expect(failed).toMatchObject({ exitCode: 78 });
  expect(failed.stderr).toContain("Install Redis or Valkey by hand");
});

test("a given Redis is enough for a start, which says so, and not for tests and the demo", async () => {
  const start = { npm_lifecycle_event: "start" };
  expect((await run("setup.mjs", ["--no-install"], start)).stderr).toContain("set REDIS_URL");
  const env = { REDIS_URL: "redis://elsewhere" };
  for (const given of [env, { REDIS_SENTINELS: "a:26379" }, { REDIS_CLUSTER_FILE: "/run/secrets/cluster" }])
    expect(await run("setup.mjs", [], { ...given, ...start })).toMatchObject({ exitCode: 0 });
  for (const script of ["test", "demo", "chaos", "soak", "bench"]) {
    expect(await run("setup.mjs", [], { ...env, npm_lifecycle_event: script })).toMatchObject({ exitCode: 78 });
  }
});

test("set-up for its own sake says what comes next, and nothing of the kind when it fails", async () => {
  const env = { npm_lifecycle_event: "setup" };
  expect((await run("setup.mjs", [], env)).stdout).toBe("");
  await command("redis-server", "");
  const said = { exitCode: 0, stdout: expect.stringMatching(/^Ready\. Next: scripts\/roster-sync doctor.*\n$/) };
  expect(await run("setup.mjs", [], env)).toMatchObject(said);
  expect(await run("setup.mjs", [], env)).toMatchObject({ ...said, stderr: "" });
});

test("dependencies that are not what the lockfile says are installed with npm ci", async () => {
  await command("redis-server", "");
  await put(
    "package-lock.json",
    '{ "packages": { "": {}, "node_modules/x": { "version": "1.0.0" }, "node_modules/y": { "version": "1.0.0", "optional": true } } }',
  );
  await command("npm", `echo "$*" > ${project}/npm-called; echo "npm says no" >&2; exit 7`);
  const failed = await run("setup.mjs");
  expect(failed.exitCode).toBe(1);
  expect(failed.stderr).toMatch(/Installing dependencies.*\nnpm says no\nThe dependencies could not be installed/);
  expect(await readFile(join(project, "npm-called"), "utf8")).toMatch(/^ci --include=dev/);
  await put("node_modules/.package-lock.json", '{ "packages": { "node_modules/x": { "version": "1.0.0" } } }');
  await mkdir(join(project, "node_modules/x"));
  expect(await run("setup.mjs")).toMatchObject({ exitCode: 0 });
});

test("two set-ups at once build once", async () => {
  await command("redis-server", "");
  const both = await Promise.all([run("setup.mjs"), run("setup.mjs")]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(both.filter(({ stderr }) => stderr.includes("Building"))).toHaveLength(1);
});

test("the lock of a killed set-up does not keep the next one out", async () => {
  await command("redis-server", "");
  await mkdir(join(project, "dist"));
  await put("dist/.lock", "4194303\n");
  expect(await run("setup.mjs")).toMatchObject({ exitCode: 0 });
  expect(await readdir(join(project, "dist"))).not.toContain(".lock");
});

test("a build follows what changed, copies what is not TypeScript, and drops what lost its source", async () => {
  await put("src/page.css", "a {}");
  await put("src/old.ts", "export const old = 1;\n");
  await run("build.mjs");
  expect((await readdir(join(project, "dist"))).sort()).toEqual([".built-from", "cli", "old.js", "page.css"]);
  expect((await run("build.mjs")).stderr).toBe("");
  await rm(join(project, "src/old.ts"));
  expect((await run("build.mjs")).stderr).toBe("Building ...\n");
  expect((await readdir(join(project, "dist"))).sort()).toEqual([".built-from", "cli", "page.css"]);
});

test("what does not compile is told and tried again next time", async () => {
  await put("src/wrong.ts", 'export const count: number = "three";\n');
  for (let time = 0; time < 2; time++) {
    const failed = await run("build.mjs");
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(/wrong\.ts.*number[\s\S]*does not compile/);
  }
});

test("roster-sync builds itself where that has not happened, passes its arguments on, and notes a build that is old", async () => {
  const first = await run("roster-sync.mjs", ["plan", "a b.csv"]);
  expect(first).toMatchObject({ exitCode: 0, stdout: 'started with ["plan","a b.csv"]\n', stderr: "Building ...\n" });
  await put("src/new.ts", "export const added = 1;\n");
  const second = await run("roster-sync.mjs");
  expect(second.stdout).toBe("started with []\n");
  expect(second.stderr).toContain("npm run build");
});
