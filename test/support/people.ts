// Invented people, rows, standings and runs for tests. Values only. Every address carries MARK, so that a test can look for
// personal data where none may be.

import type { Employee, RosterRow } from "../../src/domain/employee.ts";
import type { KnownAccount, LedgerEntry, Standing } from "../../src/domain/ledger.ts";
import { draftSketch } from "../../src/domain/people-sketch.ts";
import type { Change, Plan } from "../../src/domain/plan.ts";
import { PORTRAIT_VERSION, type RosterPortrait, type UsedColumn } from "../../src/domain/portrait.ts";
import { noCounts, type Run } from "../../src/domain/run.ts";

/** Stands in every invented name and address, and nowhere else. */
export const MARK = "quetzal";

export function person(number: number, fields: Partial<Employee> = {}): Employee {
  const id = String(number).padStart(4, "0");
  return {
    key: `E${id}`,
    emailHash: `hash${id}`,
    profile: {
      email: `${MARK}${id}@example.test`,
      firstName: `${MARK} ${id}`,
      lastName: `Mc${MARK}`,
      role: "standard",
      timeZone: null,
    },
    isWorking: true,
    startsOn: null,
    endsOn: null,
    line: number + 1,
    ...fields,
  };
}

export function rowOf(employee: Employee): RosterRow {
  return { kind: "employee", employee };
}

export const NOBODY: Standing = { entry: null, emailOwner: null, account: null, isListed: false };

export function entryOf(employee: Employee, fields: Partial<LedgerEntry> = {}): LedgerEntry {
  const { key, emailHash, line } = employee;
  const at = "2026-01-01T00:00:00.000Z";
  return { key, emailHash, accountId: 7, origin: "created", runId: "earlier", sha256: "0", line, at, ...fields };
}

export function account(fields: Partial<KnownAccount> = {}): KnownAccount {
  return { accountId: 7, role: "standard", status: "active", isBot: false, isDefaultAdmin: false, ...fields };
}

export function changeOf({ key, emailHash, profile, line }: Employee): Change {
  return { op: "create", reason: "joiner", key, emailHash, after: profile, line };
}

export function planOf(runId: string, employees: readonly Employee[], fields: Partial<Plan> = {}): Plan {
  const changes = employees.map(changeOf);
  const rows = changes.length;
  return {
    runId,
    asOf: "2026-06-01",
    sha256: "cafe",
    changes,
    adoptions: [],
    skips: [],
    unchanged: 0,
    rows,
    ...fields,
  };
}

/** The portrait of a roster with these people and nothing else worth knowing. */
export function portraitOf(employees: readonly Employee[], fields: Partial<RosterPortrait> = {}): RosterPortrait {
  const sketch = draftSketch();
  for (const { key } of employees) sketch.add(key);
  const count = employees.length;
  const { used = USED, ...others } = fields;
  return {
    version: PORTRAIT_VERSION,
    rows: count,
    unreadable: 0,
    people: count,
    sketch: sketch.finish(),
    used: used.map((column) => ({ ...column, filled: Math.min(column.filled, fields.rows ?? count) })),
    headers: ["Employee ID", "First Name", "Last Name", "Work Email", "Start Date", "Pay Grade"],
    doubted: [],
    trailer: null,
    asOf: null,
    peaks: [],
    ...others,
  };
}

const ALWAYS = { isConfigured: false, filled: Number.MAX_SAFE_INTEGER };

/** Columns that are filled in every row. */
export const USED: readonly UsedColumn[] = [
  { ...ALWAYS, header: "Employee ID", field: "employeeId" },
  { ...ALWAYS, header: "First Name", field: "firstName" },
  { ...ALWAYS, header: "Last Name", field: "lastName" },
  { ...ALWAYS, header: "Work Email", field: "email" },
  { ...ALWAYS, header: "Start Date", field: "startDate" },
];

export function aRun(runId: string, fields: Partial<Run> = {}): Run {
  return {
    runId,
    state: "reading",
    trigger: "inbox",
    fileName: "monday.csv",
    dataId: "here",
    filePath: `processing/${runId}.monday.csv`,
    sha256: null,
    asOf: null,
    planHash: null,
    breaches: [],
    comparison: null,
    counts: noCounts(),
    because: null,
    waitingFor: null,
    supersededBy: null,
    decidedBy: null,
    isCarriedOut: false,
    reason: null,
    startedAt: "2026-06-01T08:00:00.000Z",
    plannedAt: null,
    endedAt: null,
    ...fields,
  };
}
