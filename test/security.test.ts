// SECURITY.md names tests that exist, and the lockfile says of every package what it must hash to.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

function path(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

test("every test that SECURITY.md calls upon is there", () => {
  const named = [...readFileSync(path("SECURITY.md"), "utf8").matchAll(/`(test\/[^`*]+)`/g)].map(
    (match) => match[1] ?? "",
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !existsSync(path(name)))).toEqual([]);
});

test("every package in the lockfile has a SHA-512, and comes from no host of its own", () => {
  const lock = JSON.parse(readFileSync(path("package-lock.json"), "utf8")) as {
    packages: Record<string, { integrity?: string; resolved?: string; hasInstallScript?: boolean }>;
  };
  const packages = Object.entries(lock.packages).filter(([name]) => name !== "");
  expect(packages.length).toBeGreaterThan(100);
  expect(
    packages.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? "")).map(([name]) => name),
  ).toEqual([]);
  expect(
    packages.filter(
      ([, { resolved }]) => resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/"),
    ),
  ).toEqual([]);
});
