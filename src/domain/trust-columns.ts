// The checks of trust.ts that look at columns: blanks, the columns that fields are read from, and headers gone or new.

import type { Field } from "./employee.ts";
import { foldHeader } from "./header-words.ts";
import type { Breach } from "./limits.ts";
import { FIELD_NAMES } from "./mapping-issues.ts";
import type { RosterPortrait, UsedColumn } from "./portrait.ts";
import { counted, quoted } from "./quoting.ts";
import { breach, type Earlier, last, share, smallAllowance, type TrustLimits } from "./trust-limits.ts";

/** One breach for each used column that has many more blank cells than before. */
export function blanks(now: RosterPortrait, earlier: Earlier, limits: TrustLimits): (Breach | null)[] {
  const whole = fullest(now);
  const wholeBefore = fullest(earlier.portrait);
  return now.used.map((column) => {
    const before = counterpart(column, now, earlier.portrait);
    if (before === null) return null;
    const blank = whole - column.filled;
    const blankBefore = wholeBefore - before.filled;
    const usual = Math.round((whole * blankBefore) / Math.max(1, wholeBefore));
    const { allowed, because } = smallAllowance(whole, limits.blanksPercent, limits);
    const message =
      `${quoted(column.header)} was ${share(blankBefore, wholeBefore)} blank in ${last(earlier)} and is ` +
      `${share(blank, whole)} blank in this one: ${counted(blank, "row")}; ` +
      `the limit is ${usual + allowed} (${usual} as before, and ${because}).`;
    return breach("blanks", blank, usual + allowed, message);
  });
}

/** Rows that have a proper shape: those of the fullest column. Rows of a wrong shape are issues, and not blanks everywhere. */
function fullest({ used }: RosterPortrait): number {
  return used.reduce((most, { filled }) => Math.max(most, filled), 0);
}

/** The column that served the same purpose before: by field where one column serves it, otherwise by its header too. */
function counterpart(column: UsedColumn, now: RosterPortrait, before: RosterPortrait): UsedColumn | null {
  const alike = before.used.filter(({ field }) => field === column.field);
  const isOnly =
    column.field !== null && alike.length === 1 && now.used.filter(({ field }) => field === column.field).length === 1;
  const found = isOnly ? alike[0] : alike.find(({ header }) => isSameHeader(header, column.header));
  return found ?? null;
}

/** Fields that are read from another column than before, from none, or for the first time. What the configuration names is a person's word. */
export function fieldsChanged(now: RosterPortrait, earlier: Earlier, limits: TrustLimits): Breach | null {
  const before = earlier.portrait;
  const fields = new Set<Field>();
  for (const { field } of [...before.used, ...now.used]) if (field !== null) fields.add(field);
  const changes: string[] = [];
  for (const field of fields) {
    const then = before.used.filter((column) => column.field === field);
    const today = now.used.filter((column) => column.field === field);
    if (today.length > 0 && today.every(({ isConfigured }) => isConfigured)) continue;
    const isSame =
      then.length === today.length &&
      then.every((one) => today.some((other) => isSameHeader(one.header, other.header)));
    if (isSame) continue;
    const was = then.length === 0 ? "was not read" : `was read from ${listed(then)}`;
    const is = today.length === 0 ? "is read from no column" : `is read from ${listed(today)}`;
    changes.push(`the ${FIELD_NAMES[field]} ${was} and ${is} now`);
  }
  const message =
    `Compared with ${last(earlier)}, ${changes.join("; ")}. Fields changed: ${changes.length}; the limit is ${limits.fieldsChangedCount}. ` +
    "If a new column is right, name it under roster.columns, and it is not asked about again.";
  return breach("fields-changed", changes.length, limits.fieldsChangedCount, message);
}

/** Headers that came and went, whether they are used or not: another report has other columns. */
export function columnsChanged(now: RosterPortrait, earlier: Earlier, limits: TrustLimits): Breach | null {
  const before = headersOf(earlier.portrait);
  const today = headersOf(now);
  const gone = [...before].filter(([folded]) => !today.has(folded)).map(([, header]) => header);
  const added = [...today].filter(([folded]) => !before.has(folded)).map(([, header]) => header);
  const { allowed, because } = smallAllowance(before.size, limits.columnsChangedPercent, limits);
  const parts = [
    gone.length > 0 ? `${gone.length} gone (${several(gone)})` : null,
    added.length > 0 ? `${added.length} new (${several(added)})` : null,
  ];
  const message =
    `Of the ${counted(before.size, "column")} of ${last(earlier)}: ${parts.filter((part) => part !== null).join(", ")}. ` +
    `The limit for both together is ${allowed} (${because}).`;
  return breach("columns-changed", gone.length + added.length, allowed, message);
}

/** Unused columns that may serve a field that nothing serves; new ones, so that whoever accepted one is not asked again. */
export function columnsDoubted(now: RosterPortrait, earlier: Earlier | null, limits: TrustLimits): Breach | null {
  const known = earlier === null ? new Map() : headersOf(earlier.portrait);
  const doubted = now.doubted.filter((header) => !known.has(foldHeader(header)));
  const hasStatus = now.used.some(({ field }) => field === "status");
  const message =
    `Not used, although they may say who has left, or are nearly named as a status, a date or a time zone: ${several(doubted)}. Columns in doubt: ${doubted.length}; ` +
    `the limit is ${limits.columnsDoubtedCount}. ${hasStatus ? "" : "Without a status everybody counts as working. "}If the roster has one of these under a ` +
    "misspelt name, correct its header or name it under roster.columns.";
  return breach("columns-doubted", doubted.length, limits.columnsDoubtedCount, message);
}

function headersOf({ headers }: RosterPortrait): ReadonlyMap<string, string> {
  return new Map(headers.map((header) => [foldHeader(header), header] as const).filter(([folded]) => folded !== ""));
}

function isSameHeader(one: string, other: string): boolean {
  return one === other || (foldHeader(one) !== "" && foldHeader(one) === foldHeader(other));
}

function listed(columns: readonly UsedColumn[]): string {
  return columns.map(({ header }) => quoted(header)).join(" and ");
}

const NAMED = 4;

function several(headers: readonly string[]): string {
  const more = headers.length - NAMED;
  return headers.slice(0, NAMED).map(quoted).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
