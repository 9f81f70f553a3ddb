// One world from its seed: the built program with a sandbox, a network, a Redis and a supervisor, through its disasters, to the
// quiet after them. What must hold then is in judge.ts. Nothing here is random but what the plan says.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { chanceFrom } from "../support/chance.ts";
import { type Environment, type Finished, makeWorld, startProgram, type World } from "../support/program.ts";
import { startRedis } from "../support/redis.ts";
import { disasters, drop, lift } from "./acts.ts";
import { atExit } from "./at-exit.ts";
import { openDisk } from "./disk.ts";
import { judge } from "./judge.ts";
import type { Given } from "./judge-files.ts";
import { type Network, startNetwork } from "./network.ts";
import { planWorld, type WorldPlan } from "./plan.ts";
import { startRelay } from "./relay.ts";
import { settleDown } from "./settling.ts";
import { BY_COMMAND, type FailPoint } from "./steps.ts";
import { type Supervised, supervise } from "./supervised.ts";
import { emailOf } from "./traces.ts";

export interface WorldResult {
  readonly seed: number;
  readonly plan: WorldPlan;
  /** What should not be; empty: all is well. */
  readonly problems: readonly string[];
  /** `step:when` of each fail point that a process died at. */
  readonly fired: readonly string[];
  readonly tookMs: number;
  /** Everything that was printed, for looking into a failure. */
  readonly said: string;
}

/** A world with all that is in it, while it lives. */
export interface Scenery {
  readonly plan: WorldPlan;
  readonly sandbox: Sandbox;
  readonly network: Network;
  readonly world: World;
  readonly redis: Redis;
  readonly processes: readonly Supervised[];
  /** Rosters that a person gave, newest last; those that are no roster apart. */
  readonly rosters: { readonly name: string; readonly text: string; readonly first: number; readonly count: number }[];
  /** Everything that was dropped or named to `sync`. */
  readonly given: Given[];
  /** Runs a command as a person would, and keeps what it printed. `died`: at which of the plan's steps, if at one. */
  command(args: readonly string[]): Promise<Finished & { readonly died: FailPoint | null }>;
  note(text: string): void;
}

const PRELOAD = new URL("./preload/start.mjs", import.meta.url).pathname;

const QUICK = {
  INBOX_SETTLE_MS: "50",
  INBOX_SCAN_MS: "250",
  RETRY_ATTEMPTS: "10",
  RETRY_BASE_MS: "40",
  RETRY_CAP_MS: "300",
  RETRY_DEFAULT_PAUSE_MS: "250",
  HALT_PROBE_MS: "200",
  HALT_SEATS_PROBE_MS: "200",
  TALLYFY_CONNECT_TIMEOUT_MS: "400",
  TALLYFY_HEADERS_TIMEOUT_MS: "400",
  TALLYFY_CALL_TIMEOUT_MS: "700",
};

export async function runWorld(seed: number): Promise<WorldResult> {
  const startedMs = Date.now();
  const plan = planWorld(seed);
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const notes: string[] = [];
  const problems: string[] = [];
  const side = await mkdtemp(join(tmpdir(), "roster-sync-chaos-"));
  const forget = atExit(() => rmSync(side, { recursive: true, force: true }));
  const calm = join(side, "calm");
  let processes: readonly Supervised[] = [];
  function fired(): readonly string[] {
    const file = join(side, "fired");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }
  const unfired = ({ step, when }: FailPoint) => !fired().includes(`${step}:${when}`);
  try {
    const seeded = Array.from({ length: plan.adopted }, (_, index) => ({ email: emailOf(index + 1) }));
    const sandbox = await startSandbox({ seed, switches: plan.switches, members: seeded });
    closers.push(() => sandbox.close());
    const network = await startNetwork(sandbox.url, chanceFrom(seed + 1));
    closers.push(() => network.close());
    const server = await startRedis();
    closers.push(() => server.stop());
    const relay = await startRelay(server.port);
    closers.push(() => relay.close());
    const url = `redis://127.0.0.1:${relay.port}`;
    const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50, commandTimeout: 10_000 });
    redis.on("error", () => {});
    closers.push(() => redis.disconnect());
    const world = await makeWorld(sandbox, {
      ...QUICK,
      ...plan.settings,
      REDIS_URL: url,
      TALLYFY_TOKEN_URL: `${network.url}/oauth/token`,
      TALLYFY_API_URL: `${network.url}/api`,
    });
    closers.push(() => world.remove());
    closers.push(atExit(() => rmSync(world.dataDir, { recursive: true, force: true })));
    const disk = openDisk(world.dataDir, side);
    closers.push(() => disk.close());

    function envOf(name: string, deaths: readonly FailPoint[]): Environment {
      return {
        ...world.env,
        NODE_OPTIONS: `--import ${PRELOAD}`,
        CHAOS_FIRED: join(side, "fired"),
        CHAOS_CALM: calm,
        CHAOS_CLOCK: join(side, `clock-${name}`),
        CHAOS_DISK: join(side, "disk-full"),
        CHAOS_DIE: deaths.map(({ step, when, call }) => `${step}:${when}:${call}`).join(","),
      };
    }
    processes = plan.processes.map((roles, index) =>
      supervise(["start", ...roles.flatMap((role) => ["--role", role])], () =>
        envOf(String(index), (plan.deaths[index] ?? []).filter(unfired)),
      ),
    );
    closers.push(() => Promise.all(processes.map((process) => process.stop())));

    const scenery: Scenery = {
      plan,
      sandbox,
      network,
      world,
      redis,
      processes,
      rosters: [],
      given: [],
      note: (text) => notes.push(`[${((Date.now() - startedMs) / 1000).toFixed(2)} s] ${text}`),
      async command(args) {
        const death = plan.commandDeaths.find((one) => BY_COMMAND[one.step] === args[0] && unfired(one)) ?? null;
        const program = startProgram(args, envOf("command", death === null ? [] : [death]));
        const timer = setTimeout(() => program.child.kill("SIGKILL"), 20_000);
        const finished = await program.ended;
        clearTimeout(timer);
        scenery.note(
          `$ roster-sync ${args.join(" ")} -> ${finished.exitCode}\n${finished.stdout.slice(-600)}${finished.stderr.slice(-600)}`,
        );
        return { ...finished, died: death === null || unfired(death) ? null : death };
      },
    };
    await drop(scenery, 1, plan.people);
    const lifts = await disasters(scenery, { server, relay, side, disk, closers });
    await Promise.all(lifts);
    lift(scenery);
    problems.push(...(await settleDown(scenery)), ...(await judge(scenery)));
    // Whoever is asked to stop is to stop, and not to die of what it had not come to.
    writeFileSync(calm, "");
    const codes = await Promise.all(processes.map((process) => process.stop()));
    for (const code of codes) if (code !== 0) problems.push(`a process stopped with ${code} after SIGTERM`);
    problems.push(...processes.flatMap((process) => process.wrongEnds()));
  } catch (error) {
    problems.push(`the world broke: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    for (const close of closers.reverse()) await close();
  }
  const died = fired();
  await rm(side, { recursive: true, force: true });
  forget();
  const said = [...notes, ...processes.map((process) => process.said())].join("\n");
  return { seed, plan, problems, fired: died, tookMs: Date.now() - startedMs, said };
}
