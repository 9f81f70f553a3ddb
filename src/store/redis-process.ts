// One redis-server process that belongs to a folder: is it there, start it, end it. Who may do that when is decided in
// embedded-redis.ts, which holds the folder's lock. Nothing here knows what is kept in Redis.

import { execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, readlink, realpath, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { isAlive } from "./folder-lock.ts";

const POLL_MS = 15;
const ANSWER_MS = 2_000;
const START_MS = 10_000;
/** Reading a big append-only file takes its time; Redis says that it is at it. */
const LOADING_MS = 300_000;
const STOP_MS = 15_000;
const LOG_KEPT_BYTES = 4 * 1024 * 1024;
const LOG_SHOWN_LINES = 6;
const run = promisify(execFile);

/** The private Redis cannot be had. The message is for people: what, where, what to do. */
export class EmbeddedRedisError extends Error {
  override readonly name = "EmbeddedRedisError";
}

export interface RunningRedis {
  readonly pid: number;
  /** Such as "redis-server 7.0.15". */
  readonly program: string;
}

/** The server that answers on this socket; null: nobody. Waits while it reads its files. @throws EmbeddedRedisError when it hangs */
export async function findRunning(socketPath: string): Promise<RunningRedis | null> {
  const startedAt = Date.now();
  let isLoading = false;
  while (Date.now() - startedAt < (isLoading ? LOADING_MS : START_MS)) {
    const answer = await askOnce(socketPath);
    if (answer === "nobody") return null;
    if (typeof answer === "object") return answer;
    isLoading = answer === "loading";
    await delay(POLL_MS * 4);
  }
  throw new EmbeddedRedisError(
    `The Redis behind ${socketPath} accepts connections and does not answer. Look at the redis-server process; ending it with kill is safe, it is started again.`,
  );
}

/** A connection that tries once and gives up. The caller disconnects it. @throws Error when nobody listens */
export async function connectOnce(socketPath: string, name: string): Promise<Redis> {
  const redis = new Redis({
    path: socketPath,
    connectionName: name,
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    retryStrategy: () => null,
  });
  redis.on("error", () => {}); // The failed command or connect says it.
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

async function askOnce(socketPath: string): Promise<RunningRedis | "nobody" | "loading" | "hangs"> {
  let redis: Redis;
  try {
    redis = await connectOnce(socketPath, `roster-sync:${process.pid}:embedded-probe`);
  } catch (error) {
    const isTimeout = error instanceof Error && /tim(ed? ?)?out/i.test(error.message);
    return isTimeout ? "hangs" : "nobody";
  }
  try {
    const info = await redis.info();
    if (infoField(info, "loading") === "1") return "loading";
    const valkey = infoField(info, "valkey_version");
    const program = valkey === null ? `redis-server ${infoField(info, "redis_version")}` : `valkey-server ${valkey}`;
    return { pid: Number(infoField(info, "process_id")), program };
  } catch (error) {
    return error instanceof Error && error.message.includes("LOADING") ? "loading" : "hangs";
  } finally {
    redis.disconnect();
  }
}

/** A line of INFO. */
export function infoField(info: string, name: string): string | null {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? null;
}

/**
 * Starts a server in `folder` that outlives this process. Every second of writing is on disk (appendfsync everysec): killing
 * the server loses next to nothing and a power cut about a second, and a job whose outcome is lost that way is made again,
 * which is safe: Tallyfy answers "taken" and the member is looked up. `always` would cost a disk flush for every step.
 * @throws EmbeddedRedisError
 */
export async function startServer(folder: string, socketPath: string): Promise<RunningRedis> {
  const program = await findProgram();
  await endLeftOver(folder);
  const logPath = join(folder, "redis.log");
  const logStart = await rotateLog(logPath);
  const log = openSync(logPath, "a", 0o600);
  const settings = ["--port", "0", "--unixsocket", socketPath, "--unixsocketperm", "700", "--pidfile", "redis.pid"];
  const keeping = [
    "--appendonly",
    "yes",
    "--appendfsync",
    "everysec",
    "--save",
    "",
    "--maxmemory-policy",
    "noeviction",
  ];
  // No environment: the server outlives us and has no business with our secrets. Its own session: Ctrl-C is not for it.
  const server = spawn(program, [...settings, ...keeping, "--dir", folder, "--daemonize", "no"], {
    cwd: folder,
    detached: true,
    env: {},
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  server.unref();
  let failure: string | null = null;
  server.on("error", (error) => (failure = error.message));
  server.on("exit", (code, signal) => (failure = signal === null ? `exit code ${code}` : `ended by ${signal}`));

  const startedAt = Date.now();
  while (failure === null) {
    const answer = await askOnce(socketPath);
    if (typeof answer === "object" && answer.pid === server.pid) return answer;
    if (Date.now() - startedAt > (answer === "loading" ? LOADING_MS : START_MS)) failure = "no answer";
    else await delay(POLL_MS);
  }
  server.kill("SIGKILL");
  throw new EmbeddedRedisError(await explain(program, folder, logPath, logStart, failure));
}

/** Ends a server and waits until it is gone; what it has not written yet, it writes. */
export async function stopServer(redis: Redis, pid: number): Promise<void> {
  // SHUTDOWN has no answer: the connection closes.
  await redis.shutdown().catch(() => {});
  await awaitEnd(pid, STOP_MS);
}

/** Ends a server at once, without letting it write anything more. Null: it is gone. */
export async function killServer(pid: number): Promise<null> {
  process.kill(pid, "SIGKILL");
  await awaitEnd(pid, STOP_MS);
  return null;
}

async function findProgram(): Promise<string> {
  try {
    const { stdout } = await run("/bin/sh", ["-c", "command -v redis-server || command -v valkey-server"]);
    return stdout.trim();
  } catch (cause) {
    throw new EmbeddedRedisError(
      "No redis-server or valkey-server is on PATH, and REDIS_URL names no Redis elsewhere. Install one " +
        '(Debian, Ubuntu: "apt-get install redis-server"; Fedora: "dnf install valkey"; macOS: "brew install redis"), ' +
        "or set REDIS_URL to a Redis 6.2 or newer with append-only file and maxmemory-policy noeviction.",
      { cause },
    );
  }
}

/** A server that still runs in this folder though its socket is gone: two on the same files would destroy them. */
async function endLeftOver(folder: string): Promise<void> {
  const pid = Number.parseInt(await readFile(join(folder, "redis.pid"), "utf8").catch(() => ""), 10);
  if (Number.isNaN(pid) || !isAlive(pid) || !(await isServerOf(pid, folder))) return;
  process.kill(pid, "SIGTERM");
  if (await awaitEnd(pid, STOP_MS)) return;
  process.kill(pid, "SIGKILL");
  await awaitEnd(pid, STOP_MS);
}

async function isServerOf(pid: number, folder: string): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(folder));
  } catch {
    const answer = await run("ps", ["-o", "args=", "-p", `${pid}`]).catch(() => ({ stdout: "" }));
    return /(redis|valkey)-server/.test(answer.stdout);
  }
}

async function awaitEnd(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Keeps one older log file. Returns where the coming start begins in the log. */
async function rotateLog(logPath: string): Promise<number> {
  const size = (await stat(logPath).catch(() => null))?.size ?? 0;
  if (size <= LOG_KEPT_BYTES) return size;
  await rename(logPath, `${logPath}.1`);
  return 0;
}

async function explain(
  program: string,
  folder: string,
  logPath: string,
  from: number,
  failure: string,
): Promise<string> {
  const said = (await readFile(logPath).catch(() => Buffer.alloc(0))).subarray(from).toString("utf8");
  // Lines of Redis's banner are indented.
  const lines = said.split("\n").filter((line) => /^[^\s(|`]/.test(line));
  const quoted = lines
    .slice(-LOG_SHOWN_LINES)
    .map((line) => `  ${line}`)
    .join("\n");
  const start = `${program} did not start in ${folder} (${failure}). The end of ${logPath}:\n${quoted}\n`;
  if (/append only file|AOF|appendonly/i.test(quoted) && /format|corrupt|unexpected|fix|manifest/i.test(quoted)) {
    return (
      `${start}Its append-only file is damaged. Nothing was changed. Copy ${folder} to a safe place, then repair the file that is ` +
      `named above with "redis-check-aof --fix FILE" (a manifest is repaired the same way) and start again.`
    );
  }
  return `${start}Correct what it says there and start again, or set REDIS_URL to use another Redis.`;
}
