// The rows of a run's answer file: everybody with an outcome, everybody left alone, everybody adopted, in file order.

import type { Outcome } from "../domain/outcome.ts";
import type { Trace } from "../domain/rebuild.ts";
import type { AnswerRow, RunStore } from "./ports.ts";

/**
 * Nothing is held but a page of each kind: a run may be for a million people.
 * @param wasReleased whether the run did what it planned; a held one does not link anybody
 */
export async function* answerRows(
  { runId, wasReleased }: { readonly runId: string; readonly wasReleased: boolean },
  runs: Pick<RunStore, "changes" | "skips" | "adoptions">,
): AsyncGenerator<AnswerRow> {
  const changes = rowsOf(runs.changes(runId), ({ key, line, outcome }) =>
    outcome === null
      ? { line, key, outcome: "planned", reason: "" }
      : { line, key, outcome: outcome.status, reason: reasonOf(outcome) },
  );
  const adoptions = rowsOf(runs.adoptions(runId), ({ key, line }) => {
    const reason = wasReleased
      ? "The account was there already and is now known to belong to this person."
      : "The account is there already; it is linked to this person only when the run is released.";
    return { line, key, outcome: wasReleased ? "adopted" : "planned", reason };
  });
  const skips = rowsOf(runs.skips(runId), ({ key, line, situation, because }) => {
    return { line, key, outcome: situation, reason: because };
  });
  yield* inFileOrder([changes, adoptions, skips]);
}

async function* rowsOf<T>(pages: AsyncIterable<readonly T[]>, toRow: (item: T) => AnswerRow) {
  for await (const page of pages) yield page.map(toRow);
}

/** Several streams, each in the order of the file, as one. */
async function* inFileOrder(streams: readonly AsyncGenerator<readonly AnswerRow[]>[]): AsyncGenerator<AnswerRow> {
  const heads = await Promise.all(streams.map(nextPage));
  for (;;) {
    let first: Head | null = null;
    for (const head of heads) {
      const line = head.page[head.at]?.line;
      if (line !== undefined && (first === null || (line ?? 0) < (first.page[first.at]?.line ?? 0))) first = head;
    }
    const row = first?.page[first.at];
    if (first === null || row === undefined) return;
    yield row;
    first.at += 1;
    if (first.at === first.page.length) Object.assign(first, await nextPage(first.stream));
  }
}

interface Head {
  readonly stream: AsyncGenerator<readonly AnswerRow[]>;
  page: readonly AnswerRow[];
  at: number;
}

/** The next page that has rows; an empty one at the end. */
async function nextPage(stream: AsyncGenerator<readonly AnswerRow[]>): Promise<Head> {
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { stream, page: [], at: 0 };
    if (next.value.length > 0) return { stream, page: next.value, at: 0 };
  }
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
