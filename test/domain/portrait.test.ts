// What is remembered of a roster: enough to compare the next one with it, and nobody's data.

import { expect, test } from "vitest";
import type { ReadingSummary, RosterRow } from "../../src/domain/employee.ts";
import { peopleKept } from "../../src/domain/people-sketch.ts";
import { draftPortrait } from "../../src/domain/portrait.ts";
import { MARK, person, portraitOf, rowOf } from "../support/people.ts";

const SUMMARY: ReadingSummary = {
  sha256: "cafe",
  bytes: 100,
  encoding: "utf-8",
  delimiter: ",",
  headerLine: 1,
  lastLine: 6,
  trailer: { line: 6, count: 4, hasEndMark: true },
  columns: [
    { header: " Work Email ", position: 1, field: "email", by: "synonym", filled: 3 },
    { header: "Site", position: 2, field: null, by: "rule", filled: 4 },
    { header: "Staff No.", position: 3, field: "employeeId", by: "configuration", filled: 4 },
    { header: "Salary", position: 4, field: null, by: null, filled: 0 },
  ],
  rows: 4,
  employees: 1,
  outOfScope: 1,
  unreadable: 2,
  remarks: [],
};

const ROWS: readonly RosterRow[] = [
  rowOf(person(1)),
  { kind: "out-of-scope", key: person(2).key, line: 3, because: "Excluded." },
  { kind: "unreadable", key: person(3).key, emailHash: null, line: 4, issues: [] },
  { kind: "unreadable", key: null, emailHash: null, line: 5, issues: [] },
];

function portrait() {
  const draft = draftPortrait();
  for (const row of ROWS) draft.add(row);
  return draft.finish(SUMMARY);
}

test("whoever has a row with a key is in the roster, also when the row is excluded or cannot be read", () => {
  const { people, sketch } = portrait();
  expect(people).toBe(3);
  const everybody = portraitOf([person(1), person(2), person(3)]).sketch;
  expect(peopleKept(everybody, sketch)).toEqual({ sampled: 3, found: 3, isSample: false });
});

test("it has the counts, the columns that are used, all headers, and what stands below the people", () => {
  expect(portrait()).toMatchObject({
    rows: 4,
    unreadable: 2,
    used: [
      { header: "Work Email", field: "email", isConfigured: false, filled: 3 },
      { header: "Site", field: null, isConfigured: true, filled: 4 },
      { header: "Staff No.", field: "employeeId", isConfigured: true, filled: 4 },
    ],
    headers: ["Work Email", "Site", "Staff No.", "Salary"],
    trailer: { count: 4, hasEndMark: true },
  });
});

test("it holds no names, no addresses and no keys", () => {
  const text = JSON.stringify(portrait());
  expect(text).not.toContain(MARK);
  expect(text).not.toContain(person(1).key);
});

test("a header line of any length leaves a portrait of bounded size", () => {
  const columns = Array.from({ length: 5000 }, (_, at) => ({
    header: "x".repeat(1000),
    position: at + 1,
    field: null,
    by: null,
    filled: 0,
  }));
  const { headers } = draftPortrait().finish({ ...SUMMARY, columns });
  expect(headers).toHaveLength(500);
  expect(headers[0]).toHaveLength(100);
});
