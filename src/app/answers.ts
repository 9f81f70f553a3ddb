// The rows of a run's answer file: everybody with an outcome, everybody left alone, everybody adopted, in file order.

import type { Outcome } from "../domain/outcome.ts";
import type { Trace } from "../domain/rebuild.ts";
import type { AnswerRow, RunStore } from "./ports.ts";

/** @param wasReleased whether the run did what it planned; a held one does not link anybody */
export async function* answerRows(
  { runId, wasReleased }: { readonly runId: string; readonly wasReleased: boolean },
  runs: Pick<RunStore, "outcomes" | "openChanges" | "skips" | "adoptions">,
): AsyncGenerator<AnswerRow> {
  const rows = new Map<string, AnswerRow>();
  for await (const page of runs.openChanges(runId)) {
    for (const { key, line } of page) rows.set(`change ${key}`, { line, key, outcome: "planned", reason: "" });
  }
  for await (const page of runs.outcomes(runId)) {
    for (const { key, line, outcome } of page) {
      rows.set(`change ${key}`, { line, key, outcome: outcome.status, reason: reasonOf(outcome) });
    }
  }
  for await (const page of runs.adoptions(runId)) {
    for (const { key, line } of page) {
      const reason = wasReleased
        ? "The account was there already and is now known to belong to this person."
        : "The account is there already; it is linked to this person only when the run is released.";
      rows.set(`adoption ${key}`, { line, key, outcome: wasReleased ? "adopted" : "planned", reason });
    }
  }
  let count = 0;
  for await (const page of runs.skips(runId)) {
    for (const { key, line, situation, because } of page) {
      rows.set(`skip ${count}`, { line, key, outcome: situation, reason: because });
      count += 1;
    }
  }
  yield* [...rows.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** How the reasons of `already` begin, by which `traceIn` tells them apart years later. */
export const ALREADY = {
  known: "Has been in the ledger since run",
  ownAttempt: "An earlier attempt, whose answer was lost, had created the account.",
  thereBefore: "The account was there already.",
} as const;

/** What a row of an answer file says of an account; null: nothing. */
export function traceIn({ outcome, reason }: AnswerRow): Pick<Trace, "origin" | "accountId"> | null {
  switch (outcome) {
    case "applied": {
      const number = /as user (\d{1,15})\.$/.exec(reason)?.[1];
      return { origin: "created", accountId: number === undefined ? null : Number(number) };
    }
    case "adopted":
      return { origin: "adopted", accountId: null };
    case "already":
      if (reason.startsWith(ALREADY.known)) return null;
      if (reason.startsWith(ALREADY.ownAttempt)) return { origin: "created", accountId: null };
      return { origin: reason.startsWith(ALREADY.thereBefore) ? "adopted" : "rebuilt", accountId: null };
    default:
      return null;
  }
}

/** An outcome in a sentence. */
export function reasonOf(outcome: Outcome): string {
  switch (outcome.status) {
    case "applied":
      return outcome.accountId === null ? "Created in Tallyfy." : `Created in Tallyfy as user ${outcome.accountId}.`;
    case "rejected":
      return `${outcome.code}: ${outcome.message}`;
    case "exhausted":
      return `Gave up after ${outcome.attempts} attempts; the next nightly run tries again. ${outcome.message}`;
    case "already":
    case "stale":
      return outcome.message;
  }
}
