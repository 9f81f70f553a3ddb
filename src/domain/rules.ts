// Rules over the values of columns: who is in scope, and which role a person gets. Case and outer spaces do not matter.

import type { Mapping, Place } from "./mapping.ts";
import type { Note } from "./note.ts";
import { ROLES, type Role } from "./profile.ts";
import { isPrivate, quoted } from "./quoting.ts";
import type { ColumnRule, RosterOptions } from "./roster-options.ts";

function wordsForRoles(options: RosterOptions): ReadonlyMap<string, Role> {
  const words = new Map<string, Role>();
  for (const role of ROLES) words.set(role, role);
  for (const [word, role] of Object.entries(options.role.values)) words.set(foldWord(word), role);
  return words;
}

interface CompiledRule {
  readonly rule: ColumnRule;
  readonly place: Place;
  fits(cells: readonly string[]): boolean;
}

/** Rules bound to the kept cells of a mapping. */
function compiled(mapping: Mapping, rules: readonly ColumnRule[]): CompiledRule[] {
  return rules.map((rule) => {
    const place = mapping.ruleColumns.get(rule.column);
    if (place === undefined) throw new Error("a rule names a column that was not mapped");
    const words = new Set(rule.in.map(foldWord));
    return { rule, place, fits: (cells) => words.has(foldWord(cells[place.index] ?? "")) };
  });
}

/** Why somebody is out of scope; null when they are in. A name or an address is not quoted. */
export function scopeRules(mapping: Mapping, options: RosterOptions): (cells: readonly string[]) => string | null {
  const include = compiled(mapping, options.include);
  const exclude = compiled(mapping, options.exclude);
  const privateCells = new Set(
    (["email", "firstName", "lastName", "lastNamePrefix", "fullName"] as const).map(
      (field) => mapping.fields.get(field)?.index,
    ),
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

function foldWord(word: string): string {
  return word.normalize("NFC").trim().toLowerCase();
}

/** Reads the role of a row: its role column, else the first rule that fits, else the default. Null: an issue was noted. */
export function roleReader(
  mapping: Mapping,
  options: RosterOptions,
): (cells: readonly string[], note: Note) => Role | null {
  const place = mapping.fields.get("role");
  const words = wordsForRoles(options);
  const rules = compiled(mapping, options.role.rules);

  function ruled(cells: readonly string[]): Role | undefined {
    if (rules.length === 0) return undefined;
    return options.role.rules[rules.findIndex((rule) => rule.fits(cells))]?.role;
  }

  return (cells, note) => {
    const cell = place === undefined ? "" : (cells[place.index] ?? "").trim();
    const named = cell === "" ? null : words.get(foldWord(cell));
    if (named === undefined) {
      const message = `The role is ${quoted(cell)}, which is not known here.`;
      if (isPrivate(cell)) {
        note(place, "unknown-role", message, "See whether the columns of the row are shifted.");
        return null;
      }
      note(place, "unknown-role", message, "Add it under roster.role.values in the configuration, or correct it.", {
        path: "roster.role.values",
        value: [cell, "standard"],
        or: "light, admin",
      });
      return null;
    }
    const role = named ?? ruled(cells) ?? options.role.default;
    if (role !== "admin" || options.role.allowAdmin) return role;
    const message = "The person would become an administrator in Tallyfy, and the configuration does not allow that.";
    note(place, "admin-not-allowed", message, "Give them another role, or set roster.role.allow_admin: true");
    return null;
  };
}
