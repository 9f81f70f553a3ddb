// How headers are compared, what is commonly meant by one (field-headers.ts has the words), and of what else one speaks.
// Choosing among candidates is mapping.ts.

import type { Field } from "./employee.ts";
import {
  FIRST_BESIDE,
  INVERTED,
  INVERTED_OTHERWISE,
  INVERTED_WHERE_NAMED,
  type Ranks,
  WORDS,
} from "./field-headers.ts";

/** A longer text is nobody's header, and folding it would take long. */
export const HEADER_MAX_CHARACTERS = 500;

/**
 * A header as it is compared: case, accents, spaces (also non-breaking), underscores, quotes, bracketed parts, asterisks and
 * a trailing "Required" or "Optional" do not count; `#` reads as "number". May be empty.
 */
export function foldHeader(header: string): string {
  if (header.length > HEADER_MAX_CHARACTERS) return "";
  const bare = header
    .replace(/\[[^\]]*\]|\([^)]*\)/g, " ")
    .trim()
    .replace(/\s(required|optional)$/i, "");
  return squeeze(bare);
}

function squeeze(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/#/g, "number")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** A header as it stands, but for case and the kind and number of its spaces. */
export function plainHeader(text: string): string {
  return text.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase();
}

/** All spellings under which a header may be known: itself, and what stands in its square brackets. */
export function spellings(header: string): readonly string[] {
  if (header.length > HEADER_MAX_CHARACTERS) return [];
  const found = [foldHeader(header)];
  for (const match of header.matchAll(/\[([^\]]*)\]/g)) found.push(squeeze(match[1] ?? ""));
  return found.filter((spelling) => spelling !== "");
}

export interface Meaning {
  readonly field: Field;
  /** 0 is the strongest evidence. */
  readonly rank: number;
  readonly isInverted: boolean;
}

const MEANINGS: ReadonlyMap<string, Meaning> = gather();

function gather(): Map<string, Meaning> {
  const meanings = new Map<string, Meaning>();
  for (const [field, ranks] of Object.entries(WORDS) as [Field, Ranks][]) {
    for (const [rank, words] of ranks.entries()) {
      for (const word of words) meanings.set(squeeze(word), { field, rank, isInverted: false });
    }
  }
  for (const word of INVERTED) meanings.set(squeeze(word), { field: "status", rank: 0, isInverted: true });
  for (const word of INVERTED_OTHERWISE) meanings.set(squeeze(word), { field: "status", rank: 2, isInverted: true });
  for (const word of invertedHeaders()) addAnswer(meanings, squeeze(word));
  for (const word of WORDS.status.flat()) addAnswer(meanings, squeeze(word));
  return meanings;
}

/** `Terminated Y/N` and `Active Flag` mean what they do without the last word. */
function addAnswer(meanings: Map<string, Meaning>, word: string): void {
  const meaning = meanings.get(word);
  if (meaning === undefined) return;
  for (const answer of ["flag", "yn", "yesno", "ind", "indicator"]) {
    if (!meanings.has(word + answer)) meanings.set(word + answer, { ...meaning, rank: Math.max(1, meaning.rank) });
  }
}

/** In brackets: somebody else's. */
const OTHER_PEOPLE =
  /\b(manager|mgr|line m|boss|supervisor|reports to|emergency|notfall|urgence|next of kin|spouse|partner|dependents?|beneficiary|recruiter|assistant|vorgesetzt|responsable|candidate)/i;

/** In brackets: of something else than the employment. */
const OTHER_MATTERS = /\b(benefits?|visa|insurance|badge|card)\b/i;

/** In brackets: not what counts today. A status may list its values there, which have such words in them. */
const OTHER_TIMES =
  /\b(previous|former|old|legacy|birth|maiden|probation|probezeit|trial|leave|department|dept|contract|project|parental)/i;

/** Whether words without accents speak of somebody else, such as the manager. */
export function isOfAnother(words: string): boolean {
  return OTHER_PEOPLE.test(words);
}

function isOfSomethingElse(text: string): boolean {
  return OTHER_PEOPLE.test(text) || OTHER_MATTERS.test(text) || OTHER_TIMES.test(text);
}

/** In brackets: not the work address. */
const NOT_FOR_WORK =
  /(?<!\p{L})(perso(?!neel)|priv|pessoa|prywatn|osobist|home|second|altern|other|additional|recovery|backup|particul|non[ -]work|gmail|thuis|casa)|(?<![\p{L}\d])2(nd)?(?![\p{L}\d])/iu;

/** As whole words or their beginnings, in a header that speaks of an address: another person's, a group's or a second one. */
const ANOTHER_ADDRESS =
  /\b(mgr|boss|superv|team|group|shared|support|payroll|private|prev|contact person|external|post ?(adress|anschrift|al)|mailing|mail ?stop)|^hr\b(?! sys)|\bhr *$|\b[2-9] *$/;

/** Whether a header speaks of an address that is not the one at work of the person in the row: never proposed as that. */
export function isAnotherAddress(header: string): boolean {
  if (header.length > HEADER_MAX_CHARACTERS) return true;
  const words = plainWords(header);
  return isOfSomethingElse(words) || NOT_FOR_WORK.test(words) || ANOTHER_ADDRESS.test(words);
}

const ADDRESS = /\b(e ?mails?|mail|courriel|correo|e ?post)\b|mailad/;
const ABOUT_ADDRESS = /\b(status|opt|sent|date|verified|confirmed|type|count|signature|stop|code|language|format)\b/;

/** Whether a header that nothing is known of speaks of an address, and not of one that is another one by its name. */
export function mayBeAddress(header: string): boolean {
  if (isAnotherAddress(header) || meaningOf(header) !== null) return false;
  const words = plainWords(header);
  return ADDRESS.test(words) && !ABOUT_ADDRESS.test(words);
}

/** `(not personal)` says what the address is not. */
const NOT_THAT = /\b(not?|non|nicht|keine?|pas) (?!work)\p{L}+/giu;

/** What a header is commonly taken to mean; null: nothing that we need. A personal or secondary e-mail is never the e-mail. */
export function meaningOf(header: string): Meaning | null {
  const meaning = bareMeaning(header);
  if (meaning === null || !/[[(]/.test(header)) return meaning;
  const inBrackets = [...header.matchAll(/\[([^\]]*)\]|\(([^)]*)\)/g)]
    .map((match) => match[1] ?? match[2] ?? "")
    .join(" ");
  if (OTHER_PEOPLE.test(inBrackets) || OTHER_MATTERS.test(inBrackets)) return null;
  if (meaning.field !== "status" && OTHER_TIMES.test(inBrackets)) return null;
  return meaning.field === "email" && isAnotherAddress(inBrackets.replace(NOT_THAT, "")) ? null : meaning;
}

function bareMeaning(header: string): Meaning | null {
  let best: Meaning | null = null;
  for (const spelling of spellings(header)) {
    const meaning = MEANINGS.get(spelling);
    if (meaning !== undefined && (best === null || meaning.rank < best.rank)) best = meaning;
  }
  return best;
}

const FIRST_NAME: Meaning = { field: "firstName", rank: WORDS.firstName.length, isInverted: false };

/** What each header is commonly taken to mean beside the others: `Nome` is a first name beside `Cognome`. */
export function meaningsOf(header: readonly string[]): readonly (Meaning | null)[] {
  const spelled = new Set(header.map(foldHeader));
  const firstNames = FIRST_BESIDE.filter(([, surnames]) => surnames.some((name) => spelled.has(squeeze(name))));
  return header.map((text) =>
    firstNames.some(([name]) => squeeze(name) === foldHeader(text)) ? FIRST_NAME : meaningOf(text),
  );
}

/** Headers that commonly serve a field, for suggestions. */
export function commonHeaders(field: Field): readonly string[] {
  return WORDS[field].flat();
}

/** Headers of columns that ask whether somebody has left. */
export function invertedHeaders(): readonly string[] {
  return [...INVERTED, ...INVERTED_OTHERWISE];
}

const INVERTED_SPELLINGS: ReadonlySet<string> = new Set([...invertedHeaders(), ...INVERTED_WHERE_NAMED].map(squeeze));

/** Whether a status column with such a header says "yes" of somebody who has left: also one that only the configuration takes for a status. */
export function asksWhetherGone(header: string): boolean {
  const folded = foldHeader(header);
  const bare = folded.replace(/^(is|has|account|employee|user)/, "").replace(/(yn|yesno|flag|ind|indicator)$/, "");
  return INVERTED_SPELLINGS.has(folded) || INVERTED_SPELLINGS.has(bare);
}

/** The header speaks of a number or a code ... */
const NUMBERED =
  /(?<!\p{L})(nr|no|nº|n°|num|id|code|numero|número|numéro|numer|codigo|código|codice|identifiant)(?!\p{L})|(number|nummer|(?<=\p{Ll})nr)(?!\p{L})|#/iu;

/** ... of something else than the person, or of their row. */
const OF_SOMETHING_ELSE =
  /phone|telefon|tel\b|mobil|fax|handy|zip|post|plz|country|state|region|city|street|straße|house|haus|room|raum|desk|building|site|floor|office|location|standort|cost|kosten|department|dept|abteilung|division|team|group|unit|company|firma|entity|job|position|title|stelle|manager|supervisor|vorgesetzt|role|grade|currency|language|konta|cuenta|conto|vat|badge|card|asset|seat|lfd|laufend|row|line|zeile/i;

/** Whether a header that nothing is known of may be the employee's id: for a question, never for a reading. */
export function mayBeId(header: string): boolean {
  if (header.length > HEADER_MAX_CHARACTERS || meaningOf(header) !== null || sensitiveMatter(header) !== null)
    return false;
  return NUMBERED.test(header) && !isOfSomethingElse(header) && !OF_SOMETHING_ELSE.test(header);
}

/** A name of any kind, in nine languages. */
const NAME =
  /\b(nom|nombres?|nome|naam|namn|imie|imiona|prenoms?|apellidos?|apelido|cognome|sobrenome|nazwisko|first|last)\b|name|naam|namn/;

/** What stands in a roster and is no name of a person. */
const NO_NAME =
  /mail|courriel|correo|post|phone|telef|mobil|\b(date|datum|data|fecha|day|day|tag|dia|dag|status|statut|active|title|type|gender|sex|age|hours|user|login|role|notes?|country|city|state)\b|datum|company|compan|department|location|manager|file ?name|job|position|team|username|brand|group|level|bank/;

/** How likely a header that nothing is known of has names of the people: 0 not, 1 perhaps, 2 by its words. */
export function likelyName(header: string): 0 | 1 | 2 {
  if (header.length > HEADER_MAX_CHARACTERS || meaningOf(header) !== null || sensitiveMatter(header) !== null) return 0;
  const words = plainWords(header);
  if (NUMBERED.test(header) || isOfAnother(words) || NO_NAME.test(words)) return 0;
  return NAME.test(words) ? 2 : 1;
}

const SENSITIVE: readonly (readonly [RegExp, string])[] = [
  [
    /\b((ssn|sin|nino|nin|bsn|nir|nss|pesel|cpf|curp|cpr|dni|nie|nif|tfn|tin|pps|pan|svnr|ahv)\b|ss number|ss no|soc(ial)? (sec(urity)?|insurance)|emp ?ssn|ni (no|number)|sozialvers|aadhaa?r|nric|emirates id|cuil|cnp|national (id|insurance|ident)|(government|citizen) id|tax (id|payer|number|file))/,
    "a national id",
  ],
  [
    /\b(steuer ?(id|nummer|nr)|sozialversicherung|sv (nr|nummer)|passport|reisepass|ausweis|burgerservice|numero de secu|personnummer|codice fiscale|fiscal code|aadhaar|driver s? ?licen|driving licen|identity card|id card)/,
    "a national id",
  ],
  [
    /\b(iban|bic|bank|bankverbindung|sort code|routing number|acc(oun)?t (number|no|nr)|kontonummer|credit card|card number)\b/,
    "a bank account",
  ],
  [
    /\b(salary|wages?|pay (rate|amount|grade)|(base|annual|hourly|monthly|gross|net) (pay|rate)|compensation|remuneration|earnings|bonus|gehalt|lohn|salaire|salario)\b/,
    "pay",
  ],
  [/\b(password|passwd|pwd|passwort|kennwort|passcode|mot de passe|contrasena|secret|pin)\b/, "a password"],
  [
    /\b(birth ?da(te|y)|date of birth|dob|geburtsdatum|geburtstag|date de naissance|fecha (de )?nacimiento|data (de )?nascimento|data (di )?nascita|geboortedatum|data urodzenia|fodelsedatum)\b/,
    "a birth date",
  ],
];

/** Small letters without accents, a space between words. */
export function plainWords(header: string): string {
  return header
    .normalize("NFKD")
    .replace(/ł/gi, "l")
    .replace(/\p{M}/gu, "")
    .replace(/#/g, " number ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ");
}

/** What private matter a header names, such as "pay"; null when none. Such a column is never used. */
export function sensitiveMatter(header: string): string | null {
  const words = plainWords(header);
  for (const [pattern, matter] of SENSITIVE) if (pattern.test(words)) return matter;
  return null;
}
