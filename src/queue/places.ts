// So many at the same time in this process; whoever comes meanwhile waits in the order of coming.

import { notNow, PACE_PATIENCE_MS } from "./not-now.ts";

/** Only the job goes back: other processes have places of their own, and the queue is not stopped for a pause as short as this. */
const FULL_DELAY_MS = 250;

/** Gives the place to the next one; called once. */
export type Leave = () => void;

export interface Places {
  /** Null: all are taken, or others wait. */
  takeFree(): Leave | null;
  /** @throws TallyfyError when it is stopped, or the wait was so long that a person would be held past its time */
  take(): Promise<Leave>;
  /** Whoever waits, and whoever comes, is sent back. */
  stop(): void;
}

export function atMost(count: number): Places {
  let free = count;
  let isStopped = false;
  let waiting: { readonly enter: () => void; readonly goBack: (error: Error) => void }[] = [];

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next.enter();
  }

  function takeFree(): Leave | null {
    if (isStopped || free === 0) return null;
    free -= 1;
    return leave;
  }

  return {
    takeFree,

    async take() {
      if (isStopped) throw notNow("stopping");
      const taken = takeFree();
      if (taken !== null) return taken;
      const cameAt = performance.now();
      await new Promise<void>((enter, goBack) => waiting.push({ enter, goBack }));
      if (performance.now() - cameAt <= PACE_PATIENCE_MS) return leave;
      leave();
      throw notNow("places", FULL_DELAY_MS);
    },

    stop() {
      isStopped = true;
      const sentBack = waiting;
      waiting = [];
      for (const { goBack } of sentBack) goBack(notNow("stopping"));
    },
  };
}
