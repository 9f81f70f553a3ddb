// Reads the imports of source texts and says which of them point the wrong way. The floors are those of src/README.md.
// Works on plain texts, so that a test can plant a violation. It reads with regular expressions, not with a parser.

import { posix } from "node:path";

/** The libraries each folder (or file) of floor 2 exists for. A library with `type` may lend its types only. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  tallyfy: ["undici", "zod"],
  roster: ["csv-parse", "fastest-levenshtein"],
  inbox: ["chokidar"],
  store: ["ioredis"],
  queue: ["bullmq", "type ioredis"],
  schedule: ["node-cron", "cron-parser"],
  config: ["zod", "yaml", "fastest-levenshtein"],
  "log.ts": ["pino", "pino-pretty"],
};

const FORBIDDEN_FOLDERS = ["utils", "helpers", "common", "types"];

/** What `domain/` says no to, beside imports. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bawait\b/, "waits"],
  [/\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\./, "reads the clock"],
  [/\bMath\.random\b|\bcrypto\./, "throws dice"],
  [/\bprocess\./, "looks at the process"],
  [/\bconsole\./, "logs"],
  [/\b(fetch|setTimeout|setInterval|setImmediate)\(/, "does I/O"],
];

interface Import {
  readonly line: number;
  readonly from: string;
  readonly isTypeOnly: boolean;
}

/** @param sources texts by path below src/, such as `domain/plan.ts` @returns one sentence each, `file:line: what` */
export function violations(sources: ReadonlyMap<string, string>): readonly string[] {
  const found: string[] = [];
  const graph = new Map<string, readonly (Import & { readonly target: string })[]>();
  for (const [file, text] of sources) {
    const imports = importsOf(text);
    for (const [line, what] of [...namingFaults(file), ...lineFaults(file, text)])
      found.push(`${file}:${line}: ${what}`);
    const edges = [];
    for (const each of imports) {
      const target = each.from.startsWith(".") ? posix.join(posix.dirname(file), each.from) : null;
      const fault = target === null ? packageFault(file, each) : arrowFault(file, target, each, sources);
      if (fault !== null) found.push(`${file}:${each.line}: ${fault}`);
      if (target !== null) edges.push({ ...each, target });
    }
    graph.set(file, edges);
  }
  return [...found, ...cycles(graph)];
}

/** 0 to 4; files at the root of src/ are floor 3, apart from the log. */
function floorOf(file: string): number {
  const place = placeOf(file);
  if (place === "domain") return 0;
  if (place === "app") return 1;
  if (place in LIBRARIES) return 2;
  return place === "cli" ? 4 : 3;
}

/** The folder that a file belongs to, or its own name where it lies at the root. */
function placeOf(file: string): string {
  return file.split("/")[0] ?? file;
}

function packageFault(file: string, { from, isTypeOnly }: Import): string | null {
  const floor = floorOf(file);
  const name = from.startsWith("@") ? from.split("/").slice(0, 2).join("/") : (from.split("/")[0] ?? from);
  if (floor >= 3) return null;
  if (floor <= 1) return `${placeOf(file)}/ imports neither packages nor node: modules, but this is ${from}`;
  if (from.startsWith("node:")) return null;
  const allowed = LIBRARIES[placeOf(file)] ?? [];
  if (allowed.includes(name) || (isTypeOnly && allowed.includes(`type ${name}`))) return null;
  return `${placeOf(file)} does not exist for ${name}`;
}

function arrowFault(
  file: string,
  target: string,
  { from, isTypeOnly }: Import,
  sources: ReadonlyMap<string, string>,
): string | null {
  if (target.startsWith("..")) return `${from} lies outside src/`;
  if (!sources.has(target)) return `${from} is no file of src/ (an import names the file, with .ts)`;
  const [mine, theirs] = [floorOf(file), floorOf(target)];
  if (theirs === 4 && mine !== 4) return "nobody imports cli/";
  if (theirs > mine) return `floor ${mine} must not import floor ${theirs} (${target})`;
  if (mine === 2 && theirs === 1) {
    if (target !== "app/ports.ts") return `floor 2 knows nothing of app/ but ports.ts (${target})`;
    return isTypeOnly ? null : "floor 2 takes only types from app/ports.ts: write import type";
  }
  if (mine === 2 && theirs === 2 && placeOf(file) !== placeOf(target) && target !== "log.ts") {
    return `${placeOf(file)} must not know ${placeOf(target)}`;
  }
  return null;
}

function namingFaults(file: string): [number, string][] {
  const parts = file.split("/");
  const faults: [number, string][] = [];
  if (parts.at(-1) === "index.ts") faults.push([1, "no index.ts: imports name the file"]);
  const folder = parts.slice(0, -1).find((part) => FORBIDDEN_FOLDERS.includes(part));
  if (folder !== undefined) faults.push([1, `a folder called ${folder} says nothing about what is in it`]);
  return faults;
}

function lineFaults(file: string, text: string): [number, string][] {
  const faults: [number, string][] = [];
  for (const [index, line] of codeLines(text).entries()) {
    const number = index + 1;
    if (/^\s*export\s+default\b|\bas default\b/.test(line)) faults.push([number, "no default exports"]);
    if (/^\s*export\s*\*/.test(line)) faults.push([number, "no barrels: export * hides where a thing lives"]);
    const isEnv = /\bprocess\s*(\?*\.\s*env\b|\[\s*["'`]env)|\benv\b[^=]*\}\s*=\s*process\b/.test(line);
    const isEnvImport = /\benv\b.*from "(node:)?process"/.test(line);
    if ((isEnv || isEnvImport) && file !== "config/load.ts")
      faults.push([number, "only config/load.ts reads process.env"]);
    if (/\bimport\(\s*[^"'`\s)]/.test(line)) faults.push([number, "a computed import cannot be checked"]);
    if (floorOf(file) > 0) continue;
    for (const [pattern, what] of IMPURE)
      if (pattern.test(line)) faults.push([number, `domain/ is pure, but this ${what}`]);
  }
  return faults;
}

/** The lines without comments. Strings stay: a URL in one is not a comment. */
function codeLines(text: string): readonly string[] {
  const withoutBlocks = text.replace(/(^|\s)\/\*[\s\S]*?\*\//g, (block) => block.replace(/[^\n]/g, " "));
  return withoutBlocks.split("\n").map((line) => line.replace(/(^|\s)\/\/.*$/, "$1"));
}

/** Static imports, re-exports, imports for effect, dynamic imports and import types. */
export function importsOf(text: string): readonly Import[] {
  const code = codeLines(text).join("\n");
  const found: Import[] = [];
  const statement = /^[ \t]*(?:import|export)\b(?!\s*\()([^"'`;]*?)\bfrom\s*["']([^"']+)["']/gm;
  for (const match of code.matchAll(statement)) add(match.index, match[2], isOnlyTypes(match[1] ?? ""));
  for (const match of code.matchAll(/^[ \t]*import\s*["']([^"']+)["']/gm)) add(match.index, match[1], false);
  for (const match of code.matchAll(/(typeof\s+)?\bimport\(\s*["'`]([^"'`]+)["'`]/g)) {
    add(match.index, match[2], match[1] !== undefined);
  }
  return found.sort((a, b) => a.line - b.line);

  function add(at: number, from: string | undefined, isTypeOnly: boolean): void {
    if (from !== undefined) found.push({ line: code.slice(0, at).split("\n").length, from, isTypeOnly });
  }
}

/** `type { A }`, or braces in which every name is marked `type`. */
function isOnlyTypes(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(",") ?? [];
  const given = names.map((name) => name.trim()).filter((name) => name !== "");
  return given.length > 0 && given.every((name) => name.startsWith("type "));
}

/** One sentence for each circle of files, named once. */
function cycles(graph: ReadonlyMap<string, readonly { readonly target: string; readonly line: number }[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: { readonly file: string; line: number }[] = [];
  for (const file of graph.keys()) visit(file);
  return found;

  function visit(file: string): void {
    const start = path.findIndex((step) => step.file === file);
    const first = path[start];
    if (first !== undefined) {
      const circle = [...path.slice(start).map((step) => step.file), file];
      found.push(`${first.file}:${first.line}: imports in a circle: ${circle.join(" → ")}`);
      return;
    }
    if (done.has(file)) return;
    const step = { file, line: 0 };
    path.push(step);
    for (const edge of graph.get(file) ?? []) {
      step.line = edge.line;
      visit(edge.target);
    }
    path.pop();
    done.add(file);
  }
}
