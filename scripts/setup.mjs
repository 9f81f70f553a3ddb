// What `npm run demo`, `npm start` and `npm test` do first, so that a clean clone on a machine with Node and npm is enough:
// dependencies from the lockfile, a Redis server program, the build. Says nothing when all of it is there already,
// apart from `npm run setup` itself.
// Uses only what Node ships with, since it runs before dependencies exist.
// --then COMMAND ...: runs the program afterwards.
// --no-install or ROSTER_SYNC_NO_INSTALL=1: install no system package, say what to type instead.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, isBuilt, lockFile } from "./build.mjs";
import { exclusively } from "./lock.mjs";
import { ensureRedisServer, findRedisServer } from "./redis-server.mjs";

const EXIT_FAILED = 1;
const EXIT_MACHINE_NOT_READY = 78;
const OLDEST_NODE = [20, 19];
/** Where one of them is set, no server program is needed here. */
const GIVEN_REDIS = ["REDIS_URL", "REDIS_SENTINELS", "REDIS_CLUSTER"];

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const script = process.env.npm_lifecycle_event ?? "setup";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(
    `Node ${OLDEST_NODE.join(".")} or newer is needed; this is Node ${process.versions.node} (${process.execPath}).`,
  );
  process.exit(EXIT_MACHINE_NOT_READY);
}

if (!hasDependencies() || !hasRedisServer() || !isBuilt()) {
  const onWait = () => console.error("Waiting for another set-up in this folder to finish ...");
  await exclusively(lockFile, onWait, setUp);
}

// `--then COMMAND ...`: goes on as the program itself, in this process, so that signals and the exit code are its own.
const thenAt = process.argv.indexOf("--then");
if (thenAt >= 0 && process.exitCode === undefined) {
  const program = join(root, "dist/cli/main.js");
  const words = process.argv.slice(thenAt + 1).filter((word) => word !== "--no-install");
  process.argv = [process.argv[0], program, ...words];
  await import(pathToFileURL(program).href);
}
if (script === "setup" && process.exitCode === undefined) {
  console.log("Ready. Next: scripts/roster-sync doctor, which says what is still to be set.");
}

async function setUp() {
  if (!hasDependencies() && !installDependencies()) {
    process.exitCode = EXIT_FAILED;
    return;
  }
  if (!hasRedisServer()) {
    const isRefused = process.argv.includes("--no-install") || isYes(process.env.ROSTER_SYNC_NO_INSTALL);
    const problem = await ensureRedisServer({ mayInstall: !isRefused, purpose: `npm ${commandName()}` });
    if (problem !== null) {
      console.error(problem);
      if (mayUseGivenRedis())
        console.error("A Redis of your own can be used instead: set REDIS_URL (or REDIS_SENTINELS, REDIS_CLUSTER).");
      process.exitCode = EXIT_MACHINE_NOT_READY;
      return;
    }
  }
  if (!build()) process.exitCode = EXIT_FAILED;
}

function hasRedisServer() {
  const isGiven = GIVEN_REDIS.some(
    (name) => (process.env[name] ?? "") !== "" || (process.env[`${name}_FILE`] ?? "") !== "",
  );
  return (isGiven && mayUseGivenRedis()) || findRedisServer() !== null;
}

/** Everything but the program itself starts servers of its own, so that nothing invented gets into a company's Redis. */
function mayUseGivenRedis() {
  return script === "start" || script === "setup";
}

/** Whether node_modules/ is what the lockfile says. npm writes its own account of what it installed as its last step. */
function hasDependencies() {
  const account = join(root, "node_modules/.package-lock.json");
  if (!existsSync(account)) return false;
  const installed = JSON.parse(readFileSync(account, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    if (found === undefined && entry.optional) continue; // For another operating system or processor.
    if (found?.version !== entry.version || found?.integrity !== entry.integrity) return false;
    if (!existsSync(join(root, path))) return false;
  }
  return true;
}

function installDependencies() {
  console.error("Installing dependencies from the lockfile ...");
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  // Under `npm run` this is the npm that runs us.
  const npm = process.env.npm_execpath;
  const isNpm = npm !== undefined && /npm-cli\.c?js$/.test(npm);
  const options = { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  const result = isNpm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (result.status === 0) return true;
  console.error(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trim());
  console.error(
    "The dependencies could not be installed (npm's own words are above). Correct that and repeat the command.",
  );
  return false;
}

function isYes(text) {
  return text !== undefined && !["", "0", "false", "no"].includes(text.toLowerCase());
}

function commandName() {
  return script === "test" || script === "start" ? script : `run ${script}`;
}
