// What each kind of bell leads to. One bell is answered at a time over all processes.

import { ListingLost } from "../domain/listing-lost.ts";
import { ReadingLost } from "../domain/reading-lost.ts";
import type { App } from "./app.ts";
import { carryOut, closeRun } from "./carry-out.ts";
import type { Bell } from "./ports.ts";
import { finish, sync } from "./sync.ts";
import type { Later } from "./waiting.ts";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 300_000;
/** The files of a run lie in one data folder; a process with another one leaves the bell to its owner. */
const NOT_MINE_DELAY_MS = 2_000;
/**
 * Who lost a reading looks at the run again after so long. A process whose bell is another's by now has no bell left to put off,
 * and so is out of it; for the one that has the bell it is longer than the other can go on unnoticed.
 */
const LOST_READING_DELAY_MS = 30_000;

/**
 * @param attempt how often it was begun before, and whether an unexpected error is the last one forgiven
 * @returns null: answered; otherwise when to ring again
 */
export async function answerBell(
  bell: Bell,
  attempt: { readonly startsBefore: number; readonly isLast: boolean },
  app: App,
): Promise<Later | null> {
  if (bell.dataId !== app.files.dataId) return { delayMs: NOT_MINE_DELAY_MS };
  try {
    switch (bell.kind) {
      case "roster":
      case "nightly":
        return await sync(bell, attempt.startsBefore, app);
      case "apply":
        await carryOut(bell.runId, app);
        return null;
      case "close":
        return await closeRun(bell.runId, attempt.startsBefore, app);
    }
  } catch (error) {
    if (error instanceof ReadingLost) {
      app.log.info({ run: bell.runId }, "another process reads this roster by now; this one leaves it");
      return { delayMs: LOST_READING_DELAY_MS };
    }
    if (isOfTheSystem(error)) {
      // A full disk, a share that is away, a Redis without memory or set back: time or a person heals it, and nothing is lost meanwhile.
      const isFull = "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
      app.log.error(
        { run: bell.runId, err: error },
        isFull
          ? "the disk or the quota is full, and the run waits; nothing is lost. Free some space, and it goes on by itself"
          : "the run waits for this machine or its Redis",
      );
      return { delayMs: Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt.startsBefore, 10)) };
    }
    if (attempt.isLast) await giveUp(bell.runId, app);
    throw error;
  }
}

/** Errors that carry a system's code (ENOSPC, EACCES, ESTALE) or come from Redis or the way to it are not ours. */
function isOfTheSystem(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof ListingLost) return true;
  if (error.name === "ReplyError")
    return /^(OOM|READONLY|LOADING|MISCONF|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|NOREPLICAS)/.test(error.message);
  if (error.name === "ClusterAllFailedError" || error.message === "Connection is closed.") return true;
  return "code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code);
}

/** A run that breaks us every time is set aside, visibly; its file is kept. */
async function giveUp(runId: string, app: App): Promise<void> {
  const run = await app.runs.get(runId);
  if (run === null || run.state !== "reading") return;
  const because = "Roster Sync broke on this file: a bug. The log says where. Nothing was applied.";
  await finish(run, await app.runs.beginReading(runId), { state: "failed", because }, app);
}
