// Workers of this very process for as long as a command runs, where no living daemon provides them. Looked at again and
// again: a daemon may die, or stop, while a command waits for it.

import { setTimeout as delay } from "node:timers/promises";
import { recover } from "../app/recover.ts";
import { ledgerKeeper } from "../app/same-ledger.ts";
import type { Assembly } from "../assembly.ts";
import type { Run } from "../domain/run.ts";
import { alive, intakesOf } from "../store/presence.ts";
import { startBellWorker, startPeopleWorker } from "../workers.ts";

const GRACE_MS = 6_000;
const RECOVER_MS = 60_000;
/** So often a command that waits looks at its run, and whether workers are missing. */
export const LOOK_MS = 200;
export const STAND_IN_MS = 3_000;
/** A run that waits for Tallyfy is not waited for longer. */
const TALLYFY_PATIENCE_MS = 10_000;

export interface StandIn {
  /** Starts what nobody else provides. Called every few seconds. */
  look(): Promise<void>;
  /** Whether this process provisions itself, and so must look after a halt. */
  provisions(): boolean;
  /** Whether this process answers the bells, and so must wrap up what it leaves. */
  answersBells(): boolean;
  stop(): Promise<void>;
}

/** @param bellsOnly nobody is created, and nothing is looked for that a crash left */
export function createStandIn(assembly: Assembly, bellsOnly: boolean): StandIn {
  const { app, redis, keys } = assembly;
  let people: Awaited<ReturnType<typeof startPeopleWorker>> | null = null;
  let bell: Awaited<ReturnType<typeof startBellWorker>> | null = null;
  let recoveredAt = 0;
  const keepLedger = ledgerKeeper(assembly);
  return {
    async look() {
      const present = await alive(redis, keys);
      const isServed = intakesOf(app.files.dataId, present).length > 0;
      if (people === null && !bellsOnly && !present.some(({ roles }) => roles.includes("worker"))) {
        people = await startPeopleWorker(assembly);
      }
      if (bell === null && !isServed) bell = await startBellWorker(assembly);
      if (bell !== null && !bellsOnly) await keepLedger();
      if (bell !== null && !bellsOnly && Date.now() - recoveredAt > RECOVER_MS) {
        recoveredAt = Date.now();
        await recover(app);
      }
    },
    provisions: () => people !== null,
    answersBells: () => bell !== null,
    async stop() {
      await Promise.all([people?.stop(GRACE_MS), bell?.stop(GRACE_MS)]);
    },
  };
}

export interface WrapUpOptions {
  /** The runs that are still to be wrapped up. */
  readonly open: () => Promise<readonly Run[]>;
  readonly patienceMs: number;
  /** Resolves when a person wants to wait no longer. */
  readonly stopped: Promise<unknown>;
}

/** Waits until runs have their answer files and their end. Returns those that have not when patience is over. */
export async function awaitWrapUp(
  { open, patienceMs, stopped }: WrapUpOptions,
  standIn: StandIn,
): Promise<readonly Run[]> {
  const begun = Date.now();
  let lookedAt = begun;
  let isStopped = false;
  void stopped.then(() => {
    isStopped = true;
  });
  for (;;) {
    const runs = await open();
    const waitedMs = Date.now() - begun;
    const isWaiting = runs.every((run) => run.waitingFor !== null);
    if (runs.length === 0 || isStopped) return runs;
    if (waitedMs > (isWaiting ? Math.min(patienceMs, TALLYFY_PATIENCE_MS) : patienceMs)) return runs;
    await delay(LOOK_MS);
    if (Date.now() - lookedAt < STAND_IN_MS) continue;
    await standIn.look();
    lookedAt = Date.now();
  }
}

/** Runs `work` while somebody works on the queues: a living daemon on the same data folder, or else this process. */
export async function withStandIn<T>(
  assembly: Assembly,
  work: (standIn: StandIn) => Promise<T>,
  bellsOnly = false,
): Promise<T> {
  const standIn = createStandIn(assembly, bellsOnly);
  try {
    await standIn.look();
    return await work(standIn);
  } finally {
    await standIn.stop();
  }
}
