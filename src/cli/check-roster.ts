// Reads a roster to the end for `check`: what was understood, every problem of every row, who stands on several rows, and
// for what the file alone would hold a run.

import type { RosterReading } from "../app/ports.ts";
import type { Employee, Issue, KnownReading, ReadingSummary, RosterRow } from "../domain/employee.ts";
import type { Standing } from "../domain/ledger.ts";
import { NEAR_MISS } from "../domain/mapping-remarks.ts";
import { RosterRefused } from "../domain/roster-refused.ts";
import { sightings } from "../domain/sightings.ts";
import { decide, type Terms } from "../domain/situation.ts";
import { trailerDoubt } from "../domain/trust.ts";
import type { TrustLimits } from "../domain/trust-limits.ts";
import { type Problems, type ProblemTally, tallyProblems } from "./check-problems.ts";

export interface CheckedRoster {
  /** Null when the file was refused; then the problems have the reasons. */
  readonly summary: ReadingSummary | null;
  /** How the file was read as far as it came; all of it where it was not refused. */
  readonly known: KnownReading;
  readonly problems: Problems;
  readonly repeated: RepeatedRows;
  /** Of the people that were read, one by one, how many the roster says work, and so on. */
  readonly people: PeopleCounts;
}

export interface PeopleCounts {
  readonly working: number;
  readonly left: number;
  /** Start later than a plan of today looks ahead. */
  readonly later: number;
}

export interface RepeatedRows {
  /** Lines that say the same as an earlier one, and what it says; in file order. */
  readonly merged: ReadonlyMap<number, string>;
  /** Readable rows that are left alone, because another row says otherwise of the same person. */
  readonly withdrawn: number;
}

/** @throws what `rows` throws, but for refusals */
export async function checkRoster(reading: RosterReading, limits: TrustLimits, terms: Terms): Promise<CheckedRoster> {
  const tally = tallyProblems();
  const merged = new Map<number, string>();
  const repeated = { merged, withdrawn: 0 };
  const people = { unreadable: 0, working: 0, left: 0, later: 0, unclear: 0 };
  let summary: ReadingSummary | null = null;
  try {
    const meet = repetitions(tally, repeated, people, terms);
    for await (const rows of reading.rows()) {
      for (const row of rows) {
        if (row.kind === "unreadable") for (const issue of row.issues) tally.add(issue);
        if (row.kind !== "out-of-scope") meet(row);
      }
    }
    summary = reading.summary();
    const doubt = closingLine(summary, limits);
    if (doubt !== null) tally.add(doubt);
  } catch (error) {
    if (!(error instanceof RosterRefused)) throw error;
    tally.refuse(error.issues);
  }
  const known = summary ?? reading.known();
  for (const remark of known.remarks ?? []) {
    if (remark.code === NEAR_MISS) tally.add(doubtedColumn(remark));
    else if (remark.setting !== undefined) tally.propose(remark.setting);
  }
  const { working, left, later, unclear } = people;
  repeated.withdrawn += unclear;
  return { summary, known, problems: tally.problems(), repeated, people: { working, left, later } };
}

/** What a row is, for the page; where in the list, is remembered with it. */
const KINDS = ["unreadable", "working", "left", "later", "unclear"] as const;
type Kind = (typeof KINDS)[number];

function repetitions(
  tally: ProblemTally,
  repeated: { readonly merged: Map<number, string>; withdrawn: number },
  people: Record<Kind, number>,
  terms: Terms,
): (row: Exclude<RosterRow, { kind: "out-of-scope" }>) => void {
  const seen = sightings();
  return (row) => {
    const isReadable = row.kind === "employee";
    const repetition = isReadable ? seen.meet(row.employee, row.employee) : seen.meet(row, null);
    if (repetition?.isMerged === true) {
      if (isReadable) repeated.merged.set(row.employee.line, repetition.because);
      return;
    }
    const kind = isReadable ? kindOf(row.employee, terms, tally) : "unreadable";
    seen.decided(KINDS.indexOf(kind));
    for (const { line, because, mark } of repetition?.withdrawn ?? []) {
      tally.add(duplicate(line, because));
      const before = KINDS[mark ?? 0] ?? "unreadable";
      if (repeated.merged.delete(line)) repeated.withdrawn += 1;
      else if (before !== "unreadable") {
        repeated.withdrawn += 1;
        people[before] -= 1;
      }
    }
    if (!isReadable) return;
    if (repetition === null) {
      people[kind] += 1;
      return;
    }
    tally.add(duplicate(row.employee.line, repetition.because));
    repeated.withdrawn += 1;
  };
}

/** What a plan of today would make of somebody whom Tallyfy does not know. */
function kindOf(employee: Employee, terms: Terms, tally: ProblemTally): Kind {
  const decision = decide(employee, UNKNOWN, terms);
  if (decision.kind !== "leave") return "working";
  if (decision.situation === "gone") return "left";
  if (decision.situation === "future") return "later";
  const fix = "Settle it in the HR system and export again.";
  tally.add({ code: decision.situation, line: employee.line, column: null, message: decision.because, fix });
  return "unclear";
}

const UNKNOWN: Standing = { entry: null, emailOwner: null, account: null, isListed: false };

function duplicate(line: number, because: string): Issue {
  const end = because.indexOf("; ");
  const message = end === -1 ? because : `${because.slice(0, end)}; not provisioned.`;
  return {
    code: "duplicate",
    line,
    column: null,
    message,
    fix: "Correct the roster so that each person stands on one line, or on lines that agree.",
  };
}

function doubtedColumn(remark: Issue): Issue {
  const message = `${remark.message} A run of this file is held, unless the last accepted roster had the column, too.`;
  return {
    ...remark,
    message,
    fix: `${remark.fix} If it is something else, ${remark.setting?.path ?? "roster.columns.status"}: "" says so, or a person releases the held run with a reason.`,
  };
}

/** A closing line that does not fit the rows: about the file alone, unlike all else for which a run is held. */
function closingLine(summary: ReadingSummary, limits: TrustLimits): Issue | null {
  const doubt = trailerDoubt(summary, limits);
  if (doubt === null) return null;
  return {
    code: doubt.limit,
    line: summary.trailer?.line ?? null,
    column: null,
    message: `${doubt.message} A run of this file is held, unless the last accepted roster was off by as many.`,
    fix: "See whether the export is complete, and export again. If it is right as it is, a person releases the held run with a reason.",
  };
}
