// One person on several rows (two positions, two contracts). Rows that agree in everything are one person and are merged
// into the first; rows that share a key or an address and disagree in anything are all left alone, and the lines are named.
// A row that could not be read agrees with no other: what it would have said is not known, so it is never merged.

import type { Employee } from "./employee.ts";
import type { PersonKey } from "./profile.ts";

/** A row as far as repetition goes. */
export interface Seen {
  readonly line: number;
  readonly key: PersonKey | null;
  readonly emailHash: string | null;
  /** Everything the row says of the person beside key and address, as one text; null when it could not be read. */
  readonly says: string | null;
}

/** A line that was taken to stand alone, or to be merged, and no longer is. */
export interface Withdrawal {
  readonly line: number;
  readonly key: PersonKey | null;
  readonly because: string;
}

export interface Repetition {
  /** The row says what an earlier one says, and no row says otherwise so far. */
  readonly isMerged: boolean;
  readonly because: string;
  readonly withdrawn: readonly Withdrawal[];
}

export interface Sightings {
  /** Notes a row. Null: nobody with its key or its address was met before. */
  meet(seen: Seen): Repetition | null;
}

/** Where a key or an address was met first. */
interface Sighting extends Seen {
  /** Lines of later rows that say the same. */
  merged: number[] | null;
  isDuplicate: boolean;
}

const FIELDS = ["first name", "last name", "role", "time zone", "status", "start date", "end date"] as const;

/** What a row says of its person, in the order of FIELDS. */
export function sayingOf({ profile, isWorking, startsOn, endsOn }: Employee): string {
  const { firstName, lastName, role, timeZone } = profile;
  return JSON.stringify([firstName, lastName, role, timeZone, isWorking, startsOn, endsOn]);
}

export function sightings(): Sightings {
  const byKey = new Map<PersonKey, Sighting>();
  const byEmail = new Map<string, Sighting>();

  return {
    meet({ line, key, emailHash, says }) {
      const sameKey = key === null ? undefined : byKey.get(key);
      const sameEmail = emailHash === null ? undefined : byEmail.get(emailHash);
      const earlier = sameKey ?? sameEmail;
      if (earlier !== undefined && sameKey === sameEmail && !earlier.isDuplicate && says !== null) {
        if (says === earlier.says) {
          earlier.merged ??= [];
          earlier.merged.push(line);
          return { isMerged: true, because: mergedBecause(earlier.line), withdrawn: [] };
        }
      }
      const sighting: Sighting = { line, key, emailHash, says, merged: null, isDuplicate: earlier !== undefined };
      if (key !== null && sameKey === undefined) byKey.set(key, sighting);
      if (emailHash !== null && sameEmail === undefined) byEmail.set(emailHash, sighting);
      if (earlier === undefined) return null;
      const withdrawn: Withdrawal[] = [];
      if (sameKey !== undefined) withdrawn.push(...withdraw(sameKey, sighting));
      if (sameEmail !== undefined && sameEmail !== sameKey) withdrawn.push(...withdraw(sameEmail, sighting));
      return { isMerged: false, because: duplicateBecause(earlier, sighting, line), withdrawn };
    },
  };
}

/** A row and all that were merged into it are taken back, once. */
function withdraw(sighting: Sighting, other: Sighting): Withdrawal[] {
  if (sighting.isDuplicate) return [];
  sighting.isDuplicate = true;
  const { key } = sighting;
  const lines = [sighting.line, ...(sighting.merged ?? [])];
  sighting.merged = null;
  return lines.map((line) => ({ line, key, because: duplicateBecause(sighting, other, line) }));
}

function mergedBecause(line: number): string {
  return `Merged with line ${line}, which says the same of this person.`;
}

/** `at`: the line that is reported; where it was merged with one of the two, all three are named. */
function duplicateBecause(earlier: Sighting, later: Sighting, at: number): string {
  const shared = earlier.key !== null && earlier.key === later.key ? "employee" : "e-mail address";
  const numbers = [...new Set([earlier.line, later.line, at])].sort((a, b) => a - b);
  const lines = numbers.length === 3 ? `${numbers[0]}, ${numbers[1]} and ${numbers[2]}` : numbers.join(" and ");
  const verdict = numbers.length === 3 ? "none of them is provisioned" : "neither is provisioned";
  return (
    `Lines ${lines} have the same ${shared}${difference(earlier, later)}; ${verdict}. ` +
    "Correct the roster so that each person stands on one line, or on lines that agree."
  );
}

/** In what two readable rows of one person disagree. Names of fields only, never values. */
function difference(earlier: Sighting, later: Sighting): string {
  if (earlier.key !== later.key) return "";
  if (earlier.says === null || later.says === null) return ", and one of them could not be read";
  const one = JSON.parse(earlier.says) as readonly unknown[];
  const other = JSON.parse(later.says) as readonly unknown[];
  const fields: string[] = FIELDS.filter((_, at) => one[at] !== other[at]);
  if (earlier.emailHash !== later.emailHash) fields.unshift("e-mail address");
  return fields.length === 0 ? "" : ` and differ in ${fields.join(", ")}`;
}
