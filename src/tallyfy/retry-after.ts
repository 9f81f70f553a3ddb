// How long Tallyfy asks us to wait, read from the headers of an answer. Pure: the clock comes in as a value.
// Whether and how anybody waits is not decided here (the queue owns time).

/** Header values as undici gives them: names in lower case, repeated ones as a list. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;
/** Reset headers are folklore: beyond the hour in which hourly caps end (tallyfy-api.md section 4) they are not believed. */
const LONGEST_RESET_MS = 60 * 60 * 1000;
const RESET_HEADERS = ["x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"];

/** The first value of a header; null when it is missing. */
export function header(headers: AnswerHeaders, name: string): string | null {
  const value = headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined ? null : first.trim();
}

/** The server's own clock (the Date header) in milliseconds since 1970; null when it said nothing readable. */
export function serverDateMs(headers: AnswerHeaders): number | null {
  return httpDateMs(header(headers, "date"));
}

/**
 * Milliseconds to wait from Retry-After: seconds (also with a fraction) or an HTTP date, which is read against the
 * server's clock where it gave one. A date in the past is 0; more than 24 hours is taken as 24 hours. Malformed: null.
 */
export function retryAfterMs(headers: AnswerHeaders, nowMs: number): number | null {
  const value = header(headers, "retry-after");
  if (value === null) return null;
  if (/^\d{1,12}(\.\d{1,9})?$/.test(value)) return Math.min(Math.ceil(Number(value) * 1000), LONGEST_WAIT_MS);
  const dateMs = httpDateMs(value);
  if (dateMs === null) return null;
  return Math.min(Math.max(dateMs - (serverDateMs(headers) ?? nowMs), 0), LONGEST_WAIT_MS);
}

/**
 * Milliseconds until the rate limit starts anew, from X-RateLimit-Reset or RateLimit-Reset: seconds from now, or a moment in
 * seconds or milliseconds since 1970. Null when missing, malformed, past, or more than an hour away.
 */
export function rateLimitResetMs(headers: AnswerHeaders, nowMs: number): number | null {
  for (const name of RESET_HEADERS) {
    const value = header(headers, name);
    if (value === null || !/^\d{1,15}(\.\d{1,9})?$/.test(value)) continue;
    const waitMs = resetWaitMs(Number(value), serverDateMs(headers) ?? nowMs);
    if (waitMs > 0 && waitMs <= LONGEST_RESET_MS) return waitMs;
  }
  return null;
}

function resetWaitMs(value: number, nowMs: number): number {
  if (value >= 1e12) return Math.ceil(value - nowMs);
  if (value >= 1e9) return Math.ceil(value * 1000 - nowMs);
  return Math.ceil(value * 1000);
}

/** The three forms of RFC 9110 5.6.7; the old asctime form names no zone and means GMT. */
function httpDateMs(value: string | null): number | null {
  if (value === null || !/^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/.test(value)) return null;
  const parsed = Date.parse(/(GMT|UTC)$/.test(value) ? value : `${value} GMT`);
  return Number.isNaN(parsed) ? null : parsed;
}
