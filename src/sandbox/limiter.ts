// Counting requests in windows, fixed or sliding, as tallyfy-api.md section 4 describes it in several incompatible ways.
// Knows keys and times; not HTTP. The clock is passed in.

import type { RateLimitSwitch } from "./switches.ts";

export interface Admission {
  readonly isAdmitted: boolean;
  readonly limit: number;
  /** Requests left in the window. */
  readonly remaining: number;
  /** Milliseconds until one more is admitted; 0 when admitted. */
  readonly retryAfterMs: number;
  /** When the whole limit is free again, milliseconds since 1970. */
  readonly resetAtMs: number;
  /** Whether the caller came back before the time that an earlier refusal had told. */
  readonly isEarly: boolean;
}

export interface Limiter {
  take(key: string, rule: Pick<RateLimitSwitch, "max" | "windowMs" | "kind" | "retryAfter">, nowMs: number): Admission;
  reset(): void;
}

interface Bucket {
  /** Times of the admitted requests that still count, oldest first. */
  admitted: number[];
  /** Until when the last refusal told the caller to wait. */
  toldToWaitUntilMs: number;
}

/** Seconds for a Retry-After header: rounded up, so that whoever obeys is admitted. */
export function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

/** Refused requests do not count against the limit. */
export function createLimiter(): Limiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(key, rule, nowMs) {
      const bucket = buckets.get(key) ?? { admitted: [], toldToWaitUntilMs: 0 };
      buckets.set(key, bucket);

      const windowStartMs = rule.kind === "fixed" ? nowMs - (nowMs % rule.windowMs) : nowMs - rule.windowMs;
      bucket.admitted = bucket.admitted.filter(
        (at) => at > windowStartMs || (rule.kind === "fixed" && at === windowStartMs),
      );
      const isEarly = nowMs < bucket.toldToWaitUntilMs;
      const isAdmitted = bucket.admitted.length < rule.max;
      if (isAdmitted) bucket.admitted.push(nowMs);

      const oldest = bucket.admitted[0] ?? nowMs;
      const newest = bucket.admitted.at(-1) ?? nowMs;
      const freeAtMs = (rule.kind === "fixed" ? windowStartMs : oldest) + rule.windowMs;
      const retryAfterMs = isAdmitted ? 0 : freeAtMs - nowMs;
      if (!isAdmitted && rule.retryAfter !== "none") {
        const byDateMs = Math.ceil(freeAtMs / 1000) * 1000;
        bucket.toldToWaitUntilMs = rule.retryAfter === "date" ? byDateMs : nowMs + wholeSeconds(retryAfterMs) * 1000;
      }
      return {
        isAdmitted,
        limit: rule.max,
        remaining: Math.max(0, rule.max - bucket.admitted.length),
        retryAfterMs,
        resetAtMs: (rule.kind === "fixed" ? windowStartMs : newest) + rule.windowMs,
        isEarly,
      };
    },
    reset: () => buckets.clear(),
  };
}
