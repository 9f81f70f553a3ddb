// What follows from a failed call: the whole error policy in one table, without waiting, asking or counting itself.
//
//   kind                            | reaction
//   --------------------------------|--------------------------------------------------------------------------------
//   rate-limited                    | pause for Retry-After, or as the pace says (pace.ts); costs no attempt
//   unavailable, timeout, protocol  | retry with exponential backoff and full jitter; after the last attempt: exhausted
//   unauthorized, client refused    | halt: every job would fail alike
//   unauthorized, forbidden         | probe: does Tallyfy refuse all of us, or only this?
//   no-seat                         | halt until there are seats
//   conflict                        | look the member up
//   invalid with named fields, 422  | rejected: this change is wrong, others are fine
//   other invalid, not-found        | rejected, and counted: the same refusal many times in a row is the organisation's

import type { NextStep } from "./outcome.ts";
import type { TallyfyFailure } from "./tallyfy-error.ts";

/** The token endpoint's word for a wrong client id or secret (tallyfy-api.md 2.1). */
export const CLIENT_REFUSED = "INVALID_CLIENT";

/** So many calls without a proper answer in a row are worth telling a person. */
export const TROUBLE_AFTER = 3;

export interface RetryPolicy {
  readonly baseMs: number;
  readonly capMs: number;
}

export interface AttemptNumber {
  /** From 1. */
  readonly number: number;
  readonly isLast: boolean;
}

export type Reaction =
  | NextStep
  | { readonly next: "look-up" }
  | { readonly next: "probe" }
  /** Settle as rejected unless the same refusal keeps coming. */
  | { readonly next: "reject-and-count" };

/** No pause is longer than this, whatever a header says. */
const LONGEST_PAUSE_MS = 2 * 3_600_000;
const SHORTEST_PAUSE_MS = 250;

/** The code of a call that was not made, because the hour has had its calls. */
export const HOURLY_BUDGET_USED = "HOURLY_BUDGET_USED";

export function reactTo(
  failure: TallyfyFailure,
  attempt: AttemptNumber,
  policy: RetryPolicy,
  random: () => number,
): Reaction {
  switch (failure.kind) {
    case "rate-limited":
      return { next: "pause", delayMs: pauseMs(failure), because: isBudget(failure) ? "budget" : "rate-limited" };
    case "unavailable":
    case "timeout":
    case "protocol":
      return retryOrGiveUp(failure.message, attempt, policy, random);
    case "unauthorized":
      return failure.code === CLIENT_REFUSED
        ? { next: "halt", kind: "credentials", message: failure.message }
        : { next: "probe" };
    case "forbidden":
      return { next: "probe" };
    case "no-seat":
      return { next: "halt", kind: "seats", message: failure.message };
    case "conflict":
      return { next: "look-up" };
    case "invalid":
      return mayMeanTaken(failure) ? { next: "look-up" } : rejected(failure);
    case "not-found":
      return { next: "reject-and-count" };
  }
}

/** Messages are localised and bodies are not always JSON (tallyfy-api.md 3.1): a refusal of the address, or of nothing named, may mean "taken". */
function mayMeanTaken(failure: TallyfyFailure): boolean {
  return failure.fields.length === 0 || failure.fields.some((field) => /e-?mail/i.test(field));
}

/** Another attempt later, or the end of them. */
export function retryOrGiveUp(
  message: string,
  attempt: AttemptNumber,
  policy: RetryPolicy,
  random: () => number,
): NextStep {
  if (attempt.isLast) return { next: "settle", outcome: { status: "exhausted", attempts: attempt.number, message } };
  return { next: "retry", delayMs: backoffMs(attempt.number, policy, random), message };
}

/** Exponential with full jitter: anything between 0 and `base * 2^(attempt-1)`, capped. */
export function backoffMs(attempt: number, policy: RetryPolicy, random: () => number): number {
  return Math.ceil(random() * Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30)));
}

/** How long to stay away at least. Where Tallyfy does not say, the pace decides who tries first, and when (pace.ts). */
export function pauseMs({ retryAfterMs }: TallyfyFailure): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, retryAfterMs ?? 0));
}

function isBudget({ code }: TallyfyFailure): boolean {
  return code === HOURLY_BUDGET_USED;
}

/** This change will never be accepted as it is. */
export function rejected(failure: TallyfyFailure): NextStep {
  return { next: "settle", outcome: { status: "rejected", code: codeOf(failure), message: failure.message } };
}

/** The answer's own code, or its status: `HTTP_403`. */
export function codeOf(failure: TallyfyFailure): string {
  return failure.code ?? (failure.status === null ? failure.kind.toUpperCase() : `HTTP_${failure.status}`);
}
