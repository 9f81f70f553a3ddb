// One BullMQ job for each planned change. A job is a pointer; its id names the run and the fingerprint of the person.

import type { Queue } from "bullmq";
import type { ProvisioningJob, ProvisionQueue } from "../app/ports.ts";
import type { Fingerprint } from "../domain/profile.ts";

/** What a part of a plan has at most, so that it is one. */
const CHUNK = 700;
const NAMES = { create: "create-user" } as const;

export interface ProvisionQueueOptions {
  readonly fingerprint: Fingerprint;
  /** Attempts that each job has, the first included. */
  readonly attempts: number;
}

export function createProvisionQueue(queue: Queue, options: ProvisionQueueOptions): ProvisionQueue {
  function jobId(job: ProvisioningJob): string {
    return `${job.runId}-${options.fingerprint(`job\n${job.key}`).slice(0, 24)}`;
  }

  /** Jobs that ended although their change is still open (a crash between two steps) make room for new ones. */
  async function removeEnded(jobs: readonly ProvisioningJob[]): Promise<void> {
    for (const job of jobs) {
      const state = await queue.getJobState(jobId(job));
      if (state === "completed" || state === "failed") await queue.remove(jobId(job));
    }
  }

  async function add(jobs: readonly ProvisioningJob[]): Promise<void> {
    const added = jobs.map((job) => ({
      name: NAMES[job.op],
      data: job,
      opts: { jobId: jobId(job), attempts: options.attempts, backoff: { type: "custom" } },
    }));
    for (let start = 0; start < added.length; start += CHUNK) await queue.addBulk(added.slice(start, start + CHUNK));
  }

  return {
    enqueue: add,

    async revive(jobs) {
      await removeEnded(jobs);
      await add(jobs);
    },

    async outstanding() {
      return queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized");
    },

    async withdraw(jobs) {
      // A job at work cannot be removed; it finds its change gone and ends by itself.
      await Promise.all(jobs.map((job) => queue.remove(jobId(job)).catch(() => 0)));
    },

    pause: () => queue.pause(),
    resume: () => queue.resume(),
    isPaused: () => queue.isPaused(),
  };
}
