// Configuration that a check proposes: what would settle the open questions, and with `--write-config` the mapping as it was
// found. What a person has to decide is written as a comment, so that no file of ours guesses for them.

import type { DateOrderReading, Field, KnownReading, Setting } from "../domain/employee.ts";
import { SETTINGS } from "../domain/mapping-issues.ts";
import { DATE_FIELDS, ORDER_SETTINGS } from "../domain/row-dates.ts";
import { isStatusWord } from "./check-problems.ts";

interface Line {
  readonly path: readonly string[];
  readonly value: string;
  readonly comment: string | null;
  /** Nothing is decided by it: a person takes the comment sign away. */
  readonly isOpen: boolean;
  /** Lines of comment above it. */
  readonly above?: readonly string[];
}

/** The settings as lines of YAML, for a person to copy. Empty when nothing is open. */
export function settingLines(settings: readonly Setting[]): string[] {
  return yaml(openLines(settings, false));
}

/** A configuration file that pins what was found and asks for what is open. */
export function mappingFile(fileName: string, known: KnownReading, settings: readonly Setting[]): string {
  const found = foundLines(known);
  const open = openLines(settings, true);
  const lines = yaml([...found.filter((line) => !open.some((other) => isSame(line, other))), ...open]);
  const head = [
    `# How ${JSON.stringify(fileName)} was read, as configuration. Give it with --config, or copy it into your own file.`,
    ...(open.length > 0 ? ["# A line with # in front is an open question: decide, then take the # away."] : []),
  ];
  return `${[...head, ...lines].join("\n")}\n`;
}

function foundLines(known: KnownReading): Line[] {
  const columns = new Map<Field, string[]>();
  for (const { field, header } of known.columns ?? []) {
    if (field !== null) columns.set(field, [...(columns.get(field) ?? []), header.trim()]);
  }
  const lines: Line[] = [];
  for (const [field, headers] of columns) {
    // Two status columns are weighed together; naming one would leave the other out.
    if (headers.length > 1 || headers[0] === undefined) continue;
    const path = ["roster", "columns", SETTINGS[field]];
    lines.push({ path, value: JSON.stringify(headers[0]), comment: null, isOpen: false });
  }
  const { delimiter, encoding } = known;
  const settled = { comment: null, isOpen: false };
  if (delimiter !== undefined) {
    const value = delimiter === "\t" ? "tab" : JSON.stringify(delimiter);
    lines.push({ path: ["roster", "delimiter"], value, ...settled });
  }
  if (encoding !== undefined) lines.push({ path: ["roster", "encoding"], value: encoding, ...settled });
  return [...lines, ...provedOrders(known)];
}

/** One order for both columns of dates where each proves the same, otherwise each its own; none that the file does not prove. */
function provedOrders({ columns = [], dateOrders = [] }: KnownReading): Line[] {
  const line = (setting: string, { order, provedOnLine }: DateOrderReading): Line => ({
    path: ["roster", "dates", setting],
    value: String(order),
    comment: `proved on line ${provedOnLine}`,
    isOpen: false,
  });
  const isOne = (readings: readonly DateOrderReading[]) =>
    readings[0]?.order != null && new Set(readings.map(({ order }) => order)).size === 1;
  const readingsOf = (field: Field) => {
    const headers = columns.filter((column) => column.field === field).map(({ header }) => header.trim());
    return headers.length === 0 ? null : dateOrders.filter(({ column }) => headers.includes(column));
  };
  const [first] = dateOrders;
  const isEachProved = DATE_FIELDS.every((field) => readingsOf(field)?.length !== 0);
  if (first !== undefined && isEachProved && isOne(dateOrders)) return [line("order", first)];
  return DATE_FIELDS.flatMap((field) => {
    const readings = readingsOf(field) ?? [];
    const [proved] = readings;
    return proved !== undefined && isOne(readings) ? [line(ORDER_SETTINGS[field], proved)] : [];
  });
}

function openLines(settings: readonly Setting[], isOpen: boolean): Line[] {
  const byPath = new Map<string, Setting[]>();
  for (const setting of settings) byPath.set(setting.path, [...(byPath.get(setting.path) ?? []), setting]);
  return [...byPath].flatMap(([path, several]): Line[] => {
    if (several.every(isStatusWord)) return statusLines(several, isOpen);
    const { or = null, because } = several[0] ?? {};
    const comment =
      [because, or === null ? undefined : `or ${or}`].filter((part) => part !== undefined).join("; ") || null;
    // With two answers to choose from, none is given by pasting.
    return [{ path: path.split("."), value: written(several), comment, isOpen: isOpen || or !== null }];
  });
}

/** Both lists empty, and the words beside them: pasted as it is, it says of nobody that they work or have left. */
function statusLines(settings: readonly Setting[], isOpen: boolean): Line[] {
  const above = [
    "Move each of these words into one of the two lists; until then, nobody with that word gets an account:",
    ...settings.map(({ value }) => `  ${onOneLine(value)}`),
  ];
  const line = { value: "[]", isOpen };
  return [
    { ...line, path: ["roster", "status", "working"], comment: "means: works here", above },
    { ...line, path: ["roster", "status", "gone"], comment: "means: has left" },
  ];
}

/** In quotes, and whatever a reader of YAML may take for the end of a line is written as its number. */
function onOneLine(value: Setting["value"]): string {
  return JSON.stringify(value).replace(
    /[\u0085\u2028\u2029]/g,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function written(settings: readonly Setting[]): string {
  const [one] = settings;
  if (one === undefined) return "";
  if (typeof one.value !== "string") {
    const pairs = settings.map(({ value }) => `${JSON.stringify(value[0])}: ${value[1]}`);
    return `{ ${pairs.join(", ")} }`;
  }
  return /^[a-z][a-z0-9-]*$/.test(one.value) ? one.value : JSON.stringify(one.value);
}

function isSame(one: Line, other: Line): boolean {
  return one.path.join(".") === other.path.join(".");
}

/** A tree of YAML: maps two or three levels deep. A branch in which everything is open has its heads commented out, too. */
function yaml(lines: readonly Line[], depth = 0): string[] {
  const heads = new Map<string, Line[]>();
  for (const line of lines) {
    const head = line.path[depth] ?? "";
    heads.set(head, [...(heads.get(head) ?? []), line]);
  }
  const indent = "  ".repeat(depth);
  const text: string[] = [];
  for (const [head, below] of heads) {
    const [leaf] = below;
    if (leaf !== undefined && leaf.path.length === depth + 1) {
      const comment = leaf.comment === null ? "" : `  # ${leaf.comment}`;
      const sign = leaf.isOpen ? "# " : "";
      for (const note of leaf.above ?? []) text.push(`${sign}${indent}# ${note}`);
      text.push(`${sign}${indent}${head}: ${leaf.value}${comment}`);
    } else {
      const isOpen = below.every((line) => line.isOpen);
      text.push(`${isOpen ? "# " : ""}${indent}${head}:`, ...yaml(below, depth + 1));
    }
  }
  return text;
}
