// Follows one run to its end, or to the point where a person is needed, and tells which exit code that is.

import { setTimeout as delay } from "node:timers/promises";
import { lookNow } from "../app/halts.ts";
import type { Halt, Trouble } from "../app/ports.ts";
import type { Assembly } from "../assembly.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../domain/exit.ts";
import { TROUBLE_AFTER } from "../domain/reaction.ts";
import { isFinal, type Run } from "../domain/run.ts";
import { haltProblem, readStandstill } from "../health.ts";
import type { Problem } from "../web/overview-sources.ts";
import { say } from "./output.ts";
import { createProgress } from "./progress.ts";
import { LOOK_MS, STAND_IN_MS, type StandIn } from "./stand-in.ts";

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
  readonly standIn: StandIn;
  /** Resolves when a person wants to stop looking on. */
  readonly stopped: Promise<unknown>;
}

export async function follow({ assembly, runId, onHeld, standIn, stopped }: FollowOptions): Promise<Ending> {
  const { app } = assembly;
  const progress = createProgress(process.stdout);
  let followed = runId;
  let isProbed = false;
  let lookedAt = Date.now();
  let isStopped = false;
  void stopped.then(() => {
    isStopped = true;
  });
  try {
    for (;;) {
      if (Date.now() - lookedAt > STAND_IN_MS) {
        await standIn.look();
        lookedAt = Date.now();
      }
      const run = await app.runs.get(followed);
      if (run === null) {
        // The bell was rung; whoever answers it opens the run.
        await delay(LOOK_MS);
        continue;
      }
      if (isStopped && !isFinal(run.state)) {
        const isStill = run.state === "applying" ? await readStandstill(assembly) : null;
        return { run, exitCode: EXIT.interrupted, because: stoppedText(isStill, standIn.provisions()) };
      }
      const [halt, trouble] = await Promise.all([app.signals.halt(), app.signals.trouble()]);
      if (halt !== null && !isProbed && standIn.provisions()) {
        // An old halt may have healed since: look before believing it.
        await lookNow(app);
        isProbed = true;
        continue;
      }
      const twin = run.state === "nothing-new" ? await unfinishedTwin(run, assembly) : null;
      if (twin !== null) {
        progress.end();
        say(`Run ${twin.runId} has the same content and is not finished: going on with it.`);
        followed = twin.runId;
        continue;
      }
      const isPaused = run.state === "applying" && (await app.provisioning.isPaused());
      progress.show(run, remark(halt, isPaused, trouble));
      if (isFinal(run.state)) return { run, exitCode: exitCodeOf(run), because: null };
      if (run.state === "held" && !(await onHeld(run))) return { run, exitCode: EXIT.held, because: null };
      if (run.waitingFor !== null)
        return { run, exitCode: exitCodeOf(run), because: waitingText(run, standIn.answersBells()) };
      if (halt !== null && run.state === "applying") {
        return { run, exitCode: exitCodeOfHalt(halt), because: haltText(halt, standIn.provisions()) };
      }
      await delay(LOOK_MS);
    }
  } finally {
    progress.end();
  }
}

/** The run on account of which this one brought nothing new, if that is still held or under way. */
async function unfinishedTwin(run: Run, { app }: Assembly): Promise<Run | null> {
  return (await app.runs.unfinished()).find((other) => other.sha256 === run.sha256) ?? null;
}

function remark(halt: Halt | null, isPaused: boolean, trouble: Trouble | null): string | null {
  if (halt !== null) return `halted: ${halt.kind}`;
  if (isPaused) return "paused, and not by us: resume it on the page Queues";
  return trouble !== null && trouble.inARow >= TROUBLE_AFTER ? "Tallyfy does not answer, trying again" : null;
}

/** @param standstill what keeps everybody from being created */
function stoppedText(standstill: Problem | null, didItself: boolean): string {
  const kept = "Stopped looking on. What is done is done, and nothing is lost: the rest is kept.";
  const goOn = didItself ? "go on with the same command, or start the daemon" : "the daemon goes on with it";
  if (standstill === null) return `${kept} ${goOn[0]?.toUpperCase()}${goOn.slice(1)}.`;
  return `${standstill.what}\n${standstill.doThis}\n${kept} Once that is over, ${goOn}.`;
}

function exitCodeOfHalt(halt: Halt): ExitCode {
  return halt.kind === "credentials" ? EXIT.credentials : EXIT.partial;
}

function haltText(halt: Halt, didItself: boolean): string {
  const { what, doThis } = haltProblem(halt);
  return `${what}\n${doThis}\nNothing is lost: the run stays open and goes on ${whenNext(didItself)}.`;
}

function waitingText(run: Run, didItself: boolean): string {
  const doThis =
    run.waitingFor === "credentials"
      ? "Correct TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET (see: roster-sync doctor)."
      : "Look whether Tallyfy can be reached from here (see: roster-sync doctor).";
  return `${run.because}\n${doThis}\nNothing was applied. The roster is kept, and the run goes on ${whenNext(didItself)}.`;
}

/** A daemon looks again and again; this process ends. */
function whenNext(didItself: boolean): string {
  return didItself ? "at the next start" : "by itself: a daemon is at work";
}
