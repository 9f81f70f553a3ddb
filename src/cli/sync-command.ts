// `sync FILE` and `approve RUN`: one run in the foreground to its end, beside a daemon or alone.

import { userInfo } from "node:os";
import { basename, join, resolve } from "node:path";
import { decideHeld } from "../app/decide-held.ts";
import { recover } from "../app/recover.ts";
import type { Assembly } from "../assembly.ts";
import { Closers } from "../closers.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import type { Run } from "../domain/run.ts";
import { makeRunId } from "../domain/run-id.ts";
import { alive } from "../store/presence.ts";
import { startBellWorker, startPeopleWorker } from "../workers.ts";
import { follow } from "./follow.ts";
import { reportText } from "./report-text.ts";
import { type GlobalOptions, say, withAssembly } from "./session.ts";
import { requireFile, UsageError } from "./usage-error.ts";

const GRACE_MS = 7_000;

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
    return withWorkers(assembly, async (worksItself) => {
      const runId = makeRunId(Date.now(), Math.random);
      const filePath = await app.files.bring(resolve(file), runId);
      await app.bell.ring({
        kind: "roster",
        runId,
        dataId: app.files.dataId,
        fileName: basename(file),
        filePath,
        trigger: "command",
        isForced: options.force === true,
      });
      return toItsEnd(assembly, runId, options.yes === true ? { reason: options.reason ?? null } : null, worksItself);
    });
  });
}

export async function approveCommand(
  runId: string,
  options: GlobalOptions & { readonly reason?: string },
): Promise<ExitCode> {
  return withAssembly(options, async (assembly) => {
    const answer = await decideHeld(runId, "applying", decider(), assembly.app, options.reason ?? null);
    if (!answer.ok) throw new UsageError(answer.because);
    const present = await alive(assembly.redis, assembly.keys, Date.now());
    if (present.some((one) => one.roles.includes("worker"))) {
      say(`Run ${runId} is released; the daemon works on it. Watch it with: roster-sync runs ${runId}`);
      return EXIT.done;
    }
    return withWorkers(assembly, (worksItself) => toItsEnd(assembly, runId, null, worksItself));
  });
}

export async function discardCommand(runId: string, options: GlobalOptions): Promise<ExitCode> {
  return withAssembly(options, async (assembly) => {
    const answer = await decideHeld(runId, "discarded", decider(), assembly.app);
    if (!answer.ok) throw new UsageError(answer.because);
    say(
      `Run ${runId} is discarded: nothing of it is applied. Its file stays in ${answer.run.filePath ?? "the archive"}.`,
    );
    return EXIT.done;
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
  worksItself: boolean,
): Promise<ExitCode> {
  async function onHeld(run: Run): Promise<boolean> {
    if (approval === null) return false;
    const answer = await decideHeld(run.runId, "applying", decider(), assembly.app, approval.reason);
    if (answer.ok) say(`Run ${run.runId} was held and is released (--yes).`);
    else process.stderr.write(`${answer.because}\n`);
    return answer.ok;
  }
  const { run, exitCode, because } = await follow({ assembly, runId, onHeld, worksItself });
  say(reportText(run, answerFilesOf(run, assembly.config.dataDir)));
  if (because !== null) process.stderr.write(`${because}\n`);
  return exitCode;
}

/** Runs `work` while somebody works on the queues: a living daemon on the same data folder, or else this process. */
async function withWorkers<T>(assembly: Assembly, work: (worksItself: boolean) => Promise<T>): Promise<T> {
  const closers = new Closers();
  try {
    const present = await alive(assembly.redis, assembly.keys, Date.now());
    const { dataId } = assembly.app.files;
    const hasIntake = present.some((one) => one.roles.includes("intake") && one.dataId === dataId);
    const hasWorker = present.some((one) => one.roles.includes("worker"));
    if (!hasWorker) {
      const worker = await startPeopleWorker(assembly);
      closers.add(() => worker.stop(GRACE_MS));
    }
    if (!hasIntake) {
      const worker = await startBellWorker(assembly);
      closers.add(() => worker.stop(GRACE_MS));
      await recover(assembly.app);
    }
    return await work(!hasWorker);
  } finally {
    await closers.close();
  }
}

/** Who decides, for the history: the login name on this machine. */
function decider(): string {
  try {
    return `${userInfo().username} (command line)`;
  } catch {
    return "command line";
  }
}
