// The list of steps at which worlds die is complete, and what the preload replaces in the built program is there.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a module that is loaded into the program, and so is plain JavaScript
import { FUNCTIONS, HURRY, PORTS, transformed } from "./preload/hurry.mjs";
import { BESIDE_PORTS, EFFECTS, INTERFACES, interfacesIn, methodsIn, NO_PORTS, READS } from "./steps.ts";

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

test("every method of every port is a step to die at, or reads only", () => {
  const declared = methodsIn(read("src/app/ports.ts"));
  expect(declared.length).toBeGreaterThan(50);
  expect([...EFFECTS.map(({ name }) => name), ...READS].sort()).toEqual([...declared, ...BESIDE_PORTS].sort());
});

test("every interface with methods is a port with steps, or is known to need none", () => {
  const declared = interfacesIn(read("src/app/ports.ts"));
  expect([...declared].sort()).toEqual([...Object.keys(INTERFACES), ...NO_PORTS].sort());
});

test("what the preload replaces stands in the built program exactly once", () => {
  const files = new Set([...HURRY, ...PORTS, ...FUNCTIONS].map(([file]) => file as string));
  for (const file of files) {
    const path = new URL(`../../dist/${file}`, import.meta.url);
    expect(existsSync(path), `dist/${file}; run: npm run build`).toBe(true);
    expect(transformed(file, readFileSync(path, "utf8"))).not.toBeNull();
  }
  const ports = [...PORTS, ...FUNCTIONS].map(([, , port]) => port as string);
  expect(ports.sort()).toEqual([...new Set(EFFECTS.map(({ name }) => name.split(".")[0]))].sort());
});
