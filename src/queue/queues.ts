// The two BullMQ queues and what they have in common. Each process that adds jobs or shows them opens them once.

import { Queue } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { Log } from "../app/ports.ts";

export const SYNC_QUEUE = "roster-sync";
export const PROVISION_QUEUE = "provision";

/** How many finished jobs are kept for looking at, and for how long. */
export interface JobRetention {
  readonly count: number;
  readonly ageS: number;
}

/** How soon a job of a process that died is taken over: after its lock ran out, at the next check but one. */
export interface WorkerTiming {
  readonly lockMs: number;
  readonly stalledCheckMs: number;
}

export const WORKER_TIMING: WorkerTiming = { lockMs: 15_000, stalledCheckMs: 5_000 };

/** Nobody listens to the queues' event streams; BullMQ writes them all the same, and by itself keeps ten thousand of each. */
const EVENTS_KEPT = 500;

export interface Queues {
  readonly sync: Queue;
  readonly provision: Queue;
  close(): Promise<void>;
}

/** @param redis a connection with `maxRetriesPerRequest: null`; stays the caller's */
export function openQueues(redis: Redis | Cluster, prefix: string, retention: JobRetention, log: Log): Queues {
  const kept = { count: retention.count, age: retention.ageS };
  const defaultJobOptions = { removeOnComplete: kept, removeOnFail: kept, stackTraceLimit: 0 };
  const streams = { events: { maxLen: EVENTS_KEPT } };
  const options = { connection: redis, prefix, defaultJobOptions, streams };
  const sync = new Queue(SYNC_QUEUE, options);
  const provision = new Queue(PROVISION_QUEUE, options);
  for (const queue of [sync, provision]) queue.on("error", (error) => noteTrouble(log, queue.name, error));
  return {
    sync,
    provision,
    async close() {
      await Promise.all([sync.close(), provision.close()]);
    },
  };
}

/** Redis trouble is BullMQ's to get over; it is said once for each kind, not at every try. */
const said = new Map<string, number>();
const SAY_AGAIN_MS = 60_000;

export function noteTrouble(log: Log, queue: string, error: Error): void {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  const lastMs = said.get(`${queue} ${code}`) ?? 0;
  if (Date.now() - lastMs < SAY_AGAIN_MS) return;
  said.set(`${queue} ${code}`, Date.now());
  log.warn({ queue, code }, "the queue has trouble with Redis and keeps trying");
}
