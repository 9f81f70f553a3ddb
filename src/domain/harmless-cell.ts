// Cells of answer files: a spreadsheet runs a cell that begins like a formula. Employee ids and reasons come from other people's
// systems, so such a cell is kept from being one, in a way that a program can take back.

/** Also the full-width forms, which some spreadsheets take for the plain ones. Apostrophes in front are ours, or meant as text. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/u;

/** A cell that says what `text` says and does nothing: an apostrophe in front makes it text. */
export function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** What `harmless` was given. */
export function meant(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}
