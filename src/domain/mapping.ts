// Which column of a roster serves which field: configured names first, then the usual words, and no guessing between two
// candidates of equal strength. Every doubt about a header is said at once, with the line that would settle it.

import type { ColumnReading, Field, Issue } from "./employee.ts";
import { commonHeaders, foldHeader, meaningOf, sensitiveMatter } from "./header-words.ts";
import { quoted } from "./quoting.ts";
import type { RosterOptions } from "./roster-options.ts";

/** Where a column's cell stands among the kept cells of a record, and what its header is. */
export interface Place {
  readonly index: number;
  readonly header: string;
}

export interface StatusPlace extends Place {
  /** "Yes" means that the person has left. */
  readonly isInverted: boolean;
}

export interface Mapping {
  readonly columns: readonly ColumnReading[];
  /** Positions (from 0) in the file's records of the cells that are kept; all others are dropped as they are parsed. */
  readonly kept: readonly number[];
  readonly fields: ReadonlyMap<Exclude<Field, "status">, Place>;
  /** Some systems have two status columns; they must not contradict each other. */
  readonly statuses: readonly StatusPlace[];
  /** Columns of include, exclude and role rules, by the name in the configuration. */
  readonly ruleColumns: ReadonlyMap<string, Place>;
}

/** The header nearest in spelling to one of the wanted ones; null when none is near. */
export type Nearest = (wanted: readonly string[], headers: readonly string[]) => string | null;

export type MappingResult =
  | { readonly kind: "mapped"; readonly mapping: Mapping; readonly remarks: readonly Issue[] }
  | { readonly kind: "refused"; readonly issues: readonly Issue[]; readonly columns: readonly ColumnReading[] };

const FIELDS: readonly Field[] = [
  "employeeId",
  "email",
  "firstName",
  "lastName",
  "fullName",
  "role",
  "timeZone",
  "status",
  "startDate",
  "endDate",
];

const FIELD_NAMES: Readonly<Record<Field, string>> = {
  employeeId: "employee id",
  email: "work e-mail address",
  firstName: "first name",
  lastName: "last name",
  fullName: "whole name",
  role: "role",
  timeZone: "time zone",
  status: "status",
  startDate: "start date",
  endDate: "end date",
};

/** The fields that a record's cells would serve as a header; empty for an ordinary record. Used to find the header line. */
export function recognisedFields(cells: readonly string[], options: RosterOptions): ReadonlySet<Field> {
  const fields = new Set<Field>();
  const configured = new Map<string, Field>();
  for (const [field, name] of configuredNames(options)) configured.set(foldHeader(name), field);
  for (const cell of cells) {
    const field = configured.get(foldHeader(cell)) ?? meaningOf(cell)?.field;
    if (field !== undefined && foldHeader(cell) !== "") fields.add(field);
  }
  return fields;
}

/** Whether recognised fields make a header: an address or an id, and a name; or most of what configuration names. */
export function isHeader(fields: ReadonlySet<Field>): boolean {
  const hasName = fields.has("firstName") || fields.has("lastName") || fields.has("fullName");
  return hasName && (fields.has("email") || fields.has("employeeId"));
}

function configuredNames(options: RosterOptions): [Field, string][] {
  const names: [Field, string][] = [];
  for (const field of FIELDS) {
    const name = field === "role" ? (options.columns.role ?? options.role.column) : options.columns[field];
    if (name !== undefined && name !== "") names.push([field, name]);
  }
  return names;
}

/** Maps a header. `line` is where it stands in the file. */
export function mapHeader(
  header: readonly string[],
  line: number,
  options: RosterOptions,
  nearest: Nearest,
): MappingResult {
  const issues: Issue[] = [...duplicateHeaders(header, line)];
  const chosen = new Map<number, { field: Field | null; by: ColumnReading["by"] }>();
  const positions = new Map<Field, number[]>();

  for (const [field, name] of configuredNames(options)) {
    const found = findColumn(header, name);
    if (found.length === 1 && found[0] !== undefined) {
      const taken = chosen.get(found[0]);
      if (taken !== undefined) issues.push(usedTwice(line, header[found[0]] ?? "", taken.field, field));
      chosen.set(found[0], { field, by: "configuration" });
      positions.set(field, found);
    } else {
      issues.push(notOne(line, header, `roster.columns.${field}`, name, found, nearest));
      positions.set(field, []);
    }
  }

  const isWholeNameConfigured = positions.has("fullName");
  for (const field of FIELDS) {
    if (positions.has(field)) continue;
    if (isWholeNameConfigured && (field === "firstName" || field === "lastName")) continue;
    const candidates = strongest(header, field, chosen);
    if (candidates.length > 1 && field !== "status") {
      if (field === "fullName" && has(positions, "firstName") && has(positions, "lastName")) continue;
      issues.push(twoCandidates(line, header, field, candidates));
      positions.set(field, []);
      continue;
    }
    if (candidates.length > 0) positions.set(field, candidates);
  }
  settleNames(positions, header, line, issues, chosen);
  for (const [field, places] of positions) {
    for (const place of places) if (!chosen.has(place)) chosen.set(place, { field, by: "synonym" });
  }

  const rulePositions = new Map<string, number>();
  for (const [setting, name] of ruleNames(options)) {
    const found = findColumn(header, name);
    if (found.length !== 1 || found[0] === undefined) {
      issues.push(notOne(line, header, setting, name, found, nearest));
      continue;
    }
    rulePositions.set(name, found[0]);
    if (!chosen.has(found[0])) chosen.set(found[0], { field: null, by: "rule" });
  }

  if (!positions.has("email")) issues.push(noEmail(line, header, nearest));
  for (const place of chosen.keys()) {
    const matter = sensitiveMatter(header[place] ?? "");
    if (matter !== null) issues.push(sensitive(line, header[place] ?? "", matter));
  }

  const columns = header.map((text, position): ColumnReading => {
    const use = chosen.get(position);
    return { header: text, position: position + 1, field: use?.field ?? null, by: use?.by ?? null };
  });
  if (issues.length > 0) return { kind: "refused", issues, columns };
  const mapping = buildMapping(header, columns, positions, rulePositions, [...chosen.keys()]);
  return { kind: "mapped", mapping, remarks: [] };
}

function has(positions: ReadonlyMap<Field, readonly number[]>, field: Field): boolean {
  return (positions.get(field)?.length ?? 0) > 0;
}

function buildMapping(
  header: readonly string[],
  columns: readonly ColumnReading[],
  positions: ReadonlyMap<Field, readonly number[]>,
  rulePositions: ReadonlyMap<string, number>,
  used: readonly number[],
): Mapping {
  const kept = [...used].sort((a, b) => a - b);
  const place = (position: number): Place => ({
    index: kept.indexOf(position),
    header: (header[position] ?? "").trim(),
  });
  const fields = new Map<Exclude<Field, "status">, Place>();
  const statuses: StatusPlace[] = [];
  for (const [field, found] of positions) {
    for (const position of found) {
      if (field !== "status") fields.set(field, place(position));
      else statuses.push({ ...place(position), isInverted: meaningOf(header[position] ?? "")?.isInverted ?? false });
    }
  }
  const ruleColumns = new Map([...rulePositions].map(([name, position]) => [name, place(position)]));
  return { columns, kept, fields, statuses, ruleColumns };
}

/** The positions of the columns that a configured name means: spelled exactly so, or else the same but for trifles. */
function findColumn(header: readonly string[], name: string): number[] {
  const tiers: ((text: string) => boolean)[] = [
    (text) => text === name,
    (text) => plain(text) === plain(name),
    (text) => foldHeader(text) !== "" && foldHeader(text) === foldHeader(name),
  ];
  for (const fits of tiers) {
    const found = [...header.keys()].filter((position) => fits(header[position] ?? ""));
    if (found.length > 0) return found;
  }
  return [];
}

function plain(text: string): string {
  return text.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase();
}

function strongest(header: readonly string[], field: Field, chosen: ReadonlyMap<number, unknown>): number[] {
  let best = Number.POSITIVE_INFINITY;
  let found: number[] = [];
  for (const [position, text] of header.entries()) {
    const meaning = chosen.has(position) ? null : meaningOf(text);
    if (meaning === null || meaning.field !== field || meaning.rank > best) continue;
    if (meaning.rank < best) found = [];
    best = meaning.rank;
    found.push(position);
  }
  return found;
}

/** First and last name, or else one whole name (a first name beside it helps to split it). */
function settleNames(
  positions: Map<Field, number[]>,
  header: readonly string[],
  line: number,
  issues: Issue[],
  chosen: ReadonlyMap<number, unknown>,
): void {
  const isAsked = (field: Field) => positions.has(field) && !has(positions, field);
  if (isAsked("firstName") || isAsked("lastName") || isAsked("fullName")) return;
  const first = positions.get("firstName")?.[0];
  const last = positions.get("lastName")?.[0];
  const full = positions.get("fullName")?.[0];
  if (full !== undefined && first !== undefined && last !== undefined && !chosen.has(full)) {
    positions.delete("fullName");
    return;
  }
  if (full === undefined && first !== undefined && last !== undefined) return;
  if (full === undefined) {
    const missing =
      first === undefined && last === undefined ? "names" : first === undefined ? "first names" : "last names";
    issues.push({
      code: "missing-name",
      line,
      column: null,
      message: `No column was recognised as the one with the ${missing}; the columns are ${listed(header)}.`,
      fix: "Name them in the configuration: roster.columns.firstName and roster.columns.lastName, or roster.columns.fullName.",
    });
    return;
  }
  positions.delete("lastName");
  const half = first ?? last;
  const isBareName = foldHeader(header[full] ?? "") === "name" && !chosen.has(full);
  if (half !== undefined && isBareName) {
    const other = first === undefined ? "firstName" : "lastName";
    issues.push({
      code: "half-a-name",
      line,
      column: header[full] ?? null,
      message: `The columns "${header[half]}" and "${header[full]}" were found; "${header[full]}" may be the whole name or only the ${FIELD_NAMES[other]}.`,
      fix: `Write roster.columns.${other}: "${header[full]}" or roster.columns.fullName: "${header[full]}" into the configuration.`,
    });
  }
}

function ruleNames(options: RosterOptions): [string, string][] {
  return [
    ...options.include.map((rule): [string, string] => ["roster.include", rule.column]),
    ...options.exclude.map((rule): [string, string] => ["roster.exclude", rule.column]),
    ...options.role.rules.map((rule): [string, string] => ["roster.role.rules", rule.column]),
  ];
}

function duplicateHeaders(header: readonly string[], line: number): Issue[] {
  const seen = new Map<string, number>();
  const issues: Issue[] = [];
  for (const [position, text] of header.entries()) {
    const name = plain(text);
    const earlier = seen.get(name);
    if (name === "") continue;
    if (earlier === undefined) {
      seen.set(name, position);
      continue;
    }
    issues.push({
      code: "duplicate-header",
      line,
      column: text.trim(),
      message: `Columns ${earlier + 1} and ${position + 1} are both headed ${quoted(text.trim())}, so that nobody can tell them apart.`,
      fix: "Give each column its own name in the export, or leave one of them out.",
    });
  }
  return issues;
}

function notOne(
  line: number,
  header: readonly string[],
  setting: string,
  name: string,
  found: readonly number[],
  nearest: Nearest,
): Issue {
  if (found.length > 1) {
    const which = found.map((position) => `"${header[position]}"`).join(" and ");
    return {
      code: "ambiguous-column",
      line,
      column: name,
      message: `${setting} names ${quoted(name)}, which fits several columns: ${which}.`,
      fix: "Write the name exactly as one of them is spelled.",
    };
  }
  const near = nearest([name], header);
  return {
    code: "missing-column",
    line,
    column: name,
    message: `${setting} names the column ${quoted(name)}, and the file has none of that name; its columns are ${listed(header)}.`,
    fix:
      near === null
        ? "Correct the name in the configuration, or add the column to the export."
        : `Did you mean ${quoted(near)}? Correct the name in the configuration or in the export.`,
  };
}

function twoCandidates(line: number, header: readonly string[], field: Field, found: readonly number[]): Issue {
  const names = found.map((position) => `"${header[position]}"`);
  return {
    code: "ambiguous-column",
    line,
    column: header[found[0] ?? 0] ?? null,
    message: `The ${FIELD_NAMES[field]} may be in ${names.join(" or ")}; nothing says which of them counts.`,
    fix: `Choose one in the configuration, for example roster.columns.${field}: ${names[0]}`,
  };
}

function usedTwice(line: number, header: string, one: Field | null, other: Field): Issue {
  return {
    code: "ambiguous-column",
    line,
    column: header,
    message: `The configuration uses the column ${quoted(header)} for two fields, ${one} and ${other}.`,
    fix: "Name another column for one of them under roster.columns.",
  };
}

const NOT_THEIR_WORK_ADDRESS = /personal|private|privat|home|second|altern|other|manager|supervisor|emergency|spouse/i;

function noEmail(line: number, header: readonly string[], nearest: Nearest): Issue {
  const near = nearest(
    commonHeaders("email"),
    header.filter((text) => !NOT_THEIR_WORK_ADDRESS.test(text)),
  );
  const suggestion =
    near === null
      ? "Add the work e-mail address to the export, or name its column in the configuration: roster.columns.email"
      : `Did you mean ${quoted(near)}? Then write roster.columns.email: "${near}" into the configuration, or correct the header.`;
  return {
    code: "missing-email",
    line,
    column: null,
    message: `No column was recognised as the work e-mail address; the columns are ${listed(header)}. A personal or secondary address is never taken for it.`,
    fix: suggestion,
  };
}

function sensitive(line: number, header: string, matter: string): Issue {
  return {
    code: "sensitive-column",
    line,
    column: header,
    message: `The column ${quoted(header)} looks like ${matter}, and the configuration or its name would make us read it.`,
    fix: "Use another column under roster.columns or in the rules; such values have no place here.",
  };
}

function listed(header: readonly string[]): string {
  const names = header.filter((text) => text.trim() !== "").map((text) => quoted(text.trim()));
  const shown = names.slice(0, 20).join(", ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown || "without names";
}
