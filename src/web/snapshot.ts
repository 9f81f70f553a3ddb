// Everything the overview and the metrics show, asked for at one moment and within a deadline: while Redis is away, its
// client waits without end, and a page that never comes tells nobody what is wrong.

import type { Queue } from "bullmq";
import type { Run } from "../domain/run.ts";
import type { Directory, Health, Inbox, Nights, OverviewSources, Pace } from "./overview-sources.ts";

/** How long Redis may take before it counts as gone. */
export const PING_MS = 2_000;
/** How long a whole page may take to be gathered. */
const GATHER_MS = 5_000;
export const RUNS_SHOWN = 20;

export interface WebQueues {
  readonly sync: Queue;
  readonly provision: Queue;
}

export const JOB_STATES = ["waiting", "active", "delayed", "completed", "failed"] as const;
export type JobStateShown = (typeof JOB_STATES)[number];

export interface QueueCounts {
  readonly name: string;
  readonly jobs: Readonly<Record<JobStateShown, number>>;
  readonly isPaused: boolean;
}

export interface Snapshot {
  readonly nowMs: number;
  readonly health: Health;
  readonly pace: Pace;
  /** Newest first. */
  readonly runs: readonly Run[];
  readonly unfinished: readonly Run[];
  readonly queues: { readonly sync: QueueCounts; readonly provision: QueueCounts };
  readonly directory: Directory;
  readonly nights: Nights;
  readonly inbox: Inbox;
}

/** Thrown by `within` when the deadline has passed. */
export class TooLate extends Error {
  override readonly name = "TooLate";
}

/** The work's result, unless it takes longer than this. The work itself is not stopped. @throws TooLate */
export async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLate(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether Redis answers in time. */
export async function isRedisUp(sources: OverviewSources): Promise<boolean> {
  try {
    await within(PING_MS, sources.pingRedis());
    return true;
  } catch {
    return false;
  }
}

/** Null when Redis does not answer. @throws whatever the sources throw while it does */
export async function takeSnapshot(
  sources: OverviewSources,
  queues: WebQueues,
  nowMs: number,
): Promise<Snapshot | null> {
  if (!(await isRedisUp(sources))) return null;
  const all = Promise.all([
    sources.health(),
    sources.pace(),
    sources.runs(RUNS_SHOWN),
    sources.unfinished(),
    countJobs(queues.sync),
    countJobs(queues.provision),
    sources.directory(),
    sources.nights(),
    sources.inbox(),
  ]);
  try {
    const [health, pace, runs, unfinished, sync, provision, directory, nights, inbox] = await within(GATHER_MS, all);
    return { nowMs, health, pace, runs, unfinished, queues: { sync, provision }, directory, nights, inbox };
  } catch (error) {
    if (error instanceof TooLate) return null;
    throw error;
  }
}

async function countJobs(queue: Queue): Promise<QueueCounts> {
  const [counts, isPaused] = await Promise.all([queue.getJobCounts(...JOB_STATES, "prioritized"), queue.isPaused()]);
  const { waiting = 0, prioritized = 0, active = 0, delayed = 0, completed = 0, failed = 0 } = counts;
  return { name: queue.name, jobs: { waiting: waiting + prioritized, active, delayed, completed, failed }, isPaused };
}
