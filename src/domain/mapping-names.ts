// Which columns have the names: first and last, or one whole name; and what is asked and offered where that is open. A line
// that is offered for a name never decides by being pasted: it might swap first and last names.

import type { Field, Issue } from "./employee.ts";
import { commonHeaders, foldHeader, likelyName } from "./header-words.ts";
import { FIELD_NAMES, listed, type Nearest, SETTINGS } from "./mapping-issues.ts";
import { quoted } from "./quoting.ts";

const ASKED = -1;

/** First and last name, or else one whole name (a first name beside it helps to split it). */
export function settleNames(
  positions: Map<Field, number[]>,
  header: readonly string[],
  line: number,
  issues: Issue[],
  chosen: ReadonlyMap<number, unknown>,
  nearest: Nearest,
): void {
  // A field with two candidates is asked about already; here it counts as there.
  const placeOf = (field: Field) => (positions.has(field) ? (positions.get(field)?.[0] ?? ASKED) : undefined);
  if (placeOf("fullName") === ASKED) return;
  const first = placeOf("firstName");
  const last = placeOf("lastName");
  const full = positions.get("fullName")?.[0];
  if (full !== undefined && first !== undefined && last !== undefined && !chosen.has(full)) {
    positions.delete("fullName");
    return;
  }
  if (full === undefined && first !== undefined && last !== undefined) return;
  if (full === undefined) {
    const used = new Set([...positions.values()].flat().concat([...chosen.keys()]));
    const isBareNom = first === undefined && last !== undefined && foldHeader(header[last] ?? "") === "nom";
    issues.push(
      ...(isBareNom && !chosen.has(last)
        ? [mayBeWhole(line, (header[last] ?? "").trim())]
        : noNames(
            line,
            header,
            header.filter((_, position) => !used.has(position)),
            [first, last],
            nearest,
          )),
    );
    return;
  }
  positions.delete("lastName");
  const half = first ?? last;
  const isBareName = foldHeader(header[full] ?? "") === "name" && !chosen.has(full);
  if (half !== undefined && half !== ASKED && isBareName) {
    const other = first === undefined ? "firstName" : "lastName";
    issues.push(halfAName(line, header[half] ?? "", header[full] ?? "", other));
    positions.set("fullName", []);
  }
}

/** First and last name are missing, or one of them; one issue for each for which a column can be proposed, and otherwise one. */
function noNames(
  line: number,
  header: readonly string[],
  unused: readonly string[],
  [first, last]: readonly [number | undefined, number | undefined],
  nearest: Nearest,
): Issue[] {
  const likely = unused.filter((text) => text.trim() !== "" && likelyName(text) > 0);
  const byWords = likely.filter((text) => likelyName(text) === 2);
  const free = byWords.length > 0 ? byWords : likely;
  const spelled = likely.filter((text) => !BARE.has(foldHeader(text)));
  const missing: (readonly [Field, string])[] = [];
  if (first === undefined) missing.push(["firstName", "first names"]);
  if (last === undefined) missing.push(["lastName", "last names"]);
  const guesses = missing.map(([field]) => nearestName(field, spelled, nearest));
  if (guesses.some((near) => near !== null)) {
    return missing.map(([field, what], at) => withoutName(line, header, what, field, guesses[at] ?? null, free));
  }
  const what = missing.length === 2 ? "names" : (missing[0]?.[1] ?? "names");
  return [
    withoutName(line, header, what, missing.length === 2 ? "fullName" : (missing[0]?.[0] ?? "fullName"), null, free),
  ];
}

/** Words of their own, and no other one misspelt: the whole name, or a part of it. */
const BARE: ReadonlySet<string> = new Set(["nome", "nombre", "naam", "namn", "apelido"]);

/** Shares of the letters that may differ: what is nearer counts first. */
const STEPS = [0.1, 0.2, 0.34];

/** The header that is nearly a usual one for the field, and not as nearly one for the other name. */
function nearestName(field: Field, free: readonly string[], nearest: Nearest): string | null {
  const others = commonHeaders(field === "firstName" ? "lastName" : "firstName");
  for (const share of STEPS) {
    const near = nearest(
      commonHeaders(field),
      free.filter((text) => nearest(others, [text], share) === null),
      share,
    );
    if (near !== null) return near;
  }
  return null;
}

function withoutName(
  line: number,
  header: readonly string[],
  what: string,
  field: Field,
  near: string | null,
  free: readonly string[],
): Issue {
  const path = `roster.columns.${SETTINGS[field]}`;
  const value = near ?? free[0]?.trim();
  const others = free.map((text) => text.trim()).filter((text) => text !== value);
  const or = others.slice(0, 3).map(quoted).join(", ") || "none of the columns has them";
  return {
    code: "missing-name",
    line,
    column: null,
    message: `No column was recognised as the one with the ${what}; the columns are ${listed(header)}.`,
    fix:
      near === null
        ? "Name them in the configuration: roster.columns.first_name and roster.columns.last_name, or roster.columns.full_name."
        : `Is it ${quoted(near)}? Then correct the header, or write into the configuration: ${path}: ${quoted(near)}`,
    ...(value === undefined ? {} : { setting: { path, value, or: or + orderOf(field, value) } }),
  };
}

/** Both names in one cell, the last one first. */
const LAST_FIRST =
  /^(apellido|cognome|sobrenome|nazwisko|nachname|achternaam|efternamn|nom|lastname|surname|familienname).*(nombre|nome|imie|vorname|voornaam|fornamn|prenom|firstname|givenname)/;

/** Such a whole name is split rightly only at a comma. */
function orderOf(field: Field, header: string): string {
  return field === "fullName" && LAST_FIRST.test(foldHeader(header)) ? "; only where its cells read Last, First" : "";
}

function halfAName(line: number, half: string, whole: string, other: "firstName" | "lastName"): Issue {
  return {
    code: "half-a-name",
    line,
    column: whole,
    message: `The columns ${quoted(half)} and ${quoted(whole)} were found; ${quoted(whole)} may be the whole name or only the ${FIELD_NAMES[other]}.`,
    fix: `Write roster.columns.${SETTINGS[other]}: ${quoted(whole)} or roster.columns.full_name: ${quoted(whole)} into the configuration.`,
    setting: {
      path: `roster.columns.${SETTINGS[other]}`,
      value: whole,
      or: `roster.columns.full_name: ${quoted(whole)}`,
    },
  };
}

/** French: a last name beside a `Prénom`, and without one perhaps the whole name. */
function mayBeWhole(line: number, column: string): Issue {
  return {
    code: "missing-name",
    line,
    column: null,
    message: `No column was recognised as the one with the first names; ${quoted(column)} may be the whole name or only the last name.`,
    fix: `Name the column with the first names in the configuration, roster.columns.first_name, or write roster.columns.full_name: ${quoted(column)}`,
    setting: {
      path: "roster.columns.full_name",
      value: column,
      or: "roster.columns.first_name: the header of the column that has the first names",
    },
  };
}
