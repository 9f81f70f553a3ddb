// Golden pages. Every fixture has one too, in test/roster/fixtures.test.ts; here are the shapes that no fixture has.

import { expect, test } from "vitest";
import { checkText } from "../../src/cli/check-text.ts";
import type { Issue, ReadingSummary } from "../../src/domain/employee.ts";
import { problemsOf } from "../roster/reading.ts";

const GOLDEN = new URL("../golden/", import.meta.url).pathname;

const summary: ReadingSummary = {
  sha256: "0f".repeat(32),
  bytes: 18_204,
  encoding: "windows-1252",
  delimiter: "\t",
  headerLine: 3,
  lastLine: 33,
  trailer: null,
  columns: [
    { header: "Staff No.", position: 1, field: "employeeId", by: "configuration", filled: 1 },
    { header: "Work Email ", position: 2, field: "email", by: "synonym", filled: 1 },
    { header: "Country", position: 3, field: null, by: "rule", filled: 1 },
    { header: "", position: 4, field: null, by: null, filled: 0 },
  ],
  rows: 1,
  employees: 1,
  outOfScope: 0,
  unreadable: 0,
  remarks: [],
};

const ALONE = { merged: new Map(), withdrawn: 0 };
const ONE = { working: 1, left: 0, later: 0 };

function issue(code: string, line: number | null, column: string | null, message: string, fix: string): Issue {
  return { code, line, column, message, fix };
}

test("a page without problems says so", async () => {
  await expect(
    checkText("monday.csv", { summary, known: summary, problems: problemsOf([]), repeated: ALONE, people: ONE }),
  ).toMatchFileSnapshot(`${GOLDEN}check-fine.txt`);
});

test("problems are grouped, ten lines of each are shown, and the rest is counted", async () => {
  const many = Array.from({ length: 23 }, (_, at) =>
    issue(
      "unknown-status",
      at + 4,
      "Status",
      '"Status" is "Limbo", which is not known.',
      "Add the word to the configuration.",
    ),
  );
  const others = [
    issue("bad-date", 9, "Start Date", '"Start Date" is "31/02/2026", which is not a day.', "Correct it."),
    issue("empty-name", 12, "First Name", "The first name is empty.", "Enter it."),
  ];
  const read = { ...summary, rows: 30, employees: 5, unreadable: 25 };
  const page = checkText("monday.csv", {
    summary: read,
    known: read,
    problems: problemsOf([...many, ...others]),
    repeated: ALONE,
    people: { working: 3, left: 1, later: 1 },
  });
  await expect(page).toMatchFileSnapshot(`${GOLDEN}check-problems.txt`);
});

test("a refused file says that nothing of it would be used, and why", async () => {
  const reasons = [
    issue(
      "missing-email",
      1,
      null,
      "No column was recognised as the work e-mail address.",
      "Name it in the configuration.",
    ),
    issue("duplicate-header", 1, "City", 'Columns 2 and 5 are both headed "City".', "Rename one."),
  ];
  await expect(
    checkText("monday.csv", { summary: null, known: {}, problems: problemsOf(reasons), repeated: ALONE, people: ONE }),
  ).toMatchFileSnapshot(`${GOLDEN}check-refused.txt`);
});
