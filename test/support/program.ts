// The built program as its users run it: a child process with its own environment, folders and end.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import type { Sandbox } from "../../src/sandbox/server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
let main: string | null = null;

/** The program's file, built from the sources as they are: tests of yesterday's program prove nothing. @throws Error when it does not build */
export function builtProgram(): string {
  if (main === null) {
    const build = spawnSync(process.execPath, [join(ROOT, "scripts", "build.mjs")], { encoding: "utf8" });
    if (build.status !== 0) throw new Error(`The program could not be built.\n${build.stderr}`);
    main = join(ROOT, "dist", "cli", "main.js");
  }
  return main;
}

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<Finished>;
  /** Resolves with the first match on standard output or standard error. */
  says(pattern: RegExp, withinMs?: number): Promise<RegExpMatchArray>;
}

export type Environment = Readonly<Record<string, string>>;

/** Starts the program. Only `env` and PATH reach it, so that the machine's own settings cannot. */
export function startProgram(args: readonly string[], env: Environment): RunningProgram {
  const child = spawn(process.execPath, [builtProgram(), ...args], {
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Finished>((resolve) => {
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return {
    child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    async says(pattern, withinMs = 20_000) {
      return until(
        () => pattern.exec(stdout) ?? pattern.exec(stderr),
        withinMs,
        () => `${pattern}\n${stdout}\n${stderr}`,
      );
    },
  };
}

/** What a test closes again, the last first. */
export type Opened = (() => Promise<unknown>)[];

/** Starts a daemon and waits until it is ready; it is killed with what else the test has opened. `args`: such as its roles. */
export async function startReady(
  args: readonly string[],
  env: Environment,
  opened: Opened,
  withinMs = 20_000,
): Promise<RunningProgram> {
  const program = startProgram(["start", ...args], env);
  opened.push(() => {
    program.child.kill("SIGKILL");
    return program.ended;
  });
  await program.says(/"msg":"ready"/, withinMs);
  return program;
}

/** Runs the program to its end. */
export function runProgram(args: readonly string[], env: Environment): Promise<Finished> {
  return startProgram(args, env).ended;
}

/** Waits for a condition to give something, with a deadline. */
export async function until<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  withinMs: number,
  describe: () => string,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${describe()}`);
    await delay(50);
  }
}

export interface World {
  readonly dataDir: string;
  readonly env: Environment;
  remove(): Promise<void>;
}

/** A data folder and the environment that leads to this sandbox, fast enough for tests. */
export async function makeWorld(sandbox: Sandbox, extra: Environment = {}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), "roster-sync-test-"));
  const env = {
    DATA_DIR: dataDir,
    TALLYFY_ORG_ID: sandbox.orgId,
    TALLYFY_CLIENT_ID: sandbox.clientId,
    TALLYFY_CLIENT_SECRET: sandbox.clientSecret,
    TALLYFY_TOKEN_URL: sandbox.tokenUrl,
    TALLYFY_API_URL: sandbox.apiUrl,
    TALLYFY_ADMIN_EMAIL: sandbox.adminEmail,
    INBOX_SETTLE_MS: "200",
    RATE_PER_SECOND: "200",
    HOURLY_BUDGET: "100000",
    LIMITS_CREATE_COUNT: "1000",
    PORT: "0",
    ...extra,
  };
  return {
    dataDir,
    env,
    async remove() {
      await endPrivateRedis(dataDir);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A daemon that is killed leaves its Redis to the next one; after the last of them nobody would end it. */
async function endPrivateRedis(dataDir: string): Promise<void> {
  const path = join(dataDir, "redis", "redis.sock");
  if (!existsSync(path)) return;
  const redis = new Redis({ path, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on("error", () => undefined);
  // The connection goes with the server; where nobody listens, nobody is left.
  await redis.connect().then(
    () => redis.shutdown("NOSAVE").catch(() => undefined),
    () => undefined,
  );
  redis.disconnect();
}

/** Everything that could give a person of `rosterCsv` away. */
export const PERSONAL = /corp-roster\.example|person\.\d{5}|Given[a-z]+|Family[a-z]+|[a-z0-9.]@[a-z]/i;

/** A roster of `count` invented people, from number `first` on. */
export function rosterCsv(count: number, first = 1): string {
  const lines = ["Employee ID,First Name,Last Name,Work Email,Status,Start Date"];
  for (let number = first; number < first + count; number += 1) {
    const id = String(number).padStart(5, "0");
    lines.push(
      `E${id},Given${letters(number)},Family${letters(number)},person.${id}@corp-roster.example,Active,2024-01-15`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Names have no digits: 27 becomes "AB". */
function letters(number: number): string {
  let text = "";
  for (let rest = number; rest > 0; rest = Math.floor(rest / 26)) text += String.fromCharCode(97 + (rest % 26));
  return text;
}
