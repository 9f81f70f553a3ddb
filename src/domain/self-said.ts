// What a roster says of itself in lines that are no people: how many rows it has, that it ends here, that it is not the whole, or
// that those below have left.

/** Marks around a line, such as *** or --. */
export const MARKS = /^[\s*=_~.(-]+/;

const COUNTS =
  /^((grand )?total|(record |row |employee |head)?count|(employees|records|rows|people|mitarbeiter|effectif)\s*[:=]|(anzahl|antal|aantal|numero|número|liczba)(?! \d)[^\d:=]{0,24}[:=]|summe|gesamt|nombre|number of|\d+ (record|row|employee|people)|trailer)/iu;
const END_MARK = /^(# ?eof|eof|end of (report|file|data|list)|end[\s*=_~.)-]*$)(?!\p{L})/iu;

const [TO, OF] = ["(?:-|–|to|bis|à|a|t/m)", "(?:of|out of|von|sur|de|di|van|z|av)"];
const PEOPLE = "(?:records?|rows?|results?|entries|employees|people|workers|users|items|mitarbeiter)";
/** `Records 1-50 of 1200`, `2 of 1200 records`. */
const PART_OF_ALL = new RegExp(
  `(?<!\\d)(?:\\d+ ?${TO} ?)\\d+ ${OF} (?<of>\\d+)(?!\\d)|(?<!\\d)\\d+ ${OF} (?<all>\\d+) ${PEOPLE}`,
  "iu",
);

/** Above the header a number behind a word may be a year, so more is asked of it. */
const TITLE_COUNT = new RegExp(
  `^(?:(?:grand )?total )?(?:number of )?(?:${PEOPLE}|headcount|count|total|(?:anzahl|antal|aantal)[^\\d:=]{0,24}) ?[:=] ?(\\d+)$|^(\\d+) ${PEOPLE}( found)?$`,
  "iu",
);

/** The number of rows that a line above the header gives; null: none. */
export function countInTitle(line: string): number | null {
  const text = line
    .replace(MARKS, "")
    .replace(/[\s=_~.)*-]+$/, "")
    .trim();
  if (text.length > 500) return null;
  const [, one, other] = TITLE_COUNT.exec(text) ?? [];
  const counted = one ?? other;
  return counted !== undefined ? Number(counted) : wholeOf(text);
}

/** `Records 1-50 of 1200`: the whole; null: no such line. */
function wholeOf(text: string): number | null {
  const { of, all } = PAGE.test(text) ? {} : (PART_OF_ALL.exec(text)?.groups ?? {});
  const whole = of ?? all;
  return whole === undefined ? null : Number(whole);
}

/** The number of rows that a line gives, where it gives just one; of a part and the whole it is the whole. Null: none. */
export function countSaid(line: string): number | null {
  const text = line.replace(MARKS, "").trim();
  if (text.length > 500) return null;
  const whole = wholeOf(text);
  if (whole !== null) return whole;
  const numbers = COUNTS.test(text) ? (text.match(/(?<![\d.,])\d+(?![\d.,]*\d)/g) ?? []) : [];
  return numbers.length === 1 ? Number(numbers[0]) : null;
}

/** Whether a line says that the file ends with it. */
export function saysEnd(line: string): boolean {
  return END_MARK.test(line.replace(MARKS, "").trim());
}

const PAGE =
  /^(?:page|seite|página|pagina|strona|sida)\s+(\d{1,6})\s*(?:of|von|sur|de|di|van|z|av|\/)\s*(\d{1,6})(?!\d)/iu;

/** Which page of how many a line closes; null: it does not say. */
export function pageSaid(line: string): { readonly page: number; readonly of: number } | null {
  const [, page, of] = PAGE.exec(line.replace(MARKS, "").trim()) ?? [];
  return page === undefined || of === undefined ? null : { page: Number(page), of: Number(of) };
}

const CUT_OFF =
  /(row|record|result|export|line)s?('s)? (limit|maximum)( (is|was|has been))?( reached| exceeded)|only the first \d+|(results?|rows?|records?|export|report|list|data) (is|are|was|were|has been|have been) (limited|truncated|cut off)|not all (rows|records|results|employees)|truncated at/i;

/** Whether a line says that rows are missing. */
export function saysCutOff(line: string): boolean {
  return line.length < 500 && CUT_OFF.test(line);
}

const LEAVERS =
  /(?<!\p{L})(leavers?|terminated|terminations?|ex-?employees|(former|inactive|separated|past) (employees|workers|staff|people|users|team members)|ausgeschiedene?r?|ausgetretene?r?|ehemalige|sortis|anciens (employés|salariés)|bajas|ceses|ex-?empleados|uit dienst|cessati|desligados|zwolnieni)(?!\p{L})/iu;
const NOT_LEAVERS =
  /(?<!\p{L})(not?|non|excl\p{L}*|exclud\p{L}*|without|ohne|sans|sin|senza|zonder|exceto|except|but)(?!\p{L})|!=|<>|[:=]\s*(no|false|0)\b/iu;

/** The word by which a title or a heading says that the people below it have left; null: it does not. */
export function leaversSaid(line: string): string | null {
  if (line.length > 500 || NOT_LEAVERS.test(line)) return null;
  return LEAVERS.exec(line)?.[0] ?? null;
}
