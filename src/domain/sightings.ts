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
}

/** Everything a row says of its person beside key and address. */
export type Saying = Pick<Employee, "profile" | "isWorking" | "startsOn" | "endsOn">;

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

export interface Sightings {
  /** Notes a row; `says` is null when it could not be read. Answers null when nobody with its key or its address was met before. */
  meet(seen: Seen, says: Saying | null): Repetition | null;
  /** Remembers what was decided for the row that was met last, should it be taken back: a number from 0 to 255. */
  decided(mark: number): void;
}

const FIELDS = ["first name", "last name", "role", "time zone", "status", "start date", "end date"] as const;

/** What a row says beside names, in the order of FIELDS: the same for many. */
type Rest = readonly [string, string | null, boolean, string | null, string | null];

/** What is remembered of a row. */
interface Remembered extends Seen {
  /** In the order of FIELDS; null when it could not be read. */
  readonly said: readonly unknown[] | null;
}

export function sightings(): Sightings {
  // By place: a row that was met first with its key or its address.
  const lines = numbers();
  const keys = numbers();
  const emails = prints();
  const hasEmail = numbers();
  /** Addresses of first and last name together; 0 for a row that could not be read. */
  const names = numbers();
  const rests = numbers();
  const marks = numbers();
  const kept = texts();
  const byKey = finder((place, key) => kept.is(keys.get(place), key));
  const byEmail = finder((place, emailHash) => emails.is(place, emailHash), emails.hash);
  const restNumbers = combinations();
  const restsSaid: Rest[] = [];
  /** Lines of later rows that say the same. */
  const merged = new Map<number, number[]>();
  let count = 0;
  let last = 0;

  function restNumber({ profile, isWorking, startsOn, endsOn }: Saying): number {
    const { role, timeZone } = profile;
    const number = restNumbers(role, timeZone, isWorking, endsOn, startsOn);
    if (number === restsSaid.length) restsSaid.push([role, timeZone, isWorking, startsOn, endsOn]);
    return number;
  }

  /** @param isDuplicate whether it is known from the start that the row does not stand alone */
  function note({ line, key, emailHash }: Seen, says: Saying | null, isDuplicate: boolean): number {
    const place = count;
    count += 1;
    lines.set(place, line);
    if (key !== null) keys.set(place, kept.keep(key));
    if (emailHash !== null) {
      emails.set(place, emailHash);
      hasEmail.set(place, 1);
    }
    if (says !== null) {
      names.set(place, kept.keepBoth(says.profile.firstName, says.profile.lastName));
      rests.set(place, restNumber(says));
    }
    if (isDuplicate) marks.set(place, DUPLICATE);
    return place;
  }

  function rememberedAt(place: number): Remembered {
    const key = keys.get(place);
    const name = names.get(place);
    const rest = restsSaid[rests.get(place)] ?? [];
    return {
      line: lines.get(place),
      key: key === 0 ? null : kept.read(key),
      emailHash: hasEmail.get(place) === 1 ? emails.read(place) : null,
      said: name === 0 ? null : [...kept.readBoth(name), ...rest],
    };
  }

  function saysTheSame(place: number, says: Saying | null): boolean {
    const name = names.get(place);
    if (says === null || name === 0) return false;
    const { firstName, lastName } = says.profile;
    return rests.get(place) === restNumber(says) && kept.areBoth(name, firstName, lastName);
  }

  /** A row and all that were merged into it are taken back, once. */
  function withdraw(place: number, later: Remembered): Withdrawal[] {
    const mark = marks.get(place);
    if (mark === DUPLICATE) return [];
    marks.set(place, DUPLICATE);
    const earlier = rememberedAt(place);
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
    meet(seen, says) {
      const { line, key, emailHash } = seen;
      const sameKey = key === null ? -1 : byKey.find(key);
      const sameEmail = emailHash === null ? -1 : byEmail.find(emailHash);
      const earlier = sameKey === -1 ? sameEmail : sameKey;
      if (earlier !== -1 && sameKey === sameEmail && marks.get(earlier) !== DUPLICATE && saysTheSame(earlier, says)) {
        const others = merged.get(earlier);
        if (others === undefined) merged.set(earlier, [line]);
        else others.push(line);
        return { isMerged: true, because: mergedBecause(lines.get(earlier)), withdrawn: [] };
      }
      last = note(seen, says, earlier !== -1);
      if (key !== null && sameKey === -1) byKey.add(key, last);
      if (emailHash !== null && sameEmail === -1) byEmail.add(emailHash, last);
      if (earlier === -1) return null;
      const later = rememberedAt(last);
      const because = duplicateBecause(rememberedAt(earlier), later, line);
      const byItsKey = sameKey === -1 ? [] : withdraw(sameKey, later);
      const byItsEmail = sameEmail === -1 || sameEmail === sameKey ? [] : withdraw(sameEmail, later);
      return { isMerged: false, because, withdrawn: [...byItsKey, ...byItsEmail] };
    },

    decided(mark) {
      if (marks.get(last) !== DUPLICATE) marks.set(last, mark + 1);
    },
  };
}

type Words = readonly [unknown, unknown, unknown, unknown, unknown];

/** Numbers from 0 for combinations of words, each found by one look for each word and without making a text of them. */
function combinations(): (...words: Words) => number {
  type Branch = Map<unknown, Branch | number>;
  const root: Branch = new Map();
  // Where the first four words led last: mostly they are the same once more.
  let before: Words | null = null;
  let last = root;
  let count = 0;

  function branchAt(branch: Branch, word: unknown): Branch {
    const known = branch.get(word);
    if (known instanceof Map) return known;
    const grown: Branch = new Map();
    branch.set(word, grown);
    return grown;
  }

  return (...words) => {
    const [one, two, three, four, five] = words;
    if (before === null || one !== before[0] || two !== before[1] || three !== before[2] || four !== before[3]) {
      last = branchAt(branchAt(branchAt(branchAt(root, one), two), three), four);
      before = words;
    }
    const known = last.get(five);
    if (typeof known === "number") return known;
    last.set(five, count);
    count += 1;
    return count - 1;
  };
}

/** Among the marks, which are kept one higher so that 0 is none. */
const DUPLICATE = 1000;

function mergedBecause(line: number): string {
  return `Merged with line ${line}, which says the same of this person.`;
}

/** `at`: the line that is reported; where it was merged with one of the two, all three are named. */
function duplicateBecause(earlier: Remembered, later: Remembered, at: number): string {
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
function difference(earlier: Remembered, later: Remembered): string {
  if (earlier.key !== later.key) return "";
  const one = earlier.said;
  const other = later.said;
  if (one === null || other === null) return ", and one of them could not be read";
  const fields: string[] = FIELDS.filter((_, at) => one[at] !== other[at]);
  if (earlier.emailHash !== later.emailHash) fields.unshift("e-mail address");
  return fields.length === 0 ? "" : ` and differ in ${fields.join(", ")}`;
}
