// What an answer means: status and body of one call become a failure, or nothing when it succeeded. Pure.
// The table is tallyfy-api.md 3.2; which next step follows is decided by the caller, not here.

import { CLIENT_REFUSED } from "../domain/reaction.ts";
import type { TallyfyErrorKind, TallyfyFailure } from "../domain/tallyfy-error.ts";
import { type ErrorBody, readErrorBody } from "./error-body.ts";
import type { HttpAnswer } from "./http.ts";
import { type Endpoint, NOT_THE_API, nonsenseMessage, refusalMessage } from "./messages.ts";
import { header, rateLimitResetMs, retryAfterMs } from "./retry-after.ts";
import { cleanRequestId } from "./way-failure.ts";

/** Null: a 2xx answer, whose body is still to be read. */
export function judge(endpoint: Endpoint, answer: HttpAnswer, nowMs: number): TallyfyFailure | null {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return null;
  const body = readErrorBody(answer.body);
  const kind = kindOf(endpoint, status, body);
  const resetMs = kind === "rate-limited" ? rateLimitResetMs(headers, nowMs) : null;
  const waitMs = retryAfterMs(headers, nowMs) ?? resetMs;
  const code = codeOf(endpoint, status, body);
  const { fields, pool } = body;
  return {
    kind,
    status,
    code,
    fields,
    retryAfterMs: waitMs,
    wasSent: true,
    requestId: cleanRequestId(header(headers, "x-request-id")),
    message: refusalMessage({ endpoint, kind, status, code, fields, pool, retryAfterMs: waitMs }),
  };
}

/** A 2xx answer that cannot be understood. */
export function nonsense(endpoint: Endpoint, answer: HttpAnswer, what: "not JSON" | "another shape"): TallyfyFailure {
  return {
    kind: "protocol",
    status: answer.status,
    code: null,
    fields: [],
    retryAfterMs: null,
    wasSent: true,
    requestId: cleanRequestId(header(answer.headers, "x-request-id")),
    message: nonsenseMessage(endpoint, answer.status, what),
  };
}

function kindOf(endpoint: Endpoint, status: number, body: ErrorBody): TallyfyErrorKind {
  if (status >= 500) return "unavailable";
  if (status < 400) return "protocol";
  if (endpoint === "token" && [400, 401, 403, 422].includes(status)) return "unauthorized";
  if (status === 401) return "unauthorized";
  if (status === 429) return "rate-limited";
  if (status === 402 || body.code === "SEAT_POOL_EXHAUSTED") return "no-seat";
  if (status === 403) return "forbidden";
  if (status === 404 || status === 410) return "not-found";
  if (status === 408 || status === 425) return "timeout";
  if (endpoint === "create") {
    if (status === 409) return "conflict";
    if ((status === 400 || status === 422) && body.isTaken) return "conflict";
  }
  return "invalid";
}

function codeOf(endpoint: Endpoint, status: number, body: ErrorBody): string | null {
  if (endpoint === "token" && status === 401) return CLIENT_REFUSED;
  if (body.code !== null) return body.code;
  if (endpoint === "token" && kindOf(endpoint, status, body) === "unauthorized") return CLIENT_REFUSED;
  return status === 404 && body.isHtml ? NOT_THE_API : null;
}
