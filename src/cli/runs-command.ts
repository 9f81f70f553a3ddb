// `runs`: the history, or one run's report.

import { lookAtLedger } from "../app/same-ledger.ts";
import type { Assembly } from "../assembly.ts";
import type { ExitCode } from "../domain/exit.ts";
import { EXIT } from "../domain/exit.ts";
import type { Run } from "../domain/run.ts";
import { readStoppages, waitingProblem } from "../health.ts";
import { say, sayJson, warn } from "./output.ts";
import { haltText, historyText, isUnderWay, problemText, reportText, stoppageTexts } from "./report-text.ts";
import { type GlobalOptions, withKnownAssembly } from "./session.ts";
import { answerFilesOf } from "./sync-command.ts";
import { requireRun } from "./usage-error.ts";

const SHOWN = 30;

export async function runsCommand(
  runId: string | undefined,
  options: GlobalOptions & { readonly json?: boolean },
): Promise<ExitCode> {
  return withKnownAssembly(options, async (assembly, { dataDir }) => {
    const { runs } = assembly.app;
    const other = await lookAtLedger(assembly);
    if (other !== null) warn(other.message);
    if (runId === undefined) {
      const shown = await runs.list(SHOWN);
      if (options.json === true) sayJson(JSON.stringify(shown, null, 2));
      else say([historyText(shown, dataDir), ...(await stoppagesOf(shown, assembly))].join("\n\n"));
      return EXIT.done;
    }
    const run = await requireRun(runId, assembly.app, dataDir);
    if (options.json === true) sayJson(JSON.stringify(run, null, 2));
    else say(reportText(run, answerFilesOf(run, dataDir), isUnderWay(run) ? await stoppagesOf([run], assembly) : []));
    return EXIT.done;
  });
}

/** What keeps the runs from going on, and the halt that whatever comes next will meet. */
async function stoppagesOf(runs: readonly Run[], assembly: Assembly): Promise<string[]> {
  const stoppages = await readStoppages(assembly);
  const { halt } = stoppages;
  if (!runs.some(isUnderWay)) return halt === null ? [] : [haltText(halt)];
  const waiting = runs.map((run) => waitingProblem(run, halt)).filter((problem) => problem !== null);
  return [...stoppageTexts(stoppages), ...waiting.map(problemText)];
}
