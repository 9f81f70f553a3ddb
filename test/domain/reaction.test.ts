// What follows from a failed call: the table in reaction.ts, row by row, and the bounds of every wait.

import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, codeOf, HOURLY_BUDGET_USED, pauseMs, reactTo } from "../../src/domain/reaction.ts";
import type { TallyfyFailure } from "../../src/domain/tallyfy-error.ts";
import { failure } from "../support/failures.ts";

const POLICY = { baseMs: 1000, capMs: 60_000 };
const FIRST = { number: 1, isLast: false };
const LAST = { number: 5, isLast: true };

function react(fields: Partial<TallyfyFailure>, attempt = FIRST) {
  return reactTo(failure(fields), attempt, POLICY, () => 0.5);
}

test("rate-limited: everybody pauses for Retry-After, also at the last attempt", () => {
  const fields = { kind: "rate-limited", status: 429, retryAfterMs: 7000 } as const;
  expect(react(fields)).toEqual({ next: "pause", delayMs: 7000, because: "rate-limited" });
  expect(react(fields, LAST)).toEqual({ next: "pause", delayMs: 7000, because: "rate-limited" });
});

test("rate-limited without Retry-After: away for a moment, since the pace decides who tries first", () => {
  expect(react({ kind: "rate-limited", status: 429 })).toMatchObject({ next: "pause", delayMs: 250 });
});

test("not called because the hour has had its calls: a pause for the budget's sake", () => {
  const fields = {
    kind: "rate-limited",
    status: null,
    code: HOURLY_BUDGET_USED,
    retryAfterMs: 42_000,
    wasSent: false,
  } as const;
  expect(react(fields)).toEqual({ next: "pause", delayMs: 42_000, because: "budget" });
});

test.each(["unavailable", "timeout", "protocol"] as const)(
  "%s: tried again later, exhausted after the last attempt",
  (kind) => {
    expect(react({ kind })).toEqual({ next: "retry", delayMs: 500, message: "It failed." });
    const outcome = { status: "exhausted", attempts: 5, message: "It failed." };
    expect(react({ kind }, LAST)).toEqual({ next: "settle", outcome });
  },
);

test("unauthorized, client refused: halt, for every job would fail alike", () => {
  const step = { next: "halt", kind: "credentials", message: "It failed." };
  expect(react({ kind: "unauthorized", status: 401, code: "INVALID_CLIENT" })).toEqual(step);
});

test.each(["unauthorized", "forbidden"] as const)(
  "%s: Tallyfy is asked whether it refuses all of us, or only this",
  (kind) => {
    expect(react({ kind })).toEqual({ next: "probe" });
  },
);

test("no-seat: halt until there are seats", () => {
  expect(react({ kind: "no-seat", status: 409 })).toEqual({ next: "halt", kind: "seats", message: "It failed." });
});

test("conflict: the member is looked up, whatever status said so", () => {
  for (const status of [400, 409, 422]) expect(react({ kind: "conflict", status })).toEqual({ next: "look-up" });
});

test("invalid in other fields than the address: this change is wrong, others are fine", () => {
  const outcome = { next: "settle", outcome: { status: "rejected", code: "BAD_NAME", message: "It failed." } };
  expect(react({ kind: "invalid", status: 422, code: "BAD_NAME", fields: ["last_name"] })).toEqual(outcome);
});

test("invalid in the address, or in nothing named: may mean taken, in words that nobody told us", () => {
  expect(react({ kind: "invalid", status: 422, fields: ["email"] })).toEqual({ next: "look-up" });
  expect(react({ kind: "invalid", status: 400 })).toEqual({ next: "look-up" });
});

test("not-found: rejected and counted, for it may be the organisation's fault", () => {
  expect(react({ kind: "not-found", status: 404 })).toEqual({ next: "reject-and-count" });
});

test("a code is Tallyfy's own, or made from the status, or from the kind where no answer came", () => {
  expect(codeOf(failure({ code: "X_Y", status: 409 }))).toBe("X_Y");
  expect(codeOf(failure({ status: 403 }))).toBe("HTTP_403");
  expect(codeOf(failure({ kind: "timeout", status: null }))).toBe("TIMEOUT");
});

const policyArb = fc.record({
  baseMs: fc.integer({ min: 1, max: 10_000 }),
  capMs: fc.integer({ min: 1, max: 600_000 }),
});
const randomArb = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("backing off stays between nothing and the doubled base, never above the cap, in whole milliseconds", () => {
  fc.assert(
    fc.property(policyArb, randomArb, fc.integer({ min: 1, max: 1000 }), (policy, random, attempt) => {
      const delayMs = backoffMs(attempt, policy, () => random);
      expect(Number.isSafeInteger(delayMs)).toBe(true);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThanOrEqual(policy.capMs);
      expect(delayMs).toBeLessThanOrEqual(Math.ceil(policy.baseMs * 2 ** (attempt - 1)));
    }),
  );
});

test("the jitter is full: chance alone spreads people over the whole span", () => {
  expect(backoffMs(3, POLICY, () => 0)).toBe(0);
  expect(backoffMs(3, POLICY, () => 0.25)).toBe(1000);
  expect(backoffMs(3, POLICY, () => 0.999999)).toBe(4000);
  expect(backoffMs(40, POLICY, () => 0.999999)).toBe(60_000);
});

test("a pause is never shorter than a quarter of a second nor longer than two hours, whatever a header says", () => {
  fc.assert(
    fc.property(fc.option(fc.integer({ min: -1000, max: 10 ** 12 }), { nil: null }), (retryAfterMs) => {
      const delayMs = pauseMs(failure({ kind: "rate-limited", retryAfterMs }));
      expect(delayMs).toBeGreaterThanOrEqual(250);
      expect(delayMs).toBeLessThanOrEqual(7_200_000);
    }),
  );
});
