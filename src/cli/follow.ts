// Follows one run to its end, or to the point where a person is needed, and tells which exit code that is.

import { setTimeout as delay } from "node:timers/promises";
import { watchHalt } from "../app/halts.ts";
import type { Halt } from "../app/ports.ts";
import type { Assembly } from "../assembly.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../domain/exit.ts";
import { isFinal, type Run } from "../domain/run.ts";
import { haltProblem } from "../health.ts";
import { createProgress } from "./progress.ts";

const LOOK_MS = 200;

export interface Ending {
  readonly run: Run;
  readonly exitCode: ExitCode;
  /** Why it stopped before the run's end, and what to do; null at the end. */
  readonly because: string | null;
}

export interface FollowOptions {
  readonly assembly: Assembly;
  readonly runId: string;
  /** Called when the run is held; true: it was released, go on. */
  readonly onHeld: (run: Run) => Promise<boolean>;
  /** Whether this process works on the queues itself, and so must look after a halt. */
  readonly worksItself: boolean;
}

export async function follow({ assembly, runId, onHeld, worksItself }: FollowOptions): Promise<Ending> {
  const { app } = assembly;
  const progress = createProgress(process.stdout);
  let followed = runId;
  let isProbed = !worksItself;
  try {
    for (;;) {
      const run = await app.runs.get(followed);
      if (run === null) {
        // The bell was rung; whoever answers it opens the run.
        await delay(LOOK_MS);
        continue;
      }
      const halt = await app.signals.halt();
      if (halt !== null && !isProbed) {
        // An old halt may have healed since: look before believing it.
        await app.signals.setHalt({ ...halt, probeAt: 0 });
        await watchHalt(app);
        isProbed = true;
        continue;
      }
      progress.show(run, halt === null ? null : `halted: ${halt.kind}`);
      if (run.state === "nothing-new") {
        const other = (await app.runs.unfinished()).find(
          (one) => one.sha256 === run.sha256 && one.state === "applying",
        );
        if (other !== undefined) {
          followed = other.runId;
          continue;
        }
      }
      if (isFinal(run.state)) return { run, exitCode: exitCodeOf(run), because: null };
      if (run.state === "held" && !(await onHeld(run))) return { run, exitCode: EXIT.held, because: null };
      if (run.waitingFor !== null) return { run, exitCode: exitCodeOf(run), because: waitingText(run) };
      if (halt !== null && run.state === "applying")
        return { run, exitCode: exitCodeOfHalt(halt), because: haltText(halt) };
      await delay(LOOK_MS);
    }
  } finally {
    progress.end();
  }
}

function exitCodeOfHalt(halt: Halt): ExitCode {
  return halt.kind === "credentials" ? EXIT.credentials : EXIT.partial;
}

function haltText(halt: Halt): string {
  const { what, doThis } = haltProblem(halt);
  return `${what}\n${doThis}\nNothing is lost: the run stays open and goes on at the next start.`;
}

function waitingText(run: Run): string {
  const doThis =
    run.waitingFor === "credentials"
      ? "Correct TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET (see: roster-sync doctor)."
      : "Look whether Tallyfy can be reached from here (see: roster-sync doctor).";
  return `${run.because}\n${doThis}\nNothing was applied. The roster is kept, and the run goes on at the next start.`;
}
