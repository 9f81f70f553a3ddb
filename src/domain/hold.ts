// What a held run says to the person who must release it, line by line.

import type { Breach } from "./limits.ts";

/**
 * @param acceptedFile name of the last accepted roster, with which nightly runs go on; null when there is none
 */
export function holdMessage(runId: string, breaches: readonly Breach[], acceptedFile: string | null): string {
  const next =
    acceptedFile === null
      ? "The next scheduled run does nothing, because no roster was accepted before; this run stays held."
      : `The next scheduled run goes on with the last accepted roster (${acceptedFile}); this run stays held.`;
  return [
    ...breaches.map((breach) => breach.message),
    "Nothing was applied.",
    "Whoever may use this installation's command line decides:",
    `  release it with: roster-sync approve ${runId}`,
    `  or drop it with: roster-sync discard ${runId}`,
    next,
    "A newer roster file supersedes it.",
  ].join("\n");
}
