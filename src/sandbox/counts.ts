// What the sandbox saw and did, for tests to assert on. A plain object: it goes out as JSON at /__sandbox/state.
// Addresses are fine here: nobody real lives in a sandbox.

import type { Endpoint } from "./endpoints.ts";
import type { Violation } from "./violations.ts";

/** How many of the latest request times are kept at least. */
const TIMES_KEPT = 10_000;
const VIOLATIONS_KEPT = 1000;

export interface SandboxCounts {
  /** Requests that arrived, without those to /__sandbox. */
  requests: number;
  byEndpoint: Partial<Record<Endpoint, number>>;
  /** Answers sent, by endpoint and then status. Requests that were reset or hang have none. */
  answers: Partial<Record<Endpoint, Record<number, number>>>;
  /** Answers of 400 and above, by status, injected ones too. */
  rejections: Record<number, number>;
  /** Create requests that reached the point of being carried out. */
  createsAttempted: number;
  /** Members written by create. */
  created: number;
  /** Creates answered with "taken". */
  taken: number;
  /** Addresses (case-insensitively) written more than once. Must stay 0. */
  createdTwice: number;
  /** Answers of 429. */
  refused429: number;
  /** Requests that came before the time that a 429 had told their caller. Those already on their way are among them. */
  sentBeforeRetryAfter: number;
  /** App tokens given out. */
  tokensIssued: number;
  /** User tokens given out, by lower-case address. */
  mints: Record<string, number>;
  /** Faults that struck. */
  faults: { failedBefore: number; failedAfter: number; resets: number; hangs: number; truncated: number };
  inFlight: number;
  maxConcurrent: number;
  /** When the latest requests arrived, 10,000 of them at least: milliseconds since 1970, oldest first. */
  requestTimesMs: number[];
  /** The same for create requests alone. */
  createTimesMs: number[];
  /** What clients did that the documentation forbids, as short codes, in order (README.md lists them). */
  violations: Violation[];
}

export function emptyCounts(): SandboxCounts {
  return {
    requests: 0,
    byEndpoint: {},
    answers: {},
    rejections: {},
    createsAttempted: 0,
    created: 0,
    taken: 0,
    createdTwice: 0,
    refused429: 0,
    sentBeforeRetryAfter: 0,
    tokensIssued: 0,
    mints: {},
    faults: { failedBefore: 0, failedAfter: 0, resets: 0, hangs: 0, truncated: 0 },
    inFlight: 0,
    maxConcurrent: 0,
    requestTimesMs: [],
    createTimesMs: [],
    violations: [],
  };
}

export function noteArrival(counts: SandboxCounts, endpoint: Endpoint, atMs: number): void {
  counts.requests++;
  counts.byEndpoint[endpoint] = (counts.byEndpoint[endpoint] ?? 0) + 1;
  counts.inFlight++;
  counts.maxConcurrent = Math.max(counts.maxConcurrent, counts.inFlight);
  keepTime(counts.requestTimesMs, atMs);
  if (endpoint === "createUser") keepTime(counts.createTimesMs, atMs);
}

export function noteAnswer(counts: SandboxCounts, endpoint: Endpoint, status: number): void {
  const answers = counts.answers[endpoint] ?? {};
  counts.answers[endpoint] = answers;
  answers[status] = (answers[status] ?? 0) + 1;
  if (status >= 400) counts.rejections[status] = (counts.rejections[status] ?? 0) + 1;
  if (status === 429) counts.refused429++;
}

export function noteViolation(counts: SandboxCounts, code: Violation): void {
  if (counts.violations.length < VIOLATIONS_KEPT) counts.violations.push(code);
}

/** Back to nothing, in place. Requests on their way stay counted as such. */
export function clearCounts(counts: SandboxCounts): void {
  const { inFlight } = counts;
  Object.assign(counts, emptyCounts(), { inFlight, maxConcurrent: inFlight });
}

/** Lets the list grow to twice its length before cutting it, so that cutting stays cheap. */
function keepTime(times: number[], atMs: number): void {
  times.push(atMs);
  if (times.length >= 2 * TIMES_KEPT) times.splice(0, times.length - TIMES_KEPT);
}
