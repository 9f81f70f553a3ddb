// The rows of an answer file read back: the very form that inbox/answers.ts writes, and nothing else. A file that somebody saved
// again from a spreadsheet is often another one: it is refused rather than half understood.

import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import type { AnswerRow } from "../app/ports.ts";
import { meant } from "../domain/harmless-cell.ts";

const HEADER = ["line", "person_key", "outcome", "reason"];
const BATCH = 500;
const MAX_RECORD_BYTES = 1024 * 1024;

export class AnswerUnreadable extends Error {
  override readonly name = "AnswerUnreadable";
}

/** @throws AnswerUnreadable, also after some rows */
export async function* readAnswerRows(path: string): AsyncGenerator<readonly AnswerRow[]> {
  const parser = parse({ bom: true, record_delimiter: "\r\n", max_record_size: MAX_RECORD_BYTES });
  const reading = pipeline(createReadStream(path), parser);
  // Seen below, where the parser fails too.
  reading.catch(() => undefined);
  let isHeader = true;
  let rows: AnswerRow[] = [];
  try {
    for await (const cells of parser as AsyncIterable<readonly string[]>) {
      if (isHeader) {
        if (HEADER.join() !== cells.join()) throw new AnswerUnreadable("an answer file begins otherwise");
        isHeader = false;
        continue;
      }
      rows.push(rowFrom(cells));
      if (rows.length < BATCH) continue;
      yield rows;
      rows = [];
    }
    await reading;
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isGone || error instanceof CsvError)
      throw new AnswerUnreadable("the answer file cannot be read", { cause: error });
    throw error;
  }
  if (isHeader) throw new AnswerUnreadable("the answer file is empty");
  if (rows.length > 0) yield rows;
}

function rowFrom([line = "", key = "", outcome = "", reason = ""]: readonly string[]): AnswerRow {
  if (!/^\d*$/.test(line)) throw new AnswerUnreadable("a line number is none");
  return {
    line: line === "" ? null : Number(line),
    key: key === "" ? null : meant(key),
    outcome: meant(outcome),
    reason: meant(reason),
  };
}
