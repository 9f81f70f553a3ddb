// Where a run stops for a person, exactly, and what it says then.

import fc from "fast-check";
import { expect, test } from "vitest";
import { holdMessage } from "../../src/domain/hold.ts";
import { judge, type Verdict } from "../../src/domain/limits.ts";

const LIMITS = { createCount: 100, createPercent: 10 };

test.each([
  [0, 0, "apply"],
  [100, 0, "apply"],
  [101, 0, "hold"],
  [100, 999, "apply"],
  [101, 1009, "hold"],
  [101, 1010, "apply"],
  [102, 1019, "hold"],
  [500, 5000, "apply"],
  [501, 5009, "hold"],
] as const)("creating %i people with %i known: %s", (creates, known, expected) => {
  expect(judge(creates, known, LIMITS).kind).toBe(expected);
});

test("without a count, a small ledger allows what its percentage gives, rounded down", () => {
  const limits = { createCount: 0, createPercent: 10 };
  expect(judge(0, 0, limits).kind).toBe("apply");
  expect(judge(1, 9, limits).kind).toBe("hold");
  expect(judge(1, 10, limits).kind).toBe("apply");
});

test("more people known never hold back what fewer allowed", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(100_000), fc.nat(1000), (creates, known, more) => {
      if (judge(creates, known, LIMITS).kind === "apply")
        expect(judge(creates, known + more, LIMITS).kind).toBe("apply");
    }),
  );
});

function breachesOf(verdict: Verdict) {
  return verdict.kind === "hold" ? verdict.breaches : [];
}

test("a breach says what was counted, the limit, and how the limit came about", () => {
  const [breach] = breachesOf(judge(151, 1200, LIMITS));
  expect(breach).toMatchObject({ limit: "create", counted: 151, allowed: 120 });
  for (const said of ["151", "120", "100", "10 %", "1200"]) expect(breach?.message).toContain(said);
});

test("a held run says that nothing was applied, who can release it and how, and what the next scheduled run does", () => {
  const breaches = breachesOf(judge(151, 1200, LIMITS));
  const message = holdMessage({ runId: "20260601-080000-abcdef", trigger: "inbox" }, breaches, "friday.csv");
  expect(message).toBe(
    [
      "The plan creates 151 people; the limit is 120 (the larger of 100 and 10 % of the 1200 people already known).",
      "Nothing was applied.",
      "Whoever may use this installation's command line decides:",
      "  release it with: roster-sync approve 20260601-080000-abcdef",
      "  or drop it with: roster-sync discard 20260601-080000-abcdef",
      "The next scheduled run goes on with the last accepted roster (friday.csv); this run stays held.",
      "A newer roster file supersedes it.",
    ].join("\n"),
  );
  expect(holdMessage({ runId: "20260601-080000-abcdef", trigger: "inbox" }, breaches, null)).toContain(
    "The next scheduled run does nothing",
  );
});
