// Work addresses built from other columns, for exports that have none: `{first}.{last}@corp.example`. How a letter is written
// in an address is the organisation's own custom, so only what is beyond doubt is done here: accents go (é becomes e), capitals
// become small, spaces, apostrophes and full stops go, hyphens stay. For ä ö ü å ø æ œ ß ł đ ð þ, and for every letter that is
// not Latin, configuration must say how they are written; without that the row is reported, never guessed.

import { endsWithSuffix } from "./names.ts";

/** What the parts of a pattern stand for. */
export interface PatternParts {
  readonly first: string;
  readonly last: string;
  readonly id: string;
}

export type BuiltEmail =
  | { readonly kind: "built"; readonly text: string }
  /** `letters`: nothing says how they are written; none where showing them might show a name. */
  | { readonly kind: "doubt"; readonly letters: readonly string[] }
  /** A suffix such as Jr., which addresses may have or not. */
  | { readonly kind: "suffix" }
  /** A part of the pattern has nothing left in it. */
  | { readonly kind: "empty" };

const PLACEHOLDER = /\{([a-z]+)\}/g;
const KNOWN = ["first", "last", "f", "l", "id"];
const LITERALS = /^[a-z0-9._+-]*$/;

/** Letters whose plain form differs from language to language. */
const DOUBTFUL = new Set("äöüå");
const DROPPED = /^[\s'’‘ʼ´`.]$/u;

/** Whether a text is a pattern: at least one of {first} {last} {f} {l} {id} before the @, and a plain domain after it. */
export function isEmailPattern(text: string): boolean {
  const [local, domain, ...more] = text.split("@");
  if (local === undefined || domain === undefined || more.length > 0) return false;
  const names = [...local.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "");
  const isPlain = LITERALS.test(local.replace(PLACEHOLDER, ""));
  const isDomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(domain);
  return names.length > 0 && names.every((name) => KNOWN.includes(name)) && isPlain && isDomain;
}

/** Builds the address of one person. `letters`: how the organisation writes single letters, such as "ü" as "ue". */
export function buildEmail(
  pattern: string,
  parts: PatternParts,
  letters: Readonly<Record<string, string>>,
): BuiltEmail {
  if (endsWithSuffix(parts.last)) return { kind: "suffix" };
  const written: Record<string, string> = {};
  const doubts: (readonly string[])[] = [];
  for (const part of ["first", "last", "id"] as const) {
    if (!uses(pattern, part)) continue;
    const plain = part === "id" ? plainId(parts.id) : plainName(parts[part], letters);
    if (plain === "") return { kind: "empty" };
    if (typeof plain === "string") written[part] = plain;
    else doubts.push(plain.doubts);
  }
  if (doubts.length > 0)
    return { kind: "doubt", letters: doubts.includes(NONE_SHOWN) ? NONE_SHOWN : [...new Set(doubts.flat())] };
  const text = pattern.replace(PLACEHOLDER, (_, name: string) => {
    if (name === "f") return (written.first ?? "").slice(0, 1);
    return name === "l" ? (written.last ?? "").slice(0, 1) : (written[name] ?? "");
  });
  return { kind: "built", text };
}

function uses(pattern: string, part: "first" | "last" | "id"): boolean {
  return pattern.includes(`{${part}}`) || (part !== "id" && pattern.includes(`{${part.slice(0, 1)}}`));
}

/** Letters that nothing says how to write; none where one of them is of another script, which might show a name. */
type Plain = string | { readonly doubts: readonly string[] };

const NONE_SHOWN: readonly string[] = [];

function plainId(id: string): Plain {
  const small = id.trim().toLowerCase();
  return /^[a-z0-9._-]*$/.test(small) ? small : { doubts: NONE_SHOWN };
}

function plainName(name: string, letters: Readonly<Record<string, string>>): Plain {
  let plain = "";
  const doubts: string[] = [];
  for (const letter of name.normalize("NFC").trim().toLowerCase()) {
    const written = Object.hasOwn(letters, letter) ? letters[letter] : plainLetter(letter);
    if (written !== undefined) plain += written;
    else if (/\p{sc=Latin}/u.test(letter)) doubts.push(letter);
    else return { doubts: NONE_SHOWN };
  }
  return doubts.length > 0 ? { doubts } : plain;
}

function plainLetter(letter: string): string | undefined {
  if (/^[a-z0-9-]$/.test(letter)) return letter;
  if (DROPPED.test(letter)) return "";
  if (DOUBTFUL.has(letter)) return undefined;
  const bare = letter.normalize("NFD").replace(/\p{M}/gu, "");
  return /^[a-z]$/.test(bare) ? bare : undefined;
}
