// The plan is a value: every change one roster wants against one ledger, and everybody left alone with the reason.
// A draft grows row by row, so that what is unchanged leaves no object behind; `finish` turns it into the plan.

import type { Day } from "./day.ts";
import type { Employee, RosterRow } from "./employee.ts";
import type { Standing } from "./ledger.ts";
import type { PersonKey, Profile } from "./profile.ts";
import { type Seen, sayingOf, sightings, type Withdrawal } from "./sightings.ts";
import { decide, type Situation, type Terms } from "./situation.ts";

/** One thing to make true. Updates, suspensions and reactivations will join this union. */
export type Change = {
  readonly op: "create";
  readonly reason: "joiner";
  readonly key: PersonKey;
  readonly emailHash: string;
  readonly after: Profile;
  readonly line: number;
};

export type Operation = Change["op"];

/** Links an account that was there before us to its person. */
export interface Adoption {
  readonly key: PersonKey;
  readonly emailHash: string;
  readonly accountId: number | null;
  readonly line: number;
}

/** Somebody left alone, and why. */
export interface Skip {
  readonly key: PersonKey | null;
  readonly situation: Situation;
  readonly because: string;
  readonly line: number | null;
}

export interface Plan {
  readonly runId: string;
  readonly asOf: Day;
  readonly sha256: string;
  readonly changes: readonly Change[];
  readonly adoptions: readonly Adoption[];
  readonly skips: readonly Skip[];
  /** People with nothing to do (`same`). */
  readonly unchanged: number;
  readonly rows: number;
}

/** A plan in the making. */
export interface PlanDraft {
  /** Takes one row; `standing` is needed for employees only. */
  add(row: RosterRow, standing: Standing | null): void;
  finish(roster: { readonly runId: string; readonly sha256: string }): Plan;
}

export function draftPlan(terms: Terms): PlanDraft {
  const changes = new Map<number, Change>();
  const adoptions = new Map<number, Adoption>();
  const skips = new Map<number, Skip>();
  const people = sightings();
  let rows = 0;
  let unchanged = 0;

  /** Takes back what was decided for a line, and reports it as a duplicate. */
  function withdraw({ line, key, because }: Withdrawal): void {
    const decided = changes.delete(line) || adoptions.delete(line);
    const skip = skips.get(line);
    if (!decided && skip === undefined) unchanged -= 1;
    if (skip?.situation !== "unreadable") skips.set(line, { key, situation: "duplicate", because, line });
  }

  /** True when the row shares its key or its address with an earlier row; it is then reported and has nothing to decide. */
  function isRepeated(seen: Seen): boolean {
    const repetition = people.meet(seen);
    if (repetition === null) return false;
    const { key, line } = seen;
    for (const withdrawal of repetition.withdrawn) withdraw(withdrawal);
    const situation = repetition.isMerged ? "merged" : "duplicate";
    skips.set(line, { key, situation, because: repetition.because, line });
    return true;
  }

  function addEmployee(employee: Employee, standing: Standing): void {
    const { key, line, emailHash } = employee;
    if (isRepeated({ line, key, emailHash, says: sayingOf(employee) })) return;
    const decision = decide(employee, standing, terms);
    if (decision.kind === "create") {
      changes.set(line, { op: "create", reason: decision.reason, key, emailHash, after: employee.profile, line });
    } else if (decision.kind === "adopt") {
      adoptions.set(line, { key, emailHash, accountId: decision.accountId, line });
    } else if (decision.situation === "same") {
      unchanged += 1;
    } else {
      skips.set(line, { key, situation: decision.situation, because: decision.because, line });
    }
  }

  return {
    add(row, standing) {
      rows += 1;
      if (row.kind === "employee") {
        if (standing === null) throw new Error("an employee needs a standing");
        addEmployee(row.employee, standing);
        return;
      }
      if (row.kind === "out-of-scope") {
        skips.set(row.line, { key: row.key, situation: "out-of-scope", because: row.because, line: row.line });
        return;
      }
      isRepeated({ line: row.line, key: row.key, emailHash: row.emailHash, says: null });
      const because = row.issues.map((issue) => `${issue.message} ${issue.fix}`).join(" ");
      skips.set(row.line, { key: row.key, situation: "unreadable", because, line: row.line });
    },

    finish({ runId, sha256 }) {
      return {
        runId,
        asOf: terms.asOf,
        sha256,
        changes: [...changes.values()],
        adoptions: [...adoptions.values()],
        skips: [...skips.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
        unchanged,
        rows,
      };
    },
  };
}

/** The plan's changes in one canonical text: its fingerprint is what a person approves. */
export function canonicalChange(change: Change): string {
  const { email, firstName, lastName, role, timeZone } = change.after;
  return JSON.stringify([change.op, change.reason, change.key, email, firstName, lastName, role, timeZone]);
}
