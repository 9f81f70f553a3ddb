// The fast way through a text says exactly what csv-parse says of it: the same records on the same lines, or the same refusal.

import fc from "fast-check";
import { expect, test } from "vitest";
import { AT_START } from "../../src/roster/lines.ts";
import { readRecords } from "../../src/roster/plain-records.ts";
import { BrokenCsv, parseRecords } from "../../src/roster/records.ts";

const dialects = fc.record({ delimiter: fc.constantFrom(",", ";", "\t", "|"), quote: fc.constantFrom('"', "'") });

/** `,` and `"` stand for the separator and the quote of the dialect. */
const wild = fc.string({
  unit: fc.constantFrom("a", "é", "€", "𝄞", " ", ",", ",", '"', '"', '""', "\n", "\n", "\r", "\r\n", "'", "|"),
  maxLength: 40,
});
const cell = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("", "a", "Zoë", "№ 5", "b c") },
  { weight: 3, arbitrary: fc.constantFrom('"a,b"', '""', '"Zoë"', '"a b"') },
  { weight: 1, arbitrary: fc.constantFrom('"a""b"', 'a"b', '"a\nb"', '"a\r\nb"', '"a"b', '"', "a\rb") },
);
const line = fc.array(cell, { minLength: 1, maxLength: 5 }).map((cells) => cells.join(","));
const tame = fc
  .tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([lines, end, isEnded]) => lines.join(end) + (isEnded ? end : ""));
const texts = fc.oneof(
  wild,
  tame,
  fc.tuple(tame, wild, tame).map((some) => some.join("\n")),
);

interface Told {
  readonly records: unknown[];
  readonly refusal: readonly [kind: string, line: number] | null;
}

async function told(
  read: typeof parseRecords,
  text: string,
  cuts: readonly number[],
  { delimiter, quote }: { delimiter: string; quote: string },
  maxRecordBytes: number,
): Promise<Told> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    let from = 0;
    for (const cut of [...cuts, bytes.length]) {
      const to = Math.min(bytes.length, from + cut);
      if (to > from) yield bytes.subarray(from, to);
      from = to;
    }
  }
  const layout = { dialect: { delimiter, quote }, hasReturns: text.includes("\r"), maxRecordBytes };
  const records: unknown[] = [];
  try {
    for await (const batch of read(pieces(), layout, AT_START, (...record) => [[...record[0]], ...record.slice(1)])) {
      records.push(...batch);
    }
    return { records, refusal: null };
  } catch (error) {
    if (error instanceof BrokenCsv) return { records: [], refusal: [error.kind, error.line] };
    throw error;
  }
}

test("the same records, lines and refusals, whatever the text and wherever its pieces end", async () => {
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }),
      dialects,
      async (shape, cuts, dialect) => {
        const text = shape.replaceAll(/[,"]/g, (mark) => (mark === "," ? dialect.delimiter : dialect.quote));
        const fast = await told(readRecords, text, cuts, dialect, 2_000);
        expect(fast).toEqual(await told(parseRecords, text, cuts, dialect, 2_000));
      },
    ),
    { numRuns: 2_000 },
  );
}, 60_000);

test("a long text of which much is not plain, or which has no line feed, is left to the parser on the way", async () => {
  const dialect = { delimiter: ",", quote: '"' };
  const plain = 'a,"b, c",d\n'.repeat(600);
  const odd = 'a,"b ""c""",d\n'.repeat(600);
  const long = `a,"${"x\n".repeat(80)}",d\n`;
  for (const text of [plain + odd + plain, odd + plain, plain + long + plain, "a,b\r".repeat(400_000)]) {
    const cuts = Array.from({ length: 40 }, (_, at) => 1_000 + at * 37);
    const fast = await told(readRecords, text, cuts, dialect, 2 ** 20);
    expect(fast.refusal).toBeNull();
    expect(fast).toEqual(await told(parseRecords, text, cuts, dialect, 2 ** 20));
  }
}, 60_000);

test("a record that is too long is refused on its line, plain or not", async () => {
  const dialect = { delimiter: ",", quote: '"' };
  const long = "x".repeat(1_200);
  for (const record of [
    `a,${long}`,
    `a,"${long}"`,
    `a,"${long}""",b`,
    `"a\n${long}"`,
    `"${"a\n".repeat(600)}"`,
    `"${long}`,
  ]) {
    for (const end of ["", "\n", "\nc,d\n"]) {
      const text = `a,b\n"c",d\n${record}${end}`;
      const fast = await told(readRecords, text, [700, 300, 400], dialect, 1_000);
      expect(fast.refusal?.[1]).toBe(3);
      expect(fast).toEqual(await told(parseRecords, text, [700, 300, 400], dialect, 1_000));
    }
  }
});
