// What headers of an answer say of rate limits, in the spellings that are about: X-RateLimit-*, RateLimit-*, and the drafts'
// RateLimit with RateLimit-Policy, which may tell several at once. Pure. Whether it is believed is not decided here.

import type { ToldLimit } from "../domain/told-limit.ts";
import { type AnswerHeaders, header, rateLimitResetMs } from "./retry-after.ts";

const LIMIT_HEADERS = ["x-ratelimit-limit", "ratelimit-limit", "x-rate-limit-limit"];
const MOST_CALLS = 1_000_000;
const LONGEST_WINDOW_S = 86_400;
const MOST_LIMITS = 8;

/** Empty: nothing readable. One without a window is not among those that have one. */
export function toldLimits(headers: AnswerHeaders, nowMs: number): readonly ToldLimit[] {
  const state = header(headers, "ratelimit");
  const named = LIMIT_HEADERS.map((name) => header(headers, name)).find((value) => value !== null) ?? null;
  const resetS = firstNumber(state, /\b(?:reset|t)=(\d{1,6})\b/);
  const resetMs = resetS === null ? rateLimitResetMs(headers, nowMs) : resetS * 1000;
  const stated = firstNumber(state, /\blimit=(\d{1,9})\b/);
  const all = [
    ...itemsOf(named),
    ...(named !== null || stated === null ? [] : [`${stated}`]),
    ...itemsOf(header(headers, "ratelimit-policy")),
  ]
    .map((item) => limitOf(item, resetMs))
    .filter((limit) => limit !== null);
  const withWindow = all.filter(({ windowMs }) => windowMs !== null);
  const without = all.filter(
    ({ calls, windowMs }) => windowMs === null && !withWindow.some((each) => each.calls === calls),
  );
  return [...without.slice(0, 1), ...withWindow.slice(0, MOST_LIMITS)];
}

/** "50, 50;w=1, 1000;w=3600" and "burst";q=50;w=1, "hour";q=1000;w=3600 tell the same two. Names may hold anything. */
function itemsOf(text: string | null): readonly string[] {
  return (text ?? "").replace(/"[^"]*"/g, '""').split(",");
}

function limitOf(item: string, resetMs: number | null): ToldLimit | null {
  const calls = firstNumber(item, /^\s*(\d{1,9})\b/) ?? firstNumber(item, /;\s*q=(\d{1,9})\b/);
  if (calls === null || calls < 1 || calls > MOST_CALLS) return null;
  const windowS = firstNumber(item, /;\s*w=(\d{1,6})\b/);
  const windowMs = windowS === null || windowS < 1 || windowS > LONGEST_WINDOW_S ? null : windowS * 1000;
  return { calls, windowMs, resetMs: windowMs === null ? resetMs : null };
}

function firstNumber(text: string | null, pattern: RegExp): number | null {
  const found = text === null ? null : pattern.exec(text);
  return found === null ? null : Number(found[1]);
}
