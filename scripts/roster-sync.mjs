#!/usr/bin/env -S node --max-semi-space-size=16
// The program `roster-sync`: starts what was built into dist/, and builds it first where that has not happened yet.
// A roster makes much short-lived garbage. Node 20 keeps so much memory for it by itself; without the flag Node 24 keeps more, also when
// there is nothing to do.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`roster-sync needs Node 20.19 or newer; this is Node ${process.versions.node} (${process.execPath}).`);
  process.exit(78);
}

const program = new URL("../dist/cli/main.js", import.meta.url);
const compiler = new URL("../node_modules/typescript/bin/tsc", import.meta.url);
const isClone = existsSync(new URL("../src", import.meta.url));

if (isClone && existsSync(compiler)) {
  const { build, isBuilt, lockFile } = await import("./build.mjs");
  const { exclusively } = await import("./lock.mjs");
  if (!existsSync(program)) {
    await exclusively(
      lockFile,
      () => {},
      async () => {
        if (!build()) process.exit(1);
      },
    );
  } else if (!isBuilt()) {
    console.error("Note: src/ has changed since the program was built; `npm run build` brings it up to date.");
  }
}
if (!existsSync(program)) {
  console.error(
    `roster-sync is not built yet. Type this in ${fileURLToPath(new URL("..", import.meta.url))}:\n\n    npm run setup\n`,
  );
  process.exit(78);
}
await import(program.href);
