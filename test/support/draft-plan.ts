// A plan kept as a whole while it grows, for tests that look at all of it at once.

import type { RosterRow } from "../../src/domain/employee.ts";
import type { Standing } from "../../src/domain/ledger.ts";
import { type Plan, planFlow, planParts } from "../../src/domain/plan.ts";
import type { Terms } from "../../src/domain/situation.ts";

export interface PlanDraft {
  /** Takes one row; `standing` is needed for employees only. */
  add(row: RosterRow, standing: Standing | null): void;
  finish(roster: { readonly runId: string; readonly sha256: string }): Plan;
}

export function draftPlan(terms: Terms): PlanDraft {
  const flow = planFlow(terms);
  const parts = planParts();
  return {
    add: flow.add,
    finish({ runId, sha256 }) {
      parts.add(flow.take());
      const { rows, unchanged } = flow.totals();
      return parts.plan({ runId, asOf: terms.asOf, sha256, rows, unchanged });
    },
  };
}
