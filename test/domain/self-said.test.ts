// What lines that are no people say of the file: how many, that it ends, that it is not the whole, who stands below.

import { describe, expect, test } from "vitest";
import { countInTitle, countSaid, leaversSaid, pageSaid, saysCutOff, saysEnd } from "../../src/domain/self-said.ts";

test.each([
  ["Total  4", 4],
  ["Employees: 1204", 1204],
  ["(3 rows affected)", 3],
  ["Total 4 of 5", null],
  ["Page 2 of 9", null],
  ["Records 1-50 of 1200", 1200],
  ["Showing 1 to 2 of 1200 entries", 1200],
  ["2 of 1200 records", 1200],
  ["Anzahl Mitarbeiter: 5", 5],
  ["Antal anställda: 12", 12],
  ["Department: Sales", null],
])("below the people %j gives %s rows", (line, count) => expect(countSaid(line)).toBe(count));

test.each([
  ["Total records: 1200", 1200],
  ["Employee List (2 of 1200 records)", 1200],
  ["1200 employees", 1200],
  ["Number of employees: 7", 7],
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
});

test.each([
  "Row limit reached. Only the first 2 rows were exported.",
  "Results are limited to 500 records",
  "Export was truncated",
])("%j says that rows are missing", (line) => expect(saysCutOff(line)).toBe(true));

describe("who stands below", () => {
  test.each([
    "Terminated Employees",
    "Leavers Report 2026",
    "Filter: Status = Terminated",
    "Ausgeschiedene Mitarbeiter",
    "Bajas 2026",
    "Active and terminated workers",
  ])("%j: people who have left", (line) => expect(leaversSaid(line)).not.toBeNull());

  test.each([
    "Active Employees",
    "Excluding terminated employees",
    "Filter: not terminated",
    "Terminated: No",
    "Ohne Ausgeschiedene",
    "Week ended 2026-05-31",
    "Active/Inactive: Active",
  ])("%j: not said", (line) => expect(leaversSaid(line)).toBeNull());
});
