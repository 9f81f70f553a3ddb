import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areNoNames, hasNumberInName, leavingRemark, readName, splitName } from "../../src/domain/names.ts";

function name(cell: string, tooLong: "report" | "shorten" = "report"): string {
  const reading = readName(cell, "first name", tooLong);
  return reading.kind === "name" ? reading.name : `(${reading.code})`;
}

describe("a name", () => {
  test("is counted in characters, not in bytes or UTF-16 units", () => {
    expect(name("ä".repeat(32))).toBe("ä".repeat(32));
    expect(name("𠮷".repeat(32))).toBe("𠮷".repeat(32));
    expect(name("ä".repeat(33))).toBe("(long-name)");
  });

  test("keeps its accents in one piece each, and single spaces", () => {
    expect(name("  Jose\u0301 \u00a0 Luis ")).toBe("José Luis");
  });

  test("is shortened between words where it can be, and never inside a letter", () => {
    expect(name("Maria Magdalena Theresia Walburga", "shorten")).toBe("Maria Magdalena Theresia");
    expect(name("x".repeat(40), "shorten")).toBe("x".repeat(32));
    const nuktas = "क़".repeat(20);
    const cut = name(nuktas, "shorten");
    expect(Array.from(cut).length).toBeLessThanOrEqual(32);
    expect(nuktas.normalize("NFC").startsWith(cut)).toBe(true);
    expect(/^\p{M}/u.test(nuktas.normalize("NFC").slice(cut.length))).toBe(false);
  });

  test.each(["", "   ", "\u00a0"])("is missing when the cell is %j", (cell) => expect(name(cell)).toBe("(empty-name)"));

  test.each([
    "-",
    ".",
    "12345",
    "www.frost.example",
    "https://x",
    "ana@corp.example",
    "frost.com",
    "A\u0000na",
    "A\u202ena",
    "Jos\ufffd",
  ])("is reported when the cell is %j", (cell) => expect(name(cell)).toBe("(bad-name)"));

  test.each(["O'Hannigan", "St. Clair", "Þór", "Nguyễn", "葵", "Anne-Marie", "J.R.", "d’Ornano", "علي"])(
    "is taken as it is: %s",
    (cell) => expect(name(cell)).toBe(cell),
  );
});

describe("a whole name", () => {
  test.each([
    ["Ana Ruiz", "Ana", "Ruiz"],
    ["Ruiz, Ana", "Ana", "Ruiz"],
    ["Ruiz, Ana Maria", "Ana Maria", "Ruiz"],
    ["Ruiz, Ana, Jr.", "Ana", "Ruiz Jr."],
    ["Ana Ruiz (1001)", "Ana", "Ruiz"],
    ["Ana Ruiz [C] (On Leave)", "Ana", "Ruiz"],
    ["Ana Maria Ruiz", "Ana Maria", "Ruiz"],
    ["Pieter van der Berg", "Pieter", "van der Berg"],
    ["Maria Jose de la Cruz", "Maria Jose", "de la Cruz"],
    ["Van Morrison", "Van", "Morrison"],
    ["Dr. Ana Ruiz", "Ana", "Ruiz"],
    ["Prof. Dr. Ana van der Berg", "Ana", "van der Berg"],
    ["Ana Ruiz, MBA", "Ana", "Ruiz MBA"],
    ["Ruiz, Ana, M.D.", "Ana", "Ruiz M.D."],
    ["ANA RUIZ", "ANA", "RUIZ"],
    ["Ana RUIZ", "Ana", "RUIZ"],
    ["JJ Frost", "JJ", "Frost"],
    ["JAMES WU", "JAMES", "WU"],
    ["JOHN McDONALD", "JOHN", "McDONALD"],
    ["ROBERT SMITH JR.", "ROBERT", "SMITH JR."],
    ["HANS GROß", "HANS", "GROß"],
    ["SVS Raju", "SVS", "Raju"],
    ["MS Dhoni", "MS", "Dhoni"],
    ["Dr. med. Hans Meier", "Hans", "Meier"],
    ["Dipl.-Ing. Eva Frost", "Eva", "Frost"],
    ["Kumar s/o Ravi Das", "Kumar s/o Ravi", "Das"],
    ["Anne-Marie O’Neil", "Anne-Marie", "O’Neil"],
    ["Sammy Davis Jr.", "Sammy", "Davis Jr."],
    ["山田 花子", "花子", "山田"],
    ["김 민준", "민준", "김"],
  ])("%s is %s and %s", (whole, first, last) => expect(splitName(whole, null)).toEqual({ first, last }));

  test("is split by the first name where that has a column of its own", () => {
    expect(splitName("Mary Ann Lee Scott", "Mary Ann")).toEqual({ first: "Mary Ann", last: "Lee Scott" });
    expect(splitName("Liang Wen", "Wen")).toEqual({ first: "Wen", last: "Liang" });
  });

  test.each([
    ["Ana Ruiz - 1001", "Ana", "Ruiz"],
    ["1001 Ana Ruiz", "Ana", "Ruiz"],
    ["1001, Ana Ruiz", "Ana", "Ruiz"],
    ["Ruiz, Ana 1001", "Ana", "Ruiz"],
    ["Ruiz #1001, Ana", "Ana", "Ruiz"],
    ["Ana de la Cruz [1001]", "Ana", "de la Cruz"],
    ["Ana Ruiz 3rd", "Ana", "Ruiz 3rd"],
  ])("%s of employee 1001 is %s and %s", (whole, first, last) =>
    expect(splitName(whole, null, "1001")).toEqual({ first, last }),
  );

  test.each(["Ana Ruiz 1002", "E1001 Ana Ruiz", "Ana 2 Ruiz", "Ruiz, Ana 10011"])(
    "a number that is not the id of the row is a doubt: %j",
    (whole) => {
      expect(splitName(whole, null, "1001")).toBeNull();
      expect(hasNumberInName(whole, "1001")).toBe(true);
    },
  );

  test.each(["De Groot", "von der Leyen Ursula", "de la Cruz Fay", "la Rue Ann", "Von Trapp"])(
    "that begins with a particle is a doubt: %j",
    (whole) => expect(splitName(whole, null)).toBeNull(),
  );

  test.each([
    "Sukarno",
    "",
    "(1001)",
    "Ruiz,",
    "a, b, c",
    "Ludwig von",
    "Ana Ruiz - Contractor",
    "Ruiz; Ana",
    "Ana Ruiz/Bo Lind",
    "*Ana Ruiz",
    "RUIZ Ana",
    "Dr. Ruiz",
    "Ana Ruiz & Bo Ek",
    "Ana / Bo Ek",
    "Ana und Bo Ek",
    "Ana Ruiz y Picasso",
    "Rose Smith née Jones",
    "Katharina Müller geb. Schmidt",
  ])("cannot be split without doubt: %j", (whole) => expect(splitName(whole, null)).toBeNull());
});

describe("what is no name", () => {
  test.each([
    "Šárka",
    "DŽenana",
    "José¹",
    "Žák",
    "DUŠAN",
    "Aleš",
    "Ÿ",
    "Mª José",
    "O´Brien",
    "D’Arcy",
    "von und zu Aichhof",
    "Ruiz y Picasso",
  ])("%j is one", (cell) => expect(readName(cell, "first name", "report").kind).toBe("name"));

  test.each(["N/A", "#N/A", "#REF!", "Unknown", "unbekannt", "TBD", "(blank)", "<leer>", "Not available"])(
    "a word that stands for none is reported: %j",
    (cell) => expect(readName(cell, "last name", "report")).toMatchObject({ kind: "bad", code: "no-name" }),
  );

  test.each([
    "JosÃ©",
    "BjÃ¶rn",
    "ZoÃ«",
    "Jos?",
    "MÃ¼ller",
    "Å½Ã¡k",
    "Stanis³aw",
    "£ukasz",
    "¯ó³æ",
    "JŸrgen",
    "BjŠrk",
    "Gro§",
    "O&#39;Brien",
    "Caf&eacute;",
  ])("letters that a wrong encoding has spoilt are reported: %j", (cell) =>
    expect(readName(cell, "first name", "report")).toMatchObject({ kind: "bad", code: "spoilt-name" }),
  );

  test.each(["Ångström", "Äé", "Ñandú", "Søren", "Ðuro", "D’Été", "É’a"])("letters with accents are not: %j", (cell) =>
    expect(readName(cell, "first name", "report")).toMatchObject({ kind: "name" }),
  );

  test.each(["Ana & Bo", "Ana / Bo", "Ana and Bo", "Ana + Bo"])("two people are not one: %j", (cell) =>
    expect(readName(cell, "first name", "report")).toMatchObject({ kind: "bad", code: "two-people" }),
  );

  test.each([
    "Null",
    "Na",
    "Blank",
    "N.A.",
    "RENÉ–LOUIS",
    "Nil",
    "Unknowles",
    "Tbilisi",
    "Kumar s/o Ravi",
    "Ortega y Gasset",
    "Blankenship",
    "Notley",
    "Anderson",
  ])("somebody may be called %j", (cell) =>
    expect(readName(cell, "last name", "report")).toMatchObject({ kind: "name", name: cell }),
  );

  test("what is told by one look reads the same without it, and has no remark in it", () => {
    const piece = fc.constantFrom(
      ..."and AND uNd not NOT do use von zu y tbd unknown Unknowles Ana Bo Š Ž Ÿ š ž ÿ KŠIR BjŠrk JŸrgen Šárka Ñ ß Ǆ No Name To Be".split(
        " ",
      ),
      ...["do not use", "(left)", "&", "/", "+", ".", "?", "@", "ª", "µ"],
    );
    const joint = fc.constantFrom(" ", " ", " ", "-", "'", "’", "", "  ");
    let ordinary = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, joint), { minLength: 1, maxLength: 5 }), (parts) => {
        const cell = parts.map(([word, after], at) => (at === parts.length - 1 ? word : word + after)).join("");
        const read = readName(cell, "last name", "report");
        if (read.kind !== "name" || !read.isOrdinary) return;
        ordinary += 1;
        // A space at the end, which is cut off, takes the longer way.
        expect(readName(`${cell} `, "last name", "report")).toEqual({ ...read, isOrdinary: false });
        expect(leavingRemark(cell)).toBeNull();
      }),
      { numRuns: 20_000 },
    );
    expect(ordinary).toBeGreaterThan(2_000);
  });

  test("only first and last name together tell whether somebody is called so", () => {
    expect(areNoNames("NULL", "null")).toBe(true);
    expect(areNoNames("Test", "xxx")).toBe(true);
    expect(areNoNames("Jennifer", "Null")).toBe(false);
    for (const [first, last] of [
      ["Open", "Position"],
      ["Position", "Open"],
      ["Vacant", "Position"],
      ["VACANT", "Vacant"],
      ["New", "Hire"],
      ["Test", "User"],
      ["To Be", "Hired"],
      ["Offene", "Stelle"],
      ["Poste", "vacant"],
      ["Puesto", "Vacante"],
      ["No", "Email"],
    ] as const) {
      expect(areNoNames(first, last), `${first} ${last}`).toBe(true);
    }
    for (const [first, last] of [
      ["Test", "Rossa"],
      ["New", "Mann"],
      ["Open", "Sky"],
      ["Vacante", "Ruiz"],
      ["Ana", "Position"],
      ["Una", "Vacant"],
      ["Ana", "User"],
    ] as const) {
      expect(areNoNames(first, last), `${first} ${last}`).toBe(false);
    }
    expect(areNoNames("Na", "Kim")).toBe(false);
  });
});
