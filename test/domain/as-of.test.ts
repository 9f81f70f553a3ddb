// Of which day a roster says that it is: which lines are believed, and what is left open.

import { describe, expect, test } from "vitest";
import { asOfIn, asOfRemark, isAsOfLine, needsFileProof, readAsOf } from "../../src/domain/as-of.ts";
import type { DateProofs } from "../../src/domain/row-dates.ts";

function lines(...texts: string[]) {
  return texts.map((text, at) => asOfIn(text, at + 1)).filter((line) => line !== null);
}

/** A column of years of two digits says nothing of a year of four. */
const YEAR_FIRST: DateProofs = new Map([[0, new Map([["/", { ymd: { line: 5, cell: "99/12/25" } }]])]]);

/** 26/12/01 is of December either way, but nothing says that the day comes first. */
const YEAR_OPEN: DateProofs = new Map([[0, new Map([["/", { "not-mdy": { line: 5, cell: "26/12/01" } }]])]]);

function proving(...orders: readonly ("dmy" | "mdy" | "both")[]): DateProofs {
  return new Map(
    orders.map((order, index) => [
      index,
      new Map([
        [
          "/",
          {
            ...(order === "mdy" ? {} : { dmy: { line: 5, cell: "25/12/2020" } }),
            ...(order === "dmy" ? {} : { mdy: { line: 6, cell: "12/25/2020" } }),
          },
        ],
      ]),
    ]),
  );
}

test.each([
  ["Worker Report - as of 09/01/2026", "09/01/2026"],
  ['"Worker Report - as of 09/01/2026",,,', "09/01/2026"],
  ["As Of Date\t2026-09-01", "2026-09-01"],
  ["As of: 24.11.2026", "24.11.2026"],
  ["Report generated 2026-11-24", "2026-11-24"],
  ["Report generated Monday, November 24, 2026 10:12 AM", "November 24, 2026"],
  ["Printed by Una at 2026-11-24T10:00:00Z", "2026-11-24"],
  ["Run date,2026-11-24,,", "2026-11-24"],
  ["Report Date: 24-Nov-2026", "24-Nov-2026"],
  ["Effective date 2026-09-01; generated on 2026-09-02", "2026-09-01"],
  ["Stand: 1. September 2026", "1. September 2026"],
  ["Export vom 24.11.2026", "24.11.2026"],
  ["Liste du personnel au 01/09/2026", "01/09/2026"],
  ["Édité le 01/09/2026", "01/09/2026"],
  ["01/09/2026", "01/09/2026"],
  ["Exported 20261124", "20261124"],
])("%j says of which day it is", (text, written) => {
  expect(asOfIn(text, 3)).toMatchObject({ line: 3, written });
});

test.each([
  ["Staff of the Berlin site"],
  ["version:v1.0"],
  ["New hires since 01/02/2026"],
  ["Payroll period 01/01/2026 - 31/01/2026"],
  ["Date of birth 2001-01-01"],
  ["As of 13/13/2026"],
  ["Created: 11/24/26"],
  ["Total 4"],
  [""],
])("%j says nothing of the kind", (text) => {
  expect(asOfIn(text, 1)).toBeNull();
});

test("a line below the people that begins with it is no person; a person with such a name is one", () => {
  expect(isAsOfLine("As of: 2026-11-24")).toBe(true);
  expect(isAsOfLine("Report generated 11/24/2026")).toBe(true);
  expect(isAsOfLine("Stand Anna 2026-11-24")).toBe(false);
  expect(isAsOfLine("1001 as of 2026-11-24")).toBe(false);
});

describe("the order of day and month", () => {
  const ambiguous = lines("as of 09/01/2026");

  test("that nothing proves is not guessed: both days are kept, and both are shown", () => {
    const open = readAsOf(ambiguous, "auto", null);
    expect(open).toMatchObject({ from: "2026-01-09", to: "2026-09-01" });
    expect(open === null ? null : asOfRemark(open)).toMatchObject({
      code: "as-of-open",
      line: 1,
      message: expect.stringContaining("9 January 2026 or 1 September 2026"),
      fix: expect.stringContaining("roster.dates.order"),
    });
    expect(needsFileProof(ambiguous, "auto")).toBe(true);
  });

  test.each([
    ["auto", proving("mdy"), "2026-09-01", "2026-09-01"],
    ["auto", proving("dmy", "dmy"), "2026-01-09", "2026-01-09"],
    ["auto", proving("dmy", "mdy"), "2026-01-09", "2026-09-01"],
    ["auto", proving("both"), "2026-01-09", "2026-09-01"],
    ["dmy", null, "2026-01-09", "2026-01-09"],
    ["mdy", proving("dmy"), "2026-09-01", "2026-09-01"],
    ["ymd", proving("mdy"), "2026-09-01", "2026-09-01"],
    ["ymd", null, "2026-01-09", "2026-09-01"],
    ["auto", YEAR_FIRST, "2026-01-09", "2026-09-01"],
    ["auto", YEAR_OPEN, "2026-01-09", "2026-09-01"],
  ] as const)("set to %s, with proofs %j: %s to %s", (order, proofs, from, to) => {
    expect(readAsOf(ambiguous, order, proofs)).toMatchObject({ from, to });
  });

  test("is plain where the date itself says it", () => {
    for (const text of ["as of 09/13/2026", "as of 13.09.2026", "as of 2026-09-13"]) {
      expect(readAsOf(lines(text), "auto", null)).toMatchObject({
        from: "2026-09-13",
        to: "2026-09-13",
        because: null,
      });
      expect(needsFileProof(lines(text), "auto")).toBe(false);
    }
  });
});

test("as of counts before generated on, and lines that disagree leave it open", () => {
  expect(readAsOf(lines("Generated on 2026-11-24", "as of 2026-09-01"), "auto", null)).toMatchObject({
    line: 2,
    from: "2026-09-01",
    to: "2026-09-01",
  });
  expect(readAsOf(lines("as of 2026-09-02", "x", "as of 2026-09-01"), "auto", null)).toMatchObject({
    from: "2026-09-01",
    to: "2026-09-02",
    because: expect.stringContaining("line 3"),
  });
  expect(readAsOf([], "auto", null)).toBeNull();
});
