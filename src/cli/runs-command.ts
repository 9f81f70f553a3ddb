// `runs`: the history, or one run's report.

import type { ExitCode } from "../domain/exit.ts";
import { EXIT } from "../domain/exit.ts";
import { say, sayJson } from "./output.ts";
import { haltText, historyText, reportText } from "./report-text.ts";
import { type GlobalOptions, withKnownAssembly } from "./session.ts";
import { answerFilesOf } from "./sync-command.ts";
import { requireRun } from "./usage-error.ts";

const SHOWN = 30;

export async function runsCommand(
  runId: string | undefined,
  options: GlobalOptions & { readonly json?: boolean },
): Promise<ExitCode> {
  return withKnownAssembly(options, async ({ app }, config) => {
    if (runId === undefined) {
      const runs = await app.runs.list(SHOWN);
      if (options.json === true) sayJson(JSON.stringify(runs, null, 2));
      else {
        say(historyText(runs, config.dataDir));
        const halt = await app.signals.halt();
        if (halt !== null) say(`\n${haltText(halt)}`);
      }
      return EXIT.done;
    }
    const run = await requireRun(runId, app, config.dataDir);
    if (options.json === true) sayJson(JSON.stringify(run, null, 2));
    else say(reportText(run, answerFilesOf(run, config.dataDir)));
    return EXIT.done;
  });
}
