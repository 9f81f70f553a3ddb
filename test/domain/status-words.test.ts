import { describe, expect, test } from "vitest";
import { statusWords } from "../../src/domain/status-words.ts";

const words = statusWords({ working: ["Ausgetreten", "Onboarding"], gone: ["Aktiv", "L"] });
const plain = statusWords({ working: [], gone: [] });

describe("a status word", () => {
  test.each(
    "active|A|Yes|y|TRUE|1|On Leave|on-leave|L|leave of absence|LOA|Paid leave|Rehired|Active - Payroll Eligible|Actif|A - Active".split(
      "|",
    ),
  )("%s means working", (word) => expect(plain.meaningOf(word, false)).toBe("working"));

  test.each(
    "Inactive|I|Terminated|T|Retired|Resigned|Laid Off|Deceased|No|n|False|0|Not on payroll|Reported no show|Sorti|Terminated (Voluntary)".split(
      "|",
    ),
  )("%s means gone", (word) => expect(plain.meaningOf(word, false)).toBe("gone"));

  test.each("Aktiv|actief|In dienst|Activo|ACTIVA|attivo".split("|"))("%s means working, too", (word) =>
    expect(plain.meaningOf(word, false)).toBe("working"),
  );

  test.each("Inaktiv|ausgeschieden|Ausgetreten|inactief|uit dienst|Inactivo|cessato".split("|"))(
    "%s means gone, too",
    (word) => expect(plain.meaningOf(word, false)).toBe("gone"),
  );

  test.each(["gekündigt", "Baja", "ruhend", "en baja"])(
    "%s may be said of people who still work: never guessed",
    (word) => expect(plain.meaningOf(word, false)).toBe("unknown"),
  );

  test.each(["Onboarding", "Pre-Hire", "pending", "Suspended", "activ", "2026-01-01", "toString", "__proto__"])(
    "%s is never guessed",
    (word) => expect(plain.meaningOf(word, false)).toBe("unknown"),
  );

  test("of the configuration wins over the known ones", () => {
    expect(words.meaningOf("ausgetreten", false)).toBe("working");
    expect(words.meaningOf("onboarding", false)).toBe("working");
    expect(words.meaningOf("L", false)).toBe("gone");
  });

  test("in an inverted column says the opposite, and only plain answers count", () => {
    expect(plain.meaningOf("Yes", true)).toBe("gone");
    expect(plain.meaningOf("0", true)).toBe("working");
    expect(plain.meaningOf("", true)).toBe("working");
    expect(plain.meaningOf("2026-01-31", true)).toBe("unknown");
    expect(plain.meaningOf("On leave", true)).toBe("unknown");
  });

  test.each([
    "Full-Time (Terminated)",
    "Contractor - Ended",
    "Active - Terminated",
    "On Leave - Resigned",
    "Contractor (expired)",
    "Full Time - Inactive",
    "Active - Pre-hire",
    "Active (future hire)",
    "Active (leaver)",
    "Full-Time - Not started",
    "Inactive - On Leave",
    "Inactive (LOA)",
    "Terminated - Rehired",
    "Retired - Active",
    "Resigned - serving notice",
  ])("that says two things is asked about: %j", (cell) => expect(plain.meaningOf(cell, false)).toBe("unknown"));

  test.each([
    ["Active - On Notice", "working"],
    ["Active (since 2020)", "working"],
    ["Full Time - Endoscopy", "employment type"],
    ["Active (fixed term ending 2026)", "working"],
    ["Terminated - Voluntary", "gone"],
    ["Elternzeit", "working"],
    ["Active / Part-Time", "working"],
    ["Full-Time / Active", "employment type"],
    ["Active / Terminated", "unknown"],
    ["Nej", "gone"],
    ["Full-Time - Parental Leave", "employment type"],
    ["Terminated - Parental Leave", "unknown"],
    ["Terminated (05/31/2024)", "gone"],
    ["Dismissed - without notice", "gone"],
    ["Terminated - Eligible for Rehire", "gone"],
    ["Terminated (No Rehire)", "gone"],
    ["Terminated - Failure to Return from Leave", "gone"],
    ["Terminated - No longer working", "gone"],
    ["Inactive (not active)", "gone"],
    ["Active - Onboarding Complete", "working"],
    ["Active (Pending Transfer)", "working"],
    ["Active - Exit Interview Done", "working"],
    ["Active - Payroll eligible", "working"],
    ["Terminated (was Active)", "gone"],
    ["Full-Time (Regular)", "employment type"],
  ])("%j is %s", (cell, meaning) => expect(plain.meaningOf(cell, false)).toBe(meaning));

  test.each([
    ["ja", "nein"],
    ["Oui", "Non"],
    ["Sí", "No"],
    ["si", "no"],
    ["Ja", "Nee"],
    ["wahr", "falsch"],
    ["VRAI", "FAUX"],
  ])("yes and no in other languages (%s, %s), asked either way", (yes, no) => {
    expect([plain.meaningOf(yes, false), plain.meaningOf(no, false)]).toEqual(["working", "gone"]);
    expect([plain.meaningOf(yes, true), plain.meaningOf(no, true)]).toEqual(["gone", "working"]);
  });

  test("configured words settle an inverted column, too, and do not turn its plain answers around", () => {
    const words = statusWords({ working: ["tak", "yes"], gone: ["Nie mehr", "On leave"] });
    expect(words.meaningOf("Tak", true)).toBe("working");
    expect(words.meaningOf("nie mehr", true)).toBe("gone");
    expect(words.meaningOf("on leave", true)).toBe("gone");
    expect(words.meaningOf("Yes", true)).toBe("gone");
  });
});
