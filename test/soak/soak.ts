// A long day in half an hour: the built daemon with a sandbox that refuses and fails, rosters every few seconds, pages polled.
// `npm run soak -- [MINUTES]` (30 by default). What the process and its Redis hold is measured every ten seconds; at the end a
// table says start, middle, end and slope, and the exit code is 1 when something grows (growth.ts has the rule) or somebody
// was created twice. Retention is set so low that it is reached within the first minutes. Reads /proc, and so needs Linux.
//
// People join all the time, and the ledger keeps them for good: what the directory holds (ledger, e-mail owners, known
// accounts) is measured by itself and taken out of the memory that must stay flat.
//
// `npm run soak -- MINUTES heap` measures the heap after a full collection as well, which shows a leak sooner and keeps the
// process smaller than it is in life.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { keysFor } from "../../src/store/keys.ts";
import { makeWorld, type RunningProgram, runProgram, startProgram, until, type World } from "../support/program.ts";
import { startRedis } from "../support/redis.ts";
import { type Growth, judgeGrowth, type Sample, type Tolerance } from "./growth.ts";
import { bytesByKind } from "./redis-groups.ts";
import { rosters } from "./rosters.ts";

const SAMPLE_MS = 10_000;
const DROP_MS = 4_000;
const POLL_MS = 3_000;
const MB = 1024 * 1024;
const HEAP = "heap after a collection, MB";

/** What must stay flat, and how far it may move. */
const FLAT: Readonly<Record<string, Tolerance>> = {
  "memory of the daemon (RSS), MB": { share: 0.08, floor: 6 },
  [HEAP]: { share: 0.05, floor: 2 },
  "open file handles": { share: 0.05, floor: 3 },
  "keys in Redis": { share: 0.1, floor: 20 },
  "memory of Redis without the directory, MB": { share: 0.08, floor: 0.5 },
  "connections to Redis": { share: 0, floor: 1.5 },
};
const DIRECTORY = "memory of the directory, MB";

export async function main(args: readonly string[]): Promise<number> {
  const minutes = Number(args[0] ?? 30);
  if (!(minutes > 0)) {
    console.error("usage: npm run soak -- [MINUTES]");
    return 2;
  }
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const redis = await startRedis();
    closers.push(() => redis.stop());
    const sandbox = await startSandbox({ seed: 4, switches: TROUBLE });
    closers.push(() => sandbox.close());
    const world = await makeWorld(sandbox, { REDIS_URL: redis.url, ...SETTINGS });
    closers.push(() => world.remove());
    const heapFile = args[1] === "heap" ? join(world.dataDir, "heap") : null;
    const heap = new URL("./heap.mjs", import.meta.url).pathname;
    const measured = heapFile === null ? {} : { NODE_OPTIONS: `--import ${heap}`, SOAK_HEAP: heapFile };
    const daemon = startProgram(["start"], { ...world.env, ...measured });
    closers.push(async () => {
      daemon.child.kill("SIGKILL");
      await daemon.ended;
    });
    const [, web = ""] = await daemon.says(/"web":"(http[^"]+)"/);
    return await soak({ minutes, sandbox, world, daemon, web, client: redis.connect(), heapFile });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

const TROUBLE = {
  failBeforeWriteShare: 0.03,
  failAfterWriteShare: 0.03,
  resetShare: 0.02,
  truncatedBodyShare: 0.01,
  hangShare: 0.005,
  latencyMs: { min: 1, max: 30 },
  rateLimit: { kind: "sliding", max: 12, windowMs: 1000, retryAfter: "seconds", headers: false },
} as const;

const SETTINGS = {
  INBOX_SETTLE_MS: "500",
  RATE_PER_SECOND: "15",
  HOURLY_BUDGET: "1000000",
  RETRY_BASE_MS: "200",
  RETRY_CAP_MS: "2000",
  RETRY_DEFAULT_PAUSE_MS: "1000",
  TALLYFY_HEADERS_TIMEOUT_MS: "2000",
  TALLYFY_CALL_TIMEOUT_MS: "3000",
  HALT_PROBE_MS: "1000",
  HALT_SEATS_PROBE_MS: "2000",
  SCHEDULE_CRON: "*/2 * * * *",
  RETENTION_RUNS: "20",
  RETENTION_JOBS_COUNT: "100",
  RETENTION_JOBS_AGE_S: "60",
  LOG_LEVEL: "info",
};

interface Scene {
  readonly minutes: number;
  readonly sandbox: Sandbox;
  readonly world: World;
  readonly daemon: RunningProgram;
  readonly web: string;
  readonly client: Redis;
  /** Where the daemon writes its heap; null: it does not. */
  readonly heapFile: string | null;
}

async function soak(scene: Scene): Promise<number> {
  const { minutes, sandbox, world, daemon } = scene;
  const startedMs = Date.now();
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), minutes * 60_000);
  void daemon.ended.then(() => over.abort());
  const series = new Map<string, Sample[]>();
  const counted = { dropped: 0, polls: 0, badPolls: 0 };

  /** Waits, or less when it is over. */
  async function pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: over.signal }).catch(() => undefined);
  }
  async function every(ms: number, work: () => Promise<void>): Promise<void> {
    while (!over.signal.aborted) {
      await work();
      await pause(ms);
    }
  }
  const kinds: ReadonlyMap<string, number>[] = [];
  const files = rosters(11);
  await Promise.all([
    every(DROP_MS, async () => {
      const { name, text } = files();
      await writeFile(join(world.dataDir, "inbox", name), text);
      counted.dropped += 1;
    }),
    every(POLL_MS, async () => {
      for (const path of ["/", "/metrics", "/readyz", "/queues/api/queues"]) {
        const answer = await fetch(new URL(path, scene.web)).catch(() => null);
        await answer?.text();
        counted.polls += 1;
        if (answer === null || (answer.status >= 400 && answer.status !== 503)) counted.badPolls += 1;
      }
    }),
    every(45_000, async () => sandbox.revokeAll()),
    every(0, async () => {
      // Seats run out for a while, and everybody is halted.
      await pause(110_000);
      sandbox.switches.seats.full = sandbox.state.members.size;
      await pause(10_000);
      sandbox.switches.seats.full = null;
    }),
    every(60_000, async () => void kinds.push(await bytesByKind(scene.client))),
    every(SAMPLE_MS, async () => {
      const atMs = Date.now() - startedMs;
      for (const [name, value] of Object.entries(await measure(scene))) {
        // The heap is not there before its first collection.
        if (!Number.isNaN(value)) series.set(name, [...(series.get(name) ?? []), { atMs, value }]);
      }
      if (Math.floor(atMs / SAMPLE_MS) % 6 === 0) console.log(progress(atMs, series, counted.dropped, sandbox));
    }),
  ]);
  clearTimeout(timer);
  return conclude(scene, series, kinds, counted);
}

async function measure({ daemon, client, world, heapFile }: Scene): Promise<Record<string, number>> {
  const { pid } = daemon.child;
  const keys = keysFor(world.env.TALLYFY_ORG_ID ?? "");
  const [status, handles, dbsize, memory, clients, ...directory] = await Promise.all([
    readFile(`/proc/${pid}/status`, "utf8"),
    readdir(`/proc/${pid}/fd`),
    client.dbsize(),
    client.info("memory"),
    client.info("clients"),
    ...[keys.ledger, keys.emails, keys.accounts].map((key) => client.memory("USAGE", key, "SAMPLES", 0)),
  ]);
  const directoryBytes = directory.reduce<number>((sum, bytes) => sum + Number(bytes ?? 0), 0);
  const usedBytes = Number(/^used_memory:(\d+)/m.exec(memory)?.[1]);
  return {
    "memory of the daemon (RSS), MB": Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024,
    ...(heapFile === null ? {} : { [HEAP]: Number(await readFile(heapFile, "utf8").catch(() => Number.NaN)) / MB }),
    "open file handles": handles.length,
    "keys in Redis": dbsize,
    "memory of Redis without the directory, MB": (usedBytes - directoryBytes) / MB,
    // Less our own.
    "connections to Redis": Number(/^connected_clients:(\d+)/m.exec(clients)?.[1]) - 1,
    [DIRECTORY]: directoryBytes / MB,
  };
}

function progress(
  atMs: number,
  series: ReadonlyMap<string, readonly Sample[]>,
  dropped: number,
  sandbox: Sandbox,
): string {
  const now = [...series].map(([name, samples]) => `${name} ${(samples.at(-1)?.value ?? 0).toFixed(1)}`);
  return `${(atMs / 60_000).toFixed(1)} min, ${dropped} rosters, ${sandbox.counts.created} people: ${now.join("; ")}`;
}

async function conclude(
  { sandbox, world, daemon, client, minutes }: Scene,
  series: ReadonlyMap<string, readonly Sample[]>,
  kinds: readonly ReadonlyMap<string, number>[],
  counted: { dropped: number; polls: number; badPolls: number },
): Promise<number> {
  const wrong: string[] = [];
  if (daemon.child.exitCode !== null || daemon.child.signalCode !== null) wrong.push("the daemon ended by itself");
  const rest = await until(
    async () => {
      const { stdout } = await runProgram(["runs", "--json"], world.env);
      const runs = JSON.parse(stdout || "[]") as { runId: string; state: string }[];
      return runs.length > 0 && runs.every(({ state }) => state !== "reading" && state !== "applying") && runs;
    },
    60_000,
    () => "every run to end",
  ).catch((error: Error) => {
    wrong.push(error.message);
    return [];
  });
  if (sandbox.counts.createdTwice > 0) wrong.push(`${sandbox.counts.createdTwice} people were created twice`);
  if (counted.badPolls > 0) wrong.push(`${counted.badPolls} of ${counted.polls} pages did not answer as they should`);
  const people = await client.hlen(keysFor(sandbox.orgId).ledger);

  console.log(
    `\n${minutes} minutes, ${counted.dropped} rosters, ${people} people in the ledger, ${counted.polls} pages read, ` +
      `${rest.length} runs kept.`,
  );
  const [then, now] = [kinds.at(Math.floor(kinds.length / 2)), kinds.at(-1)];
  const moved = [...(now ?? [])].map(([kind, bytes]) => ({ kind, bytes, by: bytes - (then?.get(kind) ?? 0) }));
  console.log("What Redis keeps, and how much more than in the middle, kB:");
  for (const { kind, bytes, by } of moved.sort((a, b) => b.bytes - a.bytes).slice(0, 12)) {
    console.log(row([kind, (bytes / 1024).toFixed(1), (by / 1024).toFixed(1)]));
  }
  console.log(row(["", "start", "middle", "end", "per hour", "may move", ""]));
  for (const [name, samples] of series) {
    const tolerance = FLAT[name];
    const growth = judgeGrowth(samples, tolerance ?? { share: Number.POSITIVE_INFINITY, floor: 0 });
    console.log(row([name, ...figures(growth), tolerance === undefined ? "" : growth.grows ? "GROWS" : "flat"]));
    if (growth.grows) wrong.push(`${name} grows`);
  }
  daemon.child.kill("SIGTERM");
  const { exitCode } = await daemon.ended;
  if (exitCode !== 0) wrong.push(`the daemon stopped with exit code ${exitCode}`);
  for (const what of wrong) console.log(`WRONG: ${what}`);
  return wrong.length === 0 ? 0 : 1;
}

function figures({ start, middle, end, slopePerHour, allowed }: Growth): string[] {
  return [
    ...[start, middle, end, slopePerHour].map((value) => value.toFixed(2)),
    Number.isFinite(allowed) ? allowed.toFixed(2) : "-",
  ];
}

function row([name = "", ...cells]: readonly string[]): string {
  return `${name.padEnd(44)}${cells.map((cell) => cell.padStart(11)).join("")}`;
}
