// Records of a roster that are no people: blank rows, a header once more, a second header with labels, footers, headings, examples.
// Each is named in the reading; none is guessed to be a person, and nobody with an address is guessed to be a footer. A header with its
// columns in another order is none of these: below it nothing could be read right.

import { isAsOfLine } from "./as-of.ts";
import type { ColumnReading, Field } from "./employee.ts";
import { foldHeader, meaningOf } from "./header-words.ts";
import { countSaid, MARKS, pageSaid, saysCutOff, saysLeavers } from "./self-said.ts";

export type Aside = "blank" | "repeated-header" | "labels" | "footer" | "heading" | "example" | "rule";

const FOOTER =
  /^((grand |sub)?totals?|total[ea]s?|totaal|run by|prompts?\s*:|filters?\s*:|criteria|confidential|(record |row |employee |head)?count|(employees|records|rows|people|mitarbeiter|anzahl|effectif)\s*[:=]|summe|gesamt|nombre|page \d+|seite \d+|report (generated|run|date|as of)|generated (on|at|by)|printed (on|at)|end( of (report|file|data|list|page))?(?! ?\p{L})|number of (records|rows|employees)|\d+ (records?|rows?|employees|people)\b|# ?eof|eof|trailer)(?!\p{L})/iu;

/** What stands alone in a row below the people; somebody's name may begin so, too, where more is filled. */
const FOOTER_ALONE =
  /^(vertraulich|confiden[tc]i\p{L}*|bozza|entwurf|draft|©|\(c\) ?\d|copyright|source|quelle|notes?|remarks?|legend|filters? applied|exported|created|prepared|printed|data as of|erstellt|gedruckt|exportiert|(rapport|report|informe|relatório|raport|lista?|liste) (généré|édité|generad[oa]|gerado|wygenerowan\p{L}*)|généré|édité|imprimé|generad[oa]|impreso|emitid[oa]|gerado|impresso|gegenereerd|afgedrukt|stampato|generato|wygenerowan[oey]|wydrukowan[oey]|utskriven|skapad|ende der|fin (du|de|del)|fine (del|elenco)|koniec|slut på|suma|somma|soma|razem|summa|\d+ (mitarbeiter\p{L}*|salariés|empleados|medewerkers|dipendenti|anställda|pracowników))(?!\p{L})|^.{0,30}\b(report|export|list) (generated|created|printed)\b/iu;

/** Templates show how a row is meant. Only the first cell may be the bare word: elsewhere somebody may be called so. */
const EXAMPLE_FIRST =
  /^\s*\(?((example|exemple|ejemplo|esempio|voorbeeld|beispiel)(\s*[:.\d)-]|\s*$)|(e\.\s?g\.|z\.\s?b\.|p\.\s?ex\.)\s*(:|\s\d))/i;
const EXAMPLE = /^\s*\(?(example|exemple|ejemplo|esempio|voorbeeld|beispiel|e\.\s?g\.|z\.\s?b\.|p\.\s?ex\.)\s*:/i;

/** Examples stand above the people: further down somebody may be called so. */
const EXAMPLES_WITHIN = 20;

function isExample(cells: readonly string[], isNearTop: boolean): boolean {
  return isNearTop && (EXAMPLE_FIRST.test(cells[0] ?? "") || cells.some((cell) => EXAMPLE.test(cell)));
}

/** Control-Z, with which old systems end a file. */
const END_OF_TEXT = "\u001a";

/** A line drawn below a header or above a total. */
const RULE = /^\s*[-=_*+]{2,}\s*$/;

/** Two exports, one below the other. */
export const MOVED_HEADER = "moved-header";
/** One cell with a text in a row of blanks, such as the name of a department: nobody can be read, and it is no footer either. */
export const LONE_CELL = "lone-cell";
const LONE_AMONG = 4;
/** So many words of headers in columns that we need are no accident. */
const HEADER_WORDS = 3;

/** Tells what a record is, if it is no person. `columns` is how the header was understood. */
export function asideReader(
  header: readonly string[],
  columns: readonly ColumnReading[],
): (cells: readonly string[]) => Aside | typeof MOVED_HEADER | typeof LONE_CELL | null {
  const idAt = columns.findIndex((column) => column.field === "employeeId");
  const emailAt = columns.findIndex((column) => column.field === "email");
  const mapped: [number, Field][] = [];
  for (const [position, column] of columns.entries()) if (column.field !== null) mapped.push([position, column.field]);
  const folded = header.map(foldHeader);
  const ours = new Map(mapped.map(([position, field]) => [folded[position], field]));

  /** What each cell below a mapped column would mean as a header. */
  function meanings(cells: readonly string[]): (Field | undefined)[] {
    return mapped.map(([position]) => {
      const cell = cells[position] ?? "";
      return ours.get(foldHeader(cell)) ?? meaningOf(cell)?.field;
    });
  }

  /** A header that is not the table's: with each name above its own column, or not. */
  function otherHeader(cells: readonly string[]): "labels" | typeof MOVED_HEADER | null {
    const meant = meanings(cells);
    const isOwn = (at: number) => meant[at] === mapped[at]?.[1];
    const inPlace = meant.filter((_, at) => isOwn(at)).length;
    if (meant.filter((field) => field !== undefined).length >= HEADER_WORDS) {
      // Named above another column than its own, and not above its own as well.
      const isMoved = (field: Field | undefined, at: number) =>
        !isOwn(at) && mapped.some(([, own], place) => own === field && !isOwn(place));
      if (meant.some(isMoved)) return MOVED_HEADER;
      if (emailAt === -1 && inPlace >= HEADER_WORDS) return "labels";
    }
    const saysEmail = emailAt !== -1 && meant[mapped.findIndex(([position]) => position === emailAt)] === "email";
    return saysEmail && inPlace >= 2 ? "labels" : null;
  }

  let asked = 0;
  return (cells) => {
    const hasAddress = (cells[emailAt] ?? "").includes("@");
    asked += 1;
    const isNearTop = asked <= EXAMPLES_WITHIN;
    if (hasAddress) return isExample(cells, isNearTop) ? "example" : null;
    const filled = cells.filter((cell) => cell.trim() !== "" && cell.trim() !== END_OF_TEXT);
    if (filled.length === 0) return "blank";
    if (filled.every((cell) => RULE.test(cell))) return "rule";
    const first = (filled[0] ?? "").trim();
    if (isExample(cells, isNearTop)) return "example";
    // Without a column of addresses a person has little more than a footer: an id among three cells is a person's.
    const mayBePerson = emailAt === -1 && filled.length === 3 && /\d/.test(cells[idAt] ?? "");
    if (filled.length <= 3 && !mayBePerson && (FOOTER.test(first.replace(MARKS, "")) || isAsOfLine(filled.join(" "))))
      return "footer";
    if (filled.length === 1 && FOOTER_ALONE.test(first.slice(0, 200).replace(MARKS, ""))) return "footer";
    if (filled.length <= 3 && first.startsWith("©")) return "footer";
    if (filled.length === 1 && (countSaid(first) !== null || pageSaid(first) !== null || saysCutOff(first)))
      return "footer";
    if (filled.length === 1 && saysLeavers(first)) return "heading";
    if (cells.length === header.length && cells.every((cell, at) => foldHeader(cell) === folded[at])) {
      return "repeated-header";
    }
    const isLone =
      filled.length === 1 && (cells.length === header.length || cells.length === 1) && header.length >= LONE_AMONG;
    // An id alone is somebody of whom the rest is missing.
    if (isLone && ((cells[idAt] ?? "").trim() === "" || /[\s:]/.test(first))) return LONE_CELL;
    return otherHeader(cells);
  };
}

const SAID: Readonly<Record<Aside, string>> = {
  blank: "This row is blank",
  "repeated-header": "This is the header once more",
  labels: "This is a second header with labels",
  footer: "This looks like a footer (a total, a count, a page or the end of a report)",
  heading: "This looks like a heading for people who have left",
  rule: "This is a drawn line",
  example: "This is an example, as templates have them",
};

export function asideMessage(aside: Aside): string {
  return `${SAID[aside]}; it was not taken for a person.`;
}
