import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { needsProof, orderProvedBy, readDate, settledOrder } from "../../src/domain/dates.ts";

function day(cell: string, order: "dmy" | "mdy" | null = null): string {
  const reading = readDate(cell, () => order);
  return reading.kind === "day" ? reading.day : reading.kind;
}

describe("a date", () => {
  test.each([
    ["2021-03-15", "2021-03-15"],
    ["2021/03/15", "2021-03-15"],
    ["2021-3-5", "2021-03-05"],
    ["20210315", "2021-03-15"],
    ["2021-03-15T00:00:00Z", "2021-03-15"],
    ["15-Mar-2021", "2021-03-15"],
    ["01-JAN-19", "2019-01-01"],
    ["March 15, 2021", "2021-03-15"],
    ["15 März 2021", "2021-03-15"],
    ["1er août 2021", "bad"],
    ["3 août 2021", "2021-08-03"],
    ["44270", "2021-03-15"],
    ["44270.5", "2021-03-15"],
    ["15/03/2021", "2021-03-15"],
    ["03/15/2021", "2021-03-15"],
    ["05/05/2021", "2021-05-05"],
    ["31.12.99", "1999-12-31"],
    ["15/03/21 00:00", "2021-03-15"],
  ])("%s is %s", (cell, expected) => expect(day(cell)).toBe(expected));

  test.each(["31/02/2021", "2021-02-30", "13/13/2021", "next week", "123", "99999", "32.01.2021", "2021-03"])(
    "%s is no day",
    (cell) => expect(day(cell)).toBe("bad"),
  );

  test.each(["", " ", "-", "N/A", "4712-12-31", "9999-12-31", "12/31/4712", "31.12.9999", "0000-00-00"])(
    "%j means none",
    (cell) => expect(day(cell)).toBe("none"),
  );

  test("is never guessed where both orders give a day", () => {
    expect(readDate("03/04/2021", () => null)).toEqual({
      kind: "ambiguous",
      separator: "/",
      dmy: "2021-04-03",
      mdy: "2021-03-04",
    });
    expect(day("03/04/2021", "dmy")).toBe("2021-04-03");
    expect(day("03/04/2021", "mdy")).toBe("2021-03-04");
  });

  test("in the wrong order for its column is no day, not a day of the other order", () => {
    expect(day("25/12/2021", "mdy")).toBe("bad");
    expect(day("12/25/2021", "dmy")).toBe("bad");
  });

  test("written in any order reads back as the same day once the order is known", () => {
    const days = fc.date({ min: new Date("1970-01-01"), max: new Date("2069-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(
        days,
        fc.constantFrom("/", "-"),
        fc.constantFrom("dmy" as const, "mdy" as const),
        (date, separator, order) => {
          const iso = date.toISOString().slice(0, 10);
          const [y, m, d] = iso.split("-");
          const parts = order === "dmy" ? [d, m, y] : [m, d, y];
          expect(day(parts.join(separator), order)).toBe(iso);
        },
      ),
    );
  });
});

describe("the order of a column", () => {
  test("is proved by a value over 12, for its separator", () => {
    expect(orderProvedBy("15/03/2021")).toEqual({ separator: "/", order: "dmy" });
    expect(orderProvedBy("03-15-2021")).toEqual({ separator: "-", order: "mdy" });
    expect(orderProvedBy("03/04/2021")).toBeNull();
    expect(orderProvedBy("13/13/2021")).toBeNull();
    expect(orderProvedBy("2021-03-15")).toBeNull();
  });

  test("is not settled when both are proved", () => {
    const proof = new Map([["/", { dmy: 2, mdy: 9 }]]);
    expect(settledOrder("auto", proof, "/")).toBeNull();
    expect(settledOrder("mdy", proof, "/")).toBe("mdy");
  });

  test("is day first with full stops, unless the file shows otherwise", () => {
    expect(needsProof("03.04.2021")).toBe(false);
    expect(settledOrder("auto", null, ".")).toBe("dmy");
    expect(settledOrder("auto", new Map([[".", { dmy: null, mdy: 4 }]]), ".")).toBeNull();
  });
});
