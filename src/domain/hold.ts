// What a held run says to the person who must release it, line by line.

import type { Breach } from "./limits.ts";
import type { RunTrigger } from "./run.ts";

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
    "Nothing was applied.",
    "Whoever may use this installation's command line decides:",
    `  release it with: roster-sync approve ${run.runId}`,
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
