// Runs create-user jobs and turns each NextStep into what BullMQ does with the job. No decisions here.

import { DelayedError, type Job, type Queue, UnrecoverableError, Worker } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { Log, ProvisioningJob } from "../app/ports.ts";
import type { NextStep } from "../domain/outcome.ts";
import { noteTrouble, PROVISION_QUEUE, WORKER_TIMING, type WorkerTiming } from "./queues.ts";

/** How often a job may lose its worker before BullMQ gives it up; the sweep then adds it anew. */
const MAX_STALLED = 20;
const UNEXPECTED_DELAY_MS = 5_000;
/** How long a job rests that was handed back when its worker stopped. */
const HANDED_BACK_MS = 1_000;

export interface Attempt {
  readonly jobId: string;
  /** From 1. */
  readonly number: number;
  readonly isLast: boolean;
}

export interface ProvisionWorkerOptions {
  readonly redis: Redis | Cluster;
  readonly prefix: string;
  readonly queue: Queue;
  /** How many jobs it takes at the same time. */
  readonly inHand: number;
  readonly work: (job: ProvisioningJob, attempt: Attempt) => Promise<NextStep>;
  readonly log: Log;
  readonly timing?: WorkerTiming;
}

export interface RunningWorker {
  /** Takes no more jobs, lets those at work finish for `graceMs`, then hands them back. */
  stop(graceMs: number): Promise<void>;
}

export interface ProvisionWorker extends RunningWorker {
  /** So many jobs at the same time from now on; those at work go on. */
  hold(jobs: number): void;
}

/** Ends an attempt that is to be made again later. BullMQ shows its message, so it must carry no personal data. */
class TryAgain extends Error {
  override readonly name = "TryAgain";
  readonly delayMs: number;
  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

/** Jobs are taken this much faster than calls may leave, so that BullMQ's wake-up never costs a slot, and few wait for one. */
const HEADROOM = 1.5;
const LONGEST_WINDOW_MS = 5_000;
/** Shorter pauses are waited out at the slots: stopping and waking every worker takes about as long. */
const SHORTEST_STOP_MS = 500;

/** How many jobs all workers of all machines take; the exact pace is kept by slots (queue/pacer.ts). */
export async function setPace(queue: Queue, perSecond: number): Promise<void> {
  const taken = perSecond * HEADROOM;
  if (taken >= 20) await queue.setGlobalRateLimit(Math.ceil(taken / 10) + 1, 100);
  else await queue.setGlobalRateLimit(1, Math.min(LONGEST_WINDOW_MS, Math.ceil(1000 / taken)));
}

export function startProvisionWorker(options: ProvisionWorkerOptions): ProvisionWorker {
  const { queue, log, timing = WORKER_TIMING } = options;

  async function act(job: Job<ProvisioningJob>, token: string | undefined, step: NextStep): Promise<object> {
    switch (step.next) {
      case "settle": {
        const { outcome } = step;
        if (outcome.status === "rejected" || outcome.status === "exhausted") {
          throw new UnrecoverableError(`${outcome.status}: ${outcome.message}`);
        }
        return { outcome: outcome.status };
      }
      case "retry":
        throw new TryAgain(step.message, step.delayMs);
      case "wait":
        await job.moveToDelayed(Date.now() + step.delayMs, token);
        throw new DelayedError();
      case "pause": {
        if (step.delayMs >= SHORTEST_STOP_MS && step.delayMs > (await queue.getRateLimitTtl(1)))
          await queue.rateLimit(step.delayMs);
        throw Worker.RateLimitError();
      }
      case "halt":
        // The queue is paused already; the job goes back to its head without losing an attempt.
        throw Worker.RateLimitError();
    }
  }

  /** What sends a job back at once, for each that is at work. BullMQ's own signals cost each job one. */
  const atWork = new Set<(step: NextStep) => void>();

  /** The work's step; when the worker stops first, the job is handed back. The person's claim stays with the job. */
  function unlessStopped(work: Promise<NextStep>): Promise<NextStep> {
    return new Promise((resolve, reject) => {
      atWork.add(resolve);
      work.then(resolve, reject).finally(() => atWork.delete(resolve));
    });
  }

  async function process(job: Job<ProvisioningJob>, token?: string): Promise<object> {
    const number = job.attemptsMade + 1;
    const attempt = { jobId: job.id ?? "", number, isLast: number >= (job.opts.attempts ?? 1) };
    const step = await unlessStopped(options.work(job.data, attempt)).catch((error: unknown) => {
      // Anything that is not a NextStep is a bug or Redis trouble: shown by its kind alone, since a message may quote data.
      log.error({ run: job.data.runId, key: job.data.key, err: error }, "a job broke; it is tried again");
      throw new TryAgain(`internal error (${error instanceof Error ? error.name : "unknown"})`, UNEXPECTED_DELAY_MS);
    });
    return act(job, token, step);
  }

  const worker = new Worker<ProvisioningJob, object>(PROVISION_QUEUE, process, {
    connection: options.redis,
    prefix: options.prefix,
    concurrency: options.inHand,
    lockDuration: timing.lockMs,
    stalledInterval: timing.stalledCheckMs,
    maxStalledCount: MAX_STALLED,
    metrics: { maxDataPoints: 60 * 24 * 7 },
    settings: {
      backoffStrategy: (_attempts, _type, error) =>
        error instanceof TryAgain ? Math.max(1, error.delayMs) : UNEXPECTED_DELAY_MS,
    },
  });
  worker.on("error", (error) => noteTrouble(log, PROVISION_QUEUE, error));

  return {
    hold(jobs) {
      worker.concurrency = jobs;
    },

    async stop(graceMs) {
      const handBack = setTimeout(() => {
        for (const give of atWork) give({ next: "wait", delayMs: HANDED_BACK_MS });
      }, graceMs);
      try {
        await worker.close();
      } finally {
        clearTimeout(handBack);
      }
    },
  };
}
