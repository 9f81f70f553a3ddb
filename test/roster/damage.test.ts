// Damage done to a real file: whatever is cut, blanked, renamed or mixed up is refused or in doubt, unless it is less than the
// limits allow; what only looks different is neither.

import fc from "fast-check";
import { expect, test } from "vitest";
import { draftPortrait, type RosterPortrait } from "../../src/domain/portrait.ts";
import { distrust } from "../../src/domain/trust.ts";
import { TRUST_DEFAULTS } from "../../src/domain/trust-limits.ts";
import { rosterCsv } from "../support/program.ts";
import { type Reading, read } from "./reading.ts";

const ROWS = 200;
const WHOLE = `${rosterCsv(ROWS)}#EOF\n`;
const BARE = rosterCsv(ROWS);

function portraitOf({ rows, summary }: Reading): RosterPortrait {
  if (summary === null) throw new Error("the roster was refused");
  const draft = draftPortrait();
  for (const row of rows) draft.add(row);
  return draft.finish(summary);
}

/** What becomes of `now` after `before` was accepted (null: it is the first): `refused`, the checks that doubt it, or nothing. */
async function verdict(now: string, before: string | null): Promise<readonly string[]> {
  const reading = await read(now);
  if (reading.refused !== null) return ["refused"];
  const portrait = before === null ? null : portraitOf(await read(before));
  const earlier = portrait === null ? null : { fileName: "before.csv", acceptedOn: "2026-06-01", portrait };
  return distrust(portraitOf(reading), earlier, TRUST_DEFAULTS, "2030-01-01").map(({ limit }) => limit);
}

function mapRows(text: string, change: (cells: string[], number: number) => string[]): string {
  return text
    .split("\n")
    .map((line, number) => (line.includes("@") ? change(line.split(","), number).join(",") : line))
    .join("\n");
}

test("a first roster whose status column is misspelt is held, and so nobody who has left gets an account", async () => {
  for (const header of ["Staus", "Terminatd", "Termination Dat"]) {
    const roster = `Employee ID,First Name,Last Name,Work Email,${header}\n1,Una,Frost,u@corp.example,\n`;
    expect(await verdict(roster, null), header).toEqual(["columns-doubted"]);
  }
});

test("a roster with a closing line that is cut anywhere is refused or in doubt", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: WHOLE.length - "#EOF\n".length }), async (length) => {
      expect(await verdict(WHOLE.slice(0, length), WHOLE)).not.toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("one without that is cut anywhere is refused or in doubt, or lost no more than the limit", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: BARE.length }), async (length) => {
      const cut = BARE.slice(0, length);
      const whole = cut.split("\n").length - 2;
      if ((await verdict(cut, BARE)).length === 0) expect(whole).toBeGreaterThanOrEqual(ROWS * 0.9 - 1);
    }),
    { numRuns: 60 },
  );
});

test.each([0, 1, 2, 3, 4, 5])(
  "a roster whose column %i is blank from some row on is refused or in doubt",
  async (column) => {
    const blanked = mapRows(BARE, (cells, number) => (number > 100 ? cells.with(column, "") : cells));
    expect(await verdict(blanked, BARE)).not.toEqual([]);
  },
);

test("ids without their leading zeros are other people", async () => {
  const before = mapRows(BARE, (cells) => cells.with(0, (cells[0] ?? "").slice(1)));
  const now = mapRows(before, (cells) => cells.with(0, String(Number(cells[0]))));
  expect(await verdict(now, before)).toEqual(["people-gone"]);
});

test.each(["Status", "Start Date"])("a roster without its column %s is in doubt", async (header) => {
  expect(await verdict(BARE.replace(header, "Locker"), BARE)).toContain("fields-changed");
});

test("rows in another order, another separator, other quotes and a header in capitals change nothing", async () => {
  const [header = "", ...rows] = BARE.trimEnd().split("\n");
  const quoted = [header.toUpperCase(), ...rows.reverse()]
    .map((line) => `"${line.split(",").join('";"')}"`)
    .join("\r\n");
  expect(await verdict(`${quoted}\r\n`, BARE)).toEqual([]);
});

test("ten people more and ten fewer are an ordinary month", async () => {
  expect(await verdict(rosterCsv(ROWS, 11), BARE)).toEqual([]);
});
