// Which processes are alive, in which roles and where, and what intakes tell of their inboxes: each writes a heartbeat, and a
// silent one is forgotten. Redis's clock counts, since those of two machines differ.

import type { InboxReport } from "../domain/stuck-files.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { runScript } from "./script.ts";

export const ROLES = ["intake", "worker", "web"] as const;
export type DaemonRole = (typeof ROLES)[number];

/** So often a living process is heard of. */
export const BEAT_MS = 3_000;
/** A process whose last heartbeat is older than this is taken for dead. */
export const SILENT_MS = 12_000;
/** A busy machine's heartbeat comes so much later. */
const LATE_BEAT_MS = 1_500;

const NOW = `
local time = redis.call('TIME')
return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))`;

export interface Presence {
  readonly instance: string;
  readonly roles: readonly DaemonRole[];
  readonly dataId: string;
  /** The machine's name. */
  readonly host: string;
  /** Of an intake: what is wrong with its inbox. */
  readonly inbox?: InboxReport | undefined;
}

export async function beat(redis: RedisConnection, keys: Keys, presence: Presence): Promise<void> {
  const at = await nowMs(redis, keys);
  await redis.hset(keys.alive, presence.instance, JSON.stringify({ ...presence, at }));
}

export async function leave(redis: RedisConnection, keys: Keys, instance: string): Promise<void> {
  await redis.hdel(keys.alive, instance);
}

/** Somebody who was heard of lately: alive, or dead for no longer than that. */
export interface Heard extends Presence {
  /** When the last heartbeat came, by Redis's clock. Only one that came later than another tells a living process from a dead one. */
  readonly at: number;
  readonly silentMs: number;
}

/** Everybody heard of lately; forgets the others. */
export async function alive(redis: RedisConnection, keys: Keys): Promise<readonly Heard[]> {
  const now = await nowMs(redis, keys);
  const present: Heard[] = [];
  for (const [instance, text] of Object.entries(await redis.hgetall(keys.alive))) {
    const presence = JSON.parse(text) as Presence & { readonly at: number };
    const silentMs = now - presence.at;
    if (silentMs > SILENT_MS * 5) await redis.hdel(keys.alive, instance);
    else if (silentMs <= SILENT_MS) present.push({ ...presence, silentMs });
  }
  return present;
}

/** Whether somebody should have been heard of again by now: a killed process is heard of for a while. */
export function isOverdue({ silentMs }: Heard): boolean {
  return silentMs > BEAT_MS + LATE_BEAT_MS;
}

/** Those that take files out of one data folder. */
export function intakesOf<P extends Presence>(dataId: string, present: readonly P[]): readonly P[] {
  return present.filter((one) => one.dataId === dataId && one.roles.includes("intake"));
}

/** Asked of the node that holds our keys: in a cluster each node has its own clock. */
async function nowMs(redis: RedisConnection, keys: Keys): Promise<number> {
  return Number(await runScript(redis, NOW, [keys.alive], []));
}
