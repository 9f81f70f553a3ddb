// The list of steps at which worlds die is complete, and what the preload replaces in the built program is there.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a module that is loaded into the program, and so is plain JavaScript
import { HURRY, PORTS, transformed } from "./preload/hurry.mjs";
import { EFFECTS, INTERFACES, methodsIn, READS } from "./steps.ts";

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

test("every method of every port is a step to die at, or reads only", () => {
  const declared = methodsIn(read("src/app/ports.ts"));
  expect(declared.length).toBeGreaterThan(50);
  expect([...EFFECTS.map(({ name }) => name), ...READS].sort()).toEqual([...declared].sort());
});

test("what the preload replaces stands in the built program exactly once", () => {
  const files = new Set([...HURRY, ...PORTS].map(([file]) => file as string));
  for (const file of files) {
    const path = new URL(`../../dist/${file}`, import.meta.url);
    expect(existsSync(path), `dist/${file}; run: npm run build`).toBe(true);
    expect(transformed(file, readFileSync(path, "utf8"))).not.toBeNull();
  }
  expect((PORTS as string[][]).map(([, , port]) => port).sort()).toEqual(Object.values(INTERFACES).sort());
});
