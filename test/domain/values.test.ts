import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEmail, readEmployeeId, readTimeZone } from "../../src/domain/values.ts";

describe("an e-mail address", () => {
  test.each([
    ["Ana.Ruiz@Corp.Example ", "ana.ruiz@corp.example"],
    ["a+b@corp.example", "a+b@corp.example"],
    ["o'neil@corp.co.uk", "o'neil@corp.co.uk"],
    ["x@müller.example", "x@müller.example"],
    ["x@xn--mller-kva.example", "x@xn--mller-kva.example"],
  ])("%s is taken as %s", (cell, email) => expect(readEmail(cell)).toEqual({ kind: "value", value: email }));

  test.each([
    "ana",
    "ana@",
    "@corp.example",
    "ana@corp",
    "ana@@corp.example",
    "ana@corp..example",
    ".ana@corp.example",
    "ana.@corp.example",
    "ana@-corp.example",
    "ana@corp.example.",
    "ana@10.0.0.1",
    "ana ruiz@corp.example",
    "ana@corp.example; b@corp.example",
    "Ana <ana@corp.example>",
    '"ana"@corp.example',
    "josé@corp.example",
    "ana@corp.example\u200b",
    "an\u0000a@corp.example",
    `${"a".repeat(65)}@corp.example`,
    `a@${"b".repeat(64)}.example`,
    `a@${"b.".repeat(130)}example`,
  ])("is reported and never quoted: %j", (cell) => {
    const reading = readEmail(cell);
    expect(reading.kind).toBe("bad");
    if (reading.kind === "bad") expect(`${reading.message}${reading.fix}`).not.toContain(cell.trim());
  });
});

test("an ordinary address is read as it would be without the one look that tells that it is one", () => {
  const part = fc.string({ unit: fc.constantFrom(..."ab9._+-.'Aé"), minLength: 1, maxLength: 70 });
  const domain = fc.oneof(fc.constantFrom("corp.example", "a-b.co.uk", "corp..example", "corp.example."), part);
  fc.assert(
    fc.property(part, domain, (local, name) => {
      // A space in front makes it one that is not ordinary. The first reading learns the domain.
      const [, cell] = [readEmail(` a@${name}`), `${local}@${name}`];
      expect(readEmail(cell)).toEqual(readEmail(` ${cell}`));
    }),
    { numRuns: 2_000 },
  );
});

describe("an employee id", () => {
  test("is text: zeros at the front count", () => {
    expect(readEmployeeId(" 00123 ")).toEqual({ kind: "value", value: "00123" });
  });

  test.each(["", "  ", "a\nb", "x".repeat(129), "#N/A", "1.23E+05", "a\u200bb"])("is reported: %j", (cell) =>
    expect(readEmployeeId(cell).kind).toBe("bad"),
  );
});

describe("a time zone", () => {
  test.each([
    ["Europe/Berlin", "Europe/Berlin"],
    ["europe/berlin", "Europe/Berlin"],
    ["Asia/Kolkata", "Asia/Kolkata"],
    ["UTC", "UTC"],
  ])("%s is taken as %s", (cell, zone) => expect(readTimeZone(cell)).toEqual({ kind: "value", value: zone }));

  test.each(["CST", "GMT+1", "+01:00", "Mars/Base", "Berlin", "Europe/Berlin; x"])("is reported: %s", (cell) =>
    expect(readTimeZone(cell).kind).toBe("bad"),
  );
});
