// A run in words, for a terminal: what it was, how it stands, what happened to whom in numbers, and what to do next.

import type { Halt } from "../app/ports.ts";
import { leftOut } from "../domain/exit.ts";
import type { Run } from "../domain/run.ts";

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

/** The report of one run. */
export function reportText(run: Run, answerFiles: readonly string[]): string {
  const { counts } = run;
  const lines = [`Run ${run.runId} of ${run.fileName} ${STATE_WORDS[run.state]}.`];
  if (run.because !== null) lines.push(...run.because.split("\n").map((line) => `  ${line}`));
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

/** Why nobody is created at the moment, and what happens next. */
export function haltText({ since, probeAt, message }: Halt): string {
  const moments = [since, probeAt].map((ms) => new Date(ms).toISOString());
  return `Nobody is created since ${moments[0]}: ${message}\nNobody is lost. It is looked at again by itself, next at ${moments[1]}.`;
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
