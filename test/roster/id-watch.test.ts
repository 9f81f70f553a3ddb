// An id column that is filled with national ids refuses the roster; ids that only look like some do not.

import { expect, test } from "vitest";
import { codes, read } from "./reading.ts";

const HEADER = "Employee ID,First Name,Last Name,Work Email,Status\n";

function roster(ids: readonly string[]): string {
  return HEADER + ids.map((id, at) => `${id},Una,Frost,u${at}@corp.example,Active\n`).join("");
}

function numbered(count: number, id: (at: number) => string): string[] {
  return Array.from({ length: count }, (_, at) => id(at));
}

test.each([
  ["dashes", (at: number) => `100-200-${String(at).padStart(3, "0")}`],
  ["twelve digits", (at: number) => String(234_123_412_000 + at)],
  ["fours", (at: number) => `2341 2341 ${2000 + at}`],
  ["a day and a number", (at: number) => `20240115-${String(at).padStart(4, "0")}`],
  ["letters and numbers", (at: number) => `BERLN${1000 + at}X`],
  ["a site, a day and a number", (at: number) => `65150124J${String(at).padStart(3, "0")}`],
])("ids in %s that are counted up are taken", async (_, id) => {
  expect((await read(roster(numbered(60, id)))).refused).toBeNull();
});

test.each([
  ["Canadian", ["046-454-286", "193-456-787", "130-692-544"]],
  ["Indian (PAN)", ["ABCPE1234F", "BNZPM2501F", "AAAPL1234C"]],
  ["Indian (Aadhaar)", ["2341 2341 2346", "2341 2341 2346", "2341 2341 2346"]],
  ["German", ["65170839J003", "65170839J003", "65170839J003"]],
  ["Swedish", ["19850709-9805", "19850709-9805", "19850709-9805"]],
  ["French", ["185017512345609"]],
])("%s ones refuse the roster, and none is told", async (_, ids) => {
  const { refused } = await read(roster(ids));
  expect(codes(refused)).toEqual(["sensitive-column"]);
  for (const id of ids) expect(JSON.stringify(refused)).not.toContain(id);
});
