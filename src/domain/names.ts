// Names of people as Tallyfy takes them: 1 to 32 characters, no addresses of web pages (tallyfy-api.md 2.2 and section 10),
// and how a whole name is split. No name is ever part of a message.

import { NAME_MAX_CHARACTERS } from "./profile.ts";

export type NameReading =
  | {
      readonly kind: "name";
      readonly name: string;
      /** Letters and what joins words, all told by one look: no remark can stand in it. */
      readonly isOrdinary: boolean;
    }
  | { readonly kind: "bad"; readonly code: string; readonly message: string; readonly fix: string };

/** Control characters, direction overrides, private and unassigned characters, halves of pairs, and the mark of a lost character. */
const UNWANTED = /[\p{Cc}\p{Co}\p{Cs}\u2028\u2029\u200B\u202A-\u202E\u2066-\u2069\uFEFF\uFFFD]/u;

/**
 * A name that nothing can be wrong with, if it is short enough and no `PERHAPS_NO_NAME`: Latin letters in one piece each, single
 * spaces. The letters of a Mac stand at the beginning of a word only, and no word within is one that joins two people or is of a remark.
 */
const ORDINARY = ordinaryName({
  letter: "A-Za-zÀ-ÖØ-öø-ɏ",
  withinWord: "A-Za-zÀ-ÖØ-öø-şš-ŷŹ-żž-ɏ",
  notWithin: "[aA][nN][dD]|[uU][nN][dD]|[nN][oO][tT]",
});

function ordinaryName({
  letter,
  withinWord,
  notWithin,
}: Record<"letter" | "withinWord" | "notWithin", string>): RegExp {
  const word = `[${letter}][${withinWord}]*`;
  return new RegExp(`^${word}(?:(?: (?!(?:${notWithin}) )|['’-])${word})*$`);
}

/** Ordinary letters that may stand for no name all the same. */
const PERHAPS_NO_NAME = /^(not |unknown|unbekannt|inconnu|desconocid|onbekend|tbd$|to be |no name)/i;

/** What is entered where there is no name. */
const PLACEHOLDER =
  /^[\s([<-]*(n\/a|#n\/a|#ref!|#name\?|#value!|#null!|not (available|applicable|known)|unknown|unbekannt|inconnue?|desconocid[oa]|onbekend|tbd|to be (determined|announced)|no name)[\s)\]>-]*$|^[(<[]\s*(blank|leer)\s*[)>\]]$/i;

/** The same, but somebody may be called so: only where first and last name both are such words. */
const PERHAPS_PLACEHOLDER =
  /^(null|none|nil|na|n\.a\.?|nan|undefined|xx+|test|tba|blank|leer|vacant|vacancy|vacante|vakant)$/i;

/** Of a position that nobody has, or of nobody at all: words that are a name in no order. */
const NO_PERSON =
  /^((open|vacant|unfilled) (position|role|vacancy|headcount|req|requisition|seat|post|job)|new hire|to be (hired|filled|confirmed)|(test|dummy|sample) (user|account|employee|person|worker)|no e-?mail|(offene|unbesetzte|vakante|freie) (stelle|position)|poste vacant|(puesto|plaza|posto) vacante|vaga aberta|open vacature|wolny etat|vakant tjänst)$/i;

/** With which words one of these begins, or ends. */
const NO_PERSON_BEGINS =
  /^(open|vacant|unfilled|new|to be|test|dummy|sample|no|offene|unbesetzte|vakante?|freie|poste?|puesto|plaza|posto|vaga|wolny|position|role|vacancy|headcount|req|requisition|seat|post|job|hire|hired|filled|confirmed|user|account|employee|person|worker|e-?mail|stelle|vacante|aberta|vacature|etat|tjänst)$/i;

/** One look at a first name tells that most are neither. */
const NO_NAME_BEGINS = new RegExp(`${PERHAPS_PLACEHOLDER.source}|${NO_PERSON_BEGINS.source}`, "i");

/** Whether first and last name together are what is entered where there is no name, such as NULL NULL or Open Position. */
export function areNoNames(first: string, last: string): boolean {
  if (!NO_NAME_BEGINS.test(first)) return false;
  if (PERHAPS_PLACEHOLDER.test(first) && PERHAPS_PLACEHOLDER.test(last)) return true;
  return NO_PERSON_BEGINS.test(first) && (NO_PERSON.test(`${first} ${last}`) || NO_PERSON.test(`${last} ${first}`));
}

/** Two people in one cell: `Ana & Bo`, `Ana / Bo`; `s/o` and `a/l` between names are none. */
const TWO_PEOPLE = /&|\s\/\s|\s\+\s|(?<!\bvon)\s(and|und)\s/i;

/** In the midst of a word, what letters of a Mac become: JŸrgen, BjŠrk. */
const OF_A_MAC = /\p{L}Ÿ\p{Ll}|\p{Ll}[ŠŽ]\p{Ll}/u;

/**
 * UTF-8 that was read as Windows-1252 and saved so; a question mark for a letter that an encoding did not have; signs where
 * Windows-1250 has letters of Poland (Stanis³aw); what a web page writes for a sign (O&#39;Brien).
 */
const SPOILT =
  /\p{L}[§¼½¾¿¯£¤¥¦¬‡†ˆ]|[§¹²³¼½¾¿¯£¤¥¦¬]\p{L}|&(?:#x?[\dA-Fa-f]+|[A-Za-z]{2,8});|[ÂÃ][\u0080-\u00BF€‚ƒ„…†‡ˆ‰‹‘’“”•–—˜™›]|[ÄÅÆÇÈÉÐÑØ][\u0080-\u00BF]|\p{L}\?|\?\p{L}/u;

const WEB_ADDRESS = /:\/\/|^www\.|@|\S\.(com|net|org|io|info|biz|edu|gov|dev|app|example)(\/|\s|$)/i;

/** Reads one name. `what`: "first name" or "last name", for the messages. Length is counted in characters (code points) after NFC. */
export function readName(cell: string, what: string, tooLong: "report" | "shorten"): NameReading {
  if (cell.length <= NAME_MAX_CHARACTERS && ORDINARY.test(cell) && !PERHAPS_NO_NAME.test(cell)) {
    return { kind: "name", name: cell, isOrdinary: true };
  }
  const name = tidy(cell);
  if (name === "") return bad("empty-name", `The ${what} is empty.`, "Enter it in the HR system and export again.");
  if (PLACEHOLDER.test(name)) {
    return bad(
      "no-name",
      `The ${what} is a word that stands for no name.`,
      "Enter the name in the HR system and export again.",
    );
  }
  if (UNWANTED.test(name)) {
    const message = `The ${what} contains control characters, invisible marks or a lost character.`;
    return bad("bad-name", message, "Enter it again in the HR system, by hand, and export again.");
  }
  if (!/\p{L}/u.test(name)) {
    return bad("bad-name", `The ${what} has no letter in it.`, "Tallyfy needs a name; enter one in the HR system.");
  }
  if (SPOILT.test(name) || OF_A_MAC.test(name)) {
    const message = `The ${what} was spoilt on its way, as by a wrong encoding (it has letters or signs such as Ã¶, ³ or ?).`;
    return bad(
      "spoilt-name",
      message,
      "Correct it in the HR system; or export again in UTF-8, or name the file's encoding: roster.encoding, such as windows-1250.",
    );
  }
  if (TWO_PEOPLE.test(name)) {
    const message = `The ${what} seems to name two people.`;
    return bad("two-people", message, "Give each of them a row of their own in the HR system.");
  }
  if (WEB_ADDRESS.test(name)) {
    const message = `The ${what} looks like a web or e-mail address, which Tallyfy refuses.`;
    return bad("bad-name", message, "Correct it in the HR system, or see whether the columns are shifted.");
  }
  const characters = Array.from(name);
  if (characters.length <= NAME_MAX_CHARACTERS) return { kind: "name", name, isOrdinary: false };
  if (tooLong === "shorten") return { kind: "name", name: shortened(characters), isOrdinary: false };
  return bad(
    "long-name",
    `The ${what} has ${characters.length} characters; Tallyfy takes at most ${NAME_MAX_CHARACTERS}.`,
    "Shorten it in the HR system, or set roster.names.too_long: shorten",
  );
}

/** NFC, outer spaces off, inner runs of spaces (also non-breaking) as one space. */
function tidy(text: string): string {
  return text
    .normalize("NFC")
    .replace(/[\p{Zs}\t]+/gu, " ")
    .trim();
}

/** As many whole words as fit, or else the first characters; never between a letter and its combining mark. */
function shortened(characters: readonly string[]): string {
  let end = NAME_MAX_CHARACTERS;
  while (end > 1 && /^[\p{M}\u200C\u200D]/u.test(characters[end] ?? "")) end -= 1;
  const cut = characters.slice(0, end).join("");
  const space = cut.lastIndexOf(" ");
  const endsWord = characters[end] === " ";
  return (space > 0 && !endsWord ? cut.slice(0, space) : cut).trim();
}

function bad(code: string, message: string, fix: string): NameReading {
  return { kind: "bad", code, message, fix };
}

/** In which order a whole name without a comma has its two names. */
export type NameOrder = "auto" | "first-last" | "last-first";

export interface SplitName {
  readonly first: string;
  readonly last: string;
}

const SUFFIX =
  /^(jr|sr|ii|iii|iv|2nd|3rd|4th|ph\.?d|m\.?d|esq|mba|rn|cpa|cfa|dds|dvm|jd|llm|msc|bsc|m\.sc|b\.sc|phr|pmp)\.?$/i;

/** Whether behind the last name itself stands a suffix, such as Jr. or MBA. */
export function endsWithSuffix(lastName: string): boolean {
  const words = lastName.trim().split(/[ ,]/);
  return words.length > 1 && SUFFIX.test(words.at(-1) ?? "");
}

/** Before a name, and no part of it. */
const TITLE =
  /^([Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof|[Hh]err|[Ff]rau|[Mm]me|[Mm]lle|[Ss]ra?|[Dd]ott|[Ii]ng|med|phil|rer|nat|habil)\.$|^[Dd]ipl\.-\p{L}+\.$|^([MD]r|Mrs|Ms|Prof|Herr|Frau|Mme|Mlle)$/u;

/** In a name as some exports write it: son or daughter of. */
const KINSHIP = /\b[sdawm]\/[oplb]\b/gi;

/** Marks and words that no split is safe beside: two people, a remark, a list, two last names joined, a name at birth. */
const MARKED = /[/;*|<>]|(^|\s)[-–—]+(\s|$)|\s(y|i|e|née?|geb\.?|geborene?|épouse|nacida|z domu|nata|født|född)\s/u;

const PARTICLES = new Set(
  "van von vom der den de del della di da dos das do du la le los las el al bin binti ibn ben ter ten te zu zum zur af av st. san santa mac mc ní nic o'"
    .split(" ")
    .concat(["d'", "d’", "'t"]),
);

/** Particles with which no first name begins; of others, only written small. */
const NEVER_FIRST = new Set("von vom der den del della des dos du ter ten zum zur de d' d’ 't st.".split(" "));

/**
 * Splits a whole name; null when that leaves a doubt. Brackets (ids, remarks) are dropped, and so is `id`, the row's own; any other
 * number is a doubt, and so are two people. "Last, First" is split at the comma, a "Jr." stays with the last name. Otherwise the last name begins at the
 * first particle (van der Berg, de la Cruz) or is the last word; in Chinese, Japanese and Korean script it is the first. A name of one
 * word, or that begins or ends with a particle, or has its last name in front in capitals, is a doubt. With `last-first` the last name is in front. Titles are left out. `firstName`, where a column has it, settles the question.
 */
export function splitName(
  cell: string,
  firstName: string | null,
  id = "",
  order: NameOrder = "auto",
): SplitName | null {
  const whole = withoutId(tidy(cell.replace(/\([^)]*\)|\[[^\]]*\]/g, " ")), id.trim());
  if (hasNumber(whole) || TWO_PEOPLE.test(whole) || MARKED.test(whole.replace(KINSHIP, ""))) return null;
  const parts = whole
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const suffix = parts.length > 1 && SUFFIX.test(parts.at(-1) ?? "") ? ` ${parts.pop()}` : "";
  if (parts.length > 2) return null;
  if (parts.length === 2) return { first: parts[1] ?? "", last: (parts[0] ?? "") + suffix };

  const titled = (parts[0] ?? "").split(" ");
  const begin = titled.findIndex((word) => !TITLE.test(word));
  const words = titled.slice(Math.max(0, begin));
  const name = words.join(" ");
  const known = firstName === null ? "" : tidy(firstName);
  if (known !== "" && known.length < name.length) {
    if (name.startsWith(`${known} `)) return { first: known, last: name.slice(known.length + 1) + suffix };
    if (name.endsWith(` ${known}`)) return { first: known, last: name.slice(0, -known.length - 1) + suffix };
  }
  if (order === "last-first") return splitLastFirst(words, suffix);
  if (words.length < 2 || beginsWithParticle(words[0] ?? "")) return null;
  if (isLastNameFirst(words)) return null;
  const ending = words.at(-1) ?? "";
  if (ending === ending.toLowerCase() && PARTICLES.has(ending)) return null;
  if (/^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}ー々 ]+$/u.test(name)) {
    return { first: words.slice(1).join(" "), last: words[0] ?? "" };
  }
  const end = SUFFIX.test(words.at(-1) ?? "") && words.length > 2 ? words.length - 1 : words.length;
  let start = words.findIndex((word, at) => at > 0 && at < end - 1 && PARTICLES.has(word.toLowerCase()));
  if (start === -1) start = end - 1;
  return { first: words.slice(0, start).join(" "), last: words.slice(start).join(" ") + suffix };
}

/** `Ruiz Ana`, `van der Berg Anna`; of more words nothing says where the last name ends. */
function splitLastFirst(words: readonly string[], suffix: string): SplitName | null {
  const end = words.findIndex((word) => !PARTICLES.has(word.toLowerCase())) + 1;
  if (end === 0 || end !== words.length - 1) return null;
  return { first: words[end] ?? "", last: words.slice(0, end).join(" ") + suffix };
}

/** `RUIZ Ana`: capitals throughout mark the last name, here in front. Not where all is in capitals but a `Mc` or a `Jr.`, nor of initials. */
function isLastNameFirst(words: readonly string[]): boolean {
  const last = words.filter((word) => !SUFFIX.test(word)).at(-1) ?? "";
  return /^\p{Lu}[\p{Lu}'’-]{3,}$/u.test(words[0] ?? "") && /^\p{Lu}\p{Ll}+$/u.test(last);
}

/** At the beginning of a bracket beside a name, as some systems write it, or before the name. */
const LEFT =
  /[([]\s*(terminated|inactive|ended|former|retired|resigned|deceased|ausgeschieden|ausgetreten|left(?=\s*[\d)\]]| on | in ))(?!\p{L})|^\W*(do not use)\b/iu;

/** The words beside a name that say of somebody who has left that they have; null: none. Never more than those words. */
export function leavingRemark(cell: string): string | null {
  const [, inBracket, before] = LEFT.exec(cell) ?? [];
  return inBracket ?? before ?? null;
}

/** Whether a whole name has a number in it that is neither in brackets, nor `id`, nor a suffix such as 3rd. */
export function hasNumberInName(cell: string, id: string): boolean {
  return hasNumber(withoutId(tidy(cell.replace(/\([^)]*\)|\[[^\]]*\]/g, " ")), id.trim()));
}

function hasNumber(name: string): boolean {
  return (
    /\p{N}/u.test(name) && name.split(/[ ,]/).some((word) => /\p{N}/u.test(word) && !/^\d(st|nd|rd|th)$/i.test(word))
  );
}

/** `Ana Ruiz - 1001`, `1001 Ana Ruiz` and `Ruiz, Ana #1001` without the number and the marks around it. */
function withoutId(name: string, id: string): string {
  if (id === "" || !/\p{N}/u.test(id) || !name.includes(id)) return name;
  return name
    .split(" ")
    .map((word) =>
      word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") === id ? (word.endsWith(",") ? "," : "") : word,
    )
    .filter((word) => /[\p{L}\p{N},]/u.test(word))
    .join(" ")
    .replace(/^[ ,]+|[ ,]+$/g, "");
}

function beginsWithParticle(word: string): boolean {
  const small = word.toLowerCase();
  return NEVER_FIRST.has(small) || (word === small && PARTICLES.has(small));
}
