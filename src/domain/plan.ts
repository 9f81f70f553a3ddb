// The plan is a value: every change one roster wants against one ledger, and everybody left alone with the reason.
// It flows: row by row in, part by part out, so that a plan for a million people is never in memory as a whole.

import type { Day } from "./day.ts";
import type { Employee, RosterRow } from "./employee.ts";
import type { Standing } from "./ledger.ts";
import type { PersonKey, Profile } from "./profile.ts";
import { sightings, type Withdrawal } from "./sightings.ts";
import { decide, SITUATIONS, type Situation, type Terms } from "./situation.ts";

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
  readonly line: number;
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

/** What was decided since the last part. Parts are in the order of the roster. */
export interface PlanPart {
  readonly changes: readonly Change[];
  readonly adoptions: readonly Adoption[];
  readonly skips: readonly Skip[];
  /** Lines of this or an earlier part for which this now stands instead: a later row showed that they do not stand alone. */
  readonly withdrawn: readonly Skip[];
}

/** A plan in numbers. */
export interface PlanTotals {
  readonly rows: number;
  readonly unchanged: number;
  readonly changes: number;
  readonly adoptions: number;
  /** People left alone, by situation. */
  readonly skipped: Readonly<Partial<Record<Situation, number>>>;
}

/** A plan that flows: a part can be put away as soon as it is taken. What stays is who was met (sightings.ts). */
export interface PlanFlow {
  /** Takes one row; `standing` is needed for employees only. */
  add(row: RosterRow, standing: Standing | null): void;
  /** So many things were decided since the last part. */
  size(): number;
  take(): PlanPart;
  totals(): PlanTotals;
}

/** What was decided for a row; its index is the mark in the sightings. */
const DECIDED = ["change", "adoption", "unchanged", ...SITUATIONS] as const;
type Decided = (typeof DECIDED)[number];
const MARKS: ReadonlyMap<Decided, number> = new Map(DECIDED.map((decided, mark) => [decided, mark]));

export function planFlow(terms: Terms): PlanFlow {
  const people = sightings();
  const counts: Record<Decided, number> = { ...NONE };
  let rows = 0;
  let changes: Change[] = [];
  let adoptions: Adoption[] = [];
  let skips: Skip[] = [];
  let withdrawn: Skip[] = [];

  function skip(key: PersonKey | null, situation: Situation, because: string, line: number): Situation {
    counts[situation] += 1;
    skips.push({ key, situation, because, line });
    return situation;
  }

  /** Takes back what was decided for a line, and reports it as a duplicate. What could not be read stays reported as that. */
  function withdraw({ line, key, because, mark }: Withdrawal): void {
    const decided = mark === null ? "merged" : DECIDED[mark];
    if (decided === undefined || decided === "unreadable") return;
    counts[decided] -= 1;
    counts.duplicate += 1;
    withdrawn.push({ key, situation: "duplicate", because, line });
  }

  function decideFor(employee: Employee, standing: Standing): Decided {
    const { key, line, emailHash } = employee;
    const decision = decide(employee, standing, terms);
    if (decision.kind === "create") {
      counts.change += 1;
      changes.push({ op: "create", reason: decision.reason, key, emailHash, after: employee.profile, line });
      return "change";
    }
    if (decision.kind === "adopt") {
      counts.adoption += 1;
      adoptions.push({ key, emailHash, accountId: decision.accountId, line });
      return "adoption";
    }
    if (decision.situation !== "same") return skip(key, decision.situation, decision.because, line);
    counts.unchanged += 1;
    return "unchanged";
  }

  function remember(decided: Decided): void {
    people.decided(MARKS.get(decided) ?? 0);
  }

  return {
    add(row, standing) {
      rows += 1;
      if (row.kind === "out-of-scope") {
        skip(row.key, "out-of-scope", row.because, row.line);
        return;
      }
      if (row.kind === "unreadable") {
        const repetition = people.meet(row, null);
        for (const withdrawal of repetition?.withdrawn ?? []) withdraw(withdrawal);
        const because = row.issues.map((issue) => `${issue.message} ${issue.fix}`).join(" ");
        remember(skip(row.key, "unreadable", because, row.line));
        return;
      }
      if (standing === null) throw new Error("an employee needs a standing");
      const { employee } = row;
      const repetition = people.meet(employee, employee);
      if (repetition === null) {
        remember(decideFor(employee, standing));
        return;
      }
      // It shares its key or its address with an earlier row: it is reported, and nothing is decided for it.
      for (const withdrawal of repetition.withdrawn) withdraw(withdrawal);
      const { key, line } = employee;
      skip(key, repetition.isMerged ? "merged" : "duplicate", repetition.because, line);
    },

    size: () => changes.length + adoptions.length + skips.length + withdrawn.length,

    take() {
      const part = { changes, adoptions, skips, withdrawn };
      changes = [];
      adoptions = [];
      skips = [];
      withdrawn = [];
      return part;
    },

    totals() {
      const { change, adoption, unchanged, ...situations } = counts;
      const skipped: Partial<Record<Situation, number>> = {};
      for (const situation of SITUATIONS) if (situations[situation] > 0) skipped[situation] = situations[situation];
      return { rows, unchanged, changes: change, adoptions: adoption, skipped };
    },
  };
}

const NONE = Object.fromEntries(DECIDED.map((decided) => [decided, 0])) as Record<Decided, number>;

/** Parts put together again. */
export interface PlanParts {
  add(part: PlanPart): void;
  plan(roster: Pick<Plan, "runId" | "asOf" | "sha256" | "rows" | "unchanged">): Plan;
}

export function planParts(): PlanParts {
  const changes = new Map<number, Change>();
  const adoptions = new Map<number, Adoption>();
  const skips = new Map<number, Skip>();
  return {
    add(part) {
      for (const change of part.changes) changes.set(change.line, change);
      for (const adoption of part.adoptions) adoptions.set(adoption.line, adoption);
      for (const skip of part.skips) skips.set(skip.line, skip);
      for (const skip of part.withdrawn) {
        changes.delete(skip.line);
        adoptions.delete(skip.line);
        skips.set(skip.line, skip);
      }
    },
    plan: (roster) => ({
      ...roster,
      changes: [...changes.values()],
      adoptions: [...adoptions.values()],
      skips: [...skips.values()].sort((a, b) => a.line - b.line),
    }),
  };
}

/** The plan's changes in one canonical text: its fingerprint is what a person approves. */
export function canonicalChange({ op, reason, key, after }: Change): string {
  const { email, firstName, lastName, role, timeZone } = after;
  // The lengths tell where one text ends, whatever stands in it; the words before them have no spaces.
  const lengths = `${key.length} ${email.length} ${firstName.length}`;
  return `${op} ${reason} ${role} ${timeZone ?? "-"} ${lengths} ${key}${email}${firstName}${lastName}`;
}
