// The text of the answer files that people open in Excel and scripts read. Pure text; writing it is durable.ts's part.

import type { AnswerRow, AnswerSummary } from "../app/ports.ts";

/** Without it Excel reads UTF-8 as the machine's old code page and spoils every accent. */
const BYTE_ORDER_MARK = "\uFEFF";
/** RFC 4180. */
const LINE_END = "\r\n";
const PIECE_CHARACTERS = 64 * 1024;
/** A spreadsheet runs a cell that begins like this as a formula. */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/u;

/** The lines of `<name>.<run>.result.csv`, in pieces of some 64 KB. */
export async function* answerCsv(rows: AsyncIterable<AnswerRow>): AsyncGenerator<string> {
  let piece = `${BYTE_ORDER_MARK}line,person_key,outcome,reason${LINE_END}`;
  for await (const { line, key, outcome, reason } of rows) {
    const cells = [line === null ? "" : String(line), cell(key ?? ""), cell(outcome), cell(reason)];
    piece += cells.join(",") + LINE_END;
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

/** A cell that says what `text` says and does nothing: an apostrophe keeps a formula from being one. */
function cell(text: string): string {
  const harmless = FORMULA_START.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** `<name>.<run>.result.json`. */
export function answerJson(summary: AnswerSummary): string {
  const { counts } = summary;
  const answer = {
    run: summary.run,
    file: summary.file,
    sha256: summary.sha256,
    trigger: summary.trigger,
    verdict: summary.verdict,
    because: summary.because,
    as_of: summary.asOf,
    comparison: summary.comparison,
    over_limits: summary.breaches,
    decided_by: summary.decidedBy,
    reason: summary.reason,
    counts: {
      rows: counts.rows,
      planned: counts.planned,
      unchanged: counts.unchanged,
      adopted: counts.adopted,
      skipped: counts.skipped,
      outcomes: counts.outcomes,
      open: counts.open,
    },
    started_at: summary.startedAt,
    ended_at: summary.endedAt,
  };
  return `${JSON.stringify(answer, null, 2)}\n`;
}
