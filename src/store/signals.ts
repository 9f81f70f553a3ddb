// What all processes share about the way to Tallyfy: the halt, the hourly budget, refusals in a row, and who is alive.

import type { Halt, Signals } from "../app/ports.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";

const HOUR_MS = 3_600_000;
const BUCKET_MS = 60_000;

// The hour slides: calls are counted by the minute, and a minute counts until its last moment is an hour old.
const TAKE = `
local bucket = math.floor(tonumber(ARGV[1]) / tonumber(ARGV[3]))
local oldest = bucket - tonumber(ARGV[4]) / tonumber(ARGV[3])
local used, first = 0, nil
local fields = redis.call('HGETALL', KEYS[1])
for index = 1, #fields, 2 do
  local at = tonumber(fields[index])
  if at < oldest then
    redis.call('HDEL', KEYS[1], fields[index])
  else
    used = used + tonumber(fields[index + 1])
    if first == nil or at < first then first = at end
  end
end
local calls = tonumber(ARGV[5])
if calls == 0 then return used end
if tonumber(ARGV[2]) > 0 and used + calls > tonumber(ARGV[2]) and first ~= nil then
  return ((first + 1) * tonumber(ARGV[3]) + tonumber(ARGV[4])) - tonumber(ARGV[1])
end
redis.call('HINCRBY', KEYS[1], bucket, calls)
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[4]) * 2)
return 0`;

const CLEAR = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

const TROUBLE = `
redis.call('HSETNX', KEYS[1], 'since', ARGV[2])
redis.call('HSET', KEYS[1], 'message', ARGV[1], 'last', ARGV[2])
return redis.call('HINCRBY', KEYS[1], 'inARow', 1)`;

const REFUSE = `
redis.call('DEL', KEYS[2])
if redis.call('HGET', KEYS[1], 'code') ~= ARGV[1] then
  redis.call('HSET', KEYS[1], 'code', ARGV[1], 'count', 0)
end
return redis.call('HINCRBY', KEYS[1], 'count', 1)`;

export interface SignalsWithBudget extends Signals {
  /** Calls counted in the last sixty minutes. */
  usedBudget(nowMs: number): Promise<number>;
}

export function createSignals(redis: RedisConnection, keys: Keys, hourlyBudget: number): SignalsWithBudget {
  async function count(nowMs: number, budget: number, calls: number): Promise<number> {
    return Number(await redis.eval(TAKE, 1, keys.budget, nowMs, budget, BUCKET_MS, HOUR_MS, calls));
  }
  return {
    async halt() {
      const text = await redis.get(keys.halt);
      return text === null ? null : (JSON.parse(text) as Halt);
    },
    async setHalt(halt) {
      await redis.set(keys.halt, JSON.stringify(halt));
    },
    async clearHalt(seen) {
      return Number(await redis.eval(CLEAR, 1, keys.halt, JSON.stringify(seen))) === 1;
    },
    async takeFromBudget(nowMs) {
      return Math.max(0, await count(nowMs, hourlyBudget, 1));
    },
    async noteCalls(calls, nowMs) {
      if (calls > 0) await count(nowMs, 0, calls);
    },
    async noteRefusal(code) {
      if (code !== null) return Number(await redis.eval(REFUSE, 2, keys.refusals, keys.trouble, code));
      await redis.del(keys.refusals, keys.trouble);
      return 0;
    },
    async noteTrouble(message, nowMs) {
      return Number(await redis.eval(TROUBLE, 1, keys.trouble, message, nowMs));
    },
    async trouble() {
      const { message, inARow, since, last } = await redis.hgetall(keys.trouble);
      if (message === undefined) return null;
      return { message, inARow: Number(inARow), since: Number(since), last: Number(last) };
    },
    async usedBudget(nowMs) {
      return count(nowMs, hourlyBudget, 0);
    },
  };
}
