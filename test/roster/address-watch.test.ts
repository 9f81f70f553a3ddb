// Where no header names the addresses, `check` asks about the column whose cells look like some, and takes none by itself.

import { expect, test } from "vitest";
import { mappingFile } from "../../src/cli/check-config.ts";
import { checkText } from "../../src/cli/check-text.ts";
import { checked, read, withFile } from "./reading.ts";

/** Thirty people; what the columns `Kontakt` and the other one have, by number. */
function roster(other: string, contact: (at: number) => string, more: (at: number) => string): string {
  const rows = Array.from({ length: 30 }, (_, at) => `E${at + 1},Una,Frost,${contact(at)},${more(at)},Active`);
  return [`Employee ID,First Name,Last Name,Kontakt,${other},Status`, ...rows, ""].join("\n");
}

const address = (at: number) => `una.${at}@corp.example`;

test("the column that looks like addresses is a question, in words, in the columns and in the configuration", async () => {
  await withFile(
    roster("Notiz", address, (at) => (at < 3 ? `see x${at}@corp.example` : "")),
    async (path) => {
      const found = await checked(path);
      expect(found.summary).toBeNull();
      const setting = {
        path: "roster.columns.email",
        value: "Kontakt",
        because: "looks like addresses in 30 of 30 rows",
        or: "another column that has the work addresses",
      };
      expect(found.problems.settings).toEqual([setting]);
      expect(found.problems.groups[0]?.fixes).toEqual([
        expect.stringContaining("If they are the work addresses, write"),
      ]);
      const text = checkText("roster.csv", found);
      expect(text).toMatch(/"Kontakt" +- +not used; looks like addresses in 30 of 30 rows\n/);
      expect(text).toMatch(/"Notiz" +- +dropped; no addresses in it\n/);
      expect(text).not.toContain("corp.example");
      expect(mappingFile("roster.csv", found.known, found.problems.settings)).toMatch(
        /^# {5}email: "?Kontakt"? {2}# looks like addresses in 30 of 30 rows; or another column/m,
      );
    },
  );
});

test.each([
  [
    "few addresses",
    roster(
      "Notiz",
      (at) => (at < 14 ? address(at) : ""),
      () => "",
    ),
  ],
  ["addresses of private people by the column's name", roster("Private Email", () => "", address)],
  [
    "none at all",
    roster(
      "Notiz",
      () => "",
      () => "x@",
    ),
  ],
])("nothing is asked about for %s", async (_, text) => {
  await withFile(text, async (path) => {
    const { settings } = (await checked(path)).problems;
    expect(settings.map((setting) => setting.path)).toEqual(["roster.email_pattern"]);
  });
});

test("of two such columns the one with more addresses is asked about", async () => {
  await withFile(
    roster("Weiteres", (at) => (at < 20 ? address(at) : ""), address),
    async (path) => {
      expect((await checked(path)).problems.settings).toMatchObject([{ value: "Weiteres" }]);
    },
  );
});

test("a run does not look into columns that are not used", async () => {
  const { refused, known } = await read(roster("Notiz", address, () => ""));
  expect(refused).toMatchObject([{ code: "missing-email", setting: { path: "roster.email_pattern" } }]);
  expect(known.columns?.some((column) => "addresses" in column)).toBe(false);
});
