// Every fixture has a golden reading: what `check` says about it, and who was read. The people in the fixtures are invented.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkText } from "../../src/cli/check-text.ts";
import type { Employee, RosterRow } from "../../src/domain/employee.ts";
import { draftPlan } from "../support/draft-plan.ts";
import { NOBODY } from "../support/people.ts";
import { checked, readFileAt } from "./reading.ts";

const FOLDER = new URL("../../fixtures/rosters/", import.meta.url).pathname;
const GOLDEN = new URL("../golden/rosters/", import.meta.url).pathname;
const files = readdirSync(FOLDER);

test.each(files)("%s is read as its golden reading says", async (file) => {
  const reading = await readFileAt(`${FOLDER}${file}`);
  const page = checkText(file, await checked(`${FOLDER}${file}`));
  const rows = reading.refused === null ? reading.rows : [];
  const people = rows.map((row) => (row.kind === "employee" ? personLine(row.employee) : `${row.line} ${row.kind}`));
  await expect(`${page}\n${[...people, ...repetitions(rows)].join("\n")}\n`).toMatchFileSnapshot(
    `${GOLDEN}${file}.txt`,
  );
});

test("every fixture is described in the README", () => {
  const readme = readFileSync(new URL("../../fixtures/README.md", import.meta.url), "utf8");
  for (const file of files) expect(readme).toContain(`\`${file}\``);
});

test("the demo roster has 250 people without a fault, all working", async () => {
  const reading = await readFileAt(new URL("../../fixtures/demo-roster.csv", import.meta.url).pathname);
  expect(reading.refused).toBeNull();
  expect(reading.issues).toEqual([]);
  expect(reading.employees).toHaveLength(250);
  expect(reading.employees.every((employee) => employee.isWorking)).toBe(true);
  expect(new Set(reading.employees.map((employee) => employee.emailHash)).size).toBe(250);
});

/** What a plan says of people on several rows. */
function repetitions(rows: readonly RosterRow[]): string[] {
  const draft = draftPlan({ asOf: "2026-06-01", leadDays: 0 });
  for (const row of rows) draft.add(row, row.kind === "employee" ? NOBODY : null);
  const { skips } = draft.finish({ runId: "run", sha256: "" });
  const repeated = skips.filter(({ situation }) => situation === "merged" || situation === "duplicate");
  return repeated.map(({ line, situation, because }) => `${line} ${situation}: ${because}`);
}

function personLine({ line, key, profile, isWorking, startsOn, endsOn }: Employee): string {
  const { firstName, lastName, email, role, timeZone } = profile;
  const who = `${firstName} | ${lastName} | ${email} | ${role} | ${timeZone ?? "-"}`;
  return `${line} ${key} | ${who} | ${isWorking ? "working" : "gone"} | ${startsOn ?? "-"} | ${endsOn ?? "-"}`;
}
