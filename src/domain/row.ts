// One record becomes one RosterRow: an employee, out of scope, or unreadable with every issue of the row at once.
// Names and addresses are never quoted in an issue. Text to values: files and encodings are the business of `roster/`.

import { buildEmail } from "./email-pattern.ts";
import type { DateStyleReading, Employee, Issue, RosterRow, StatusWordReading } from "./employee.ts";
import type { Mapping, Place } from "./mapping.ts";
import { areNoNames, readName, splitName } from "./names.ts";
import type { Note } from "./note.ts";
import type { Fingerprint, PersonKey, Role } from "./profile.ts";
import { quoted } from "./quoting.ts";
import type { RosterOptions } from "./roster-options.ts";
import { type DateProofs, dateColumns } from "./row-dates.ts";
import { noteBadName, noteLeaving, noteUnbuilt, noteUnsplit } from "./row-notes.ts";
import { statusColumns } from "./row-status.ts";
import { roleReader, scopeRules } from "./rules.ts";
import { readEmail, readEmployeeId, readTimeZone } from "./values.ts";

/** Longer cells are not looked at any closer: some of the looking grows with the square of the length. */
const CELL_MAX_CHARACTERS = 1000;

export interface RowReader {
  /**
   * Reads the kept cells of the record that begins on `line`. `cutAt`: the index of a cell that may have been cut off at the
   * end of the file; null: every cell is whole.
   */
  read(cells: readonly string[], line: number, proofs: DateProofs | null, cutAt: number | null): RosterRow;
  /** Indexes of date cells whose order only the whole file can prove. Empty when configuration settles it. */
  readonly dateCells: readonly number[];
  /** Whether this record has a date that needs that proof. */
  needsProof(cells: readonly string[]): boolean;
  /** Words of the status columns so far. */
  statusSeen(): readonly StatusWordReading[];
  /** Styles of the dates so far. */
  datesSeen(): readonly DateStyleReading[];
}

const NO_ISSUES: readonly Issue[] = [];

interface Keys {
  readonly key: PersonKey | null;
  readonly emailHash: string | null;
  readonly email: string | null;
}

interface ReadNames {
  readonly first: string;
  readonly last: string;
  readonly areOrdinary: boolean;
}

export function createRowReader(mapping: Mapping, options: RosterOptions, fingerprint: Fingerprint): RowReader {
  const { fields } = mapping;
  const dates = dateColumns(mapping, options.dates);
  const status = statusColumns(mapping, options.status);
  const roleOf = roleReader(mapping, options);
  const outOfScope = scopeRules(mapping, options);
  const pattern = options.emailPattern;

  // Of the row that is being read. Most rows have no issue, and cost no list and no function to note one.
  let issues: readonly Issue[] = NO_ISSUES;
  let lineRead = 0;
  const note: Note = (place, code, message, fix, setting) => {
    const issue = { code, line: lineRead, column: place?.header ?? null, message, fix };
    issues = [...issues, setting === undefined ? issue : { ...issue, setting }];
  };

  /** Looked up once: a row asks for most of them. */
  const places = {
    email: fields.get("email"),
    employeeId: fields.get("employeeId"),
    firstName: fields.get("firstName"),
    lastName: fields.get("lastName"),
    lastNamePrefix: fields.get("lastNamePrefix"),
    fullName: fields.get("fullName"),
    timeZone: fields.get("timeZone"),
    endDate: fields.get("endDate"),
  };

  const namePlaces = [places.firstName, places.lastName, places.fullName].filter((place) => place !== undefined);

  function cellOf(place: Place | undefined, cells: readonly string[]): string {
    return place === undefined ? "" : (cells[place.index] ?? "");
  }

  function readAddress(cells: readonly string[], note: Note): string | null {
    if (pattern === null && places.email === undefined) return null;
    const text = pattern === null ? cellOf(places.email, cells) : builtAddress(pattern, cells, note);
    const address = text === null ? null : readEmail(text);
    if (address?.kind === "bad") note(places.email, address.code, address.message, address.fix);
    return address?.kind === "value" ? address.value : null;
  }

  /** Null: an issue was noted, here or where the names are read. */
  function builtAddress(pattern: string, cells: readonly string[], note: Note): string | null {
    const names = nameCells(cells);
    if (names === null || names.first.trim() === "" || names.last.trim() === "") return null;
    const built = buildEmail(pattern, { ...names, id: cellOf(places.employeeId, cells) }, options.emailLetters);
    if (built.kind === "built") return built.text;
    noteUnbuilt(built, note);
    return null;
  }

  function readKeys(cells: readonly string[], note: Note): Keys {
    const email = readAddress(cells, note);
    const emailHash = email === null ? null : fingerprint(`email\n${email}`);
    const place = places.employeeId;
    if (place === undefined) return { key: emailHash, emailHash, email };
    const id = readEmployeeId(cells[place.index] ?? "");
    if (id.kind === "bad") {
      note(place, id.code, id.message, id.fix);
      return { key: null, emailHash, email };
    }
    // Keys are written to logs: an id that is somebody's address must not be one in clear.
    const key = id.value.includes("@") ? fingerprint(`id\n${id.value}`) : id.value;
    return { key, emailHash, email };
  }

  /** `van der` has a column of its own in some systems, and `Berg` another. */
  function prefixed(cells: readonly string[]): string {
    const last = cellOf(places.lastName, cells);
    if (places.lastNamePrefix === undefined || last.trim() === "") return last;
    const prefix = cellOf(places.lastNamePrefix, cells).trim();
    return prefix === "" ? last : `${prefix}${/['’]$/.test(prefix) ? "" : " "}${last.trim()}`;
  }

  /** First and last name as the cells have them; null: the whole name cannot be split. */
  function nameCells(cells: readonly string[]): { first: string; last: string } | null {
    const whole = places.fullName;
    const first = cellOf(places.firstName, cells);
    if (whole === undefined) return { first, last: prefixed(cells) };
    return splitName(
      cells[whole.index] ?? "",
      places.firstName !== undefined ? first : null,
      cellOf(places.employeeId, cells),
      options.names.order,
    );
  }

  function readNames(cells: readonly string[], note: Note): ReadNames | null {
    const whole = places.fullName;
    const names = nameCells(cells);
    if (names === null) {
      noteUnsplit(whole, cellOf(places.fullName, cells), cellOf(places.employeeId, cells), note);
      return null;
    }
    const first = readName(names.first, "first name", options.names.tooLong);
    const last = readName(names.last, "last name", options.names.tooLong);
    noteBadName(whole ?? places.firstName, first, note);
    noteBadName(whole ?? places.lastName, last, note);
    if (first.kind !== "name" || last.kind !== "name") return null;
    if (areNoNames(first.name, last.name)) {
      const message = "First and last name are words that stand for no name.";
      note(whole ?? places.firstName, "no-name", message, "Enter the name in the HR system and export again.");
      return null;
    }
    return { first: first.name, last: last.name, areOrdinary: first.isOrdinary && last.isOrdinary };
  }

  function readZone(cells: readonly string[], note: Note): string | null {
    const cell = cellOf(places.timeZone, cells);
    if (cell.trim() === "") return options.timeZone.default;
    const zone = readTimeZone(cell);
    if (zone.kind === "value") return zone.value;
    note(places.timeZone, zone.code, zone.message, zone.fix);
    return null;
  }

  function read(cells: readonly string[], line: number, proofs: DateProofs | null, cutAt: number | null): RosterRow {
    for (let at = 0; at < cells.length; at += 1) {
      if ((cells[at]?.length ?? 0) > CELL_MAX_CHARACTERS) return tooLong(cells, line, at);
    }
    const isCut = cutAt !== null && !dates.isComplete(cutAt, cells, proofs);
    if (isCut) return cutOff(cells, line, cutAt);

    issues = NO_ISSUES;
    lineRead = line;
    const { key, emailHash, email } = readKeys(cells, note);
    const because = outOfScope(cells);
    if (because !== null) return { kind: "out-of-scope", key, line, because };
    const said = status.says(cells, note);
    const isWorking = said === null ? null : said !== "gone";
    if (isWorking === false && pattern === null && cellOf(places.email, cells).trim() === "") {
      return { kind: "out-of-scope", key, line, because: "Has left, and the roster has no e-mail address for them." };
    }
    const name = readNames(cells, note);
    // Of a whole name, what stood in brackets is in neither of the two.
    const mayHaveRemark = name?.areOrdinary !== true || places.fullName !== undefined;
    if (isWorking === true && mayHaveRemark) {
      for (const place of namePlaces) noteLeaving(place, cells[place.index] ?? "", note);
    }
    const role: Role | null = roleOf(cells, note);
    const timeZone = readZone(cells, note);
    const startsOn = dates.day("startDate", cells, line, proofs, note);
    const endsOn = dates.day("endDate", cells, line, proofs, note);
    if (startsOn !== null && endsOn !== null && endsOn < startsOn) {
      const message = `The end date ${endsOn} is before the start date ${startsOn}.`;
      note(
        places.endDate,
        "dates-reversed",
        message,
        "Correct one of the two dates in the HR system; of somebody who came back, take the old end date away.",
      );
    }
    const isWhole = key !== null && emailHash !== null && email !== null;
    if (issues !== NO_ISSUES || !isWhole || name === null || role === null || isWorking === null) {
      return { kind: "unreadable", key, emailHash, line, issues };
    }
    const profile = { email, firstName: name.first, lastName: name.last, role, timeZone };
    const hasWorkingStatus = said === "working";
    const employee: Employee = { key, emailHash, profile, isWorking, hasWorkingStatus, startsOn, endsOn, line };
    return { kind: "employee", employee };
  }

  /** Nothing is said of the row but that it may be cut off; its key only where the key's own cell is whole. */
  function cutOff(cells: readonly string[], line: number, cutAt: number): RosterRow {
    // A built address may have been made of what was cut.
    const isEmailCut = cutAt === places.email?.index || pattern !== null;
    const isKeyCut = places.employeeId !== undefined ? cutAt === places.employeeId.index : isEmailCut;
    const { key, emailHash } = readKeys(cells, () => undefined);
    const header = mapping.columns[mapping.kept[cutAt] ?? -1]?.header.trim() ?? "";
    const issue: Issue = {
      code: "cut-off",
      line,
      column: header,
      message: `The file ends without a line end inside ${quoted(header)}: this cell, and so the row, may have been cut off.`,
      fix: "Let the export end with a line end, or put a column that is not needed last.",
    };
    return {
      kind: "unreadable",
      key: isKeyCut ? null : key,
      emailHash: isEmailCut ? null : emailHash,
      line,
      issues: [issue],
    };
  }

  function tooLong(cells: readonly string[], line: number, at: number): RosterRow {
    const { key, emailHash } = pattern === null ? readKeys(cells, () => undefined) : { key: null, emailHash: null };
    const column = mapping.columns[mapping.kept[at] ?? -1]?.header.trim() ?? "";
    const issue: Issue = {
      code: "long-cell",
      line,
      column,
      message: `${quoted(column)} has more than ${CELL_MAX_CHARACTERS} characters: no name, address or word of a roster is that long.`,
      fix: "See whether the columns are shifted or a quote is missing; correct the row and export again.",
    };
    return { kind: "unreadable", key, emailHash, line, issues: [issue] };
  }

  return {
    read,
    dateCells: dates.unsettled,
    needsProof: dates.needsProof,
    statusSeen: status.seen,
    datesSeen: dates.seen,
  };
}
