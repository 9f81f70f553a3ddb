// The clock that names runs, one for all machines: Redis's own, and never the same or an earlier moment twice. Which of two
// rosters is the newer one is read off the names of their runs, and the clocks of two machines differ.

import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { runScript } from "./script.ts";

// A clock that is set back, or that of a replica which took over, goes on one millisecond at a time until it has caught up.
const NEXT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = tonumber(redis.call('GET', KEYS[1]) or '0')
if now <= last then now = last + 1 end
redis.call('SET', KEYS[1], string.format('%.0f', now))
return string.format('%.0f', now)`;

export interface RunClock {
  /** Milliseconds since 1970; later than every answer before, whoever asked. */
  next(): Promise<number>;
}

export function createRunClock(redis: RedisConnection, keys: Keys): RunClock {
  return {
    async next() {
      return Number(await runScript(redis, NEXT, [keys.runClock], []));
    },
  };
}
