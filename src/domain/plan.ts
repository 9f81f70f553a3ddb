// The plan is a value: every change one roster wants against one ledger, and everybody left alone with the reason.
// A draft grows row by row, so that what is unchanged leaves no object behind; `finish` turns it into the plan.

import type { Day } from "./day.ts";
import type { Employee, RosterRow } from "./employee.ts";
import type { Standing } from "./ledger.ts";
import type { PersonKey, Profile } from "./profile.ts";
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

/** Where a key or an address was met first. */
interface Sighting {
  readonly line: number;
  readonly key: PersonKey | null;
  isDuplicate: boolean;
}

export function draftPlan(terms: Terms): PlanDraft {
  const changes = new Map<number, Change>();
  const adoptions = new Map<number, Adoption>();
  const skips = new Map<number, Skip>();
  const byKey = new Map<PersonKey, Sighting>();
  const byEmail = new Map<string, Sighting>();
  let rows = 0;
  let unchanged = 0;

  function withdraw(sighting: Sighting, other: number, what: string): void {
    if (sighting.isDuplicate) return;
    sighting.isDuplicate = true;
    const decided = changes.delete(sighting.line) || adoptions.delete(sighting.line);
    if (!decided && !skips.has(sighting.line)) unchanged -= 1;
    const skip = skips.get(sighting.line);
    if (skip?.situation === "unreadable" || skip?.situation === "duplicate") return;
    skips.set(sighting.line, duplicate(sighting.key, sighting.line, other, what));
  }

  /** Notes a row's key and address; true when the row shares one of them with an earlier row. */
  function isRepeated(line: number, key: PersonKey | null, emailHash: string | null): boolean {
    const sighting: Sighting = { line, key, isDuplicate: false };
    const sameKey = key === null ? undefined : byKey.get(key);
    const sameEmail = emailHash === null ? undefined : byEmail.get(emailHash);
    if (key !== null && sameKey === undefined) byKey.set(key, sighting);
    if (emailHash !== null && sameEmail === undefined) byEmail.set(emailHash, sighting);
    if (sameKey !== undefined) withdraw(sameKey, line, "employee");
    if (sameEmail !== undefined && sameEmail !== sameKey) withdraw(sameEmail, line, "e-mail address");
    const earlier = sameKey ?? sameEmail;
    if (earlier === undefined) return false;
    sighting.isDuplicate = true;
    skips.set(line, duplicate(key, line, earlier.line, sameKey === undefined ? "e-mail address" : "employee"));
    return true;
  }

  function addEmployee(employee: Employee, standing: Standing): void {
    const { key, line, emailHash } = employee;
    if (isRepeated(line, key, emailHash)) return;
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
      isRepeated(row.line, row.key, row.emailHash);
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

function duplicate(key: PersonKey | null, line: number, other: number, what: string): Skip {
  const because =
    `Lines ${Math.min(line, other)} and ${Math.max(line, other)} have the same ${what}; neither is provisioned. ` +
    "Correct the roster so that each person stands on one line.";
  return { key, situation: "duplicate", because, line };
}

/** The plan's changes in one canonical text: its fingerprint is what a person approves. */
export function canonicalChange(change: Change): string {
  const { email, firstName, lastName, role, timeZone } = change.after;
  return JSON.stringify([change.op, change.reason, change.key, email, firstName, lastName, role, timeZone]);
}
