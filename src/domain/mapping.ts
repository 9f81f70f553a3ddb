// Which column of a roster serves which field: configured names first, then the usual words, and no guessing between two
// candidates of equal strength. Every doubt about a header is said at once, with the line that would settle it.

import type { ColumnReading, Field, Issue } from "./employee.ts";
import {
  asksWhetherGone,
  foldHeader,
  isAnotherAddress,
  type Meaning,
  meaningOf,
  meaningsOf,
  plainHeader,
  sensitiveMatter,
} from "./header-words.ts";
import {
  duplicateHeaders,
  type Nearest,
  noEmail,
  notOne,
  patternAndColumn,
  patternWithoutId,
  SETTINGS,
  sensitive,
  twoCandidates,
  usedTwice,
} from "./mapping-issues.ts";
import { settleNames } from "./mapping-names.ts";
import { anotherAddress, columnUnused, nearMisses } from "./mapping-remarks.ts";
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
  /** The configuration says that no column has a status: a person knows that nobody in the roster has left. */
  readonly isEverybodyWorking: boolean;
}

export type MappingResult =
  | { readonly kind: "mapped"; readonly mapping: Mapping; readonly remarks: readonly Issue[] }
  | {
      readonly kind: "refused";
      readonly issues: readonly Issue[];
      readonly columns: readonly ColumnReading[];
      /** What is without doubt all the same, to look for further problems; null where rows cannot be judged by it. */
      readonly partial: Mapping | null;
      readonly remarks: readonly Issue[];
    };

/** Whether a column says who has left, or the configuration that nobody has. */
export function saysWhoLeft({ statuses, fields, isEverybodyWorking }: Mapping): boolean {
  return statuses.length > 0 || fields.has("endDate") || isEverybodyWorking;
}

const FIELDS: readonly Field[] = [
  "employeeId",
  "email",
  "firstName",
  "lastName",
  "lastNamePrefix",
  "fullName",
  "role",
  "timeZone",
  "status",
  "startDate",
  "endDate",
];

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
  const issues: Issue[] = [];
  const meanings = meaningsOf(header);
  /** Columns that would be used: these need names by which they can be told apart. */
  const wanted = new Set<number>();
  const chosen = new Map<number, { field: Field | null; by: ColumnReading["by"] }>();
  const positions = new Map<Field, number[]>();

  for (const [field, name] of configuredNames(options)) {
    const found = findColumn(header, name);
    for (const position of found) wanted.add(position);
    if (found.length === 1 && found[0] !== undefined) {
      const taken = chosen.get(found[0]);
      if (taken !== undefined) issues.push(usedTwice(line, header[found[0]] ?? "", taken.field, field));
      chosen.set(found[0], { field, by: "configuration" });
      positions.set(field, found);
    } else {
      issues.push(notOne(line, header, `roster.columns.${SETTINGS[field]}`, name, found, nearest));
      positions.set(field, []);
    }
  }

  for (const field of FIELDS) if (options.columns[field] === "") positions.set(field, []);
  if (options.emailPattern !== null) issues.push(...patternDoubts(header, meanings, line, options, positions));
  const isWholeNameConfigured = positions.has("fullName");
  for (const field of FIELDS) {
    if (positions.has(field) || (field === "email" && options.emailPattern !== null)) continue;
    if (isWholeNameConfigured && (field === "firstName" || field === "lastName")) continue;
    const candidates = strongest(meanings, field, chosen);
    if (field === "fullName" && candidates.length > 1 && has(positions, "firstName") && has(positions, "lastName"))
      continue;
    for (const position of candidates) wanted.add(position);
    if (candidates.length > 1 && field !== "status") {
      const spelled = new Set(candidates.map((position) => plainHeader(header[position] ?? "")));
      // Headers of one name are reported as such already.
      if (spelled.size > 1) issues.push(twoCandidates(line, header, field, candidates));
      positions.set(field, []);
      continue;
    }
    if (candidates.length > 0) positions.set(field, candidates);
  }
  if (!positions.has("email") && options.emailPattern === null) issues.push(noEmail(line, header, nearest));
  settleNames(positions, header, line, issues, chosen, nearest);
  for (const [field, places] of positions) {
    for (const place of places) if (!chosen.has(place)) chosen.set(place, { field, by: "synonym" });
  }

  const rulePositions = new Map<string, number>();
  for (const [setting, name] of ruleNames(options)) {
    const found = findColumn(header, name);
    for (const position of found) wanted.add(position);
    if (found.length !== 1 || found[0] === undefined) {
      issues.push(notOne(line, header, setting, name, found, nearest));
      continue;
    }
    rulePositions.set(name, found[0]);
    if (!chosen.has(found[0])) chosen.set(found[0], { field: null, by: "rule" });
  }

  issues.unshift(...duplicateHeaders(header, line, wanted));
  let isSensitive = false;
  for (const place of chosen.keys()) {
    const matter = sensitiveMatter(header[place] ?? "");
    if (matter === null) continue;
    isSensitive = true;
    issues.push(sensitive(line, header[place] ?? "", matter));
  }

  const columns = header.map((text, position): ColumnReading => {
    const use = chosen.get(position);
    return { header: text, position: position + 1, field: use?.field ?? null, by: use?.by ?? null, filled: 0 };
  });
  const mapping = buildMapping(columns, positions, rulePositions, options);
  const unused = options.emailPattern === null ? [] : strongest(meanings, "email", chosen);
  const remarks = [
    ...unused.map((position) => columnUnused(line, header[position] ?? "")),
    ...anotherAddresses(header, line, positions),
    ...nearMisses(header, line, positions, chosen, nearest),
  ];
  if (issues.length === 0) return { kind: "mapped", mapping, remarks };
  // Rows are in scope or not by the rules' columns; and what must not be read is not read to find problems either.
  const isJudged = ruleNames(options).every(([, name]) => rulePositions.has(name)) && !isSensitive;
  return { kind: "refused", issues, columns, partial: isJudged ? mapping : null, remarks };
}

/** The configuration is a person's word; what is found by itself never is such a column. */
function anotherAddresses(
  header: readonly string[],
  line: number,
  positions: ReadonlyMap<Field, readonly number[]>,
): Issue[] {
  const email = header[positions.get("email")?.[0] ?? -1];
  return email !== undefined && isAnotherAddress(email) ? [anotherAddress(line, email)] : [];
}

/** Built addresses need an id beside them: two people of one name, and one person with a new name, cannot be told otherwise. */
function patternDoubts(
  header: readonly string[],
  meanings: readonly (Meaning | null)[],
  line: number,
  options: RosterOptions,
  positions: ReadonlyMap<Field, readonly number[]>,
): Issue[] {
  const issues: Issue[] = [];
  if (options.columns.email !== undefined) issues.push(patternAndColumn(line, options.columns.email));
  const mayHaveId = !positions.has("employeeId") && strongest(meanings, "employeeId", new Map()).length > 0;
  if (!has(positions, "employeeId") && !mayHaveId) {
    issues.push(patternWithoutId(line, header));
  }
  return issues;
}

function has(positions: ReadonlyMap<Field, readonly number[]>, field: Field): boolean {
  return (positions.get(field)?.length ?? 0) > 0;
}

function buildMapping(
  columns: readonly ColumnReading[],
  positions: ReadonlyMap<Field, readonly number[]>,
  rulePositions: ReadonlyMap<string, number>,
  options: RosterOptions,
): Mapping {
  const kept = columns.flatMap(({ by }, position) => (by === null ? [] : [position]));
  const headerAt = (position: number): string => columns[position]?.header ?? "";
  const place = (position: number): Place => ({ index: kept.indexOf(position), header: headerAt(position).trim() });
  const fields = new Map<Exclude<Field, "status">, Place>();
  const statuses: StatusPlace[] = [];
  for (const [field, found] of positions) {
    for (const position of found) {
      if (field !== "status") fields.set(field, place(position));
      else statuses.push({ ...place(position), isInverted: asksWhetherGone(headerAt(position)) });
    }
  }
  const ruleColumns = new Map([...rulePositions].map(([name, position]) => [name, place(position)]));
  const isEverybodyWorking = options.columns.status === "";
  return { columns, kept, fields, statuses, ruleColumns, isEverybodyWorking };
}

/** The positions of the columns that a configured name means: spelled exactly so, or else the same but for trifles. */
function findColumn(header: readonly string[], name: string): number[] {
  const tiers: ((text: string) => boolean)[] = [
    (text) => text === name,
    (text) => plainHeader(text) === plainHeader(name),
    (text) => foldHeader(text) !== "" && foldHeader(text) === foldHeader(name),
  ];
  for (const fits of tiers) {
    const found = [...header.keys()].filter((position) => fits(header[position] ?? ""));
    if (found.length > 0) return found;
  }
  return [];
}

/** Columns that are free, and mean the field as strongly as none other does. */
function strongest(
  meanings: readonly (Meaning | null)[],
  field: Field,
  chosen: ReadonlyMap<number, unknown>,
): number[] {
  let best = Number.POSITIVE_INFINITY;
  let found: number[] = [];
  for (const [position, meaning] of meanings.entries()) {
    if (meaning === null || chosen.has(position) || meaning.field !== field || meaning.rank > best) continue;
    if (meaning.rank < best) found = [];
    best = meaning.rank;
    found.push(position);
  }
  return found;
}

function ruleNames(options: RosterOptions): [string, string][] {
  return [
    ...options.include.map((rule): [string, string] => ["roster.include", rule.column]),
    ...options.exclude.map((rule): [string, string] => ["roster.exclude", rule.column]),
    ...options.role.rules.map((rule): [string, string] => ["roster.role.rules", rule.column]),
  ];
}
