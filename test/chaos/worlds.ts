// Many worlds, a few at a time, in the order of their seeds.

import { runWorld, type WorldResult } from "./world.ts";

export interface Portion {
  readonly first: number;
  readonly worlds: number;
  readonly atATime: number;
}

/** @param tell called with each world as it ends */
export async function runWorlds(portion: Portion, tell: (result: WorldResult) => void | Promise<void>): Promise<void> {
  let next = portion.first;
  const end = portion.first + portion.worlds;
  async function lane(): Promise<void> {
    while (next < end) {
      const seed = next;
      next += 1;
      await tell(await runWorld(seed));
    }
  }
  await Promise.all(Array.from({ length: Math.min(portion.atATime, portion.worlds) }, lane));
}
