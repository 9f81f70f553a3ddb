// One person on several rows (two positions, two contracts). Rows that agree in everything are one person and are merged
// into the first; rows that share a key or an address and disagree in anything are all left alone, and the lines are named.
// A row that could not be read agrees with no other: what it would have said is not known, so it is never merged.
// Everybody of a roster is remembered here, so it is kept compactly, and exactly: nothing is concluded from a hash alone.

import { finder, numbers, prints, texts } from "./compact.ts";
import type { Employee } from "./employee.ts";
import type { PersonKey } from "./profile.ts";

/** A row as far as repetition goes. */
export interface Seen {
  readonly line: number;
  readonly key: PersonKey | null;
  readonly emailHash: string | null;
  /** Everything the row says of the person beside key and address; null when it could not be read. */
  readonly says: Saying | null;
}

/** What a row says, in two texts: names differ from person to person, the rest is the same for many. */
export interface Saying {
  readonly names: string;
  readonly rest: string;
}

/** A line that was taken to stand alone, or to be merged, and no longer is. */
export interface Withdrawal {
  readonly line: number;
  readonly key: PersonKey | null;
  readonly because: string;
  /** What was decided for it: as given to `decided`; null for a line that was merged. */
  readonly mark: number | null;
}

export interface Repetition {
  /** The row says what an earlier one says, and no row says otherwise so far. */
  readonly isMerged: boolean;
  readonly because: string;
  readonly withdrawn: readonly Withdrawal[];
}

export interface Meeting {
  /** For `decided`. */
  readonly place: number;
  /** Null: nobody with its key or its address was met before. */
  readonly repetition: Repetition | null;
}

export interface Sightings {
  /** Notes a row. */
  meet(seen: Seen): Meeting;
  /** Remembers what was decided for a row that was met, should it be taken back: a number from 0 to 255. */
  decided(place: number, mark: number): void;
}

const FIELDS = ["first name", "last name", "role", "time zone", "status", "start date", "end date"] as const;

/** What a row says of its person. */
export function sayingOf({ profile, isWorking, startsOn, endsOn }: Employee): Saying {
  const { firstName, lastName, role, timeZone } = profile;
  return {
    // The length tells where one name ends.
    names: `${firstName.length} ${firstName}${lastName}`,
    rest: `${role}\n${timeZone ?? ""}\n${isWorking}\n${startsOn ?? ""}\n${endsOn ?? ""}`,
  };
}

/** In the order of FIELDS. */
function fieldsOf({ names, rest }: Saying): readonly string[] {
  const space = names.indexOf(" ");
  const lastNameAt = space + 1 + Number(names.slice(0, space));
  return [names.slice(space + 1, lastNameAt), names.slice(lastNameAt), ...rest.split("\n")];
}

export function sightings(): Sightings {
  // By place: a row that was met first with its key or its address.
  const lines = numbers();
  const keys = numbers();
  const emails = prints();
  const hasEmail = numbers();
  const names = numbers();
  const rests = numbers();
  const marks = numbers();
  const kept = texts();
  const byKey = finder((place, key) => kept.is(keys.get(place), key));
  const byEmail = finder((place, emailHash) => emails.is(place, emailHash));
  const restNumbers = new Map<string, number>();
  const restTexts: string[] = [];
  /** Lines of later rows that say the same. */
  const merged = new Map<number, number[]>();
  let count = 0;

  /** @param isDuplicate whether it is known from the start that the row does not stand alone */
  function note({ line, key, emailHash, says }: Seen, isDuplicate: boolean): number {
    const place = count;
    count += 1;
    lines.set(place, line);
    if (key !== null) keys.set(place, kept.keep(key));
    if (emailHash !== null) {
      emails.set(place, emailHash);
      hasEmail.set(place, 1);
    }
    if (says !== null) {
      names.set(place, kept.keep(says.names));
      let number = restNumbers.get(says.rest);
      if (number === undefined) {
        number = restTexts.push(says.rest) - 1;
        restNumbers.set(says.rest, number);
      }
      rests.set(place, number);
    }
    if (isDuplicate) marks.set(place, DUPLICATE);
    return place;
  }

  function seenAt(place: number): Seen {
    const textOr = (address: number) => (address === 0 ? null : kept.read(address));
    const said = textOr(names.get(place));
    const says = said === null ? null : { names: said, rest: restTexts[rests.get(place)] ?? "" };
    const emailHash = hasEmail.get(place) === 1 ? emails.read(place) : null;
    return { line: lines.get(place), key: textOr(keys.get(place)), emailHash, says };
  }

  function saysTheSame(place: number, says: Saying | null): boolean {
    if (says === null || names.get(place) === 0) return false;
    return restTexts[rests.get(place)] === says.rest && kept.is(names.get(place), says.names);
  }

  /** A row and all that were merged into it are taken back, once. */
  function withdraw(place: number, later: Seen): Withdrawal[] {
    const mark = marks.get(place);
    if (mark === DUPLICATE) return [];
    marks.set(place, DUPLICATE);
    const earlier = seenAt(place);
    const { line, key } = earlier;
    const others = merged.get(place) ?? [];
    merged.delete(place);
    const first = { line, key, because: duplicateBecause(earlier, later, line), mark: mark === 0 ? null : mark - 1 };
    return [
      first,
      ...others.map((other) => ({ line: other, key, because: duplicateBecause(earlier, later, other), mark: null })),
    ];
  }

  return {
    meet(seen) {
      const { line, key, emailHash, says } = seen;
      const sameKey = key === null ? -1 : byKey.find(key);
      const sameEmail = emailHash === null ? -1 : byEmail.find(emailHash);
      const earlier = sameKey === -1 ? sameEmail : sameKey;
      if (earlier !== -1 && sameKey === sameEmail && marks.get(earlier) !== DUPLICATE && saysTheSame(earlier, says)) {
        const others = merged.get(earlier);
        if (others === undefined) merged.set(earlier, [line]);
        else others.push(line);
        const because = mergedBecause(lines.get(earlier));
        return { place: earlier, repetition: { isMerged: true, because, withdrawn: [] } };
      }
      const place = note(seen, earlier !== -1);
      if (key !== null && sameKey === -1) byKey.add(key, place);
      if (emailHash !== null && sameEmail === -1) byEmail.add(emailHash, place);
      if (earlier === -1) return { place, repetition: null };
      const because = duplicateBecause(seenAt(earlier), seen, line);
      const withdrawn: Withdrawal[] = [];
      if (sameKey !== -1) withdrawn.push(...withdraw(sameKey, seen));
      if (sameEmail !== -1 && sameEmail !== sameKey) withdrawn.push(...withdraw(sameEmail, seen));
      return { place, repetition: { isMerged: false, because, withdrawn } };
    },

    decided(place, mark) {
      if (marks.get(place) !== DUPLICATE) marks.set(place, mark + 1);
    },
  };
}

/** Among the marks, which are kept one higher so that 0 is none. */
const DUPLICATE = 1000;

function mergedBecause(line: number): string {
  return `Merged with line ${line}, which says the same of this person.`;
}

/** `at`: the line that is reported; where it was merged with one of the two, all three are named. */
function duplicateBecause(earlier: Seen, later: Seen, at: number): string {
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
function difference(earlier: Seen, later: Seen): string {
  if (earlier.key !== later.key) return "";
  if (earlier.says === null || later.says === null) return ", and one of them could not be read";
  const one = fieldsOf(earlier.says);
  const other = fieldsOf(later.says);
  const fields: string[] = FIELDS.filter((_, at) => one[at] !== other[at]);
  if (earlier.emailHash !== later.emailHash) fields.unshift("e-mail address");
  return fields.length === 0 ? "" : ` and differ in ${fields.join(", ")}`;
}
