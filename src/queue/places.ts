// So many creates are under way at the same time; whoever comes meanwhile waits in the order of coming.

import type { Gate } from "../app/ports.ts";
import { notNow, PACE_PATIENCE_MS } from "./pacer.ts";

/**
 * Before the gate: a slot that one waits with is lost. Whoever waited too long is sent back, since a person is not to be held past its
 * time. Reads and tokens are few, and pass.
 */
export function atMost(creates: number, gate: Gate): Gate {
  let free = creates;
  const waiting: (() => void)[] = [];

  async function takePlace(): Promise<void> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leavePlace(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async enter(purpose) {
      if (purpose !== "create") return gate.enter(purpose);
      const cameAt = performance.now();
      await takePlace();
      try {
        if (performance.now() - cameAt > PACE_PATIENCE_MS) throw notNow("pace");
        const permit = await gate.enter(purpose);
        return {
          ended(end) {
            // A refusal is known before the next one asks for a slot.
            const told = permit.ended(end);
            leavePlace();
            return told;
          },
        };
      } catch (error) {
        leavePlace();
        throw error;
      }
    },
  };
}
