// The id of a ledger: made once for each organisation in each Redis, so that a data folder can tell its own ledger from any other.

import { randomBytes } from "node:crypto";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { runScript } from "./script.ts";

/** Redis may lose its last moments, and an id that was made in them. What it has kept for so long, it keeps. */
const KEPT_MS = 10_000;

/** For scripts that give a ledger its id: `giveId(meta, id)`, unless it has one. */
export const GIVE_ID = `
local function giveId(meta, id)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('HSETNX', meta, 'ledgerId', id)
  redis.call('HSETNX', meta, 'ledgerIdAt', string.format('%.0f', now))
  return now
end
`;

/** KEYS: meta. ARGV: id. Answers the ledger's id, and for how long it has it. */
const MAKE = `${GIVE_ID}
local now = giveId(KEYS[1], ARGV[1])
local found = redis.call('HMGET', KEYS[1], 'ledgerId', 'ledgerIdAt')
return {found[1], string.format('%.0f', now - tonumber(found[2]))}`;

/** Null: it has none. */
export function readLedgerId(redis: RedisConnection, keys: Keys): Promise<string | null> {
  return redis.hget(keys.meta, "ledgerId");
}

/**
 * The ledger's id; `wanted` becomes it where there is none.
 * `isKept`: not made just now, so that a Redis that loses its last moments still has it.
 */
export async function makeLedgerId(
  redis: RedisConnection,
  keys: Keys,
  wanted: string,
): Promise<{ readonly id: string; readonly isKept: boolean }> {
  const [id, ageMs] = (await runScript(redis, MAKE, [keys.meta], [wanted])) as [string, string];
  return { id, isKept: Number(ageMs) >= KEPT_MS };
}

/** How many entries the ledger has. */
export function countEntries(redis: RedisConnection, keys: Keys): Promise<number> {
  return redis.hlen(keys.ledger);
}

export function newLedgerId(): string {
  return randomBytes(8).toString("hex");
}
