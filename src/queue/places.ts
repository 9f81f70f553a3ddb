// So many creates are under way at the same time in this process; whoever comes meanwhile waits in the order of coming.

import type { Gate } from "../app/ports.ts";
import { notNow, PACE_PATIENCE_MS } from "./pacer.ts";

/** Only the job goes back: other processes have places of their own, and the queue is not stopped for a pause as short as this. */
const FULL_DELAY_MS = 250;

export interface Places extends Gate {
  /** Whoever waits, and whoever comes, is sent back. */
  stop(): void;
}

/**
 * Before the gate: a slot that one waits with is lost. Whoever waited too long is sent back, since a person is not to be held past its
 * time. Reads and tokens are few, and pass.
 */
export function atMost(creates: number, gate: Gate): Places {
  let free = creates;
  let isStopped = false;
  let waiting: { readonly enter: () => void; readonly goBack: (error: Error) => void }[] = [];

  async function takePlace(): Promise<void> {
    if (isStopped) throw notNow("stopping");
    if (free > 0) free -= 1;
    else await new Promise<void>((enter, goBack) => waiting.push({ enter, goBack }));
  }

  function leavePlace(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next.enter();
  }

  return {
    async enter(purpose) {
      if (purpose !== "create") return gate.enter(purpose);
      const cameAt = performance.now();
      await takePlace();
      try {
        if (performance.now() - cameAt > PACE_PATIENCE_MS) throw notNow("places", FULL_DELAY_MS);
        const permit = await gate.enter(purpose);
        return {
          async ended(end) {
            try {
              await permit.ended(end);
            } finally {
              // Not before a refusal is known to all: the next one would still get a slot.
              leavePlace();
            }
          },
        };
      } catch (error) {
        leavePlace();
        throw error;
      }
    },

    stop() {
      isStopped = true;
      const sentBack = waiting;
      waiting = [];
      for (const { goBack } of sentBack) goBack(notNow("stopping"));
    },
  };
}
