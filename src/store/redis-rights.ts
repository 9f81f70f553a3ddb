// Whether we may do in Redis what we need to do: each command is tried once, harmlessly, on a key of its own, so that a user whom an
// ACL forbids one of them hears of it at the start and not at night. Also tells a replica and a lone cluster node.

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
  // From here on something is written; the last one takes it away again.
  ["set", "1", "PX", 1000],
  ["incr"],
  ["incrby", 1],
  ["del"],
  ["hset", "f", "1"],
  ["hsetnx", "f", "1"],
  ["hincrby", "f", 1],
  ["del"],
  ["lpush", "e"],
  ["rpush", "e"],
  ["lset", 0, "e"],
  ["del"],
  ["sadd", "e"],
  ["del"],
  ["zadd", 1, "e"],
  ["bzpopmin", 1],
  ["xadd", "*", "f", "1"],
  ["xtrim", "MAXLEN", 0],
  ["del"],
];

/** Commands that an ACL forbids us, in capitals, and `keys such as …` where it forbids our keys. @throws Error of Redis other than NOPERM */
export async function missingRights(redis: RedisConnection, keys: Keys): Promise<readonly string[]> {
  const missing = new Set<string>();
  async function attempt(command: string, work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("NOPERM")) {
        if (isPassingState(error)) return;
        throw error;
      }
      missing.add(/command/.test(error.message) ? command.toUpperCase() : `keys such as ${keys.probe}`);
    }
  }
  for (const [command, ...args] of TRIES) await attempt(command, redis.call(command, keys.probe, ...args));
  await attempt("rename", redis.rename(keys.probe, `${keys.probe}:next`).catch(except(/no such key/)));
  await attempt("rpoplpush", redis.rpoplpush(keys.probe, keys.probe));
  await attempt("eval", redis.eval("return 1", 1, keys.probe));
  await attempt("evalsha", redis.evalsha("0".repeat(40), 1, keys.probe).catch(except(/^NOSCRIPT/)));
  // What its commands forbid was said above.
  await attempt(
    "multi and exec",
    redis
      .multi()
      .exists(keys.probe)
      .exec()
      .catch(except(/previous errors/)),
  );
  await attempt("time", redis.time());
  return [...missing];
}

/** What to do about missing rights. */
export function rightsAdvice(missing: readonly string[]): string {
  return `lets the user in but forbids ${missing.join(", ")} (NOPERM). Give the ACL user these rights: ${ACL_RULE}`;
}

/** Out of memory or disk, or busy: it passes, the daemon waits for it, and it is no question of rights. */
function isPassingState(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(OOM|MISCONF|LOADING|BUSY|NOREPLICAS|EXECABORT.*(OOM|MISCONF|NOREPLICAS))/.test(error.message)
  );
}

function except(expected: RegExp): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Error) || !expected.test(error.message)) throw error;
  };
}
