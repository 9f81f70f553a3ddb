// What all processes share about the way to Tallyfy: the halt, refusals in a row, and trouble.

import { randomUUID } from "node:crypto";
import type { Halt, PauseMark, Signals } from "../app/ports.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { runScript } from "./script.ts";

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

export function createSignals(redis: RedisConnection, keys: Keys): Signals {
  return {
    async halt() {
      const text = await redis.get(keys.halt);
      return text === null ? null : (JSON.parse(text) as Halt);
    },
    async setHalt(halt) {
      await redis.set(keys.halt, JSON.stringify(halt));
    },
    async clearHalt(seen) {
      return Number(await runScript(redis, CLEAR, [keys.halt], [JSON.stringify(seen)])) === 1;
    },
    async markPause(nowMs) {
      const mark: PauseMark = { at: nowMs, id: randomUUID() };
      await redis.set(keys.pauseMark, JSON.stringify(mark));
    },
    async pauseMark() {
      const text = await redis.get(keys.pauseMark);
      return text === null ? null : (JSON.parse(text) as PauseMark);
    },
    async unmarkPause(seen) {
      await runScript(redis, CLEAR, [keys.pauseMark], [JSON.stringify(seen)]);
    },
    async noteRefusal(code) {
      if (code !== null) return Number(await runScript(redis, REFUSE, [keys.refusals, keys.trouble], [code]));
      await redis.del(keys.refusals, keys.trouble);
      return 0;
    },
    async noteTrouble(message, nowMs) {
      return Number(await runScript(redis, TROUBLE, [keys.trouble], [message, nowMs]));
    },
    async trouble() {
      const { message, inARow, since, last } = await redis.hgetall(keys.trouble);
      if (message === undefined) return null;
      return { message, inARow: Number(inARow), since: Number(since), last: Number(last) };
    },
  };
}
