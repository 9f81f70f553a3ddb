import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anyOrder,
  type Clue,
  type ColumnProof,
  clueIn,
  needsProof,
  numericDate,
  type Order,
  ordersLeft,
  possibleOrders,
  type Sighting,
  settledOrder,
} from "../../src/domain/date-order.ts";
import { readDate } from "../../src/domain/dates.ts";

function day(cell: string, order: Order | null = null): string {
  const reading = readDate(cell, order === null ? anyOrder : () => [order]);
  return reading.kind === "day" ? reading.day : reading.kind;
}

/** What a column of these cells proves. */
function provedBy(cells: readonly string[]): ColumnProof {
  const proof = new Map<string, Partial<Record<Clue, Sighting>>>();
  for (const [at, cell] of cells.entries()) {
    const found = clueIn(cell);
    if (found === null) continue;
    const clues = proof.get(found.separator) ?? {};
    clues[found.clue] ??= { line: at + 2, cell };
    proof.set(found.separator, clues);
  }
  return proof;
}

/** How a column of these cells is read. */
function column(...cells: string[]): string[] {
  const proof = provedBy(cells);
  return cells.map((cell) => {
    const reading = readDate(cell, (separator, hasFullYear) => ordersLeft("auto", proof, separator, hasFullYear));
    if (reading.kind === "ambiguous") return reading.readings.map(({ order }) => order).join("|");
    return reading.kind === "day" ? reading.day : reading.kind;
  });
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
    ["03/15/21 00:00", "2021-03-15"],
    ["15/03/99", "1999-03-15"],
    ["15/03/00", "2000-03-15"],
    ["99/12/31", "1999-12-31"],
    ["00/12/31", "2000-12-31"],
    ["05-05-05", "2005-05-05"],
    ["15.03.21", "2021-03-15"],
  ])("%s is %s", (cell, expected) => expect(day(cell)).toBe(expected));

  test.each(["31/02/2021", "2021-02-30", "13/13/2021", "next week", "123", "99999", "32.01.2021", "2021-03"])(
    "%s is no day",
    (cell) => expect(day(cell)).toBe("bad"),
  );

  test.each([
    "",
    " ",
    "-",
    "N/A",
    "4712-12-31",
    "9999-12-31",
    "2958465",
    "1027428",
    "12/31/4712",
    "31.12.9999",
    "0000-00-00",
  ])("%j means none", (cell) => expect(day(cell)).toBe("none"));

  test("is never guessed where both orders give a day", () => {
    expect(readDate("03/04/2021", anyOrder)).toEqual({
      kind: "ambiguous",
      separator: "/",
      hasFullYear: true,
      readings: [
        { order: "dmy", day: "2021-04-03" },
        { order: "mdy", day: "2021-03-04" },
      ],
    });
    expect(day("03/04/2021", "dmy")).toBe("2021-04-03");
    expect(day("03/04/2021", "mdy")).toBe("2021-03-04");
  });

  test("with a year of two digits is not guessed either: the year may come first", () => {
    expect(readDate("26/12/01", anyOrder)).toMatchObject({
      kind: "ambiguous",
      readings: [
        { order: "dmy", day: "2001-12-26" },
        { order: "ymd", day: "2026-12-01" },
      ],
    });
    expect(readDate("01-02-03", anyOrder)).toMatchObject({
      readings: [{ day: "2003-02-01" }, { day: "2003-01-02" }, { day: "2001-02-03" }],
    });
    // 30 February is a mistake in one order rather than the proof of another.
    expect(readDate("30/02/05", anyOrder)).toMatchObject({ readings: [{ day: null }, { day: "2030-02-05" }] });
    expect(day("26/12/01", "ymd")).toBe("2026-12-01");
    expect(day("30/02/05", "dmy")).toBe("bad");
    expect(day("12/26/01", "ymd")).toBe("bad");
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
        fc.constantFrom("dmy" as const, "mdy" as const, "ymd" as const),
        fc.boolean(),
        (date, separator, order, hasFullYear) => {
          const iso = date.toISOString().slice(0, 10);
          expect(day(written(iso, order, separator, hasFullYear && order !== "ymd"), order)).toBe(iso);
        },
      ),
    );
  });
});

function written(iso: string, order: Order, separator: string, hasFullYear: boolean): string {
  const [year = "", m, d] = iso.split("-");
  const y = hasFullYear ? year : year.slice(2);
  return { dmy: [d, m, y], mdy: [m, d, y], ymd: [y, m, d] }[order].join(separator);
}

describe("the order of a column", () => {
  test.each([
    ["15/03/2021", "/", "dmy"],
    ["03-15-2021", "-", "mdy"],
    ["03/04/2021", "/", "year-last"],
    ["03/15/21", "/", "mdy"],
    ["15/03/99", "/", "dmy"],
    ["15/03/00", "/", "dmy"],
    ["05/06/99", "/", "year-last"],
    ["99/05/06", "/", "ymd"],
    ["00/05/06", "/", "ymd"],
    ["26/12/01", "/", "not-mdy"],
    ["26.12.01", ".", "dmy"],
  ])("is told by %s with %s as %s", (cell, separator, clue) => {
    expect(clueIn(cell)).toEqual({ separator, clue });
  });

  test.each(["13/13/2021", "2021-03-15", "03/04/05", "99/99/99", "99/13/01", "99/12/32", "01-JAN-19"])(
    "is not told by %s",
    (cell) => expect(clueIn(cell)).toBeNull(),
  );

  test("with years of two digits is read once something proves where the year stands", () => {
    expect(column("26/12/01", "05/06/07")).toEqual(["dmy|ymd", "dmy|ymd"]);
    expect(column("05/06/07")).toEqual(["dmy|mdy|ymd"]);
    expect(column("26/12/01", "05/06/99")).toEqual(["2001-12-26", "1999-06-05"]);
    expect(column("26/12/01", "05/06/00")).toEqual(["2001-12-26", "2000-06-05"]);
    expect(column("05/06/07", "05/06/99")).toEqual(["dmy|mdy", "dmy|mdy"]);
    expect(column("05/06/07", "12/26/01")).toEqual(["2007-05-06", "2001-12-26"]);
    expect(column("26/12/01", "99/12/01", "05/06/07")).toEqual(["2026-12-01", "1999-12-01", "2005-06-07"]);
    expect(column("26/12/01", "25/12/2021")).toEqual(["2001-12-26", "2021-12-25"]);
    expect(column("26/12/01", "99-12-01", "05/06/99")).toEqual(["2001-12-26", "1999-12-01", "1999-06-05"]);
  });

  test("that is proved in two ways is asked about, and years of four digits do not mind where the others begin with it", () => {
    expect(column("26/12/01", "12/26/01")).toEqual(["dmy|ymd", "2001-12-26"]);
    expect(column("05/06/07", "99/12/01", "05/06/99")).toEqual(["dmy|mdy|ymd", "1999-12-01", "dmy|mdy"]);
    expect(column("26/12/01", "99/12/01", "05/06/2021", "25/12/2021")).toEqual([
      "dmy|ymd",
      "1999-12-01",
      "2021-06-05",
      "2021-12-25",
    ]);
  });

  const dates = fc.date({ min: new Date("1970-01-01"), max: new Date("2069-12-31"), noInvalidDate: true });
  const columns = fc.array(
    dates.map((date) => date.toISOString().slice(0, 10)),
    { minLength: 1, maxLength: 6 },
  );

  test("whatever is read is right, and a value that is not read needs proof of the file", () => {
    fc.assert(
      fc.property(columns, fc.constantFrom("dmy", "mdy", "ymd"), fc.boolean(), (days, order, isWide) => {
        const cells = days.map((iso) => written(iso, order, "/", isWide && order !== "ymd"));
        for (const [at, read] of column(...cells).entries()) {
          if (read.includes("|")) {
            expect(read.split("|")).toContain(order);
            expect(needsProof(cells[at] ?? "", "auto")).toBe(true);
          } else expect(read).toBe(days[at]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("nothing is read where another order explains the whole column as well", () => {
    fc.assert(
      fc.property(columns, fc.constantFrom("dmy", "mdy", "ymd"), (days, order) => {
        const cells = days.map((iso) => written(iso, order, "/", false));
        const explains = (["dmy", "mdy", "ymd"] as const).filter((other) =>
          cells.every((cell) => {
            const date = numericDate(cell);
            return date !== null && possibleOrders(date).includes(other);
          }),
        );
        for (const [at, read] of column(...cells).entries()) {
          const meanings = new Set(explains.map((other) => day(cells[at] ?? "", other)));
          expect(read.includes("|")).toBe(meanings.size > 1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("is the configured one, whatever the file says; years first say nothing of years of four digits", () => {
    const proof = provedBy(["25/12/2020", "12/25/2020"]);
    expect(settledOrder("auto", proof, "/", true)).toBeNull();
    expect(settledOrder("mdy", proof, "/", true)).toBe("mdy");
    expect(settledOrder("dmy", proof, "/", false)).toBe("dmy");
    expect(settledOrder("ymd", proof, "/", false)).toBe("ymd");
    expect(settledOrder("ymd", proof, "/", true)).toBeNull();
    expect(settledOrder("ymd", provedBy(["25/12/2020"]), "/", true)).toBe("dmy");
    expect(needsProof("26/12/01", "auto")).toBe(true);
    expect(needsProof("26/12/01", "ymd")).toBe(false);
    expect(needsProof("05/06/2021", "ymd")).toBe(true);
    expect(needsProof("05/06/2021", "mdy")).toBe(false);
  });

  test("is day first with full stops, unless the file shows otherwise", () => {
    expect(needsProof("03.04.2021", "auto")).toBe(false);
    expect(settledOrder("auto", null, ".", true)).toBe("dmy");
    expect(settledOrder("auto", null, ".", false)).toBe("dmy");
    expect(settledOrder("auto", provedBy(["12.25.2020"]), ".", true)).toBeNull();
    expect(column("26.12.01")).toEqual(["2001-12-26"]);
    expect(column("03.04.21", "12.25.20")).toEqual(["dmy|mdy", "2020-12-25"]);
  });
});
