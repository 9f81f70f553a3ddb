// `plan FILE`: what would be done to whom, and why. The same reading and deciding as a run, which stops here.

import { resolve } from "node:path";
import { liveStandings, planRoster } from "../app/planning.ts";
import { requireSameLedger } from "../app/same-ledger.ts";
import { ACTING_ADMIN_MISSING, ConfigProblems } from "../config/problem.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { planParts } from "../domain/plan.ts";
import { say, sayJson, warn } from "./output.ts";
import { hasLeftOut, planJson, planText } from "./plan-text.ts";
import { type GlobalOptions, withPassingAssembly } from "./session.ts";
import { requireFile } from "./usage-error.ts";

export async function planCommand(
  file: string,
  options: GlobalOptions & { readonly json?: boolean; readonly live?: boolean },
): Promise<ExitCode> {
  await requireFile(file, "plan");
  return withPassingAssembly(options, async (assembly) => {
    const { app } = assembly;
    await requireSameLedger(assembly);
    if (options.live === true && !app.tallyfy.canList) {
      throw new ConfigProblems([ACTING_ADMIN_MISSING]);
    }
    const isFirstContact = app.tallyfy.canList && (await app.ledger.listedAt()) === null;
    const standings = options.live === true || isFirstContact ? await liveStandings(app) : app.ledger;
    const parts = planParts();
    const planned = await planRoster(resolve(file), null, standings, async (part) => parts.add(part), app);
    if (!app.tallyfy.canList && options.json !== true && (await app.ledger.size()) === 0) {
      warn(
        "Note: nobody could be looked up in Tallyfy, because no acting admin is configured (TALLYFY_ADMIN_EMAIL); people who " +
          "have an account already are found out only when they are created.",
      );
    }
    const { asOf, sha256, verdict } = planned;
    const { rows, unchanged } = planned.totals;
    const plan = parts.plan({ runId: "plan", asOf, sha256, rows, unchanged });
    const shown = { ...planned, plan };
    if (options.json === true) sayJson(planJson(shown));
    else say(planText(shown));
    if (verdict.kind === "hold") return EXIT.held;
    return hasLeftOut(plan) ? EXIT.partial : EXIT.done;
  });
}
