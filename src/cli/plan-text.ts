// A plan in words: `+` for people to create, `~` and `-` for changes and suspensions once there are any, `!` for people
// whom somebody must look at, `=` for accounts to adopt. Shown to whoever has the roster in hand, so addresses may stand here.

import type { Planned } from "../app/planning.ts";
import type { Plan } from "../domain/plan.ts";
import { counted } from "../domain/quoting.ts";
import { LEFT_OUT, type Situation } from "../domain/situation.ts";

/** Situations that are counted but not listed: nothing is to be done about them. */
const QUIET: readonly Situation[] = ["gone", "out-of-scope", "future", "merged"];

type Shown = Pick<Planned, "verdict" | "planHash" | "comparison"> & { readonly plan: Plan };

export function planText({ plan, verdict, comparison }: Omit<Shown, "planHash">): string {
  const lines: string[] = [];
  for (const { key, line, after } of plan.changes) {
    lines.push(
      `+ line ${line}  create ${after.email} as ${after.role}  (${key}: in the roster, not known to have an account)`,
    );
  }
  for (const { key, line, accountId } of plan.adoptions) {
    lines.push(`= line ${line}  adopt user ${accountId ?? "?"}  (${key}: has an account already)`);
  }
  const counts = new Map<Situation, number>();
  for (const { key, line, situation, because } of plan.skips) {
    counts.set(situation, (counts.get(situation) ?? 0) + 1);
    if (QUIET.includes(situation)) continue;
    lines.push(`! line ${line ?? "?"}  ${situation}${key === null ? "" : ` ${key}`}: ${because}`);
  }
  if (lines.length > 0) lines.push("");
  lines.push(summaryLine(plan, counts));
  if (comparison !== null) lines.push(comparison);
  if (verdict.kind === "hold") {
    lines.push("This run would be held:", ...verdict.breaches.map((breach) => `  ${breach.message}`));
  }
  return lines.join("\n");
}

function summaryLine(plan: Plan, counts: ReadonlyMap<Situation, number>): string {
  const alone = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([situation, count]) => `${count} ${situation}`);
  const parts = [
    `${plan.changes.length} to create`,
    `${plan.adoptions.length} to adopt`,
    `${plan.unchanged} unchanged`,
    `${plan.skips.length} left alone${alone.length > 0 ? ` (${alone.join(", ")})` : ""}`,
  ];
  return `${counted(plan.rows, "row")}, planned for ${plan.asOf}: ${parts.join(", ")}. Nothing was changed.`;
}

/** For programs: the same, without addresses and names. */
export function planJson({ plan, verdict, planHash, comparison }: Shown): string {
  const changes = plan.changes.map(({ op, reason, key, line, after }) => ({ op, reason, key, line, role: after.role }));
  const adoptions = plan.adoptions.map(({ key, line, accountId }) => ({ key, line, account_id: accountId }));
  const skips = plan.skips.map(({ key, line, situation, because }) => ({ key, line, situation, because }));
  const { asOf, sha256, rows, unchanged } = plan;
  const counts = { rows, unchanged };
  const value = { as_of: asOf, sha256, plan_hash: planHash, ...counts, comparison, verdict, changes, adoptions, skips };
  return JSON.stringify(value, null, 2);
}

/** Whether somebody in the plan was left out for want of certainty. */
export function hasLeftOut(plan: Plan): boolean {
  return plan.skips.some((skip) => LEFT_OUT.includes(skip.situation));
}
