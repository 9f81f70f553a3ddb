import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildEmail, isEmailPattern } from "../../src/domain/email-pattern.ts";
import { readEmail } from "../../src/domain/values.ts";

const PATTERN = "{first}.{last}@corp.example";

describe("a pattern", () => {
  test.each([PATTERN, "{f}{last}@corp.example", "{id}@corp.example", "{last}_{f}.x+y@a-b.corp.example"])(
    "may be %s",
    (text) => {
      expect(isEmailPattern(text)).toBe(true);
    },
  );

  test.each(["", "first@corp.example", "{first}", "{first}@corp", "{first}@{last}.example", "{middle}@corp.example"])(
    "may not be %j",
    (text) => {
      expect(isEmailPattern(text)).toBe(false);
    },
  );

  test.each(["{First}@corp.example", "{first} {last}@corp.example", "{first}@a@corp.example", "{first}@-corp.example"])(
    "may not be %j either",
    (text) => {
      expect(isEmailPattern(text)).toBe(false);
    },
  );
});

describe("an address", () => {
  test.each([
    ["Una", "Frost", "una.frost"],
    ["René", "Núñez-Çelik", "rene.nunez-celik"],
    ["Ana Maria", "van der Berg", "anamaria.vanderberg"],
    ["Sinéad", "O’Neill", "sinead.oneill"],
    ["  Una\u00a0", "Frost", "una.frost"],
    ["Rene\u0301", "Frost", "rene.frost"],
  ])("of %j %j is built without doubt", (first, last, local) => {
    expect(buildEmail(PATTERN, { first, last, id: "E1" }, {})).toEqual({
      kind: "built",
      text: `${local}@corp.example`,
    });
  });

  test.each(["ü", "ö", "ä", "å", "ø", "æ", "œ", "ß", "ł", "đ", "ð", "þ"])(
    "with %s is built only when configuration says how it is written",
    (letter) => {
      const parts = { first: "Una", last: `M${letter}ller`, id: "" };
      expect(buildEmail(PATTERN, parts, {})).toEqual({ kind: "doubt", letters: [letter] });
      const built = buildEmail(
        PATTERN,
        { ...parts, last: parts.last.toUpperCase().replace("SS", "ß") },
        { [letter]: "xy" },
      );
      expect(built).toEqual({ kind: "built", text: "una.mxyller@corp.example" });
    },
  );

  test.each(["Иван", "Ελένη", "葵", "علي"])("of %s is not built, and no letter of it is shown", (first) => {
    expect(buildEmail(PATTERN, { first, last: "Frost", id: "" }, {})).toEqual({ kind: "doubt", letters: [] });
  });

  test.each(["Frost Jr.", "Frost, III", "Frost MBA", "Frost M.D."])(
    "a suffix that names know is one here, too: %j",
    (last) => {
      expect(buildEmail(PATTERN, { first: "Una", last, id: "" }, {})).toEqual({ kind: "suffix" });
    },
  );

  test("every letter of a name that nothing says how to write is asked for at once", () => {
    const parts = { first: "Jörg", last: "Großmann-Øster", id: "" };
    expect(buildEmail(PATTERN, parts, {})).toEqual({ kind: "doubt", letters: ["ö", "ß", "ø"] });
    expect(buildEmail(PATTERN, { ...parts, last: "Ивøв" }, {})).toEqual({ kind: "doubt", letters: [] });
  });

  test("is not built from a suffix, from nothing, or from an id with marks", () => {
    expect(buildEmail(PATTERN, { first: "Una", last: "Frost Jr.", id: "" }, {})).toEqual({ kind: "suffix" });
    expect(buildEmail(PATTERN, { first: "'", last: "Frost", id: "" }, {})).toEqual({ kind: "empty" });
    expect(buildEmail("{id}@corp.example", { first: "", last: "", id: "a b" }, {})).toEqual({
      kind: "doubt",
      letters: [],
    });
  });

  test("that is built has only the letters of addresses, whatever the names", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (first, last) => {
        const built = buildEmail("x{first}.{last}y@corp.example", { first, last, id: "" }, {});
        if (built.kind === "built" && built.text.length < 60)
          expect(built.text).toMatch(/^x[a-z0-9-]+\.[a-z0-9-]+y@corp\.example$/);
        if (built.kind === "built" && built.text.length < 60) expect(readEmail(built.text).kind).toBe("value");
      }),
    );
  });
});
