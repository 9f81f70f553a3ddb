// Rings for the nightly run: node-cron at the exact time, and a plain tick for whatever node-cron misses (the hour that
// daylight saving skips, a machine that slept). Neither decides: both only ask `onTick`, which compares what is due with what was fulfilled.

import { schedule } from "node-cron";
import type { Log } from "../app/ports.ts";

export interface ScheduleOptions {
  /** An expression that `isCron` accepts. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Asks whether a run is due, and starts it. Called at the start, at the scheduled time and on every tick; never twice at once. */
  readonly onTick: () => Promise<void>;
  readonly tickMs: number;
  readonly log: Log;
}

export interface Schedule {
  /** Rings no more; waits for an `onTick` that is under way. */
  close(): Promise<void>;
}

/** Starts ringing. What `onTick` throws is logged; the next tick asks again. @throws Error for an expression or zone that is none */
export function startSchedule({ cron, timeZone, onTick, tickMs, log }: ScheduleOptions): Schedule {
  let running: Promise<void> | null = null;
  let isAskedAgain = false;
  let isClosed = false;

  async function ask(): Promise<void> {
    do {
      isAskedAgain = false;
      try {
        await onTick();
      } catch (error) {
        log.error({ err: error }, "the schedule could not be checked; it is checked again at the next tick");
      }
    } while (isAskedAgain && !isClosed);
  }

  function ring(): void {
    if (isClosed) return;
    if (running !== null) {
      isAskedAgain = true;
      return;
    }
    running = ask().finally(() => {
      running = null;
    });
  }

  // A moment that node-cron comes to late is the tick's business: node-cron's own warning would only puzzle.
  const task = schedule(cron, ring, { timezone: timeZone, suppressMissedWarning: true });
  const tick = setInterval(ring, tickMs);
  ring();

  return {
    async close() {
      isClosed = true;
      clearInterval(tick);
      await task.destroy();
      await running;
    },
  };
}
