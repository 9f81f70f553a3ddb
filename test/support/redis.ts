// A real Redis of its own for a test: free port, own folder, append-only file on, gone when the test process is gone,
// however that ends. No assertions here, and nothing about the program's keys.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** A connection that `stop()` closes, if the test has not. It waits for Redis as long as it takes. */
  connect(): Redis;
  /** Stops the server and starts it again on the same port with the same data. `kill` is SIGKILL, the default. */
  restart(how?: "kill" | "shutdown"): Promise<void>;
  /** Copies the append-only file as it is at this moment. */
  remember(): Promise<void>;
  /** Kills the server and starts it with what was remembered: whatever was written since is lost, as after a power cut. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 10_000;
const START_TRIES = 5;

/** @throws Error when no redis-server or valkey-server is installed, or it does not answer within 10 seconds */
export async function startRedis(): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), "roster-sync-redis-"));
  let { port, server } = await startOnFreePort(folder);
  let guard = guardAgainstOrphans(server, folder);
  const connections = new Set<Redis>();

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server.exitCode === null && server.signalCode === null) {
      const exited = once(server, "exit");
      server.kill(signal);
      await exited;
    }
    guard.kill("SIGKILL");
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    connect() {
      const redis = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: null, retryStrategy: () => 50 });
      redis.on("error", () => {}); // A restart is part of the test; the connection comes back by itself.
      connections.add(redis);
      return redis;
    },
    async restart(how = "kill") {
      await end(how === "kill" ? "SIGKILL" : "SIGTERM");
      server = await start(folder, port);
      guard = guardAgainstOrphans(server, folder);
    },
    async remember() {
      await rm(join(folder, "remembered"), { recursive: true, force: true });
      for (const name of await appendOnly(folder)) {
        await cp(join(folder, name), join(folder, "remembered", name), { recursive: true });
      }
    },
    async forget() {
      await end("SIGKILL");
      for (const name of await appendOnly(folder)) await rm(join(folder, name), { recursive: true });
      const remembered = join(folder, "remembered");
      for (const name of await readdir(remembered)) await rename(join(remembered, name), join(folder, name));
      server = await start(folder, port);
      guard = guardAgainstOrphans(server, folder);
    },
    async stop() {
      for (const redis of connections) redis.disconnect();
      await end("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The system named no port.");
  return address.port;
}

/** The append-only file: a folder from Redis 7 on, one file before. */
async function appendOnly(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith("appendonly"));
}

async function startOnFreePort(folder: string): Promise<{ port: number; server: ChildProcess }> {
  for (let tried = 1; ; tried++) {
    const port = await freePort();
    try {
      return { port, server: await start(folder, port) };
    } catch (error) {
      // Somebody else took the port between looking and starting.
      const isTaken = error instanceof Error && error.message.includes("Address already in use");
      if (!isTaken || tried === START_TRIES) throw error;
    }
  }
}

async function start(folder: string, port: number): Promise<ChildProcess> {
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--logfile", join(folder, "log")];
  const durable = [
    "--save",
    "",
    "--appendonly",
    "yes",
    "--appendfsync",
    "everysec",
    "--maxmemory-policy",
    "noeviction",
  ];
  const program = 'exec "$(command -v redis-server || command -v valkey-server || echo redis-server)" "$@"';
  const server = spawn("sh", ["-c", program, "redis", ...settings, ...durable], { stdio: "ignore" });
  server.unref();

  const deadline = Date.now() + START_DEADLINE_MS;
  const probe = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: 0, lazyConnect: true, retryStrategy: () => null });
  probe.on("error", () => {});
  try {
    while (Date.now() < deadline && server.exitCode === null && server.signalCode === null) {
      try {
        await probe.connect();
        const info = await probe.info("server");
        // Another server may answer on this port while ours fails to take it.
        if (info.includes(`process_id:${server.pid}\r`)) return server;
        break;
      } catch {
        probe.disconnect();
        await delay(10);
      }
    }
  } finally {
    probe.disconnect();
  }
  server.kill("SIGKILL");
  const log = await readFile(join(folder, "log"), "utf8").catch(() => "no redis-server or valkey-server on PATH");
  throw new Error(`Redis did not start on port ${port}: ${log.split("\n").slice(-8).join("\n")}`);
}

/** A shell that outlives this process by a moment: when its standard input closes, Redis and its folder go too. */
export function guardAgainstOrphans(server: ChildProcess, folder: string): ChildProcess {
  const guard = spawn("sh", ["-c", 'read -r _; kill -9 "$1"; rm -rf -- "$2"', "guard", `${server.pid}`, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  if (guard.stdin !== null && "unref" in guard.stdin && typeof guard.stdin.unref === "function") guard.stdin.unref();
  return guard;
}
