// Node's module hook of a chaos world: built files are loaded with what hurry.mjs changes in them. No file is written.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformed } from "./hurry.mjs";

const DIST = new URL("../../../dist/", import.meta.url).href;

export function load(url, context, next) {
  if (!url.startsWith(DIST)) return next(url, context);
  const source = transformed(url.slice(DIST.length), readFileSync(fileURLToPath(url), "utf8"));
  return source === null ? next(url, context) : { format: "module", source, shortCircuit: true };
}
