// How much one run may do before a person must look. Says what was counted, the limit, what happens next.

import { counted } from "./quoting.ts";

export interface Limits {
  /** People one run may always create. */
  readonly createCount: number;
  /** Percent of the people already known that one run may create. */
  readonly createPercent: number;
}

export interface Breach {
  /** Which limit: `create`, or one of the checks of trust.ts. */
  readonly limit: string;
  readonly counted: number;
  readonly allowed: number;
  /** One sentence for a person: what was counted, and how the limit came about. */
  readonly message: string;
}

export type Verdict = { readonly kind: "apply" } | { readonly kind: "hold"; readonly breaches: readonly Breach[] };

/**
 * Creating more than `max(count, percent of the people known)` in one run needs a person, and so does whatever was found
 * before (`doubts`: breaches of trust.ts).
 */
export function judge(creates: number, knownPeople: number, limits: Limits, doubts: readonly Breach[] = []): Verdict {
  const byPercent = Math.floor((knownPeople * limits.createPercent) / 100);
  const allowed = Math.max(limits.createCount, byPercent);
  if (creates <= allowed) return doubts.length === 0 ? { kind: "apply" } : { kind: "hold", breaches: doubts };
  const message =
    `The plan creates ${counted(creates, "person", "people")}; the limit is ${allowed} ` +
    `(the larger of ${limits.createCount} and ${limits.createPercent} % of the ${knownPeople} people already known).`;
  return { kind: "hold", breaches: [...doubts, { limit: "create", counted: creates, allowed, message }] };
}
