// Writing a ledger that was lost: prepared under names of its own, then put in place in one transaction. A process that dies
// before that leaves nothing that anybody sees, and two at once write each their own.

import { randomUUID } from "node:crypto";
import type { RebuildStore } from "../app/ports.ts";
import type { LedgerEntry } from "../domain/ledger.ts";
import type { Run } from "../domain/run.ts";
import { answersOf } from "./answers.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { GIVE_ID } from "./ledger-id.ts";
import { flat, fromRun } from "./run-record.ts";
import { OPEN } from "./run-scripts.ts";
import { runScript } from "./script.ts";

const WRITE_CHUNK = 1000;
/** What a dead process left goes away by itself. */
const LEFT_MS = 3_600_000;
/** Among so many of the newest runs one that is only being read is looked for. */
const LATELY = 50;

/**
 * KEYS: ledger, its successor, emails, their successor, meta, unfinished, closing.
 * ARGV: entries seen, accepted roster (JSON or ''), its portrait (JSON), the night, entries and addresses of the successors, the ledger's id, that of this
 * rebuilding: sent again, it finds itself done.
 */
const PUT_IN_PLACE = `${GIVE_ID}
if redis.call('HGET', KEYS[5], 'rebuiltBy') == ARGV[8] then return 1 end
if redis.call('SCARD', KEYS[6]) + redis.call('SCARD', KEYS[7]) > 0 then return 0 end
if redis.call('HLEN', KEYS[1]) ~= tonumber(ARGV[1]) then return 0 end
if redis.call('HLEN', KEYS[2]) ~= tonumber(ARGV[5]) or redis.call('HLEN', KEYS[4]) ~= tonumber(ARGV[6]) then return 0 end
for index = 1, 3, 2 do
  if redis.call('PERSIST', KEYS[index + 1]) == 1 then redis.call('RENAME', KEYS[index + 1], KEYS[index]) else redis.call('DEL', KEYS[index]) end
end
if ARGV[2] ~= '' then
  local known = redis.call('HGET', KEYS[5], 'accepted')
  if not known or cjson.decode(known).runId < cjson.decode(ARGV[2]).runId then
    redis.call('HSET', KEYS[5], 'accepted', ARGV[2], 'acceptedPortrait', ARGV[3])
  end
end
redis.call('HSETNX', KEYS[5], 'nightFulfilled', ARGV[4])
redis.call('HSET', KEYS[5], 'rebuiltBy', ARGV[8])
giveId(KEYS[5], ARGV[7])
return 1`;

/**
 * @param keepRuns how many runs are remembered
 * @param ledgerId what a ledger without an id gets
 */
export function createRebuildStore(
  redis: RedisConnection,
  keys: Keys,
  keepRuns: number,
  ledgerId: string,
): RebuildStore {
  async function restoreRun(run: Run): Promise<void> {
    const outcomes: Record<string, number> = {};
    for (const [status, count] of Object.entries(run.counts.outcomes)) outcomes[`outcome:${status}`] = count;
    await runScript(redis, OPEN, [keys.run(run.runId)], flat({ ...fromRun(run), ...outcomes }));
    await redis.zadd(keys.runs, "NX", Date.parse(run.startedAt), run.runId);
  }

  return {
    async look() {
      const [entries, unfinished, closing, lately] = await Promise.all([
        redis.hlen(keys.ledger),
        redis.smembers(keys.unfinished),
        redis.smembers(keys.closing),
        redis.zrange(keys.runs, 0, String(LATELY - 1), "REV"),
      ]);
      const states = await Promise.all(lately.map((runId) => redis.hget(keys.run(runId), "state")));
      const reading = lately.filter((_, index) => states[index] === "reading");
      return { entries, underWay: [...new Set([...unfinished, ...closing, ...reading])].sort() };
    },

    async restoreRuns(runs) {
      const known = await redis.zcard(keys.runs);
      const room = Math.max(0, keepRuns - known);
      for (const run of runs.slice(Math.max(0, runs.length - room))) await restoreRun(run);
    },

    async replaceLedger(entries, { seenEntries, accepted, portrait, nightFulfilledMs }) {
      const own = randomUUID();
      const nextLedger = `${keys.ledger}:${own}`;
      const nextEmails = `${keys.emails}:${own}`;
      const written = { keys: 0, emails: 0 };
      for (const chunk of chunks(entries)) {
        const answers = await redis
          .pipeline()
          .hset(nextLedger, ...chunk.flatMap((entry) => [entry.key, JSON.stringify(entry)]))
          .hset(nextEmails, ...chunk.flatMap(({ emailHash, key }) => [emailHash, key]))
          .pexpire(nextLedger, LEFT_MS)
          .pexpire(nextEmails, LEFT_MS)
          .hlen(nextLedger)
          .hlen(nextEmails)
          .exec()
          .then(answersOf);
        // A pipeline may have been sent twice: what is there counts, not what was new.
        [written.keys, written.emails] = [answers[4] as number, answers[5] as number];
      }
      const places = [keys.ledger, nextLedger, keys.emails, nextEmails, keys.meta, keys.unfinished, keys.closing];
      const isDone = await runScript(redis, PUT_IN_PLACE, places, [
        seenEntries,
        accepted === null ? "" : JSON.stringify(accepted),
        JSON.stringify(portrait),
        nightFulfilledMs,
        written.keys,
        written.emails,
        ledgerId,
        own,
      ]);
      if (isDone !== 1) await redis.del(nextLedger, nextEmails);
      return isDone === 1;
    },
  };
}

function* chunks(entries: Iterable<LedgerEntry>): Generator<readonly LedgerEntry[]> {
  let chunk: LedgerEntry[] = [];
  for (const entry of entries) {
    chunk.push(entry);
    if (chunk.length < WRITE_CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
