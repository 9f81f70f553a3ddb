// The one bell: rosters, nights, approvals and closings become jobs on one queue, of which one runs at a time.

import { DelayedError, ErrorCode, type Job, type Queue, Worker } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { Bell, Log, SyncQueue } from "../app/ports.ts";
import type { RunningWorker } from "./provision-worker.ts";
import { noteTrouble, SYNC_QUEUE, WORKER_TIMING, type WorkerTiming } from "./queues.ts";

const MAX_STALLED = 20;
const UNEXPECTED_ATTEMPTS = 5;

/** What to do with a bell after it was worked on. */
export type BellStep = { readonly next: "done" } | { readonly next: "later"; readonly delayMs: number };

export interface BellAttempt {
  /** How often this bell was begun before, waiting included. */
  readonly startsBefore: number;
  /** The last time that an unexpected error is forgiven. */
  readonly isLast: boolean;
}

export function createSyncQueue(queue: Queue): SyncQueue {
  return {
    async ring(bell) {
      const jobId =
        bell.kind === "nightly" ? `nightly-${bell.due.replaceAll(/[^0-9TZ]/g, "")}` : `${bell.kind}-${bell.runId}`;
      const state = await queue.getJobState(jobId);
      // A night that was made is not made again, however late another daemon asks for it.
      const hasEnded = state === "failed" || (state === "completed" && bell.kind !== "nightly");
      if (hasEnded) await queue.remove(jobId);
      await queue.add(bell.kind, bell, {
        jobId,
        attempts: UNEXPECTED_ATTEMPTS,
        backoff: { type: "exponential", delay: 1000 },
      });
    },
  };
}

export interface SyncWorkerOptions {
  readonly redis: Redis | Cluster;
  readonly prefix: string;
  readonly queue: Queue;
  readonly work: (bell: Bell, attempt: BellAttempt) => Promise<BellStep>;
  readonly log: Log;
  readonly timing?: WorkerTiming;
}

/** Whether BullMQ refused because this process's lock on the job ran out, and the job is somebody else's or waits for somebody. */
function isOthersByNow(error: unknown): boolean {
  const codes: readonly unknown[] = [ErrorCode.JobLockNotExist, ErrorCode.JobLockMismatch, ErrorCode.JobNotInState];
  return error instanceof Error && "code" in error && codes.includes(error.code);
}

/** Starts this process's worker on the bell. Over all processes one job runs at a time. */
export async function startSyncWorker(options: SyncWorkerOptions): Promise<RunningWorker> {
  const { queue, log, timing = WORKER_TIMING } = options;
  await queue.setGlobalConcurrency(1);

  async function process(job: Job<Bell>, token?: string): Promise<object> {
    const attempt = {
      startsBefore: job.attemptsStarted - 1,
      isLast: job.attemptsMade + 1 >= (job.opts.attempts ?? 1),
    };
    const step = await options.work(job.data, attempt).catch((error: unknown) => {
      log.error({ run: job.data.runId, err: error }, "work on a run broke");
      throw new Error(`internal error (${error instanceof Error ? error.name : "unknown"})`);
    });
    if (step.next === "done") return {};
    await job.moveToDelayed(Date.now() + step.delayMs, token).catch((error: unknown) => {
      if (!isOthersByNow(error)) throw error;
      log.info({ run: job.data.runId }, "the bell was taken over by another process; this one leaves it");
    });
    // It also says of a bell that is another's: leave it alone.
    throw new DelayedError();
  }

  const worker = new Worker<Bell, object>(SYNC_QUEUE, process, {
    connection: options.redis,
    prefix: options.prefix,
    concurrency: 1,
    lockDuration: timing.lockMs,
    stalledInterval: timing.stalledCheckMs,
    maxStalledCount: MAX_STALLED,
  });
  worker.on("error", (error) => noteTrouble(log, SYNC_QUEUE, error));

  return {
    async stop(graceMs) {
      // A bell may be cut at any point: every step of it can be repeated. Its lock runs out, and another process goes on.
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([worker.close(), grace]);
      clearTimeout(timer);
    },
  };
}
