// `sync FILE` and `approve RUN`: one run in the foreground to its end, beside a daemon or alone.

import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { decideHeld } from "../app/decide-held.ts";
import { requireSameLedger } from "../app/same-ledger.ts";
import type { Assembly } from "../assembly.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { isFinal, type Run } from "../domain/run.ts";
import { readStandstill } from "../health.ts";
import { alive, intakesOf } from "../store/presence.ts";
import { follow } from "./follow.ts";
import { say, warn } from "./output.ts";
import { problemText, reportText } from "./report-text.ts";
import { type GlobalOptions, withAssembly, withKnownAssembly } from "./session.ts";
import { awaitWrapUp, type StandIn, withStandIn } from "./stand-in.ts";
import { stopSignal } from "./stop-signal.ts";
import { requireFile, requireRun, UsageError } from "./usage-error.ts";

/** Wrapping up a run takes a moment; longer only where something is in its way. */
const WRAP_UP_MS = 10_000;

export interface SyncOptions extends GlobalOptions {
  /** Approves a hold. */
  readonly yes?: boolean;
  /** Why a hold is approved. */
  readonly reason?: string;
  /** Runs the file although its content is not new. */
  readonly force?: boolean;
}

export async function syncCommand(file: string, options: SyncOptions): Promise<ExitCode> {
  await requireFile(file, "sync");
  if (options.reason !== undefined && options.yes !== true) {
    throw new UsageError("--reason says why a hold is approved; give it together with --yes.");
  }
  return withAssembly(options, async (assembly) => {
    const { app } = assembly;
    await requireSameLedger(assembly);
    return withStandIn(assembly, async (standIn) => {
      const runId = await app.newRunId();
      await app.files.bring(resolve(file), runId);
      const { dataId } = app.files;
      await app.bell.ring({ kind: "roster", runId, dataId, trigger: "command", isForced: options.force === true });
      return toItsEnd(assembly, runId, options.yes === true ? { reason: options.reason ?? null } : null, standIn);
    });
  });
}

export async function approveCommand(
  runId: string,
  options: GlobalOptions & { readonly reason?: string },
): Promise<ExitCode> {
  return withKnownAssembly(options, async (assembly, config) => {
    await requireSameLedger(assembly);
    await requireRun(runId, assembly.app, config.dataDir);
    const answer = await decideHeld(runId, "applying", decider(), assembly.app, options.reason ?? null);
    if (!answer.ok) throw new UsageError(answer.because);
    const present = await alive(assembly.redis, assembly.keys);
    const { dataId } = assembly.app.files;
    const isServed = intakesOf(dataId, present).length > 0;
    if (isServed && present.some((one) => one.roles.includes("worker"))) {
      const released = answer.isRepeated ? "was released already" : "is released";
      const standstill = await readStandstill(assembly);
      const next =
        standstill === null ? "; the daemon works on it" : `.\n${problemText(standstill)}\nThen the daemon works on it`;
      say(`Run ${runId} ${released}${next}. Watch it with: roster-sync runs ${runId}`);
      return EXIT.done;
    }
    return withStandIn(assembly, (standIn) => toItsEnd(assembly, runId, null, standIn));
  });
}

/** Where the answer files of a run lie. */
export function answerFilesOf(run: Run, dataDir: string): string[] {
  if (run.state === "reading" || (run.trigger === "nightly" && run.counts.planned === 0)) return [];
  const stem = join(dataDir, "outbox", `${run.fileName}.${run.runId}.result`);
  return [`${stem}.csv`, `${stem}.json`];
}

/** @param approval given: a hold is approved, with this reason */
async function toItsEnd(
  assembly: Assembly,
  runId: string,
  approval: { readonly reason: string | null } | null,
  standIn: StandIn,
): Promise<ExitCode> {
  async function onHeld(run: Run): Promise<boolean> {
    if (approval === null) return false;
    const answer = await decideHeld(run.runId, "applying", decider(), assembly.app, approval.reason);
    if (answer.ok) say(`Run ${run.runId} was held and is released (--yes).`);
    else warn(answer.because);
    return answer.ok;
  }
  const stopped = stopSignal();
  const { run, exitCode, because } = await follow({ assembly, runId, onHeld, standIn, stopped });
  const left = exitCode === EXIT.interrupted ? [] : await wrapUpOthers(assembly, standIn, stopped);
  const ended = (await assembly.app.runs.get(run.runId)) ?? run;
  say(reportText(ended, answerFilesOf(ended, assembly.config.dataDir)));
  if (because !== null) warn(because);
  for (const { runId, state } of left)
    warn(
      `Run ${runId} is ${state}, but its answer files do not say so yet. The next start sees to it, or: roster-sync discard ${runId}`,
    );
  return exitCode;
}

/** Runs that gave way are wrapped up by whoever answers the bells; where that is this process, nobody does it afterwards. */
async function wrapUpOthers({ app }: Assembly, standIn: StandIn, stopped: Promise<unknown>): Promise<readonly Run[]> {
  if (!standIn.answersBells()) return [];
  async function open(): Promise<readonly Run[]> {
    const runs = await Promise.all((await app.runs.closing()).map((runId) => app.runs.get(runId)));
    return runs.filter((run) => run !== null && run.dataId === app.files.dataId && isFinal(run.state)) as Run[];
  }
  return awaitWrapUp({ open, patienceMs: WRAP_UP_MS, stopped }, standIn);
}

/** Who decides, for the history: the login name on this machine. */
export function decider(): string {
  try {
    return `${userInfo().username} (command line)`;
  } catch {
    return "command line";
  }
}
