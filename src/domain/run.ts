// A run: one pass from roster to report. Its states, its counts, and how it is summed up.

import type { Day } from "./day.ts";
import type { Breach } from "./limits.ts";
import type { OutcomeStatus } from "./outcome.ts";

export type RunTrigger = "inbox" | "nightly" | "command";

export type RunState =
  /** Claimed; being read and compared. A crash here starts the reading again. */
  | "reading"
  /** Planned; waits for a person. */
  | "held"
  /** Planned and released; some changes are still open. */
  | "applying"
  /** Every planned change has an outcome. */
  | "closed"
  /** The file could not be taken for a roster. */
  | "refused"
  /** The same content as the last accepted roster. */
  | "nothing-new"
  /** A newer roster took over. */
  | "superseded"
  /** A person dropped it. */
  | "discarded"
  /** We broke: a bug, said so. */
  | "failed";

/** States after which nothing happens any more. */
export const FINAL_STATES: readonly RunState[] = [
  "closed",
  "refused",
  "nothing-new",
  "superseded",
  "discarded",
  "failed",
];

export interface RunCounts {
  readonly rows: number;
  /** Changes in the plan. */
  readonly planned: number;
  readonly unchanged: number;
  /** Accounts that were there before and are linked to their person by this run. */
  readonly adopted: number;
  /** Rows or people left alone, by situation. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<OutcomeStatus, number>>;
  /** Changes without an outcome. */
  readonly open: number;
}

export interface Run {
  /** `20261123-214544-3e73f9a2`: sortable, safe in file names and job ids. */
  readonly runId: string;
  readonly state: RunState;
  readonly trigger: RunTrigger;
  /** The roster's own file name, without folder. */
  readonly fileName: string;
  /** Marks the data folder (and so the machine) that has the files of this run. */
  readonly dataId: string;
  /** Path below the data folder where the roster is now, with `/` as separator; null until it is known. */
  readonly filePath: string | null;
  readonly sha256: string | null;
  /** The day for which it was planned. */
  readonly asOf: Day | null;
  readonly planHash: string | null;
  readonly breaches: readonly Breach[];
  /** What the roster was compared with, in a sentence; null: not yet, or the accepted content once more. */
  readonly comparison: string | null;
  readonly counts: RunCounts;
  /** Why it is held, refused, failed or superseded; null otherwise. For people; without names and addresses. */
  readonly because: string | null;
  /** While `reading`: what it waits for, because Tallyfy did not answer or refused our credentials. */
  readonly waitingFor: "credentials" | "tallyfy" | null;
  readonly supersededBy: string | null;
  /** Who released or discarded it, where somebody did. */
  readonly decidedBy: string | null;
  /** Whether its adoptions are in the ledger, its roster is the accepted one and its jobs were queued once. */
  readonly isCarriedOut: boolean;
  /** Why they released it, in their own words. */
  readonly reason: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly plannedAt: string | null;
  readonly endedAt: string | null;
}

export function noCounts(): RunCounts {
  return {
    rows: 0,
    planned: 0,
    unchanged: 0,
    adopted: 0,
    skipped: {},
    outcomes: { applied: 0, already: 0, stale: 0, rejected: 0, exhausted: 0 },
    open: 0,
  };
}

export function isFinal(state: RunState): boolean {
  return FINAL_STATES.includes(state);
}
