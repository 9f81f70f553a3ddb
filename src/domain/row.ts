// One record becomes one RosterRow: an employee, out of scope, or unreadable with every issue of the row at once.
// Names and addresses are never quoted in an issue. Text to text: files and encodings are the business of `roster/`.

import { type ColumnProof, type DateReading, needsProof, readDate, settledOrder, spelledOut } from "./dates.ts";
import type { Day } from "./day.ts";
import type { Employee, Field, Issue, RosterRow } from "./employee.ts";
import type { Mapping, Place } from "./mapping.ts";
import { readName, splitName } from "./names.ts";
import { type Fingerprint, type PersonKey, ROLES, type Role } from "./profile.ts";
import { quoted } from "./quoting.ts";
import type { ColumnRule, RosterOptions } from "./roster-options.ts";
import { type StatusMeaning, type StatusWords, statusWords } from "./status-words.ts";
import { isSpreadsheetError, readEmail, readEmployeeId, readTimeZone } from "./values.ts";

/** Proofs of the date order, by the index of the kept cell. */
export type DateProofs = ReadonlyMap<number, ColumnProof>;

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
  /** Words of the status columns so far, with the rows that had them. */
  statusSeen(): readonly StatusSeen[];
}

export interface StatusSeen {
  readonly column: string;
  readonly word: string;
  readonly meaning: StatusMeaning;
  readonly rows: number;
}

export function createRowReader(mapping: Mapping, options: RosterOptions, fingerprint: Fingerprint): RowReader {
  const { fields } = mapping;
  const words = statusWords(options.status);
  const roleWords = wordsForRoles(options);
  const scope = scopeRules(mapping, options);
  const roleRules = compiled(mapping, options.role.rules).map((rule, at) => ({
    ...rule,
    role: options.role.rules[at]?.role,
  }));
  const seen = new Map<string, { column: string; word: string; meaning: StatusMeaning; rows: number }>();
  const datePlaces = [fields.get("startDate"), fields.get("endDate")].filter((place) => place !== undefined);
  const dateCells = options.dates.order === "auto" ? datePlaces.map((place) => place.index) : [];

  function cellOf(field: Exclude<Field, "status">, cells: readonly string[]): string {
    const place = fields.get(field);
    return place === undefined ? "" : (cells[place.index] ?? "");
  }

  function read(cells: readonly string[], line: number, proofs: DateProofs | null, cutAt: number | null): RosterRow {
    const issues: Issue[] = [];
    const note = (place: Place | undefined, code: string, message: string, fix: string): void => {
      issues.push({ code, line, column: place?.header ?? null, message, fix });
    };

    const { key, emailHash, email } = readKeys(cells, note);
    const outside = scope(cells);
    if (outside !== null && cutAt === null) return { kind: "out-of-scope", key, line, because: outside };

    const isWorking = readStatus(cells, note);
    if (isWorking === false && cellOf("email", cells).trim() === "" && cutAt === null) {
      return { kind: "out-of-scope", key, line, because: "Has left, and the roster has no e-mail address for them." };
    }
    const name = readNames(cells, note);
    const role = readRole(cells, note);
    const timeZone = readZone(cells, note);
    const startsOn = readDay("startDate", cells, proofs, note);
    const endsOn = readDay("endDate", cells, proofs, note);
    if (startsOn !== null && endsOn !== null && endsOn < startsOn) {
      const message = `The end date ${endsOn} is before the start date ${startsOn}.`;
      note(fields.get("endDate"), "dates-reversed", message, "Correct one of the two dates and export again.");
    }
    if (cutAt !== null && !isProvenWhole(cutAt, cells, proofs)) {
      issues.push(cutOff(line, headerAt(mapping, cutAt)));
      // The key is whole only where its own cell is.
      const isKeyCut = cutAt === (fields.get("employeeId") ?? fields.get("email"))?.index;
      const isEmailCut = cutAt === fields.get("email")?.index;
      const hash = isEmailCut ? null : emailHash;
      return { kind: "unreadable", key: isKeyCut ? null : key, emailHash: hash, line, issues };
    }
    if (
      issues.length > 0 ||
      key === null ||
      emailHash === null ||
      email === null ||
      name === null ||
      role === null ||
      isWorking === null
    ) {
      return { kind: "unreadable", key, emailHash, line, issues };
    }
    const profile = { email, firstName: name.first, lastName: name.last, role, timeZone };
    const employee: Employee = { key, emailHash, profile, isWorking, startsOn, endsOn, line };
    return { kind: "employee", employee };
  }

  type Note = (place: Place | undefined, code: string, message: string, fix: string) => void;

  function readKeys(
    cells: readonly string[],
    note: Note,
  ): { key: PersonKey | null; emailHash: string | null; email: string | null } {
    const address = readEmail(cellOf("email", cells));
    const email = address.kind === "value" ? address.value : null;
    if (address.kind === "bad") note(fields.get("email"), address.code, address.message, address.fix);
    const emailHash = email === null ? null : fingerprint(`email\n${email}`);
    const place = fields.get("employeeId");
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

  function readNames(cells: readonly string[], note: Note): { first: string; last: string } | null {
    const tooLong = options.names.tooLong;
    const whole = fields.get("fullName");
    let firstCell = cellOf("firstName", cells);
    let lastCell = cellOf("lastName", cells);
    if (whole !== undefined) {
      const cell = cells[whole.index] ?? "";
      const split = splitName(cell, fields.has("firstName") ? firstCell : null);
      if (split === null) {
        const isEmpty = cell.trim() === "";
        note(
          whole,
          isEmpty ? "empty-name" : "single-name",
          isEmpty ? "The name is empty." : "The whole name cannot be split into a first and a last name.",
          "Tallyfy needs both; write it as Last, First in the HR system, or export the two in columns of their own.",
        );
        return null;
      }
      firstCell = split.first;
      lastCell = split.last;
    }
    const first = readName(firstCell, "first name", tooLong);
    const last = readName(lastCell, "last name", tooLong);
    if (first.kind === "bad") note(whole ?? fields.get("firstName"), first.code, first.message, first.fix);
    if (last.kind === "bad") note(whole ?? fields.get("lastName"), last.code, last.message, last.fix);
    return first.kind === "name" && last.kind === "name" ? { first: first.name, last: last.name } : null;
  }

  function readStatus(cells: readonly string[], note: Note): boolean | null {
    if (mapping.statuses.length === 0) return true;
    const meanings: StatusMeaning[] = [];
    for (const place of mapping.statuses) {
      const cell = cells[place.index] ?? "";
      const meaning = words.meaningOf(cell, place.isInverted);
      tally(place, cell, meaning, words);
      meanings.push(meaning);
      if (meaning === "unknown") {
        const inverse = place.isInverted ? " (a column that asks whether somebody has left)" : "";
        note(
          place,
          "unknown-status",
          `The status is ${quoted(cell.trim())}${inverse}, which is not known to mean working or gone.`,
          "Add the word to roster.status.working or roster.status.gone in the configuration, or correct it.",
        );
      }
    }
    if (meanings.includes("unknown")) return null;
    const place = mapping.statuses[0];
    if (meanings.includes("working") && meanings.includes("gone")) {
      const columns = mapping.statuses.map((status) => `"${status.header}"`).join(" and ");
      const message = `The columns ${columns} contradict each other: one says working, the other gone.`;
      note(place, "contradicting-status", message, "Correct one, or choose one: roster.columns.status");
      return null;
    }
    if (meanings.includes("gone")) return false;
    if (meanings.every((meaning) => meaning === "empty")) {
      note(place, "empty-status", "The status is empty.", "Fill it in; an empty one proves neither working nor gone.");
      return null;
    }
    return true;
  }

  function tally(place: Place, cell: string, meaning: StatusMeaning, _words: StatusWords): void {
    const word = cell.trim();
    const id = `${place.index}\n${word}`;
    const known = seen.get(id);
    if (known !== undefined) known.rows += 1;
    else if (seen.size < 200) seen.set(id, { column: place.header, word, meaning, rows: 1 });
  }

  function readRole(cells: readonly string[], note: Note): Role | null {
    const place = fields.get("role");
    const cell = cellOf("role", cells).trim();
    let role: Role | undefined;
    if (cell !== "") {
      role = roleWords.get(fold(cell));
      if (role === undefined) {
        const message = `The role is ${quoted(cell)}, which is not a role that is known here.`;
        note(place, "unknown-role", message, "Add it under roster.role.values in the configuration, or correct it.");
        return null;
      }
    }
    role ??= roleRules.find((rule) => rule.fits(cells))?.role ?? options.role.default;
    if (role === "admin" && !options.role.allowAdmin) {
      note(
        place,
        "admin-not-allowed",
        "The person would become an admin of Tallyfy, and the configuration does not allow that.",
        "Give another role, or set roster.role.allowAdmin: true",
      );
      return null;
    }
    return role;
  }

  function readZone(cells: readonly string[], note: Note): string | null {
    const cell = cellOf("timeZone", cells);
    if (cell.trim() === "") return options.timeZone.default;
    const zone = readTimeZone(cell);
    if (zone.kind === "value") return zone.value;
    note(fields.get("timeZone"), zone.code, zone.message, zone.fix);
    return null;
  }

  function dateAt(place: Place, cells: readonly string[], proofs: DateProofs | null): DateReading {
    const proof = proofs?.get(place.index) ?? null;
    return readDate(cells[place.index] ?? "", (separator) => settledOrder(options.dates.order, proof, separator));
  }

  function readDay(
    field: "startDate" | "endDate",
    cells: readonly string[],
    proofs: DateProofs | null,
    note: Note,
  ): Day | null {
    const place = fields.get(field);
    if (place === undefined) return null;
    const cell = cells[place.index] ?? "";
    if (cell === "") return null;
    const reading = dateAt(place, cells, proofs);
    const shown = `${quoted(place.header)} is ${quoted(cell.trim())}`;
    switch (reading.kind) {
      case "day":
        return reading.day;
      case "none":
        if (reading.isEndOfTime && field === "startDate") {
          note(place, "bad-date", `${shown}, which is no day on which somebody starts.`, "Correct the date.");
        }
        return null;
      case "ambiguous": {
        const proof = proofs?.get(place.index)?.get(reading.separator);
        const why =
          proof == null || proof.dmy === null || proof.mdy === null
            ? "nothing in this column proves which"
            : `line ${proof.dmy} proves the one order and line ${proof.mdy} the other`;
        const dmy = spelledOut(reading.dmy);
        const mdy = spelledOut(reading.mdy);
        note(
          place,
          "ambiguous-date",
          `${shown}, which may be ${dmy} or ${mdy}; ${why}.`,
          `Write roster.dates.order: dmy (${dmy}) or mdy (${mdy}) into the configuration, or export dates as YYYY-MM-DD.`,
        );
        return null;
      }
      case "bad":
        note(
          place,
          "bad-date",
          `${shown}, which is not a day${readAs(place, cell, proofs)}.`,
          "Correct the date, best as YYYY-MM-DD.",
        );
        return null;
    }
  }

  function readAs(place: Place, cell: string, proofs: DateProofs | null): string {
    const separator = /^\d{1,2}([-/.])\d/.exec(cell.trim())?.[1];
    if (separator === undefined) return "";
    const order = settledOrder(options.dates.order, proofs?.get(place.index) ?? null, separator);
    if (order === null) return "";
    const parts = order === "dmy" ? ["DD", "MM", "YYYY"] : ["MM", "DD", "YYYY"];
    return ` (this column is read as ${parts.join(separator)})`;
  }

  /** Only a complete date says of itself that nothing is missing at its end; a name, an address or a word cannot. */
  function isProvenWhole(cutAt: number, cells: readonly string[], proofs: DateProofs | null): boolean {
    if (mapping.statuses.some((place) => place.index === cutAt)) return false;
    if ([...mapping.ruleColumns.values()].some((place) => place.index === cutAt)) return false;
    const place = datePlaces.find((date) => date.index === cutAt);
    if (place === undefined) return false;
    const reading = dateAt(place, cells, proofs);
    return reading.kind === "day" && reading.isWhole;
  }

  return {
    read,
    dateCells,
    needsProof: (cells) => dateCells.some((index) => needsProof(cells[index] ?? "")),
    statusSeen: () => [...seen.values()],
  };
}

function headerAt(mapping: Mapping, index: number): string {
  return mapping.columns[mapping.kept[index] ?? -1]?.header ?? "";
}

function cutOff(line: number, header: string): Issue {
  return {
    code: "cut-off",
    line,
    column: header,
    message:
      `The file ends without a line end inside ${quoted(header)}, so that this cell, and with it the row, ` +
      "may have been cut off.",
    fix: "Let the export end with a line end, or put a column that is not needed last.",
  };
}

function wordsForRoles(options: RosterOptions): ReadonlyMap<string, Role> {
  const words = new Map<string, Role>();
  for (const role of ROLES) words.set(role, role);
  for (const [word, role] of Object.entries(options.role.values)) words.set(fold(word), role);
  return words;
}

interface CompiledRule {
  readonly rule: ColumnRule;
  readonly place: Place;
  fits(cells: readonly string[]): boolean;
}

function compiled(mapping: Mapping, rules: readonly ColumnRule[]): CompiledRule[] {
  return rules.map((rule) => {
    const place = mapping.ruleColumns.get(rule.column);
    if (place === undefined) throw new Error("a rule names a column that was not mapped");
    const words = new Set(rule.in.map(fold));
    return { rule, place, fits: (cells) => words.has(fold(cells[place.index] ?? "")) };
  });
}

/** Why somebody is out of scope; null when they are in. A name or an address is not quoted. */
function scopeRules(mapping: Mapping, options: RosterOptions): (cells: readonly string[]) => string | null {
  const include = compiled(mapping, options.include);
  const exclude = compiled(mapping, options.exclude);
  const privateCells = new Set(
    (["email", "firstName", "lastName", "fullName"] as const).map((field) => mapping.fields.get(field)?.index),
  );
  const shown = (place: Place, cells: readonly string[]): string => {
    const cell = (cells[place.index] ?? "").trim();
    if (privateCells.has(place.index)) return `"${place.header}" has a value`;
    return cell === "" ? `"${place.header}" is empty` : `"${place.header}" is ${quoted(cell)}`;
  };
  return (cells) => {
    for (const rule of include) {
      if (!rule.fits(cells)) return `${shown(rule.place, cells)}, and roster.include takes other values only.`;
    }
    for (const rule of exclude) {
      if (rule.fits(cells)) return `${shown(rule.place, cells)}, which roster.exclude leaves out.`;
    }
    return null;
  };
}

function fold(word: string): string {
  return word.normalize("NFC").trim().toLowerCase();
}

/** Whether any kept cell was spoilt by a spreadsheet, such as `#N/A`: its index, or null. */
export function spreadsheetErrorIn(cells: readonly string[]): number | null {
  const index = cells.findIndex((cell) => cell.startsWith("#") && isSpreadsheetError(cell));
  return index === -1 ? null : index;
}
