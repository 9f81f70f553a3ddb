// How the whole installation stands, for the overview, the health addresses and `doctor`: what is wrong, what to do.

import type { Halt } from "./app/ports.ts";
import type { Assembly } from "./assembly.ts";
import { releaseCommand } from "./domain/hold.ts";
import { stillLeftOut } from "./domain/left-out.ts";
import type { HaltKind } from "./domain/outcome.ts";
import { counted } from "./domain/quoting.ts";
import { TROUBLE_AFTER } from "./domain/reaction.ts";
import type { Run } from "./domain/run.ts";
import { inboxProblems } from "./domain/stuck-files.ts";
import { alive, type Heard, type Presence, ROLES } from "./store/presence.ts";
import type { Health, Problem } from "./web/overview-sources.ts";

const DO_THIS: Record<HaltKind | "listing", string> = {
  credentials:
    "Correct TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET (or their files), or ask Tallyfy Support whether they were revoked; " +
    "a corrected file is read again by itself, a variable needs a restart.",
  listing:
    "Look whether the account named by TALLYFY_ADMIN_EMAIL is still an active administrator (`roster-sync doctor`); the run " +
    "goes on by itself.",
  seats:
    "Buy seats in Tallyfy, or disable people who no longer need one; it is tried again by itself, and at once when the daemon is restarted.",
  organisation:
    "Look at the organisation in Tallyfy (read-only, unpaid, another organisation id?); it is tried again by itself, and at once when " +
    "the daemon is restarted.",
};

/** The problem that a halt is. */
export function haltProblem({ kind, message, metSince }: Halt): Problem {
  const what = `Provisioning is halted (${kind}): ${message}`;
  if (metSince === undefined) return { what, doThis: DO_THIS[kind] };
  return {
    what: `${what} Whether that is over could not be told when it was looked at last: ${metSince}`,
    doThis: `See first what \`roster-sync doctor\` says of the way to Tallyfy. For the halt: ${DO_THIS[kind]}`,
  };
}

/** A person paused it; our own pauses come with a halt. */
export const QUEUE_PAUSED: Problem = {
  what: "The queue that creates users is paused, and not by us: nobody is created.",
  doThis: "Resume it on the page Queues when whoever paused it agrees.",
};

/** What keeps everybody from being created at this moment; null: nothing. */
export async function readStandstill({ app }: Assembly): Promise<Problem | null> {
  const [halt, isPaused] = await Promise.all([app.signals.halt(), app.provisioning.isPaused()]);
  if (halt !== null) return haltProblem(halt);
  return isPaused ? QUEUE_PAUSED : null;
}

/** What a run that is not planned yet waits for; null: for nothing, or for the end of a halt. */
export function waitingProblem({ runId, state, waitingFor, because }: Run, halt: Halt | null): Problem | null {
  if (state !== "reading" || waitingFor === null) return null;
  if (waitingFor === "credentials")
    return halt === null ? { what: `Run ${runId} cannot be planned: ${because}`, doThis: DO_THIS.listing } : null;
  return {
    what: `Run ${runId} waits for Tallyfy: ${because}`,
    doThis:
      "Nothing, if Tallyfy is down for a moment: the run goes on by itself. Otherwise look with `roster-sync doctor`.",
  };
}

/** What keeps work from going on, apart from what single runs wait for. */
export interface Stoppages {
  /** `haltProblem` has its words. */
  readonly halt: Halt | null;
  /** Without the halt; the gravest first. */
  readonly red: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Whether Tallyfy has left people waiting lately. */
  readonly isTallyfyTroubled: boolean;
  /** Who was heard of lately. */
  readonly present: readonly Heard[];
}

export async function readStoppages({ app, redis, keys }: Assembly): Promise<Stoppages> {
  const [halt, trouble, isPaused, accepted, present, unfinished] = await Promise.all([
    app.signals.halt(),
    app.signals.trouble(),
    app.provisioning.isPaused(),
    app.runs.accepted(),
    alive(redis, keys),
    app.runs.unfinished(),
  ]);
  const red = missingRoles(present);
  const warnings: Problem[] = [];
  if (halt === null && isPaused) warnings.push(QUEUE_PAUSED);
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

  const served = new Set(present.filter(({ roles }) => roles.includes("intake")).map(({ dataId }) => dataId));
  const orphans = unfinished.filter((run) => !served.has(run.dataId)).map((run) => `run ${run.runId}`);
  if (accepted !== null && !served.has(accepted.dataId)) orphans.push("the last accepted roster");
  if (orphans.length > 0 && served.size > 0) {
    warnings.push({
      what: `No living intake has the data folder of ${orphans.join(", ")}.`,
      doThis: "Start `roster-sync start --role intake` where that folder is, or drop the newest roster here.",
    });
  }
  return { halt, red, warnings, isTallyfyTroubled, present };
}

function missingRoles(present: readonly Presence[]): Problem[] {
  const missing = (["intake", "worker"] as const).filter((role) => !present.some(({ roles }) => roles.includes(role)));
  if (missing.length === 2) {
    const doThis =
      "Start it: `roster-sync start`. Until then a run goes on only while a command works on it, such as `roster-sync sync` with the same file.";
    return [{ what: "No daemon is at work.", doThis }];
  }
  return missing.map((role) => ({
    what: `No process plays the role "${role}".`,
    doThis: `Start one: \`roster-sync start --role ${role}\``,
  }));
}

export async function readHealth(assembly: Assembly): Promise<Health> {
  const { app } = assembly;
  const [stoppages, unfinished, recent] = await Promise.all([
    readStoppages(assembly),
    app.runs.unfinished(),
    app.runs.list(10),
  ]);
  const { halt, isTallyfyTroubled, present } = stoppages;
  const roles = ROLES.map((role) => ({ role, instances: present.filter((one) => one.roles.includes(role)).length }));
  const red = halt === null ? [...stoppages.red] : [haltProblem(halt), ...stoppages.red];
  const warnings = [...stoppages.warnings];
  for (const run of unfinished) {
    if (run.state !== "held") continue;
    const because = run.breaches.map((breach) => breach.message).join(" ");
    warnings.push({
      what: `Run ${run.runId} (${run.fileName}) is held. ${because}`,
      openly: `Run ${run.runId} is held. ${because}`,
      doThis: `Release it with \`${releaseCommand(run.runId, run.breaches)}\` or drop it with \`roster-sync discard ${run.runId}\`.`,
      heldRunId: run.runId,
    });
  }
  for (const run of recent) {
    const problem = waitingProblem(run, halt);
    if (problem !== null) (run.waitingFor === "credentials" ? red : warnings).push(problem);
  }
  const inbox = inboxProblems(present.filter(({ roles }) => roles.includes("intake")));
  warnings.push(
    ...inbox.map((each) => ({ ...each, openly: "Something in the inbox is not taken. The overview names it." })),
  );
  const last = recent.find((run) => run.state !== "nothing-new" && run.state !== "reading");
  if (last !== undefined && (last.state === "refused" || last.state === "failed")) {
    const doThis = "Read the reason file beside it in the refused folder, correct the export and drop it again.";
    const openly = `The last roster was ${last.state}.`;
    warnings.push({ what: `The last roster (${last.fileName}) was ${last.state}.`, openly, doThis });
  }
  const left = await readLeftOut(assembly, recent);
  if (left !== null) warnings.push(left);
  const status = red.length > 0 ? "red" : warnings.length > 0 ? "warning" : "ok";
  return { status, isTallyfyTroubled, problems: [...red, ...warnings], roles };
}

/** A green page over rows that nobody looks at would be believed. */
async function readLeftOut({ app }: Assembly, recent: readonly Run[]): Promise<Problem | null> {
  const accepted = await app.runs.accepted();
  if (accepted === null) return null;
  const left = stillLeftOut(await app.runs.get(accepted.runId), accepted.sha256, recent);
  if (left === null) return null;
  const { runId, fileName, trigger, counts } = left.run;
  const isOne = left.rows === 1;
  const were = `${counted(left.rows, "row")} of the newest roster`;
  const wereNot = `${isOne ? "was" : "were"} left out because ${isOne ? "it" : "they"} could not be trusted.`;
  const where =
    trigger === "nightly" && counts.planned === 0
      ? "`roster-sync plan` with that roster says which and why"
      : `The answer file of run ${runId} says which and why (\`roster-sync runs ${runId}\` shows where it is)`;
  return {
    what: `${were} (${fileName}) ${wereNot}`,
    openly: `${were} ${wereNot}`,
    doThis: `${where}: correct it in the HR system, or in Tallyfy, and drop the next export.`,
    runId,
  };
}
