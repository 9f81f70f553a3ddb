// The one way in which a call to Tallyfy fails, described by what it means and not by where it came from.
// Messages are ours, in plain words: no server text, no address, no token.

export type TallyfyErrorKind =
  /** 429. */
  | "rate-limited"
  /** 5xx, connection refused or reset: for a write, the outcome is unknown unless `wasSent` is false. */
  | "unavailable"
  | "timeout"
  /** 401. */
  | "unauthorized"
  | "forbidden"
  /** 400, 422. */
  | "invalid"
  /** The address is taken, whatever status said so (409, 422, 400). */
  | "conflict"
  /** 409 SEAT_POOL_EXHAUSTED, 402. */
  | "no-seat"
  | "not-found"
  /** An answer that makes no sense: not JSON where JSON is due, too large, or counts that do not add up. */
  | "protocol";

export interface TallyfyFailure {
  readonly kind: TallyfyErrorKind;
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  /** The machine-readable code of the answer, such as `SEAT_POOL_EXHAUSTED`; null when there was none. Letters, digits and _ only. */
  readonly code: string | null;
  /** Names of the fields that Tallyfy refused (422), without their values. */
  readonly fields: readonly string[];
  /** From Retry-After, in milliseconds; null when it was missing or unreadable. */
  readonly retryAfterMs: number | null;
  /** False only when it is certain that Tallyfy never saw the request (connection refused, no such host). */
  readonly wasSent: boolean;
  /** X-Request-Id of the answer, for Tallyfy's support. */
  readonly requestId: string | null;
  /** What happened, for a person. Contains no name, no address and no secret. */
  readonly message: string;
}

export class TallyfyError extends Error {
  override readonly name = "TallyfyError";
  readonly failure: TallyfyFailure;

  constructor(failure: TallyfyFailure, options?: { cause?: unknown }) {
    super(failure.message, options);
    this.failure = failure;
  }

  get kind(): TallyfyErrorKind {
    return this.failure.kind;
  }
}
