// The text of the answer files that people open in Excel and scripts read, and the summary read back. Pure text; writing it is
// durable.ts's part, and the rows are read back in roster/answer-rows.ts.

import type { AnswerRow, AnswerSummary } from "../app/ports.ts";
import { harmless } from "../domain/harmless-cell.ts";
import type { Breach } from "../domain/limits.ts";
import { FINAL_STATES, noCounts, type RunCounts, type RunState, type RunTrigger } from "../domain/run.ts";
import { isRunId } from "../domain/run-id.ts";

/** Without it Excel reads UTF-8 as the machine's old code page and spoils every accent. */
const BYTE_ORDER_MARK = "\uFEFF";
/** RFC 4180. */
const LINE_END = "\r\n";
const PIECE_CHARACTERS = 64 * 1024;
const TRIGGERS: readonly RunTrigger[] = ["inbox", "nightly", "command"];

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

function cell(text: string): string {
  const safe = harmless(text);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
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

/** What `answerJson` was given; null for a text that is not one of ours, or is damaged. */
export function answerFrom(text: string): AnswerSummary | null {
  const answer = objectIn(text);
  const counts = answer?.counts;
  if (answer === null || !isObject(counts) || !isObject(counts.skipped) || !isObject(counts.outcomes)) return null;
  const { run, file, sha256, trigger, verdict, started_at: startedAt, ended_at: endedAt } = answer;
  const fits =
    typeof run === "string" &&
    isRunId(run) &&
    typeof file === "string" &&
    (sha256 === null || (typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256))) &&
    TRIGGERS.some((known) => known === trigger) &&
    [...FINAL_STATES, "reading", "held", "applying"].some((known) => known === verdict) &&
    isMoment(startedAt) &&
    (endedAt === null || isMoment(endedAt)) &&
    Array.isArray(answer.over_limits) &&
    [counts.rows, counts.planned, counts.unchanged, counts.adopted, counts.open].every(isCount) &&
    [counts.skipped, counts.outcomes].every((map) => Object.values(map).every(isCount));
  if (!fits) return null;
  const known = noCounts();
  return {
    run,
    file,
    sha256,
    trigger: trigger as RunTrigger,
    verdict: verdict as RunState,
    because: textIn(answer.because),
    asOf: textIn(answer.as_of),
    comparison: textIn(answer.comparison),
    breaches: answer.over_limits as Breach[],
    decidedBy: textIn(answer.decided_by),
    reason: textIn(answer.reason),
    counts: { ...known, ...(counts as Partial<RunCounts>), outcomes: { ...known.outcomes, ...counts.outcomes } },
    startedAt: startedAt as string,
    endedAt: endedAt as string | null,
  };
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isMoment(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
