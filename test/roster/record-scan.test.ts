import fc from "fast-check";
import { expect, test } from "vitest";
import { AT_START } from "../../src/roster/lines.ts";
import { type ScannedRecord, scanRecords } from "../../src/roster/record-scan.ts";
import { BrokenCsv, parseRecords } from "../../src/roster/records.ts";

const dialect = { delimiter: ",", quote: '"' };
const maxRecordBytes = 1000;

/** Everything that decides where a record ends, in all orders; and pieces of the text that end anywhere. */
const text = fc.array(
  fc.string({
    unit: fc.constantFrom("a", "é", "1", "/", ",", ",", '"', '"', '""', "\n", "\n", "\r", "\r\n", " "),
    maxLength: 12,
  }),
  { maxLength: 12 },
);

async function* pieces(texts: readonly string[]): AsyncGenerator<Buffer> {
  // A piece may end within a character too.
  const bytes = Buffer.from(texts.join(""));
  let from = 0;
  for (const { length } of texts) {
    if (length > 0) yield bytes.subarray(from, from + length);
    from += length;
  }
  if (from < bytes.length) yield bytes.subarray(from);
}

/** All records as they are parsed; null when the parser refuses the text. */
async function parsed(texts: readonly string[]): Promise<(ScannedRecord & { hasStrayQuote: boolean })[] | null> {
  const records: (ScannedRecord & { hasStrayQuote: boolean })[] = [];
  const hasReturns = texts.join("").includes("\r");
  const layout = { dialect, hasReturns, maxRecordBytes };
  try {
    for await (const batch of parseRecords(pieces(texts), layout, AT_START, (cells, line, lastLine, hasStrayQuote) => {
      return { cells: [...cells], line, lastLine, hasStrayQuote };
    })) {
      records.push(...batch);
    }
  } catch (error) {
    if (error instanceof BrokenCsv) return null;
    throw error;
  }
  return records;
}

async function scanned(texts: readonly string[], width: number, watched: ReadonlySet<number>, wanted: string) {
  const records: ScannedRecord[] = [];
  await scanRecords(pieces(texts), maxRecordBytes, AT_START, {
    dialect,
    width,
    watched,
    matters: (bytes, from, to) => bytes.subarray(from, to).includes(wanted),
    take: (record) => void records.push(record),
  });
  return records;
}

test("the scan finds the records, cells and lines that the parser finds, however the text is cut into pieces", async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 4 }), async (texts, width) => {
      const all = await parsed(texts);
      if (all === null) return;
      const columns = new Set([...Array(width).keys()]);
      const expected = all
        .filter((record, at) => at === 0 || (record.cells.length === width && !record.hasStrayQuote))
        .map(({ cells, line, lastLine }) => ({ cells, line, lastLine }));

      expect(await scanned(texts, width, columns, "")).toEqual(expected);
    }),
    { numRuns: 3000 },
  );
});

test("the scan hands out a record only for a cell that matters, in a column that is watched", async () => {
  const texts = ["a,b,c\n1,x,x\nx,1,", "x\n", '"a,1","1",x\n', "x,x,1\n1", ",1,1"];

  const records = await scanned(texts, 3, new Set([1]), "1");

  expect(records.map(({ line }) => line)).toEqual([1, 3, 4, 6]);
});
