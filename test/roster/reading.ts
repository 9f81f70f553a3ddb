// Reads rosters in tests: real bytes in a real file, through the real reader.

import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Problems, tallyProblems } from "../../src/cli/check-problems.ts";
import { type CheckedRoster, checkRoster } from "../../src/cli/check-roster.ts";
import type { Employee, Issue, KnownReading, ReadingSummary, RosterRow } from "../../src/domain/employee.ts";
import { ROSTER_DEFAULTS, type RosterOptions } from "../../src/domain/roster-options.ts";
import { RosterRefused } from "../../src/domain/roster-refused.ts";
import { TRUST_DEFAULTS } from "../../src/domain/trust-limits.ts";
import { createRosterReader } from "../../src/roster/reader.ts";

export function fingerprint(text: string): string {
  return createHash("sha256").update(`test\n${text}`).digest("hex").slice(0, 32);
}

export interface Reading {
  readonly rows: readonly RosterRow[];
  readonly employees: readonly Employee[];
  /** Issues of unreadable rows. */
  readonly issues: readonly Issue[];
  readonly summary: ReadingSummary | null;
  /** How far the reading came; all of the summary where there is one. */
  readonly known: KnownReading;
  /** Why the file was refused; null when it was not. */
  readonly refused: readonly Issue[] | null;
}

export async function readFileAt(path: string, options: Partial<RosterOptions> = {}): Promise<Reading> {
  const reading = createRosterReader({ ...ROSTER_DEFAULTS, ...options, fingerprint }).open(path);
  const rows: RosterRow[] = [];
  let refused: readonly Issue[] | null = null;
  try {
    for await (const batch of reading.rows()) rows.push(...batch);
  } catch (error) {
    if (!(error instanceof RosterRefused)) throw error;
    refused = error.issues;
  }
  const employees: Employee[] = [];
  const issues: Issue[] = [];
  for (const row of rows) {
    if (row.kind === "employee") employees.push(row.employee);
    if (row.kind === "unreadable") issues.push(...row.issues);
  }
  const summary = refused === null ? reading.summary() : null;
  return { known: summary ?? reading.known(), rows, employees, issues, summary, refused };
}

/** Writes the bytes to a file of their own, reads it, and removes it. */
export function read(content: string | Uint8Array, options: Partial<RosterOptions> = {}): Promise<Reading> {
  return withFile(content, (path) => readFileAt(path, options));
}

/** The file is there while `use` is at work. */
export async function withFile<T>(content: string | Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "roster-"));
  try {
    const path = join(folder, "roster.csv");
    await writeFile(path, content);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function codes(issues: readonly Issue[] | null): readonly string[] {
  return (issues ?? []).map((issue) => issue.code);
}

/** What `check` finds. */
export function checked(path: string): Promise<CheckedRoster> {
  return checkRoster(
    createRosterReader({ ...ROSTER_DEFAULTS, fingerprint, readsOn: true }).open(path),
    TRUST_DEFAULTS,
    { asOf: "2026-06-01", leadDays: 0 },
  );
}

export function problemsOf(issues: readonly Issue[], refused: readonly Issue[] = []): Problems {
  const tally = tallyProblems();
  for (const issue of issues) tally.add(issue);
  tally.refuse(refused);
  return tally.problems();
}
