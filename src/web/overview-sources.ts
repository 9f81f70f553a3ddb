// What the web pages ask the rest of the program for. The daemon answers from the store, the clock and the file system.
// Nothing here may carry a name, an e-mail address or a secret: all of it is shown, and some of it without a password.

import type { Halt } from "../app/ports.ts";
import type { Limit, Window } from "../domain/pace-limits.ts";
import type { PaceState } from "../domain/pace-state.ts";
import type { Run } from "../domain/run.ts";

export type HealthStatus = "ok" | "warning" | "red";

export interface Problem {
  /** What is wrong, in one sentence. */
  readonly what: string;
  /** What a person is to do about it, in one sentence. */
  readonly doThis: string;
  /** What is wrong, for the health addresses, where `what` names a file: they are open to everybody who reaches the port. */
  readonly openly?: string;
  /** The held run that it is about, where it is: the overview says it in that run's own card, not twice. */
  readonly heldRunId?: string;
  /** A run whose page tells more. */
  readonly runId?: string;
}

export interface Health {
  readonly status: HealthStatus;
  /** Whether Tallyfy has left people waiting lately: nobody knows then how long anything takes. */
  readonly isTallyfyTroubled: boolean;
  /** The gravest first; empty when all is well. */
  readonly problems: readonly Problem[];
  /** How many processes play each role at this moment, over all machines. */
  readonly roles: readonly { readonly role: string; readonly instances: number }[];
}

export interface Pace {
  /** Calls at this moment, and what they never exceed. */
  readonly perSecond: number;
  readonly maxPerSecond: number;
  /** Of a limit that was found, how much is used. */
  readonly sharePercent: number;
  readonly phase: PaceState["phase"];
  /** The limit that the pace keeps to; null: none was found. */
  readonly limit: { readonly window: Window; readonly limit: Limit } | null;
  readonly hourlyCap: Limit | null;
  /** Calls that one hour may have; 0: no budget. */
  readonly hourlyBudget: number;
  /** Calls made in the last sixty minutes. */
  readonly usedThisHour: number;
  /** Milliseconds since 1970; null when nobody told us to wait. */
  readonly pausedUntil: number | null;
  readonly halt: Halt | null;
}

export interface Directory {
  /** People who are known to have an account. */
  readonly people: number;
  /** When Tallyfy's member list was last read completely (milliseconds since 1970); null: never. */
  readonly listedAt: number | null;
}

export interface Nights {
  /** When the next scheduled run is due (milliseconds since 1970); null: no schedule. */
  readonly nextAt: number | null;
  /** The due moment of the last scheduled run that was made; null: none yet. */
  readonly lastAt: number | null;
}

export interface Inbox {
  /** The folder as a person would type it; null where this process serves no inbox. */
  readonly path: string | null;
  /** Files that lie in it and were not claimed yet; null where that is not known. */
  readonly waiting: number | null;
  /** How many processes, on whatever machine, take files out of this folder; 0 where that is not known. */
  readonly intakes: number;
}

export interface OverviewSources {
  /** Resolves when Redis answers. The caller sets the deadline. */
  pingRedis(): Promise<void>;
  health(): Promise<Health>;
  pace(): Promise<Pace>;
  /** Newest first. */
  runs(limit: number): Promise<readonly Run[]>;
  run(runId: string): Promise<Run | null>;
  /** Runs that are held or being applied. */
  unfinished(): Promise<readonly Run[]>;
  directory(): Promise<Directory>;
  nights(): Promise<Nights>;
  inbox(): Promise<Inbox>;
  /** Paths of the answer files that this run has or will have, for a person to open; empty for a run without any. */
  answerFiles(run: Run): readonly string[];
}
