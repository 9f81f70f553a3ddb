// What is done to a world, one act after the other, and how each is undone: the disasters, and what people do meanwhile.

import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Queue } from "bullmq";
import { EXIT } from "../../src/domain/exit.ts";
import { defaultSwitches } from "../../src/sandbox/switches.ts";
import { rosterCsv, until } from "../support/program.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import type { Disk } from "./disk.ts";
import { follow, takeOver } from "./failover.ts";
import type { Act } from "./plan.ts";
import type { Relay } from "./relay.ts";
import type { Supervised } from "./supervised.ts";
import type { Scenery } from "./world.ts";

/** A person drops a roster: as a whole, by renaming. */
export async function drop(scenery: Scenery, first: number, count: number): Promise<void> {
  const name = `roster-${scenery.rosters.length + 1}.csv`;
  const text = rosterCsv(count, first);
  scenery.rosters.push({ name, text, first, count });
  await put(scenery, name, text);
}

async function put({ world, given, note }: Scenery, name: string, text: string): Promise<void> {
  const inbox = join(world.dataDir, "inbox");
  await until(
    () => existsSync(inbox),
    60_000,
    () => "the inbox was not made",
  );
  const part = join(inbox, `.${name}.part`);
  const isWritten = () =>
    writeFile(part, text).then(
      () => true,
      () => false,
    );
  // While the disk is full they try again.
  await until(isWritten, 60_000, () => `${name} could not be dropped`);
  await rename(part, join(inbox, name));
  given.push({ name, text, isTaken: true });
  note(`dropped ${name}`);
}

export interface Machines {
  readonly server: TestRedis;
  readonly relay: Relay;
  readonly side: string;
  readonly disk: Disk;
  readonly closers: (() => Promise<unknown> | unknown)[];
}

/** Plays the moments in order. @returns what lifts them again, under way */
export async function disasters(scenery: Scenery, machines: Machines): Promise<readonly Promise<void>[]> {
  const { plan, sandbox } = scenery;
  const lifts: Promise<void>[] = [];
  let master = machines.server;
  for (const { atShare, patienceMs, act } of plan.moments) {
    const deadline = Date.now() + patienceMs;
    while (sandbox.counts.created < (plan.people - plan.adopted) * atShare && Date.now() < deadline) await delay(15);
    scenery.note(`${JSON.stringify(act)} at ${sandbox.counts.created} created`);
    if (act.kind === "redis-fails-over") master = await failOver(master, act.lagMs, scenery, machines);
    else lifts.push((await perform(act, scenery, master, machines)) ?? Promise.resolve());
  }
  return lifts;
}

async function perform(
  act: Exclude<Act, { kind: "redis-fails-over" }>,
  scenery: Scenery,
  master: TestRedis,
  { side, disk }: Machines,
): Promise<Promise<void> | null> {
  const { sandbox, network, redis, processes, plan, world } = scenery;
  switch (act.kind) {
    case "kill":
      processes[act.process]?.kill();
      return null;
    case "redis-killed":
      await master.restart("kill");
      return null;
    case "redis-forgets":
      await master.remember();
      await delay(act.forMs);
      await master.forget();
      return null;
    case "redis-lost":
      await allDown(processes, async () => {
        await redis.flushall();
        await rebuild(scenery);
      });
      await dropNewest(scenery);
      return null;
    case "redis-full":
      await redis.config("SET", "maxmemory", "1");
      return after(act.forMs, async () => void (await redis.config("SET", "maxmemory", "0")));
    case "disk-full":
      await disk.fill();
      return after(act.forMs, () => disk.free());
    case "weather":
      network.set(act.weather, act.share);
      return after(act.forMs, () => network.set("calm", 0));
    case "clock": {
      const file = join(side, `clock-${act.process}`);
      await writeFile(file, String(act.byMs));
      return after(act.forMs, () => rm(file, { force: true }));
    }
    case "revoke":
      sandbox.revokeAll(act.which);
      return null;
    case "credentials-refused":
      sandbox.switches.revokedTokens = true;
      return after(act.forMs, () => {
        sandbox.switches.revokedTokens = false;
      });
    case "seats":
      sandbox.switches.seats.full = sandbox.state.members.seatsHeld("full");
      return after(act.forMs, () => {
        sandbox.switches.seats.full = null;
      });
    case "replace": {
      const last = scenery.rosters.at(-1);
      await drop(scenery, 1 + act.leaves, (last?.count ?? plan.people) - act.leaves + act.joins);
      return null;
    }
    case "bad-file":
      await put(scenery, "holidays.csv", "Day,Reason\n2026-12-25,Christmas\n2026-12-26,Boxing Day\n");
      return null;
    case "same-file":
      await dropNewest(scenery);
      return null;
    case "command": {
      return syncByHand(scenery, join(side, "by-hand.csv"), []);
    }
    case "drain": {
      const queue = new Queue("provision", { connection: redis, prefix: `{roster-sync:${world.env.TALLYFY_ORG_ID}}` });
      await queue.drain(true);
      await queue.close();
      return null;
    }
  }
}

function dropNewest(scenery: Scenery): Promise<void> {
  return put(scenery, `again-${scenery.given.length}.csv`, scenery.rosters.at(-1)?.text ?? "");
}

/** A person has the newest roster run with `sync`. */
export async function syncByHand(scenery: Scenery, file: string, options: readonly string[]): Promise<void> {
  const text = scenery.rosters.at(-1)?.text ?? "";
  await writeFile(file, text);
  const { stdout, died } = await scenery.command(["sync", ...options, file]);
  await rm(file);
  // It speaks of a run once it has the file; one that died just then says nothing.
  const isTaken = /^Run \S+ of /m.test(stdout) || died?.when === "after";
  scenery.given.push({ name: basename(file), text, isTaken });
}

function allDown([first, ...others]: readonly Supervised[], work: () => Promise<void>): Promise<void> {
  return first === undefined ? work() : first.whileDown(() => allDown(others, work));
}

/** As a person does who reads what it says: again, until Tallyfy lets it be read. */
async function rebuild(scenery: Scenery): Promise<void> {
  let options = ["--yes"];
  async function isRebuilt(): Promise<boolean> {
    const { exitCode, stderr } = await scenery.command(["rebuild", ...options]);
    // Another command went on meanwhile.
    if (/--add keeps/.test(stderr)) options = ["--yes", "--add"];
    const isNothingThere = /There is no archived roster and no answer file/.test(stderr);
    // What could not be known is told, and is no failure.
    return exitCode === EXIT.done || exitCode === EXIT.partial || isNothingThere;
  }
  await until(isRebuilt, 60_000, () => "the ledger could not be rebuilt");
}

async function after(ms: number, lift: () => unknown): Promise<void> {
  await delay(ms);
  await lift();
}

async function failOver(
  master: TestRedis,
  lagMs: number,
  { redis, note }: Scenery,
  { relay, closers }: Machines,
): Promise<TestRedis> {
  const replica = await startRedis();
  closers.push(() => replica.stop());
  const control = replica.connect();
  await follow(control, { redis, port: master.port });
  await takeOver(control, master, lagMs);
  relay.pointTo(replica.port);
  control.disconnect();
  await redis.ping();
  note("Redis failed over");
  return replica;
}

/** Everything that Tallyfy, the network and this machine did wrong is over. */
export function lift({ sandbox, network, plan }: Scenery): void {
  const { takenAs, createStatus, createAnswer, createdUserStatus } = plan.switches;
  const calm = defaultSwitches();
  Object.assign(sandbox.switches, calm, { takenAs, createStatus, createAnswer, createdUserStatus });
  network.set("calm", 0);
}
