import fc from "fast-check";
import { expect, test } from "vitest";
import type { Field } from "../../src/domain/employee.ts";
import { masked } from "../../src/domain/mask.ts";

const PERSONAL: readonly (Field | null)[] = ["employeeId", "email", "firstName", "lastName", "fullName", null];

test.each([
  ["una.frost@corp.example", "email", '"u•••.f•••@c•••.example"'],
  ["Frost, Una Maria", "fullName", '"F•••, U••• M•••"'],
  ["una@corp.example, Frost", "email", '"u•••@c•••.e•••, F•••"'],
  ["una@frost", "email", '"u•••@f•••"'],
  ["葵", "firstName", '"•••"'],
  ["E0001", "employeeId", '"E•••"'],
  ["123456", "employeeId", '"•••"'],
  ["Sales", null, '"S•••"'],
  ["Active", "status", '"Active"'],
  ["2026-03-01", "startDate", '"2026-03-01"'],
  ["Una Frost", "startDate", '"U••• F•••"'],
  ["una@corp.example", "status", '"u•••@c•••.example"'],
] as const)("%j as %s is shown as %s", (cell, field, shown) => {
  expect(masked(cell, field)).toBe(shown);
});

test("no word of two letters or more of a personal value is ever shown whole, but for the last label of a domain", () => {
  fc.assert(
    fc.property(fc.constantFrom(...PERSONAL), fc.string({ unit: "grapheme", maxLength: 40 }), (field, cell) => {
      const words = cell.normalize("NFC").match(/[\p{L}\p{M}\p{N}_]{2,}/gu) ?? [];
      const ending = /@.*\.(\p{L}{2,18})$/u.exec(cell.normalize("NFC").trim())?.[1];
      const shown: readonly string[] = masked(cell, field).match(/[\p{L}\p{M}\p{N}_]{2,}/gu) ?? [];
      for (const word of words) if (word !== ending) expect(shown).not.toContain(word);
    }),
  );
});

test("a cell of hundreds of thousands of marks is masked at once", () => {
  for (const mark of ["@", "a@", "@.", "."])
    expect(masked(`u@a.${mark.repeat(300_000 / mark.length)}`, "email").length).toBeLessThan(50);
});
