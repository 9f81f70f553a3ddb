// What `check` says about a roster: how it was read and why, each column with its field and how full it is, what status words
// and dates were taken to mean, then the problems by kind and the configuration that would settle them. No names and no
// addresses can be in it: no issue has them, and samples come masked.

import { asOfDay } from "../domain/as-of.ts";
import type { AsOfReading, ColumnReading, Field, Issue, KnownReading, ReadingSummary } from "../domain/employee.ts";
import { mayBeId } from "../domain/header-words.ts";
import { FIELD_NAMES } from "../domain/mapping-issues.ts";
import { NEAR_MISS } from "../domain/mapping-remarks.ts";
import { counted, quoted } from "../domain/quoting.ts";
import { settingLines } from "./check-config.ts";
import type { ProblemGroup } from "./check-problems.ts";
import type { CheckedRoster, RepeatedRows } from "./check-roster.ts";

/** In a column of the page, beside a sample. */
const FIELD_WORDS: Readonly<Record<Field, string>> = {
  ...FIELD_NAMES,
  email: "e-mail address",
  fullName: "whole name, split",
};

const SEPARATORS: Readonly<Record<string, string>> = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe" };

const BY: Readonly<Record<NonNullable<ColumnReading["by"]>, string>> = {
  configuration: "named by the configuration",
  synonym: "a usual name for it",
  rule: "read only for a rule",
};

/** The page for one file; of a refused one, how far its reading came. */
export function checkText(fileName: string, checked: CheckedRoster): string {
  const { summary, known, problems, repeated } = checked;
  const remarks = known.remarks ?? [];
  const others = remarks.filter((remark) => !isAside(remark) && remark.code !== NEAR_MISS);
  const isRefused = summary === null;
  const parts = [
    [
      isRefused
        ? `${fileName} is refused as a whole: nothing of it would be used.`
        : verdict(fileName, summary, checked),
    ],
    section("How it was read", [...readAs(known), ...(isRefused ? [] : contentOf(summary))]),
    section("Left aside", remarks.filter(isAside).map(remarkLine)),
    section("People on several rows", isRefused ? [] : mergedRows(repeated)),
    columns(known, isRefused),
    statusWords(known),
    dates(known),
    section("Worth knowing", others.map(remarkLine)),
    problemGroups(problems.groups),
    section("Configuration that would settle what is open", proposal(settingLines(problems.settings))),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** What can only be decided by a person has the sign of a comment in front, so that pasting it decides nothing. */
function proposal(lines: readonly string[]): readonly string[] {
  const isAsked = lines.some((line) => line.startsWith("# "));
  return isAsked ? ["# A line with # in front is an open question: decide, then take the # away.", ...lines] : lines;
}

/** Lines that were not taken for people. */
function isAside({ code }: Issue): boolean {
  return code.startsWith("aside-") || code === "lines-above-header";
}

function verdict(fileName: string, summary: ReadingSummary, { repeated, people }: CheckedRoster): string {
  const { rows, outOfScope, unreadable } = summary;
  const { merged, withdrawn } = repeated;
  const { working, left, later } = people;
  const read = working + left + later;
  const parts = [`${working} working`, left > 0 && `${left} left`, later > 0 && `${later} to start later`];
  const how = read === 0 ? "" : ` (${parts.filter((part) => part !== false).join(", ")})`;
  const again = merged.size === 0 ? "" : `${merged.size} merged with another, `;
  return `${fileName}: ${counted(rows, "row")}: ${counted(read, "person", "people")} read${how}, ${again}${outOfScope} out of scope, ${unreadable + withdrawn} with problems.`;
}

/** So many are named. */
const MERGED_NAMED = 5;

function mergedRows({ merged }: RepeatedRows): string[] {
  const more = merged.size - MERGED_NAMED;
  const lines = [...merged].slice(0, MERGED_NAMED).map(([line, because]) => `line ${line}: ${because}`);
  return more > 0 ? [...lines, `and ${counted(more, "more such row")}`] : lines;
}

function contentOf({ asOf, bytes, sha256 }: ReadingSummary): string[] {
  const day = asOf == null ? [] : [`as of      ${asOfText(asOf)}`];
  return [...day, `content    ${counted(bytes, "byte")}, SHA-256 ${sha256}`];
}

/** As far as it is known. */
function readAs({ encoding, delimiter, headerLine, because }: KnownReading): string[] {
  const why = (reason: string | undefined): string => (reason === undefined ? "" : ` (${reason})`);
  return [
    ...(encoding === undefined ? [] : [`encoding   ${encoding}${why(because?.encoding)}`]),
    ...(delimiter === undefined ? [] : [`separator  ${SEPARATORS[delimiter] ?? delimiter}${why(because?.delimiter)}`]),
    ...(headerLine === undefined ? [] : [`header     line ${headerLine}${why(because?.header)}`]),
  ];
}

function asOfText({ line, written, from, to, because }: AsOfReading): string {
  const reason = because === null ? "" : `; ${because}`;
  return `${asOfDay({ from, to })} (${quoted(written)} on line ${line}${reason})`;
}

/** Of a refused file some columns may be open, and where no row was read nothing is known of what is in them. */
function columns(known: KnownReading, isRefused: boolean): string[] {
  const { columns: readings = [], rows, wellShaped = rows, remarks = [] } = known;
  const hasId = readings.some(({ field }) => field === "employeeId");
  const isAskedAbout = (header: string): boolean =>
    (!hasId && mayBeId(header)) || remarks.some(({ code, column }) => code === NEAR_MISS && column === header);
  const lines = readings.map((column): readonly string[] => {
    const header = column.header.trim();
    const name = header === "" ? "(no name)" : quoted(header);
    if (column.by === null) {
      const why = isAskedAbout(header) ? "not recognised, " : isRefused ? "" : "not needed, ";
      return [String(column.position), name, "-", `${why}${unusedWords(column, wellShaped)}`];
    }
    const use = column.field === null ? "rule" : FIELD_WORDS[column.field];
    const sample = column.sample === undefined ? "" : `such as ${column.sample}`;
    return [String(column.position), name, use, BY[column.by], filledShare(column.filled, wellShaped), sample];
  });
  return section("Columns", aligned(lines));
}

/** Cells of a column that is not used are looked at only where the addresses are missed. */
function unusedWords({ addresses }: ColumnReading, rows: number | undefined): string {
  if (addresses === undefined) return "dropped unread";
  return addresses === 0
    ? "dropped; no addresses in it"
    : `not used; looks like addresses in ${addresses} of ${counted(rows ?? addresses, "row")}`;
}

/** Never 100 % while one is missing, never 0 % while there is one. */
function filledShare(filled: number, rows: number | undefined): string {
  if (rows === undefined) return "";
  if (rows === 0 || filled === 0) return "empty";
  if (filled === rows) return "all filled";
  return `${Math.min(99, Math.max(1, Math.round((filled / rows) * 100)))} % filled`;
}

function statusWords({ statusWords: words }: KnownReading): string[] {
  const rows = (words ?? []).map((seen): [string, string, string, string] => [
    quoted(seen.column),
    seen.word === "" ? "(empty)" : quoted(seen.word),
    seen.meaning,
    counted(seen.rows, "row"),
  ]);
  return section("Status words", aligned(rows));
}

const OPEN_STYLES: ReadonlyMap<string, string> = new Map([
  ["open", "day or month first: open"],
  ["year-open", "day, month or year first: open"],
]);

function dates({ dateStyles, dateOrders }: KnownReading): string[] {
  const styles = (dateStyles ?? []).map(({ column, style, rows, sample, line }): readonly string[] => [
    quoted(column),
    OPEN_STYLES.get(style) ?? style,
    counted(rows, "row"),
    `first ${quoted(sample)} on line ${line}`,
  ]);
  const orders = (dateOrders ?? []).map(({ column, order, styles, provedOnLine, provedBy, yearProof }) => {
    if (order === null) return `${quoted(column)}: both ${styles.join(" and ")} occur, so neither is proved`;
    const proof = provedBy === null ? "" : ` by ${quoted(provedBy)}`;
    const year = yearProof === null ? "" : `, with ${quoted(yearProof.cell)} on line ${yearProof.line} for the year`;
    return `${quoted(column)}: ${styles.join("")}, proved on line ${provedOnLine}${proof}${year}`;
  });
  return section("Dates", [...aligned(styles), ...orders]);
}

function problemGroups(groups: readonly ProblemGroup[]): string[] {
  if (groups.length === 0) return ["No problems."];
  const lines = ["Problems"];
  for (const { code, count, first, fixes } of groups) {
    lines.push(`  ${code} (${count})`);
    for (const issue of first) lines.push(`    ${place(issue)}${issue.message}`);
    if (count > first.length) lines.push(`    and ${count - first.length} more`);
    for (const fix of fixes) lines.push(`    What to do: ${fix}`);
  }
  return lines;
}

function remarkLine(issue: Issue): string {
  const advice = issue.fix === "Nothing needs to be done." ? "" : ` ${issue.fix}`;
  return `${place(issue)}${issue.message}${advice}`;
}

function place(issue: Issue): string {
  const parts: string[] = [];
  if (issue.line !== null) parts.push(`line ${issue.line}`);
  if (issue.column !== null && !issue.message.includes(quoted(issue.column))) {
    parts.push(`column ${quoted(issue.column)}`);
  }
  return parts.length === 0 ? "" : `${parts.join(", ")}: `;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, Array.from(cell).length);
  }
  return rows.map((row) =>
    row
      .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - Array.from(cell).length))
      .join("  ")
      .trimEnd(),
  );
}
