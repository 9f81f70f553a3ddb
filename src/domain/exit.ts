// Exit codes: what the program says to the shell, and how a run ends in one of them. Documented in the README.

import type { Run } from "./run.ts";
import { LEFT_OUT } from "./situation.ts";

export const EXIT = {
  done: 0,
  bug: 1,
  usage: 2,
  held: 3,
  partial: 4,
  refused: 5,
  credentials: 6,
  unreachable: 7,
  configuration: 78,
  /** A person stopped looking on (Ctrl-C); the run is kept. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How many rows were left out because we could not be sure of them. */
export function leftOut(skipped: Readonly<Record<string, number>>): number {
  return LEFT_OUT.reduce((sum, situation) => sum + (skipped[situation] ?? 0), 0);
}

/** The exit code of a run as it stands. A run that is still under way, or was superseded, is never a success. */
export function exitCodeOf(run: Run): ExitCode {
  switch (run.state) {
    case "held":
      return EXIT.held;
    case "refused":
      return EXIT.refused;
    case "failed":
      return EXIT.bug;
    case "nothing-new":
      return EXIT.done;
    case "closed": {
      const failed = run.counts.outcomes.rejected + run.counts.outcomes.exhausted;
      return failed + leftOut(run.counts.skipped) > 0 ? EXIT.partial : EXIT.done;
    }
    case "superseded":
    case "discarded":
      return EXIT.partial;
    case "reading":
    case "applying":
      if (run.waitingFor === "credentials") return EXIT.credentials;
      return run.waitingFor === "tallyfy" ? EXIT.unreachable : EXIT.partial;
  }
}
