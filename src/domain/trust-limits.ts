// What the checks of trust.ts share: their limits, how much may differ, and how shares are written.

import type { Day } from "./day.ts";
import type { Breach } from "./limits.ts";
import type { RosterPortrait } from "./portrait.ts";

export type TrustCheck =
  | "rows-fewer"
  | "rows-more"
  | "people-gone"
  | "issues"
  | "blanks"
  | "fields-changed"
  | "columns-changed"
  | "columns-doubted"
  | "trailer-count"
  | "trailer-gone"
  | "as-of-older"
  | "as-of-ahead"
  | "as-of-gone"
  | "rows-shrunk";

export interface TrustLimits {
  /** Rows, people, cells or columns that may always differ, up to half of what is compared. */
  readonly toleratedCount: number;
  readonly rowsFewerPercent: number;
  readonly rowsMorePercent: number;
  readonly rowsMoreCount: number;
  readonly peopleGonePercent: number;
  readonly issuesPercent: number;
  /** Percentage points. */
  readonly blanksPercent: number;
  readonly fieldsChangedCount: number;
  readonly columnsChangedPercent: number;
  readonly columnsDoubtedCount: number;
  readonly trailerCountDifference: number;
  readonly isTrailerRequired: boolean;
  readonly asOfOlderDays: number;
  readonly asOfAheadDays: number;
  readonly isAsOfRequired: boolean;
  /** Of the largest roster that was accepted within so many days. */
  readonly shrunkPercent: number;
  readonly shrunkDays: number;
}

export const TRUST_DEFAULTS: TrustLimits = {
  toleratedCount: 10,
  rowsFewerPercent: 10,
  rowsMorePercent: 25,
  rowsMoreCount: 50,
  peopleGonePercent: 10,
  issuesPercent: 10,
  blanksPercent: 10,
  fieldsChangedCount: 0,
  columnsChangedPercent: 50,
  columnsDoubtedCount: 0,
  trailerCountDifference: 0,
  isTrailerRequired: true,
  asOfOlderDays: 0,
  asOfAheadDays: 1,
  isAsOfRequired: true,
  shrunkPercent: 20,
  shrunkDays: 60,
};

/** The last accepted roster. */
export interface Earlier {
  readonly fileName: string;
  readonly acceptedOn: Day;
  readonly portrait: RosterPortrait;
}

export interface Allowance {
  readonly allowed: number;
  /** How it came about. */
  readonly because: string;
}

/** The larger of `percent` of `base` and `count`. */
export function allowance(base: number, percent: number, count: number): Allowance {
  const byPercent = Math.floor((base * percent) / 100);
  if (byPercent >= count) return { allowed: byPercent, because: `${percent} % of ${base}` };
  return { allowed: count, because: `${count}, because ${percent} % of ${base} is less` };
}

/** The same, where the count is at most half of the base. */
export function smallAllowance(base: number, percent: number, { toleratedCount }: TrustLimits): Allowance {
  const half = Math.ceil(base / 2);
  if (half >= toleratedCount || Math.floor((base * percent) / 100) >= half) {
    return allowance(base, percent, Math.min(toleratedCount, half));
  }
  return { allowed: half, because: `half of ${base}` };
}

/** A breach where more was counted than is allowed. */
export function breach(limit: TrustCheck, count: number, allowed: number, message: string): Breach | null {
  return count > allowed ? { limit, counted: count, allowed, message } : null;
}

/** As sentences name the last accepted roster. */
export function last({ fileName, acceptedOn }: Earlier): string {
  return `the last accepted roster (${fileName}, ${acceptedOn})`;
}

/** `64 %`; nothing is rounded to none or all. */
export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) return "0 %";
  const percent = Math.round((part * 100) / whole);
  if (percent === 0) return "less than 1 %";
  return percent >= 100 && part < whole ? "more than 99 %" : `${percent} %`;
}
