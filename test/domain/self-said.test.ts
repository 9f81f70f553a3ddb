// What lines that are no people say of the file: how many, that it ends, that it is not the whole, who stands below.

import { describe, expect, test } from "vitest";
import { countInTitle, countSaid, pageSaid, saysCutOff, saysEnd, saysLeavers } from "../../src/domain/self-said.ts";

test.each([
  ["Total  4", 4],
  ["Employees: 1204", 1204],
  ["(3 rows affected)", 3],
  ["Total 4 of 5", null],
  ["Page 2 of 9", null],
  ["Records 1-50 of 1200", 1200],
  ["Showing 1 to 2 of 1200 entries", 1200],
  ["2 of 1200 records", 1200],
  ["Records 1-4 of 1,200", 1200],
  ["Records 1-4 of 1 200", 1200],
  ["Anzahl Mitarbeiter: 5", 5],
  ["Antal anställda: 12", 12],
  ["Anzahl: 12", 12],
  ["Anzahl Standorte: 3", null],
  ["Weeks 1-52 of 2026", null],
  ["Pages 1-3 of 3", null],
  ["Licences used: 240 of 250 users", null],
  ["Department: Sales", null],
])("below the people %j gives %s rows", (line, count) => expect(countSaid(line)).toBe(count));

test.each([
  ["Total records: 1200", 1200],
  ["Employee List (2 of 1200 records)", 1200],
  ["1200 employees", 1200],
  ["Number of employees: 7", 7],
  ["Anzahl Standorte: 3", null],
  ["Weeks 1-52 of 2026", null],
  ["Total Rewards 2026", null],
  ["Employees 2026", null],
  ["Headcount 2026", null],
  ["Plan 1 of 3", null],
  ["Page 1 of 3", null],
])("above the header %j gives %s rows", (line, count) => expect(countInTitle(line)).toBe(count));

test.each([
  ["*** End of Report ***", true],
  ["--- End of page ---", false],
  ["# EOF", true],
  ["Endo", false],
])("%j says that the file ends: %s", (line, expected) => expect(saysEnd(line)).toBe(expected));

test("a page says which of how many it is", () => {
  expect(pageSaid("Page 1 of 3")).toEqual({ page: 1, of: 3 });
  expect(pageSaid("-- Seite 2/2")).toEqual({ page: 2, of: 2 });
  expect(pageSaid("Page 7")).toBeNull();
  expect(pageSaid("Page 1/12/2026")).toBeNull();
});

test.each([
  "Row limit reached. Only the first 2 rows were exported.",
  "Results are limited to 500 records",
  "Export was truncated",
  "Not all employees are shown",
])("%j says that rows are missing", (line) => expect(saysCutOff(line)).toBe(true));

test.each([
  "CONFIDENTIAL - access to this report is limited to HR",
  "Row limit exceeded: No",
  "Not all employees have an email address",
  "Results are limited to Active workers",
  "Names truncated at 40 characters",
  "Only the first 3 letters of the department are shown",
])("%j does not", (line) => expect(saysCutOff(line)).toBe(false));

describe("who stands below", () => {
  test.each([
    "Terminated Employees",
    "Terminated",
    "Leavers Report 2026",
    "List of former employees",
    "Filter: Status = Terminated",
    "Worker Status is Terminated",
    "Ausgeschiedene Mitarbeiter",
    "Mitarbeiter ausgeschieden",
    "Salariés sortis",
    "Inactive Employees (2026-05-31)",
    "--- Leavers ---",
  ])("%j: people who have left", (line) => expect(saysLeavers(line)).toBe(true));

  test.each([
    "Active Employees",
    "Excluding terminated employees",
    "Filter: not terminated",
    "Terminated: No",
    "Terminated: 5",
    "Include Terminated Workers False",
    "Include Terminated Workers = N",
    "Hide terminated workers",
    "Altas y bajas",
    "Bajas médicas",
    "Joiners/Movers/Leavers feed",
    "nicht ausgeschiedene Mitarbeiter",
    "Ausgeschiedene Mitarbeiter: nein",
    "Salariés hors sortis",
    "Medewerkers niet uit dienst",
    "Company Leavers, Ltd",
    "Former Name",
    "Ex Libris",
    "Week ended 2026-05-31",
    "Active/Inactive: Active",
    "Termination date: blank",
  ])("%j: not said", (line) => expect(saysLeavers(line)).toBe(false));
});

test("hostile lines take no time", () => {
  const before = process.cpuUsage();
  for (const text of [
    `x${"-".repeat(64_000)}x`,
    "(".repeat(64_000),
    `Records ${"1 ".repeat(32_000)}`,
    "leavers ".repeat(8_000),
  ])
    for (const say of [countInTitle, countSaid, pageSaid, saysCutOff, saysEnd, saysLeavers]) say(text);
  expect(process.cpuUsage(before).user).toBeLessThan(500_000);
});
