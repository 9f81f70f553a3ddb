// How the whole installation stands, for the overview, the health addresses and `doctor`: what is wrong, what to do.

import type { Halt } from "./app/ports.ts";
import type { Assembly } from "./assembly.ts";
import { releaseCommand } from "./domain/hold.ts";
import type { HaltKind } from "./domain/outcome.ts";
import { TROUBLE_AFTER } from "./domain/reaction.ts";
import { inboxProblems } from "./domain/stuck-files.ts";
import { alive, ROLES } from "./store/presence.ts";
import type { Health, Problem } from "./web/overview-sources.ts";

const DO_THIS: Record<HaltKind | "listing", string> = {
  credentials:
    "Correct TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET (or their files), or ask Tallyfy Support whether they were revoked; " +
    "a corrected file is read again by itself, a variable needs a restart.",
  listing:
    "Look whether the account named by TALLYFY_ADMIN_EMAIL is still an active administrator (`roster-sync doctor`); the run " +
    "goes on by itself.",
  seats: "Buy seats in Tallyfy, or disable people who no longer need one; it is tried again by itself.",
  organisation:
    "Look at the organisation in Tallyfy (read-only, unpaid, another organisation id?); it is tried again by itself.",
};

/** The problem that a halt is. */
export function haltProblem(halt: Halt): Problem {
  return { what: `Provisioning is halted (${halt.kind}): ${halt.message}`, doThis: DO_THIS[halt.kind] };
}

export async function readHealth(assembly: Assembly): Promise<Health> {
  const { app, redis, keys } = assembly;
  const [halt, trouble, isPaused, accepted, present, unfinished, recent] = await Promise.all([
    app.signals.halt(),
    app.signals.trouble(),
    app.provisioning.isPaused(),
    app.runs.accepted(),
    alive(redis, keys),
    app.runs.unfinished(),
    app.runs.list(10),
  ]);
  const roles = ROLES.map((role) => ({ role, instances: present.filter((one) => one.roles.includes(role)).length }));
  const red: Problem[] = [];
  const warnings: Problem[] = [];
  if (halt !== null) red.push(haltProblem(halt));
  for (const { role, instances } of roles) {
    if (role === "web" || instances > 0) continue;
    red.push({
      what: `No process plays the role "${role}".`,
      doThis: `Start one: \`roster-sync start --role ${role}\``,
    });
  }
  if (halt === null && isPaused) {
    warnings.push({
      what: "The queue that creates users is paused, and not by us: nobody is created.",
      doThis: "Resume it on the page Queues when whoever paused it agrees.",
    });
  }
  const isTallyfyTroubled = trouble !== null && trouble.inARow >= TROUBLE_AFTER;
  const isOpen = unfinished.some((run) => run.state === "applying");
  if (isTallyfyTroubled && isOpen) {
    const since = new Date(trouble.since).toISOString().slice(0, 16).replace("T", " ");
    warnings.push({
      what: `Tallyfy has not answered as it should since ${since} UTC (${trouble.inARow} calls): ${trouble.message}`,
      doThis:
        "Nothing, if Tallyfy is down for a moment: people are tried again. Otherwise look with `roster-sync doctor`.",
    });
  }
  const intakes = present.filter(({ roles }) => roles.includes("intake"));
  const served = new Set(intakes.map(({ dataId }) => dataId));
  const orphans = unfinished.filter((run) => !served.has(run.dataId)).map((run) => `run ${run.runId}`);
  if (accepted !== null && !served.has(accepted.dataId)) orphans.push("the last accepted roster");
  if (orphans.length > 0 && served.size > 0) {
    warnings.push({
      what: `No living intake has the data folder of ${orphans.join(", ")}.`,
      doThis: "Start `roster-sync start --role intake` where that folder is, or drop the newest roster here.",
    });
  }
  for (const run of unfinished) {
    if (run.state !== "held") continue;
    warnings.push({
      what: `Run ${run.runId} (${run.fileName}) is held. ${run.breaches.map((breach) => breach.message).join(" ")}`,
      doThis: `Release it with \`${releaseCommand(run.runId, run.breaches)}\` or drop it with \`roster-sync discard ${run.runId}\`.`,
      heldRunId: run.runId,
    });
  }
  for (const run of recent) {
    if (run.state !== "reading" || run.waitingFor === null) continue;
    if (run.waitingFor === "credentials") {
      if (halt === null)
        red.push({ what: `Run ${run.runId} cannot be planned: ${run.because}`, doThis: DO_THIS.listing });
      continue;
    }
    warnings.push({
      what: `Run ${run.runId} waits for Tallyfy: ${run.because}`,
      doThis:
        "Nothing, if Tallyfy is down for a moment: the run goes on by itself. Otherwise look with `roster-sync doctor`.",
    });
  }
  warnings.push(...inboxProblems(intakes));
  const last = recent.find((run) => run.state !== "nothing-new" && run.state !== "reading");
  if (last !== undefined && (last.state === "refused" || last.state === "failed")) {
    const doThis = "Read the reason file beside it in the refused folder, correct the export and drop it again.";
    warnings.push({ what: `The last roster (${last.fileName}) was ${last.state}.`, doThis });
  }
  const status = red.length > 0 ? "red" : warnings.length > 0 ? "warning" : "ok";
  return { status, isTallyfyTroubled, problems: [...red, ...warnings], roles };
}
