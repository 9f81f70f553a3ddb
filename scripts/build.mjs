// Compiles src/ into dist/ when dist/ was not made from exactly these sources; says nothing when there is nothing to do.
// Uses only what Node ships with and the compiler from node_modules.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { exclusively } from "./lock.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "src");
const target = join(root, "dist");
const stamp = join(target, ".built-from");
export const lockFile = join(target, ".lock");

/** Whether dist/ belongs to the sources as they are now. */
export function isBuilt() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint();
}

/** Builds where needed. The caller holds the lock. Returns false, after the compiler's messages, when it does not compile. */
export function build() {
  const from = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === from) return true;

  console.error("Building ...");
  rmSync(stamp, { force: true });
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const result = spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.json")], { encoding: "utf8" });
  if (result.status !== 0) {
    console.error(
      `${result.stdout}${result.stderr}`.trim() || `The compiler could not be run: ${result.error?.message}`,
    );
    console.error("The program was not built: src/ does not compile (see above).");
    return false;
  }
  const expected = new Set();
  for (const file of filesIn(source)) {
    if (file.endsWith(".ts")) {
      const script = file.replace(/\.ts$/, ".js");
      expected.add(script).add(`${script}.map`);
    } else if (!file.endsWith(".md")) {
      mkdirSync(dirname(join(target, file)), { recursive: true });
      copyFileSync(join(source, file), join(target, file));
      expected.add(file);
    }
  }
  for (const file of filesIn(target)) {
    if (!expected.has(file) && !file.startsWith(".")) rmSync(join(target, file)); // Its source is gone.
  }
  writeFileSync(stamp, from);
  return true;
}

function fingerprint() {
  const hash = createHash("sha256");
  const inputs = ["tsconfig.json", "package.json"];
  for (const file of filesIn(source)) inputs.push(join("src", file));
  for (const file of inputs.sort()) {
    const found = statSync(join(root, file), { throwIfNoEntry: false });
    hash.update(`${file} ${found?.size} ${found?.mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/** Paths of all files under a folder, relative to it. */
function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await exclusively(
    lockFile,
    () => console.error("Waiting for another build to finish ..."),
    async () => {
      if (!build()) process.exitCode = 1;
    },
  );
}
