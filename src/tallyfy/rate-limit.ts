// What headers of an answer say of a rate limit, in the spellings that are about: X-RateLimit-*, RateLimit-*, and the drafts'
// RateLimit with RateLimit-Policy. Pure. Whether it is believed is not decided here.

import type { ToldLimit } from "../domain/pace.ts";
import { type AnswerHeaders, header, rateLimitResetMs } from "./retry-after.ts";

const LIMIT_HEADERS = ["x-ratelimit-limit", "ratelimit-limit", "x-rate-limit-limit"];
const MOST_CALLS = 1_000_000;
const LONGEST_WINDOW_S = 86_400;

/** Null: nothing readable. */
export function toldLimit(headers: AnswerHeaders, nowMs: number): ToldLimit | null {
  const policy = header(headers, "ratelimit-policy");
  const state = header(headers, "ratelimit");
  const named = LIMIT_HEADERS.map((name) => header(headers, name)).find((value) => value !== null) ?? null;
  // "50, 50;w=1": the limit, then the policies. "default";q=50;w=1 names the same two.
  const calls =
    firstNumber(named, /^(\d{1,9})\b/) ??
    firstNumber(state, /\blimit=(\d{1,9})\b/) ??
    firstNumber(policy, /(?:\bq=|^)(\d{1,9})\b/);
  if (calls === null || calls < 1 || calls > MOST_CALLS) return null;
  const windowS = firstNumber(policy, /;\s*w=(\d{1,6})\b/) ?? firstNumber(named, /;\s*w=(\d{1,6})\b/);
  const windowMs = windowS === null || windowS < 1 || windowS > LONGEST_WINDOW_S ? null : windowS * 1000;
  const resetS = firstNumber(state, /\b(?:reset|t)=(\d{1,6})\b/);
  return { calls, windowMs, resetMs: resetS === null ? rateLimitResetMs(headers, nowMs) : resetS * 1000 };
}

function firstNumber(text: string | null, pattern: RegExp): number | null {
  const found = text === null ? null : pattern.exec(text);
  return found === null ? null : Number(found[1]);
}
