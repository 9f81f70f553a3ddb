// A Redis fails over: a replica with an append-only file of its own takes the master's place.

import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { until } from "../support/program.ts";
import type { TestRedis } from "../support/redis.ts";

const CAUGHT_UP_WITHIN_MS = 15_000;
/** Off while the synced data is loaded; begun afresh and rewritten after that. */
const WHOLE_FILE = [
  "loading:0",
  "aof_enabled:1",
  "aof_rewrite_scheduled:0",
  "aof_rewrite_in_progress:0",
  // Otherwise Redis tries again by itself.
  "aof_last_bgrewrite_status:ok",
];

/**
 * Makes `replica` follow `master`, until it has all of its data and could be killed without losing it: what a replica synced is on its
 * disk only when its append-only file was rewritten, in the background. Killed before that, it comes back empty.
 */
export async function follow(replica: Redis, master: { readonly redis: Redis; readonly port: number }): Promise<void> {
  // By default a master waits five seconds for further replicas.
  await master.redis.config("SET", "repl-diskless-sync-delay", "0");
  await replica.replicaof("127.0.0.1", master.port);
  let seen = "";
  async function isWhole(): Promise<boolean> {
    seen = `${await replica.info("replication")}${await replica.info("persistence")}`;
    return ["master_link_status:up", ...WHOLE_FILE].every((line) => seen.includes(`${line}\r`));
  }
  await until(isWhole, CAUGHT_UP_WITHIN_MS, () => `the replica did not catch up: ${seen.replaceAll("\r\n", " ")}`);
}

/** The master dies. What was written to it in the last `lagMs` was answered, and never reaches the replica, which is cut off before. */
export async function takeOver(replica: Redis, master: TestRedis, lagMs: number): Promise<void> {
  if (lagMs > 0) await replica.replicaof("NO", "ONE");
  await delay(lagMs);
  await master.stop();
  await replica.replicaof("NO", "ONE");
}
