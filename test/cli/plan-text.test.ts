// The last lines of a plan: how many rows, and for which day it was planned.

import { expect, test } from "vitest";
import { planText } from "../../src/cli/plan-text.ts";
import { draftPlan } from "../support/draft-plan.ts";

test.each([
  [1, "1 row, planned for 2026-11-25: "],
  [2, "2 rows, planned for 2026-11-25: "],
])("a plan of %i says so, and for which day it was made", (count, said) => {
  const draft = draftPlan({ asOf: "2026-11-25", leadDays: 0 });
  for (let at = 1; at <= count; at += 1)
    draft.add({ kind: "out-of-scope", key: null, line: at, because: "rule" }, null);
  const plan = draft.finish({ runId: "run", sha256: "" });
  expect(planText({ plan, verdict: { kind: "apply" }, comparison: null })).toContain(said);
});
