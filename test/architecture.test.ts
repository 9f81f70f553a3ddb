// The arrows of src/ point one way. And the checker that says so is itself checked with planted violations.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importsOf, violations } from "./support/arrows.ts";

function readSources(): ReadonlyMap<string, string> {
  const root = new URL("../src/", import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return new Map(files.map((name) => [name.replaceAll("\\", "/"), readFileSync(join(root, name), "utf8")]));
}

test("every import of src/ points down, and nothing else breaks the house rules", () => {
  const sources = readSources();
  expect(sources.size).toBeGreaterThan(30);
  expect(violations(sources)).toEqual([]);
});

const HOUSE = {
  "domain/plan.ts": "export type Plan = 1;",
  "app/ports.ts": 'import type { Plan } from "../domain/plan.ts";',
  "app/sync.ts": 'import type { Plan } from "../domain/plan.ts";\nimport { a } from "./ports.ts";',
  "store/runs.ts":
    'import type { Redis } from "ioredis";\nimport { type A, type B } from "../app/ports.ts";\nimport { k } from "./keys.ts";',
  "store/keys.ts": 'import { createHash } from "node:crypto";',
  "queue/worker.ts":
    'import { Worker } from "bullmq";\nimport type { Redis } from "ioredis";\nimport { log } from "../log.ts";',
  "config/load.ts": "export const level = process.env.LOG_LEVEL;",
  "log.ts": 'import { pino } from "pino";',
  "daemon.ts":
    'import { sync } from "./app/sync.ts";\nimport { k } from "./store/keys.ts";\nimport Fastify from "fastify";',
  "cli/main.ts": 'import { d } from "../daemon.ts";\nconst later = await import("./start.ts");',
  "cli/start.ts":
    "// import { nothing } from '../nowhere';\n/* export default 1;\n process.env */\nexport const a = 1;",
};

test("a house in order has no violations", () => {
  expect(violations(new Map(Object.entries(HOUSE)))).toEqual([]);
});

const PLANTED: readonly (readonly [file: string, text: string, expected: RegExp])[] = [
  ["domain/bad.ts", 'import { z } from "zod";', /^domain\/bad\.ts:1: .*zod/],
  ["domain/bad.ts", '\nimport { createHash } from "node:crypto";', /^domain\/bad\.ts:2: .*node:crypto/],
  ["domain/bad.ts", 'import type { Run } from "../app/ports.ts";', /^domain\/bad\.ts:1: floor 0/],
  ["domain/bad.ts", "export const now = Date.now();", /:1: .*clock/],
  ["domain/bad.ts", "const today = new Date();", /:1: .*clock/],
  ["domain/bad.ts", "const die = Math.random();", /:1: .*dice/],
  ["domain/bad.ts", "async function f() {\n  await g();\n}", /:2: .*waits/],
  ["app/bad.ts", 'import { Queue } from "bullmq";', /^app\/bad\.ts:1: .*bullmq/],
  ["app/bad.ts", 'import { readFile } from "node:fs/promises";', /:1: .*node:fs/],
  ["app/bad.ts", 'import type { Keys } from "../store/keys.ts";', /:1: floor 1 must not import floor 2/],
  ["store/bad.ts", 'import { Queue } from "bullmq";', /:1: store does not exist for bullmq/],
  ["store/bad.ts", 'import { work } from "../queue/worker.ts";', /:1: store must not know queue/],
  ["store/bad.ts", 'import type { w } from "../queue/worker.ts";', /:1: store must not know queue/],
  ["store/bad.ts", 'import { sync } from "../app/sync.ts";', /:1: floor 2 knows nothing of app/],
  ["store/bad.ts", 'import { type A, b } from "../app/ports.ts";', /:1: .*only types/],
  ["queue/bad.ts", 'import { Redis } from "ioredis";', /:1: queue does not exist for ioredis/],
  ["tallyfy/bad.ts", 'import { start } from "../daemon.ts";', /:1: floor 2 must not import floor 3/],
  [
    "log.ts",
    'import { pino } from "pino";\nimport { k } from "./store/keys.ts";',
    /^log\.ts:2: log\.ts must not know store/,
  ],
  ["daemon.ts", 'import {\n  a,\n  b,\n} from "./cli/start.ts";', /^daemon\.ts:1: nobody imports cli/],
  ["web/bad.ts", 'export async function f() {\n  return import("../cli/start.ts");\n}', /:2: nobody imports cli/],
  ["web/bad.ts", 'type T = import("../cli/start.ts").T;', /:1: nobody imports cli/],
  ["web/bad.ts", 'import "../cli/start.ts";', /:1: nobody imports cli/],
  ["web/bad.ts", "const where = await import(name);", /:1: a computed import/],
  ["web/bad.ts", 'export { a } from "../cli/start.ts";', /:1: nobody imports cli/],
  ["web/bad.ts", 'export * from "./bad.ts";', /:1: no barrels/],
  ["web/bad.ts", 'import { a } from "./missing.ts";', /:1: .*no file of src/],
  ["web/bad.ts", 'import { k } from "../store/keys";', /:1: .*with \.ts/],
  ["web/bad.ts", 'import { k } from "../../test/x.ts";', /:1: .*outside src/],
  ["web/index.ts", "export const a = 1;", /^web\/index\.ts:1: no index\.ts/],
  ["web/bad.ts", "\n\nexport default function f() {}", /:3: no default exports/],
  ["web/bad.ts", "const a = 1;\nexport { a as default };", /:2: no default exports/],
  ["web/bad.ts", "const port = process.env.PORT;", /:1: only config\/load\.ts/],
  ["web/bad.ts", 'const port = process["env"].PORT;', /:1: only config\/load\.ts/],
  ["web/bad.ts", "const { env } = process;", /:1: only config\/load\.ts/],
  ["web/bad.ts", 'import { env } from "node:process";', /:1: only config\/load\.ts/],
  ["config/bad.ts", "const port = process.env.PORT;", /:1: only config\/load\.ts/],
  ["web/utils/bad.ts", "export const a = 1;", /:1: a folder called utils/],
  ["store/keys.ts", 'import { a } from "./runs.ts";', /^store\/(keys|runs)\.ts:[13]: imports in a circle: .*keys\.ts/],
];

test.each(PLANTED)("a violation planted in %s is found: %s", (file, text, expected) => {
  const found = violations(new Map(Object.entries({ ...HOUSE, [file]: text })));
  expect(found.join("\n")).toMatch(new RegExp(expected.source, "m"));
});

test("imports are read with their line and whether they bring only types", () => {
  const text =
    'import a from "a";\nimport type { B } from "b";\nimport {\n  type C,\n  d,\n} from "c";\nexport type { E } from "e";';
  expect(importsOf(text)).toEqual([
    { line: 1, from: "a", isTypeOnly: false },
    { line: 2, from: "b", isTypeOnly: true },
    { line: 3, from: "c", isTypeOnly: false },
    { line: 7, from: "e", isTypeOnly: true },
  ]);
});
