// Files that mean harm, or are simply enormous: each is refused early and in bounded memory, and is never half believed.

import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { link, mkdtemp, open, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROSTER_DEFAULTS } from "../../src/domain/roster-options.ts";
import { RosterRefused } from "../../src/domain/roster-refused.ts";
import { nearestHeader } from "../../src/roster/nearest.ts";
import { createRosterReader } from "../../src/roster/reader.ts";
import { codes, fingerprint, read, readFileAt } from "./reading.ts";

const HEADER = "Employee ID,First Name,Last Name,Work Email\n";
const TWO_GB = 2 * 1024 ** 3;
const MB = 1024 * 1024;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roster-hostile-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** Runs `work`; fails when it held more than so much memory at any look, or took longer than ten seconds. */
async function inBounds<T>(mostMb: number, work: () => Promise<T>): Promise<T> {
  const start = process.memoryUsage();
  let most = 0;
  const timer = setInterval(() => {
    const { heapUsed, external } = process.memoryUsage();
    most = Math.max(most, heapUsed + external - start.heapUsed - start.external);
  }, 5);
  const before = performance.now();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    expect(most).toBeLessThan(mostMb * MB);
    expect(performance.now() - before).toBeLessThan(10_000);
  }
}

describe("one line of two gigabytes", () => {
  test("of nothing is refused without reading it to its end", async () => {
    const path = await file("sparse.csv", "");
    await truncate(path, TWO_GB);
    expect(codes((await inBounds(64, () => readFileAt(path))).refused)).toEqual(["nul-bytes"]);
  });

  test("below a header is refused with its line, in UTF-8 and UTF-16", async () => {
    for (const [name, start, step] of [
      ["utf-8.csv", Buffer.from(HEADER), Buffer.alloc(MB, "a")],
      ["utf-16.csv", Buffer.from(`\ufeff${HEADER}`, "utf16le"), Buffer.from("a".repeat(MB), "utf16le")],
    ] as const) {
      const path = await file(name, Buffer.concat([start, step]));
      await truncate(path, TWO_GB);
      const { refused } = await inBounds(64, () => readFileAt(path));
      expect(refused).toMatchObject([{ code: "long-record", line: 2 }]);
    }
  });

  test("packed to two megabytes is refused before it is unpacked", async () => {
    const piece = gzipSync(Buffer.alloc(200 * MB, "a"), { level: 1 });
    const path = await file("bomb.csv.gz", piece);
    expect(codes((await inBounds(64, () => readFileAt(path))).refused)).toEqual(["long-record"]);
  });
});

describe("headers", () => {
  test("a million tiny columns are refused, not mapped", async () => {
    const text = `${Array.from({ length: 1_000_000 }, (_, index) => `c${index}`).join(",")}\n${"x,".repeat(999_999)}x\n`;
    expect(codes((await inBounds(256, () => read(text))).refused)).toEqual(["long-record"]);
  });

  test("as many columns as fit into a record are read in no time", async () => {
    const columns = 12_000;
    const names = Array.from({ length: columns }, (_, index) => `,col${index}`).join("");
    const text = `Work Email,First Name,Last Name${names}\na@corp.example,A,B${",1".repeat(columns)}\n`;
    const { employees } = await inBounds(256, () => read(text));
    expect(employees).toHaveLength(1);
  });

  test("the usual words are folded once, not for each of many columns that may be one misspelt", () => {
    const headers = Array.from({ length: 2000 }, (_, at) => `Spalte ${at}`);
    const costOf = (wanted: readonly string[]): number => {
      const before = process.cpuUsage();
      nearestHeader(wanted, headers);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const short = Array.from({ length: 100 }, (_, at) => `w${at}`);
    // The same once they are folded, which takes them long.
    const long = short.map((word) => "- ".repeat(150) + word);
    const ratios = Array.from({ length: 5 }, () => costOf(long) / costOf(short));
    expect(Math.min(...ratios)).toBeLessThan(3);
  });

  test("a header of ten megabytes is refused", async () => {
    const text = `Work Email,${"h".repeat(10 * MB)}\na@corp.example,x\n`;
    expect(codes((await inBounds(128, () => read(text))).refused)).toEqual(["long-record"]);
  });

  test("names that the language knows pollute nothing, wherever they stand", async () => {
    const text =
      "__proto__,constructor,toString,Employee ID,First Name,Last Name,Work Email\n" +
      "__proto__,constructor,x,__proto__,A,B,a@corp.example\n1,2,3,constructor,C,D,c@corp.example\n";
    const { employees } = await read(text, { columns: JSON.parse('{"__proto__":"x"}') });
    expect(employees.map(({ key }) => key)).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

test("a bomb below every ratio is read in bounded memory and given up as the noise it is", async () => {
  // Rows of noise, packed well below the ratio that is refused: they are read, and nobody is in them.
  const rows = Buffer.from(`,,,\n`.repeat(100_000).replaceAll(",,,", () => `${Math.random()},,,`));
  const packed = gzipSync(Buffer.concat([Buffer.from(HEADER), ...Array.from({ length: 3 }, () => rows)]));
  const path = await file("noise.csv.gz", packed);
  const { refused } = await inBounds(256, async () => {
    const reading = createRosterReader({ ...ROSTER_DEFAULTS, fingerprint }).open(path);
    try {
      for await (const _rows of reading.rows());
      return { refused: null };
    } catch (error) {
      if (!(error instanceof RosterRefused)) throw error;
      return { refused: error.issues };
    }
  });
  expect(codes(refused)).toContain("nothing-readable");
});

const MOST_GROWTH = 60;

test("a file that grows as fast as it is read comes to an end, refused as changed", async () => {
  const row = "E1,A,B,a@corp.example\n".repeat(20_000);
  const path = await file("growing.csv", HEADER + row);
  const writer = openSync(path, "a");
  let grown = 0;
  // It grows while every pass reads it, but not without end: a machine that is busy would read gigabytes.
  const timer = setInterval(() => {
    if (grown < MOST_GROWTH) writeSync(writer, row);
    grown += 1;
  }, 1);
  try {
    const { refused } = await inBounds(256, () => readFileAt(path));
    expect(codes(refused)).toEqual(["file-changed"]);
    expect(grown).toBeGreaterThan(0);
  } finally {
    clearInterval(timer);
    closeSync(writer);
  }
});

test("a hard link through which somebody writes on while it is read is refused as changed", async () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => `E${index},A,B,a${index}@corp.example\n`).join("");
  const path = await file("dropped.csv", HEADER + rows);
  const other = join(folder, "other-name.csv");
  await link(path, other);
  const reading = createRosterReader({ ...ROSTER_DEFAULTS, fingerprint }).open(path);
  const batches = reading.rows()[Symbol.asyncIterator]();
  await batches.next();
  const writer = await open(other, "r+");
  await writer.write("E0", HEADER.length + rows.length - 20);
  await writer.close();
  const rest = async () => {
    while ((await batches.next()).done !== true);
  };
  const error: unknown = await rest().catch((reason: unknown) => reason);
  expect(error instanceof RosterRefused ? codes(error.issues) : error).toEqual(["file-changed"]);
});

test("a file that no longer has the hash that somebody computed before is refused, and one that has it is read", async () => {
  const content = `${HEADER}E1,A,B,a@corp.example\n`;
  const path = await file("hashed.csv", content);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const read = async (known: string) => {
    const reading = createRosterReader({ ...ROSTER_DEFAULTS, fingerprint }).open(path, known);
    for await (const _ of reading.rows());
    return reading.summary();
  };
  expect(await read(sha256)).toMatchObject({ sha256, rows: 1, bytes: content.length });
  const error: unknown = await read("0".repeat(64)).catch((reason: unknown) => reason);
  expect(error instanceof RosterRefused ? codes(error.issues) : error).toEqual(["file-changed"]);
});

test("a link that a person names on the command line is read like the file itself", async () => {
  const path = await file("real.csv", `${HEADER}E1,A,B,a@corp.example\n`);
  await symlink(path, join(folder, "link.csv"));
  expect((await readFileAt(join(folder, "link.csv"))).employees).toHaveLength(1);
});

describe("employee ids", () => {
  test.each([
    ["with a terminal's control sequence", "\x1b[31mE1"],
    ["with a line break", '"E1\nE2"'],
    ["with a NUL's picture of nothing", "E\u200bE"],
    ["that turn the direction of writing", "E\u202e1"],
    ["that lost a character", "E\ufffd1"],
  ])("%s are refused with their row", async (_what, id) => {
    const { employees, issues } = await read(`${HEADER}${id},A,B,a@corp.example\nE9,C,D,c@corp.example\n`);
    expect(employees.map(({ key }) => key)).toEqual(["E9"]);
    expect(codes(issues)).toEqual(["bad-id"]);
    expect(JSON.stringify(issues).length).toBeLessThan(1000);
  });

  test.each(["=cmd|' /C calc'!A0", "+1", "../../etc/passwd", "__proto__", "a;=1", "<img src=x>"])(
    "%s is an id like any other: what shows it makes it harmless",
    async (id) => {
      const { employees } = await read(`${HEADER}"${id}",A,B,a@corp.example\n`);
      expect(employees.map(({ key }) => key)).toEqual([id]);
    },
  );
});
