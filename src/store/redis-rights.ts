// Whether we may do in Redis what we need to do: each command is tried once, harmlessly, on a key of its own, so that a user whom an
// ACL forbids one of them hears of it at the start and not at night. Also tells a replica and a lone cluster node.

import { randomUUID } from "node:crypto";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { ACL_RULE } from "./redis-trouble.ts";

/** The commands that the store and BullMQ use, each with arguments that do nothing. */
const TRIES: readonly (readonly [command: string, ...args: (string | number)[]])[] = [
  ["del"],
  ["unlink"],
  ["exists"],
  ["type"],
  ["persist"],
  ["pttl"],
  ["pexpire", 1],
  ["pexpireat", 1],
  ["get"],
  ["hget", "f"],
  ["hmget", "f"],
  ["hgetall"],
  ["hexists", "f"],
  ["hlen"],
  ["hvals"],
  ["hdel", "f"],
  ["hscan", 0],
  ["llen"],
  ["lrange", 0, 0],
  ["lindex", 0],
  ["lpos", "e"],
  ["lrem", 0, "e"],
  ["ltrim", 0, 0],
  ["lpop"],
  ["rpop"],
  ["smembers"],
  ["sismember", "e"],
  ["scard"],
  ["srem", "e"],
  ["zcard"],
  ["zscore", "e"],
  ["zrange", 0, 0],
  ["zrevrange", 0, 0],
  ["zrangebyscore", 0, 0],
  ["zrevrangebyscore", 0, 0],
  ["zrangebylex", "-", "+"],
  ["zcount", 0, 0],
  ["zrem", "e"],
  ["zremrangebyscore", 0, 0],
  ["zremrangebyrank", 0, 0],
  ["zpopmin"],
  ["xlen"],
  ["xrange", "-", "+"],
  ["xdel", "0-1"],
  // From here on something is written, and taken away again, by Redis itself should this process die.
  ["set", "1", "PX", 1000],
  ["incr"],
  ["incrby", 1],
  ["del"],
  ["hset", "f", "1"],
  ["pexpire", 60_000],
  ["hsetnx", "f", "1"],
  ["hincrby", "f", 1],
  ["del"],
  ["lpush", "e"],
  ["pexpire", 60_000],
  ["rpush", "e"],
  ["lset", 0, "e"],
  ["del"],
  ["sadd", "e"],
  ["pexpire", 60_000],
  ["del"],
  ["zadd", 1, "e"],
  ["pexpire", 60_000],
  ["bzpopmin", 1],
  ["xadd", "*", "f", "1"],
  ["pexpire", 60_000],
  ["xtrim", "MAXLEN", 0],
  ["del"],
];

/**
 * Commands that an ACL forbids us, in capitals, and `keys such as …` where it forbids our keys.
 * @throws Error of Redis when it is a replica or one node of a cluster, and of the way to it
 */
export async function missingRights(redis: RedisConnection, keys: Keys): Promise<readonly string[]> {
  const missing = new Set<string>();
  // Processes that start at the same moment must not stumble over each other's.
  const key = `${keys.probe}:${randomUUID()}`;
  async function attempt(command: string, work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const isForbidden = error.message.includes("NOPERM");
      if (isForbidden)
        missing.add(/command/.test(error.message) ? command.toUpperCase() : `keys such as ${keys.probe}`);
      // Out of memory, busy, no such key: no question of rights, and a daemon waits for what passes.
      else if (error.name !== "ReplyError" || /^(MOVED|READONLY)/.test(error.message)) throw error;
    }
  }
  // One after the other on one connection, without waiting for each answer.
  await Promise.all([
    ...TRIES.map(([command, ...args]) => attempt(command, redis.call(command, key, ...args))),
    attempt("rename", redis.rename(key, `${key}:next`)),
    attempt("rpoplpush", redis.rpoplpush(key, key)),
    attempt("eval", redis.eval("return 1", 1, key)),
    attempt("evalsha", redis.evalsha("0".repeat(40), 1, key)),
    attempt("multi and exec", redis.multi().exists(key).exec()),
    attempt("time", redis.time()),
  ]);
  return [...missing].sort();
}

/** What to do about missing rights. */
export function rightsAdvice(missing: readonly string[]): string {
  return `lets the user in but forbids ${missing.join(", ")} (NOPERM). Give the ACL user these rights: ${ACL_RULE}`;
}
