// `rebuild`: the ledger lost with Redis, made again from Tallyfy, the archive and the answer files. Shows first; writes with --yes.

import { carryOutRebuild, planRebuild, RebuildRefused } from "../app/rebuild.ts";
import { announceLedger, nextLedgerId, rememberLedger } from "../app/same-ledger.ts";
import { ACTING_ADMIN_MISSING, ConfigProblems } from "../config/problem.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { createRebuildStore } from "../store/rebuild-store.ts";
import { say, sayJson, warn } from "./output.ts";
import { hasUnknowns, rebuildJson, rebuildText } from "./rebuild-text.ts";
import { type GlobalOptions, withAssembly } from "./session.ts";
import { UsageError } from "./usage-error.ts";

export interface RebuildOptions extends GlobalOptions {
  readonly yes?: boolean;
  readonly add?: boolean;
  /** False with `--no-tallyfy`. */
  readonly tallyfy?: boolean;
  readonly json?: boolean;
}

export async function rebuildCommand(options: RebuildOptions): Promise<ExitCode> {
  return withAssembly(options, async (assembly) => {
    const { app, redis, keys, config, past } = assembly;
    const asks = options.tallyfy !== false;
    if (asks && !app.tallyfy.canList) {
      const fix =
        `${ACTING_ADMIN_MISSING.fix} Or rebuild from the answer files alone, with --no-tallyfy: then nobody can say who lost the ` +
        "account since, and people whose answer file is missing are only found out when they are created.";
      throw new ConfigProblems([{ ...ACTING_ADMIN_MISSING, fix }]);
    }
    const ledgerId = await nextLedgerId(assembly);
    const store = createRebuildStore(redis, keys, config.retention.runs, ledgerId);
    try {
      const rebuild = await planRebuild({ asks, adds: options.add === true }, past, store, app);
      if (rebuild.rosters + rebuild.answers === 0) {
        throw new UsageError(
          `There is no archived roster and no answer file in ${config.dataDir}. Nothing was changed. Is DATA_DIR the folder that ` +
            "the daemon works in? Restore archive/ and outbox/ from the backup first.",
        );
      }
      if (options.yes === true) {
        const takeBack = await announceLedger(assembly, ledgerId);
        try {
          await carryOutRebuild(rebuild, store, app);
        } catch (error) {
          if (error instanceof RebuildRefused) await takeBack();
          throw error;
        }
        await rememberLedger(assembly);
      }
      const isDone = options.yes === true;
      if (options.json === true) sayJson(rebuildJson(rebuild, isDone));
      else say(rebuildText(rebuild, isDone));
      if (!isDone) warn("Nothing was changed. To write it: the same command with --yes");
      return hasUnknowns(rebuild) ? EXIT.partial : EXIT.done;
    } catch (error) {
      if (error instanceof RebuildRefused) throw new UsageError(error.message);
      throw error;
    }
  });
}
