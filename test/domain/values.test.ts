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
    "ned.orr@c\u043erp.example",
    "ned.orr@corp.\u0435xample",
    "ned.orr@\u03bfrange.example",
    "ned.orr@\u043f\u03bf\u0447\u0442\u0430.example",
  ])("is reported and never quoted: %j", (cell) => {
    const reading = readEmail(cell);
    expect(reading.kind).toBe("bad");
    if (reading.kind === "bad") expect(`${reading.message}${reading.fix}`).not.toContain(cell.trim());
  });
});

test.each([
  "x@почта.example",
  "x@почта.рф",
  "x@ελλάδα.example",
  "x@日本-it.example",
  "x@カタカナ語abc.example",
  "x@한국it.example",
  "x@straße.example",
  "x@ёлка1.example",
  "x@गूगल.example",
])("a domain in letters of one kind is one: %s", (cell) =>
  expect(readEmail(cell)).toEqual({ kind: "value", value: cell }),
);

test.each([
  ..."test@test.com|Test@Test.co.uk|none@none.com|null@null.com|example@example.com|dummy@dummy.com|xxx@xxx.com".split(
    "|",
  ),
  ..."noemail@corp.example|no-email@corp.example|no.email@corp.example|NoEmail1001@corp.example|nomail@corp.example".split(
    "|",
  ),
  ..."noreply@corp.example|no-reply@corp.example|donotreply@corp.example|do-not-reply@corp.example".split("|"),
  ..."unknown@corp.example|not.available@corp.example|una.frost@noemail.com|1001@no-email.example|ana@none.com".split(
    "|",
  ),
])("%s is entered where there is no address", (cell) => {
  readEmail(" ana@corp.example");
  expect([readEmail(cell), readEmail(cell)]).toMatchObject([{ code: "no-address" }, { code: "no-address" }]);
});

test.each([
  ..."noe.mail@corp.example|noel@corp.example|norma.reply@corp.example|null@corp.example|jennifer.null@corp.example".split(
    "|",
  ),
  ..."none@corp.example|test@corp.example|na@corp.example|abc@abc.example|dot@corp.example|nora@noemailing.example".split(
    "|",
  ),
  ..."notker@corp.example|unknow@corp.example|una@test.example|ana@example.com|noah.email@corp.example".split("|"),
])("%s may be somebody's", (cell) => expect(readEmail(cell)).toEqual({ kind: "value", value: cell }));

test("an ordinary address is read as it would be without the one look that tells that it is one", () => {
  const word = fc.constantFrom("noemail", "no.reply", "unknown", "test", "none", "noel", "not-available", "nomail12");
  const letters = fc.string({ unit: fc.constantFrom(..."ab9._+-.'Aé"), minLength: 1, maxLength: 70 });
  const part = fc.oneof({ arbitrary: letters, weight: 4 }, word);
  const domain = fc.oneof(
    fc.constantFrom(
      "test.com",
      "none.com",
      "noemail.example",
      "corp.example",
      "a-b.co.uk",
      "corp..example",
      "corp.example.",
    ),
    part,
  );
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
