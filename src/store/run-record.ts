// A run's record as a Redis hash, and back. Only the form is known here; reading and writing is runs.ts.

import type { OutcomeStatus } from "../domain/outcome.ts";
import { noCounts, type Run, type RunState } from "../domain/run.ts";

const STATUSES: readonly OutcomeStatus[] = ["applied", "already", "stale", "rejected", "exhausted"];

type Fields = Record<string, string | number>;

/** A run's fields as a hash: the state as it is (scripts compare it), outcomes as counters, everything else as JSON. */
export function fromRun(run: Partial<Run>): Fields {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(run)) {
    if (name === "state") fields.state = value as RunState;
    else if (name !== "counts" && name !== "runId") fields[name] = JSON.stringify(value);
  }
  if (run.runId !== undefined) fields.runId = JSON.stringify(run.runId);
  if (run.counts !== undefined) {
    const { rows, planned, unchanged, adopted, skipped } = run.counts;
    fields.counts = JSON.stringify({ rows, planned, unchanged, adopted, skipped });
  }
  return fields;
}

/** The run, with how many of its changes are still open. */
export function toRun(fields: Record<string, string>, open: number): Run {
  const run: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(fields)) {
    // Which reading is the latest (run-scripts.ts) is nobody else's business.
    if (name !== "reading" && !name.startsWith("outcome:")) run[name] = name === "state" ? text : JSON.parse(text);
  }
  const outcomes = Object.fromEntries(STATUSES.map((status) => [status, Number(fields[`outcome:${status}`] ?? 0)]));
  // Runs of earlier versions do not have them.
  run.comparison ??= null;
  run.reason ??= null;
  run.counts = { ...noCounts(), ...(run.counts as object | undefined), outcomes, open };
  return run as unknown as Run;
}

/** As Redis takes them: field, value, field, value. */
export function flat(fields: Fields): (string | number)[] {
  return Object.entries(fields).flat();
}
