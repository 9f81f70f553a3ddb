// What a held run says to the person who must release it, line by line, and what they type.

import type { Breach } from "./limits.ts";
import type { RunTrigger } from "./run.ts";
import { needsReason } from "./trust.ts";

/** What a person should know before they release a roster that is in doubt. */
export const RELEASE_IN_DOUBT = "once it is released, nights go on with it and the next file is compared with it.";

/** The command that releases a run. Where the roster itself is in doubt it asks for a reason, which is kept. */
export function releaseCommand(runId: string, breaches: readonly Breach[]): string {
  return `roster-sync approve ${runId}${needsReason(breaches) ? ' --reason "why this roster is right"' : ""}`;
}

/** Why a run had been held, when that is over: one reason a line. */
export function wasHeld(breaches: readonly Breach[]): string {
  const [first, ...others] = breaches.map(({ message }) => message);
  return others.length === 0 ? `Was held: ${first ?? ""}` : ["Was held:", first, ...others].join("\n  ");
}

/**
 * @param acceptedFile name of the last accepted roster, with which nightly runs go on; null when there is none
 */
export function holdMessage(
  run: { readonly runId: string; readonly trigger: RunTrigger },
  breaches: readonly Breach[],
  acceptedFile: string | null,
): string {
  return [
    ...breaches.map((breach) => breach.message),
    needsReason(breaches)
      ? "Nothing was applied, and nobody is taken to have left because of this roster. Compare it with the HR system first: " +
        RELEASE_IN_DOUBT
      : "Nothing was applied.",
    "Whoever may use this installation's command line decides:",
    `  release it with: ${releaseCommand(run.runId, breaches)}`,
    `  or drop it with: roster-sync discard ${run.runId}`,
    whatComes(run.trigger, acceptedFile),
    "A newer roster file supersedes it.",
  ].join("\n");
}

function whatComes(trigger: RunTrigger, acceptedFile: string | null): string {
  if (trigger === "nightly") return "The next scheduled run plans the same roster again and takes this run's place.";
  if (acceptedFile === null) {
    return "The next scheduled run does nothing, because no roster was accepted before; this run stays held.";
  }
  return `The next scheduled run goes on with the last accepted roster (${acceptedFile}); this run stays held.`;
}
