// What `check` says about a roster: how it was read, each column with its field, the counts, then the problems by kind with
// their first lines and what to do. Text only; no names and no addresses can be in it, because no issue has them.

import type { ColumnReading, Field, Issue, ReadingSummary } from "../domain/employee.ts";
import { counted, quoted } from "../domain/quoting.ts";

/** So many lines of one kind of problem are shown. */
const SHOWN = 10;

const FIELD_NAMES: Readonly<Record<Field, string>> = {
  employeeId: "employee id",
  email: "e-mail address",
  firstName: "first name",
  lastName: "last name",
  fullName: "whole name, split",
  role: "role",
  timeZone: "time zone",
  status: "status",
  startDate: "start date",
  endDate: "end date",
};

const SEPARATORS: Readonly<Record<string, string>> = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe" };

const BY: Readonly<Record<NonNullable<ColumnReading["by"]>, string>> = {
  configuration: "named by the configuration",
  synonym: "a usual name for it",
  rule: "read only for a rule",
};

/** The page for one file. `summary` is null when the file was refused; then `problems` are the reasons. */
export function checkText(fileName: string, summary: ReadingSummary | null, problems: readonly Issue[]): string {
  const parts: string[][] = [];
  if (summary === null) {
    parts.push([`${fileName} is refused as a whole: nothing of it would be used.`]);
  } else {
    parts.push([verdict(fileName, summary)], reading(summary), columns(summary.columns));
    parts.push(statusWords(summary), dateOrders(summary), section("Worth knowing", summary.remarks.map(remarkLine)));
  }
  parts.push(problemGroups(problems));
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function verdict(fileName: string, summary: ReadingSummary): string {
  const { rows, employees, outOfScope, unreadable } = summary;
  const people = employees === 1 ? "1 person" : `${employees} people`;
  return `${fileName}: ${counted(rows, "row")}: ${people} read, ${outOfScope} out of scope, ${unreadable} with problems.`;
}

function reading(summary: ReadingSummary): string[] {
  return section("How it was read", [
    `encoding   ${summary.encoding}`,
    `separator  ${SEPARATORS[summary.delimiter] ?? summary.delimiter}`,
    `header     line ${summary.headerLine}`,
    `content    ${counted(summary.bytes, "byte")}, SHA-256 ${summary.sha256}`,
  ]);
}

function columns(readings: readonly ColumnReading[]): string[] {
  const rows = readings.map((column): [string, string, string, string] => {
    const header = column.header.trim();
    const name = header === "" ? "(no name)" : quoted(header);
    const use = column.field === null ? (column.by === "rule" ? "rule" : "-") : FIELD_NAMES[column.field];
    return [String(column.position), name, use, column.by === null ? "not needed, dropped" : BY[column.by]];
  });
  return section("Columns", aligned(rows));
}

function statusWords(summary: ReadingSummary): string[] {
  const rows = (summary.statusWords ?? []).map((seen): [string, string, string, string] => [
    quoted(seen.column),
    seen.word === "" ? "(empty)" : quoted(seen.word),
    seen.meaning,
    counted(seen.rows, "row"),
  ]);
  return section("Status words", aligned(rows));
}

function dateOrders(summary: ReadingSummary): string[] {
  const lines = (summary.dateOrders ?? []).map(({ column, separator, order, provedOnLine }) => {
    const dmy = ["DD", "MM", "YYYY"].join(separator);
    const mdy = ["MM", "DD", "YYYY"].join(separator);
    if (order === null) return `${quoted(column)}: both ${dmy} and ${mdy} occur, so neither is proved`;
    return `${quoted(column)}: ${order === "dmy" ? dmy : mdy}, proved on line ${provedOnLine}`;
  });
  return section("Dates", lines);
}

function problemGroups(problems: readonly Issue[]): string[] {
  if (problems.length === 0) return ["No problems."];
  const groups = new Map<string, Issue[]>();
  for (const issue of problems) {
    const group = groups.get(issue.code);
    if (group === undefined) groups.set(issue.code, [issue]);
    else group.push(issue);
  }
  const lines = ["Problems"];
  for (const [code, issues] of groups) {
    lines.push(`  ${code} (${issues.length})`);
    for (const issue of issues.slice(0, SHOWN)) lines.push(`    ${place(issue)}${issue.message}`);
    if (issues.length > SHOWN) lines.push(`    and ${issues.length - SHOWN} more`);
    const fixes = [...new Set(issues.map((issue) => issue.fix))].slice(0, 3);
    for (const fix of fixes) lines.push(`    What to do: ${fix}`);
  }
  return lines;
}

function remarkLine(issue: Issue): string {
  const advice = issue.fix === "Nothing needs to be done." ? "" : ` ${issue.fix}`;
  return `${place(issue)}${issue.message}${advice}`;
}

function place(issue: Issue): string {
  const parts: string[] = [];
  if (issue.line !== null) parts.push(`line ${issue.line}`);
  if (issue.column !== null && !issue.message.startsWith(quoted(issue.column))) {
    parts.push(`column ${quoted(issue.column)}`);
  }
  return parts.length === 0 ? "" : `${parts.join(", ")}: `;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, Array.from(cell).length);
  }
  return rows.map((row) =>
    row
      .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - Array.from(cell).length))
      .join("  ")
      .trimEnd(),
  );
}
