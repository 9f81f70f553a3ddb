// `discard RUN`: drops a held run and sees to its end, beside a daemon or alone. Given again, it goes on where a process died.

import { decideHeld } from "../app/decide-held.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { say, warn } from "./output.ts";
import { type GlobalOptions, withKnownAssembly } from "./session.ts";
import { awaitWrapUp, withStandIn } from "./stand-in.ts";
import { stopSignal } from "./stop-signal.ts";
import { decider } from "./sync-command.ts";
import { requireRun, UsageError } from "./usage-error.ts";

/** A daemon that was killed is taken for alive for 12 seconds, and its hold on a bell lasts 15 and a few more. */
const WRAP_UP_MS = 60_000;
const SAY_SO_MS = 3_000;
/** Who was created without an answer is looked up before a run ends. */
const WAITS_FOR = {
  tallyfy: "They wait for Tallyfy, which does not answer or asked for a pause (see: roster-sync doctor).",
  credentials: "They wait for Tallyfy, which refuses to tell who its members are (see: roster-sync doctor).",
} as const;

export async function discardCommand(runId: string, options: GlobalOptions): Promise<ExitCode> {
  return withKnownAssembly(options, async (assembly, { dataDir }) => {
    const { app } = assembly;
    await requireRun(runId, app, dataDir);
    const answer = await decideHeld(runId, "discarded", decider(), app);
    if (!answer.ok) throw new UsageError(answer.because);
    const { run, isRepeated } = answer;
    if (!isRepeated) {
      say(`Run ${runId} is discarded: nothing of it is applied. Its file stays in ${run.filePath ?? "the archive"}.`);
    }
    if (run.dataId !== app.files.dataId) {
      say("Its answer files lie in another data folder; the daemon there writes them.");
      return EXIT.done;
    }
    async function open() {
      const now = await app.runs.get(runId);
      return now === null || now.endedAt !== null ? [] : [now];
    }
    const waiting = { open, patienceMs: WRAP_UP_MS, stopped: stopSignal() };
    const patience = setTimeout(
      () => warn("Waiting until its answer files say so, too (a minute at most) ..."),
      SAY_SO_MS,
    );
    const [left] = await withStandIn(assembly, (standIn) => awaitWrapUp(waiting, standIn), true).finally(() =>
      clearTimeout(patience),
    );
    if (left === undefined) {
      if (isRepeated) say(`Run ${runId} was ${run.state} already; now its answer files say so, too.`);
      return EXIT.done;
    }
    const why = left.waitingFor === null ? "" : ` ${WAITS_FOR[left.waitingFor]}`;
    warn(
      `Its answer files do not say so yet.${why} The daemon sees to it, or the same command again: roster-sync discard ${runId}`,
    );
    return EXIT.partial;
  });
}
