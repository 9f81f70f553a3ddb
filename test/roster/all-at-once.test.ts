// `check` tells everything in one round: what refuses a header, and what the rows would have been reported for behind it.

import { expect, test } from "vitest";
import { mappingFile, settingLines } from "../../src/cli/check-config.ts";
import { checkText } from "../../src/cli/check-text.ts";
import { checked, codes, read, withFile } from "./reading.ts";

function check(content: string) {
  return withFile(content, checked);
}

function found({ problems }: Awaited<ReturnType<typeof check>>): string[] {
  return problems.groups.map(({ code, count }) => `${code} ${count}`);
}

const ROWS =
  "1,Una,Frost,una@corp.example,Onboarding,01/02/2021\n2,Ivo,,ivo@corp.example,Active,2021-05-01\n" +
  "3,Ada,Marsh,ada@corp.example\n3,Eva,Lund,eva@corp.example,Active,2021-05-01\n";

test("behind a header that is refused the rows are looked at, too, as far as the columns are known", async () => {
  const roster = `Employee ID,First Name,Last Name,Wrok Email,Status,Hire Date\n${ROWS}`;
  const result = await check(roster);
  expect(result.summary).toBeNull();
  expect(found(result)).toEqual([
    "missing-email 1",
    "unknown-status 1",
    "ambiguous-date 1",
    "empty-name 1",
    "too-few-cells 1",
  ]);
  const lines = settingLines(result.problems.settings).join("\n");
  for (const offered of ['email: "Wrok Email"', '"Onboarding"', "order:"]) expect(lines).toContain(offered);
  const page = checkText("monday.csv", result);
  expect(page).toMatch(/is refused as a whole/);
  expect(page).toMatch(/"Status" +"Onboarding" +unknown +1 row/);
  expect(page).toMatch(/"Last Name" +last name +a usual name for it +67 % filled/);
  expect(mappingFile("monday.csv", result.known, result.problems.settings)).toContain('status: "Status"');
});

test("nothing is said of a field whose column is open, and a row is no duplicate for it", async () => {
  const roster =
    "Employee ID,Email,E-Mail,Name,First Name,Status\n1,a@corp.example,,Frost,Una,Active\n2,,,Marsh,Ivo,Active\n";
  expect(found(await check(roster))).toEqual(["ambiguous-column 1", "half-a-name 1"]);
});

test("reasons of the header and of the rows stand together", async () => {
  const header = "Employee ID,First Name,Last Name,Wrok Email,Hire Date,Hire Date";
  expect(found(await check(`${header}\n`))).toEqual(["duplicate-header 1", "missing-email 1", "no-rows 1"]);
  const numbers = "123-45-6789,Una,Frost,a@corp.example,x,y\n";
  expect(found(await check(`${header}\n${numbers}${numbers.replace("6789", "6788")}`))).toEqual([
    "duplicate-header 1",
    "missing-email 1",
    "sensitive-column 1",
  ]);
  expect(found(await check(`${header}\n1,Una,"Frost,a@corp.example,x,y\n`))).toContain("open-quote 1");
});

test("a column that must not be read is not read to find more", async () => {
  const result = await check("Employee ID,First Name,Last Name,SSN\n1,Una,Frost,123-45-6789\n");
  expect(JSON.stringify(result)).not.toContain("6789");
});

test("what is no page reads nothing behind such a header", async () => {
  const { rows, refused } = await read(`Employee ID,First Name,Last Name,Wrok Email,Status,Hire Date\n${ROWS}`);
  expect(rows).toEqual([]);
  expect(codes(refused)).toEqual(["missing-email"]);
});

test("people are counted as what they are, and a status beside an end long past is a problem", async () => {
  const header = "Employee ID,First Name,Last Name,Work Email,Status,Hire Date,Termination Date\n";
  const row = (id: number, status: string, start: string, end: string) =>
    `${id},Una,Frost,u${id}@corp.example,${status},${start},${end}\n`;
  const result = await check(
    header +
      row(1, "Active", "2021-05-03", "") +
      row(2, "Terminated", "2021-05-03", "2026-01-31") +
      row(3, "Active", "2026-09-01", "") +
      row(4, "Active", "2019-01-16", "2020-01-31") +
      row(5, "Active", "2019-01-16", "2026-05-20"),
  );
  expect(result.people).toEqual({ working: 1, left: 2, later: 1 });
  expect(found(result)).toEqual(["unproven 1"]);
  expect(checkText("monday.csv", result)).toMatch(
    /5 rows: 4 people read \(1 working, 2 left, 1 to start later\), 0 out of scope, 1 with problems/,
  );
});
