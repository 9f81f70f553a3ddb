// Work that need not be waited for at once, but of which not too much may be under way.

export interface InFlight {
  /** Starts this once fewer than `most` are under way, waiting for the oldest. @throws what an earlier one threw, when none is under way any more */
  put(work: () => Promise<void>): Promise<void>;
  /** Waits for all. @throws what the first of them threw */
  end(): Promise<void>;
}

export function inFlight(most: number): InFlight {
  const underWay: Promise<void>[] = [];

  async function untilUnder(count: number): Promise<void> {
    try {
      while (underWay.length >= count) await underWay.shift();
    } catch (error) {
      await Promise.allSettled(underWay.splice(0));
      throw error;
    }
  }

  return {
    async put(work) {
      await untilUnder(most);
      const started = work();
      // Its failure is met where it is awaited; until then it is nobody's.
      started.catch(() => undefined);
      underWay.push(started);
    },
    end: () => untilUnder(1),
  };
}
