// Reads a YAML file into a layer, with the line of every option. Values are checked later, together with all others.

import { readFileSync } from "node:fs";
import { isAlias, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import type { Layer, Setting } from "./layer.ts";
import { type Problem, suggest } from "./problem.ts";
import { GROUPS, OPTIONS, type Option } from "./schema.ts";

const BY_PATH = new Map(OPTIONS.map((option) => [option.path, option]));
const KNOWN_PATHS = [...BY_PATH.keys(), ...GROUPS];

/** @param shownPath the file's name for people */
export function readYamlLayer(path: string, shownPath: string): Layer {
  const settings = new Map<string, Setting>();
  const problems: Problem[] = [];
  const text = readText(path, shownPath, problems);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });

  function placeOf(node: { readonly range?: readonly number[] | null | undefined }): string {
    return `${shownPath} line ${lines.linePos(node.range?.[0] ?? 0).line}`;
  }

  function readGroup(node: Node, path: readonly string[], place: string): void {
    if (isScalar(node) && node.value === null) return; // A heading without anything under it.
    if (!isMap(node)) {
      const name = path.length === 0 ? place : `${path.join(".")} (${place})`;
      problems.push({
        name,
        message: "Options are expected here.",
        fix: "Write them below it, indented, as config/default.yaml does.",
      });
      return;
    }
    for (const pair of node.items) readPair(pair as Pair<Node, Node | null>, path);
  }

  function readPair(pair: Pair<Node, Node | null>, path: readonly string[]): void {
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const place = placeOf(pair.key);
    const here = [...path, key].join(".");
    const value = isAlias(pair.value) ? (pair.value.resolve(document) ?? null) : pair.value;
    const option = BY_PATH.get(here);
    if (option !== undefined) settings.set(here, { value: converted(value, option), source: place });
    else if (!GROUPS.has(here))
      problems.push({
        name: `${here} (${place})`,
        message: "There is no such option.",
        fix: suggest(here, KNOWN_PATHS),
      });
    else if (value !== null) readGroup(value, [...path, key], place);
  }

  function converted(node: Node | null, option: Option): unknown {
    if (node === null) return null;
    // An id such as 1001 or 5e10… is a number to YAML: its own spelling is meant. (Quotes are gone from `value` only.)
    if (option.kind === "text" && isScalar(node) && typeof node.value === "number")
      return node.source ?? String(node.value);
    return node.toJS(document) as unknown;
  }

  for (const { message, pos, code } of document.errors) {
    const { line, col } = lines.linePos(pos[0]);
    const what =
      code === "DUPLICATE_KEY" ? "The same key is there twice." : `This is not YAML: ${firstSentence(message)}`;
    problems.push({ name: `${shownPath} line ${line} column ${col}`, message: what, fix: "Correct this line." });
  }
  if (document.errors.length === 0 && document.contents !== null)
    readGroup(document.contents, [], `${shownPath} line 1`);
  return { settings, problems };
}

function readText(path: string, shownPath: string, problems: Problem[]): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const message = code === "ENOENT" ? "There is no such file." : `The file cannot be read (${code}).`;
    problems.push({ name: shownPath, message, fix: "Give the path of a YAML file that this account may read." });
    return "";
  }
}

/** The parser's words about structure; they do not quote values in their first line. */
function firstSentence(message: string): string {
  const line = message.split("\n")[0] ?? "";
  return line.endsWith(".") ? line : `${line}.`;
}
