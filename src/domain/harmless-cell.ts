// Cells of answer files: a spreadsheet runs a cell that begins like a formula. Employee ids and reasons come from other people's
// systems, so such a cell is kept from being one, in a way that a program can take back.

/** Also the full-width forms, which some spreadsheets take for the plain ones. Apostrophes in front are ours, or meant as text. */
const FORMULA_FIRST = "'*[=+\\-@\\t\\r\\n＝＋－＠]";
const FORMULA_WITHIN = "'*[=+\\-@＝＋－＠]";
/**
 * A spreadsheet set up for another country takes semicolons for the separator, and quotes in the middle of what it then takes for
 * a cell for nothing: a cell may begin in the middle of ours.
 */
const SEPARATOR = "[;|\\t\\r\\n]";

const DANGER = new RegExp(`^(?=${FORMULA_FIRST})|(?<=${SEPARATOR})(?=${FORMULA_WITHIN})`, "gu");
const DEFUSED = new RegExp(`^'(?=${FORMULA_FIRST})|(?<=${SEPARATOR})'(?=${FORMULA_WITHIN})`, "gu");

/** A text that says what `text` says and does nothing in a spreadsheet: an apostrophe in front makes it text. */
export function harmless(text: string): string {
  return text.replace(DANGER, "'");
}

/** What `harmless` was given. */
export function meant(cell: string): string {
  return cell.replace(DEFUSED, "");
}
