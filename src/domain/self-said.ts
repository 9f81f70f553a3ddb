// What a roster says of itself in lines that are no people: how many rows it has, that it ends here, that it is not the whole, or
// that those below have left. Such lines refuse a file or hold it, so only what can hardly mean anything else is believed.

/** Marks around a line, such as *** or --. */
export const MARKS = /^[\s*=_~.(-]+/;

/** Longer lines say none of this, and some of the looking grows with the square of the length. */
const MOST_CHARACTERS = 500;

const OF = "(?:of|out of|von|sur|de|di|van|z|av)";
const ROWS =
  "(?:records?|rows?|results?|entries|employees|people|workers|mitarbeiter\\p{L}*|beschäftigte\\p{L}*|personen|datensätze|salariés|empleados|registros|medewerkers|dipendenti|anställda|personer|pracowników)";
/** A number as people write it: 1200, 1,200, 1.200 or 1 200. */
const NUMBER = "(\\d{1,3}(?:[.,' \\u00A0\\u202F]\\d{3})+|\\d+)(?![\\d.,']*\\d)";

const COUNTS = new RegExp(
  `^((grand )?total|(record |row |employee |head)?count|(employees|records|rows|people|mitarbeiter|effectif)\\s*[:=]|(anzahl|antal|aantal|numero|número|liczba)( (der|de|di|van|av))?( ${ROWS})?\\s*[:=]|summe|gesamt|nombre|number of|\\d+ (record|row|employee|people)|trailer)`,
  "iu",
);
/** `Records 1-50 of 1200`, `Showing 1 to 50 of 1200 entries`. */
const RANGE = new RegExp(
  `^(?:(?:showing|displaying|${ROWS}) )*\\d+ ?(?:-|–|to|bis|à|a|t/m) ?\\d+ ${OF} ${NUMBER}(?= *(?:${ROWS})?[ .)]*$)`,
  "iu",
);
/** `Employee List (2 of 1200 records)`. */
const SOME_OF = new RegExp(`(?:^|\\()(?:showing |displaying )?\\d+ ${OF} ${NUMBER} ${ROWS}`, "iu");

/** The number of rows that a line below the people gives, where it gives just one; of a part and the whole it is the whole. */
export function countSaid(line: string): number | null {
  if (line.length > MOST_CHARACTERS) return null;
  const text = line.replace(MARKS, "").trim();
  const whole = wholeOf(text);
  if (whole !== null) return whole;
  const numbers = COUNTS.test(text) ? (text.match(/(?<![\d.,])\d+(?![\d.,]*\d)/g) ?? []) : [];
  return numbers.length === 1 ? Number(numbers[0]) : null;
}

/** Above the header a number behind a word may be a year, so more is asked of it. */
const TITLE_COUNT = new RegExp(
  `^(?:(?:grand )?total )?(?:number of )?(?:${ROWS}|headcount|count|total|(?:anzahl|antal|aantal|número de) ${ROWS}) ?[:=] ?${NUMBER}$|^${NUMBER} ${ROWS}( found)?$`,
  "iu",
);

/** The number of rows that a line above the header gives; null: none. */
export function countInTitle(line: string): number | null {
  if (line.length > MOST_CHARACTERS) return null;
  const text = line
    .replace(MARKS, "")
    .replace(/[\s=_~.)*-]+$/, "")
    .trim();
  const [, one, other] = TITLE_COUNT.exec(text) ?? [];
  const counted = one ?? other;
  return counted === undefined ? wholeOf(text) : amountOf(counted);
}

function wholeOf(text: string): number | null {
  const whole = RANGE.exec(text)?.[1] ?? SOME_OF.exec(text)?.[1];
  return whole === undefined ? null : amountOf(whole);
}

function amountOf(number: string): number {
  return Number(number.replace(/\D/g, ""));
}

const END_MARK = /^(# ?eof|eof|end of (report|file|data|list)|end[\s*=_~.)-]*$)(?!\p{L})/iu;

/** Whether a line says that the file ends with it. */
export function saysEnd(line: string): boolean {
  return END_MARK.test(line.slice(0, MOST_CHARACTERS).replace(MARKS, "").trim());
}

const PAGE =
  /^(?:page|seite|página|pagina|strona|sida)\s+(\d{1,6})\s*(?:of|von|sur|de|di|van|z|av|\/)\s*(\d{1,6})(?![\d/])/iu;

/** Which page of how many a line closes; null: it does not say. */
export function pageSaid(line: string): { readonly page: number; readonly of: number } | null {
  const [, page, of] = PAGE.exec(line.slice(0, MOST_CHARACTERS).replace(MARKS, "").trim()) ?? [];
  return page === undefined || of === undefined ? null : { page: Number(page), of: Number(of) };
}

const CUT_OFF = new RegExp(
  [
    "\\b(row|record|result|export|line)s? (limit|maximum)( (is|was|has been))? (reached|exceeded)\\b",
    `\\bonly the first \\d+ ${ROWS}`,
    "\\b(results?|rows?|records?|export|report|list|data) (is|are|was|were|has been|have been) (truncated|cut off|limited to (the first )?\\d)",
    `\\bnot all ${ROWS} (are |were )?(shown|included|exported|listed)\\b`,
    `\\btruncated at \\d+ ${ROWS}`,
  ].join("|"),
  "iu",
);
const DENIED = /[\s:=](no|false|0|n|nein|non|nee)$/i;

/** Whether a line says that rows are missing. */
export function saysCutOff(line: string): boolean {
  return line.length <= MOST_CHARACTERS && CUT_OFF.test(line) && !DENIED.test(line.trim());
}

const WHO = `(?:${ROWS}|staff|personnel|team members|users|colaboradores|pracownicy|employés)`;
const LEFT =
  "leavers|terminated|terminations|ausgeschieden|ausgeschiedene|ausgetretene|ehemalige|sortis|cessati|desligados|zwolnieni|uit dienst";
const LEFT_BEHIND = "ausgeschieden|sortis|cessati|desligados|zwolnieni|uit dienst";
const DAY = "(?:(?:\\p{L}{3,9}\\.? )?(?:19|20)\\d\\d(?:[-./]\\d+)*|\\d+[-./]\\d+[-./]\\d+)";
/** The whole line: in a longer one the word may be denied, part of a choice, or somebody's name. */
const LEAVERS = new RegExp(
  `^(?:(?:list|report|liste|lista|bericht) (?:of|der|des|de) )?(?:(?:${LEFT})(?:[ -]${WHO})?|(?:former|inactive|separated|past|resigned|retired|anciens|ex)[ -]${WHO}|${WHO} (?:${LEFT_BEHIND}))(?: (?:report|list|roster|export|only|bericht|liste))*[ :(-]*(?:${DAY}[ )–-]*)*$`,
  "iu",
);
const FILTERED =
  /^(?:filters?|prompts?|criteria)?[ :]*(?:(?:employee|worker|employment) )?status ?(?:[:=]|is|equals) ?(?:terminated|inactive|left|ausgeschieden|sorti)$/iu;

/** Whether a title or a heading says that the people below it have left. */
export function saysLeavers(line: string): boolean {
  if (line.length > MOST_CHARACTERS) return false;
  const text = line.replace(MARKS, "").replace(/[\s*=_~.:)-]+$/, "");
  return LEAVERS.test(text) || FILTERED.test(text);
}
