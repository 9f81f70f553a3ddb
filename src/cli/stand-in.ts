// Workers of this very process for as long as a command runs, where no living daemon provides them. Looked at again and
// again: a daemon may die, or stop, while a command waits for it.

import { recover } from "../app/recover.ts";
import type { Assembly } from "../assembly.ts";
import { alive, intakesOf } from "../store/presence.ts";
import { startBellWorker, startPeopleWorker } from "../workers.ts";

const GRACE_MS = 6_000;
const RECOVER_MS = 60_000;

export interface StandIn {
  /** Starts what nobody else provides. Called every few seconds. */
  look(): Promise<void>;
  /** Whether this process provisions itself, and so must look after a halt. */
  provisions(): boolean;
  stop(): Promise<void>;
}

export function createStandIn(assembly: Assembly): StandIn {
  const { app, redis, keys } = assembly;
  let people: Awaited<ReturnType<typeof startPeopleWorker>> | null = null;
  let bell: Awaited<ReturnType<typeof startBellWorker>> | null = null;
  let recoveredAt = 0;
  return {
    async look() {
      const present = await alive(redis, keys);
      const isServed = intakesOf(app.files.dataId, present).length > 0;
      if (people === null && !present.some(({ roles }) => roles.includes("worker"))) {
        people = await startPeopleWorker(assembly);
      }
      if (bell === null && !isServed) bell = await startBellWorker(assembly);
      if (bell !== null && Date.now() - recoveredAt > RECOVER_MS) {
        recoveredAt = Date.now();
        await recover(app);
      }
    },
    provisions: () => people !== null,
    async stop() {
      await Promise.all([people?.stop(GRACE_MS), bell?.stop(GRACE_MS)]);
    },
  };
}
