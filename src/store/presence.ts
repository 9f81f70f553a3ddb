// Which processes are alive, and in which roles: each writes a heartbeat, and a silent one is forgotten.

import type { Redis } from "ioredis";
import type { Keys } from "./keys.ts";

export const ROLES = ["intake", "worker", "web"] as const;
export type DaemonRole = (typeof ROLES)[number];

/** A process whose last heartbeat is older than this is taken for dead. */
export const SILENT_MS = 12_000;

export interface Presence {
  readonly instance: string;
  readonly roles: readonly DaemonRole[];
  readonly dataId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export async function beat(redis: Redis, keys: Keys, presence: Presence): Promise<void> {
  await redis.hset(keys.alive, presence.instance, JSON.stringify(presence));
}

export async function leave(redis: Redis, keys: Keys, instance: string): Promise<void> {
  await redis.hdel(keys.alive, instance);
}

/** Everybody heard of lately; forgets the others. */
export async function alive(redis: Redis, keys: Keys, nowMs: number): Promise<readonly Presence[]> {
  const present: Presence[] = [];
  for (const [instance, text] of Object.entries(await redis.hgetall(keys.alive))) {
    const presence = JSON.parse(text) as Presence;
    if (nowMs - presence.at > SILENT_MS * 5) await redis.hdel(keys.alive, instance);
    else if (nowMs - presence.at <= SILENT_MS) present.push(presence);
  }
  return present;
}
