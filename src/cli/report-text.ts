// A run in words, for a terminal: what it was, how it stands, what happened to whom in numbers, and what to do next.

import type { Halt } from "../app/ports.ts";
import { leftOut } from "../domain/exit.ts";
import { isFinal, type Run } from "../domain/run.ts";
import { haltProblem, type Stoppages } from "../health.ts";
import { isOverdue, SILENT_MS } from "../store/presence.ts";
import type { Problem } from "../web/overview-sources.ts";

const STATE_WORDS: Record<Run["state"], string> = {
  reading: "is being read",
  held: "is held: a person must decide",
  applying: "is under way",
  closed: "is done",
  refused: "was refused",
  "nothing-new": "brought nothing new",
  superseded: "was superseded by a newer roster",
  discarded: "was discarded",
  failed: "failed",
};

/** Whether the program, and not a person, is to go on with a run. */
export function isUnderWay({ state }: Run): boolean {
  return state === "reading" || state === "applying";
}

/** The report of one run. @param stoppages what keeps it from going on, in words */
export function reportText(run: Run, answerFiles: readonly string[], stoppages: readonly string[] = []): string {
  const { counts } = run;
  const lines = [`Run ${run.runId} of ${run.fileName} ${STATE_WORDS[run.state]}.`];
  const { because } = run;
  const isSaidBelow = because !== null && stoppages.some((text) => text.includes(because));
  if (because !== null && !isSaidBelow) lines.push(...because.split("\n").map((line) => `  ${line}`));
  if (isFinal(run.state) && run.endedAt === null) {
    lines.push(
      `  It is not wrapped up: its answer files do not say so yet. A daemon sees to it, or: roster-sync discard ${run.runId}`,
    );
  }
  lines.push(...stoppages.flatMap((text) => text.split("\n").map((line) => `  ${line}`)));
  if (run.comparison !== null) lines.push(`  ${run.comparison}`);
  if (counts.rows > 0) {
    const { outcomes, skipped } = counts;
    lines.push(
      row("rows in the roster", counts.rows),
      row("already provisioned", counts.unchanged),
      row("adopted (had an account)", counts.adopted),
      row("planned to create", counts.planned),
      row("  created", outcomes.applied),
      row("  there already", outcomes.already),
      row("  refused by Tallyfy", outcomes.rejected),
      row("  given up for tonight", outcomes.exhausted),
      row("  no longer wanted", outcomes.stale),
      row("  still open", counts.open),
    );
    const situations = Object.entries(skipped).sort(([a], [b]) => (a < b ? -1 : 1));
    if (situations.length > 0) {
      const sum = situations.reduce((total, [, count]) => total + count, 0);
      lines.push(row("left alone", sum), ...situations.map(([situation, count]) => row(`  ${situation}`, count)));
    }
    const unsure = leftOut(skipped);
    if (unsure === 1) lines.push("1 row was left out because it could not be trusted; the answer file says why.");
    if (unsure > 1)
      lines.push(`${unsure} rows were left out because they could not be trusted; the answer file says why.`);
  }
  if (run.state === "refused") lines.push("The file and its reason lie in the folder refused.");
  else if (answerFiles.length > 0 && counts.rows > 0)
    lines.push("Who and why, line by line:", ...answerFiles.map((path) => `  ${path}`));
  return lines.filter((line) => !line.endsWith(" 0") || line.includes("rows in the roster")).join("\n");
}

function row(label: string, count: number): string {
  return `  ${label.padEnd(28)}${String(count).padStart(8)}`;
}

/** Why nobody is created at the moment, what to do, and when it is looked at again. */
export function haltText(halt: Halt): string {
  const [since, next] = [halt.since, halt.probeAt].map((ms) => new Date(ms).toISOString());
  return `${problemText(haltProblem(halt))}\nNobody is created since ${since}, and nobody is lost. It is looked at again by itself, next at ${next}.`;
}

/** What keeps runs from going on at this moment, and what to do. Empty when nothing does. */
export function stoppageTexts({ halt, red, warnings, present }: Stoppages): string[] {
  const texts = [...(halt === null ? [] : [haltText(halt)]), ...[...red, ...warnings].map(problemText)];
  const working = present.filter(({ roles }) => roles.some((role) => role !== "web"));
  if (texts.length > 0 || !working.every(isOverdue)) return texts;
  const seconds = Math.round(Math.min(...working.map(({ silentMs }) => silentMs)) / 1000);
  return [`The daemon was last heard of ${seconds} s ago and may have died: look again in ${SILENT_MS / 1000} s.`];
}

/** As the overview says it: what is wrong, and what to do. */
export function problemText({ what, doThis }: Problem): string {
  return `${what}\n${doThis}`;
}

/** The history as a table, newest first. */
export function historyText(runs: readonly Run[], dataDir: string): string {
  if (runs.length === 0)
    return `There were no runs yet (${dataDir}). Drop a roster into the inbox, or: roster-sync sync FILE`;
  const head = `${"run".padEnd(25)}${"state".padEnd(13)}${"why".padEnd(9)}${"rows".padStart(8)}${"created".padStart(9)}${"failed".padStart(8)}${"left out".padStart(10)}  file`;
  const rows = runs.map((run) => {
    const { outcomes, rows: count, skipped } = run.counts;
    const numbers = [
      // A run that read nothing (nothing new, refused) did not find an empty file.
      (count === 0 && run.plannedAt === null ? "-" : String(count)).padStart(8),
      String(outcomes.applied).padStart(9),
      String(outcomes.rejected + outcomes.exhausted).padStart(8),
      String(leftOut(skipped)).padStart(10),
    ];
    return `${run.runId.padEnd(25)}${run.state.padEnd(13)}${run.trigger.padEnd(9)}${numbers.join("")}  ${run.fileName}`;
  });
  return [head, ...rows].join("\n");
}
