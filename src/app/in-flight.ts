// Work that need not be waited for at once, but of which not too much may be under way.

export interface InFlight {
  /** Starts this once fewer than `most` are under way. @throws what an earlier one threw */
  put(work: () => Promise<void>): Promise<void>;
  /** Waits for all. @throws what the first of them threw */
  end(): Promise<void>;
}

export function inFlight(most: number): InFlight {
  const underWay: Promise<void>[] = [];
  return {
    async put(work) {
      while (underWay.length >= most) await underWay.shift();
      const started = work();
      // Its failure is met where it is awaited; until then it is nobody's.
      started.catch(() => undefined);
      underWay.push(started);
    },
    async end() {
      while (underWay.length > 0) await underWay.shift();
    },
  };
}
