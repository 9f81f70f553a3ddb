// Work that is done again and again: never twice at a time, errors logged and survived, the pause counted after the work.

import type { Log } from "./app/ports.ts";

/** Work that hangs is not waited for longer than this. */
const STOP_WITHIN_MS = 2_000;

/** Starts at once. @returns how to stop it; resolves when the work under way has ended, or does not end */
export function repeat(name: string, everyMs: number, work: () => Promise<void>, log: Log): () => Promise<void> {
  const stopped = new AbortController();
  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (!stopped.signal.aborted) log.error({ err: error, what: name }, "background work broke; it is tried again");
      }
      await pause(everyMs, stopped.signal);
    }
  }
  const ended = loop();
  return async () => {
    stopped.abort();
    const tooLong = new AbortController();
    await Promise.race([ended, pause(STOP_WITHIN_MS, tooLong.signal)]);
    tooLong.abort();
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
