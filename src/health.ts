// How the whole installation stands, for the overview, the health addresses and `doctor`: what is wrong, what to do.

import type { Halt } from "./app/ports.ts";
import type { Assembly } from "./assembly.ts";
import { releaseCommand } from "./domain/hold.ts";
import type { HaltKind } from "./domain/outcome.ts";
import { alive, ROLES } from "./store/presence.ts";
import type { Health, Problem } from "./web/overview-sources.ts";

const DO_THIS: Record<HaltKind, string> = {
  credentials:
    "Correct TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET (or their files), or ask Tallyfy Support whether they were revoked; " +
    "work goes on by itself when they are accepted.",
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
  const [halt, present, unfinished, recent] = await Promise.all([
    app.signals.halt(),
    alive(redis, keys, Date.now()),
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
  for (const run of unfinished) {
    if (run.state !== "held") continue;
    warnings.push({
      what: `Run ${run.runId} (${run.fileName}) is held. ${run.breaches.map((breach) => breach.message).join(" ")}`,
      doThis: `Release it with \`${releaseCommand(run.runId, run.breaches)}\` or drop it with \`roster-sync discard ${run.runId}\`.`,
      heldRunId: run.runId,
    });
  }
  for (const run of recent) {
    if (run.state !== "reading" || run.waitingFor !== "tallyfy") continue;
    warnings.push({
      what: `Run ${run.runId} waits for Tallyfy: ${run.because}`,
      doThis:
        "Nothing, if Tallyfy is down for a moment: the run goes on by itself. Otherwise look with `roster-sync doctor`.",
    });
  }
  const last = recent.find((run) => run.state !== "nothing-new" && run.state !== "reading");
  if (last !== undefined && (last.state === "refused" || last.state === "failed")) {
    const doThis = "Read the reason file beside it in the refused folder, correct the export and drop it again.";
    warnings.push({ what: `The last roster (${last.fileName}) was ${last.state}.`, doThis });
  }
  const status = red.length > 0 ? "red" : warnings.length > 0 ? "warning" : "ok";
  return { status, problems: [...red, ...warnings], roles };
}
