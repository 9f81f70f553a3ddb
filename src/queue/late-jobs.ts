// Jobs that wait for a moment which no wait of ours can mean: the clock of the machine that put them off was ahead. BullMQ keeps
// such moments by each machine's own clock; here Redis's is asked, which all share.

import type { Queue } from "bullmq";
import type { Cluster, Redis } from "ioredis";

/** BullMQ's score of a delayed job is its moment in milliseconds times this, plus a counter. */
const SCORE_PER_MS = 0x1000;
const MOST = 500;

/** KEYS: delayed jobs. ARGV: the longest wait (ms), score per ms, how many. */
const LATE = `
local time = redis.call('TIME')
local latest = (tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])) * tonumber(ARGV[2])
return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('%.0f', latest), '+inf', 'LIMIT', 0, tonumber(ARGV[3]))`;

/** Lets jobs go on at once that are put off for longer than `longestWaitMs`. Returns how many. */
export async function hurryLateJobs(queue: Queue, redis: Redis | Cluster, longestWaitMs: number): Promise<number> {
  const ids = await redis.eval(LATE, 1, queue.toKey("delayed"), longestWaitMs, SCORE_PER_MS, MOST);
  let hurried = 0;
  for (const id of ids as readonly string[]) {
    const job = await queue.getJob(id);
    // Another process may have been quicker.
    const isMoved = await job?.promote().then(
      () => true,
      () => false,
    );
    if (isMoved === true) hurried += 1;
  }
  return hurried;
}
