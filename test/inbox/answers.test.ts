import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import type { AnswerRow, AnswerSummary } from "../../src/app/ports.ts";
import { noCounts } from "../../src/domain/run.ts";
import { createRosterFiles } from "../../src/inbox/roster-files.ts";
import { openScene } from "./scene.ts";

const RUN = "20261123-214544-3f9a";
const CSV = `outbox/monday.csv.${RUN}.result.csv`;
const JSON_FILE = `outbox/monday.csv.${RUN}.result.json`;

const SUMMARY: AnswerSummary = {
  run: RUN,
  file: "monday.csv",
  sha256: "ab".repeat(32),
  trigger: "inbox",
  verdict: "closed",
  because: null,
  asOf: "2026-11-23",
  comparison: "Compared with friday.csv.",
  breaches: [{ limit: "rows-fewer", counted: 40, allowed: 10, message: "40 fewer." }],
  decidedBy: "root",
  reason: "a site was closed",
  counts: { ...noCounts(), rows: 3, skipped: { "out-of-scope": 2 } },
  startedAt: "2026-11-23T21:45:44.000Z",
  endedAt: null,
};

async function* stream(rows: Iterable<AnswerRow>): AsyncGenerator<AnswerRow> {
  yield* rows;
}

function row(reason: string, key: string | null = "E1"): AnswerRow {
  return { line: 2, key, outcome: "rejected", reason };
}

async function answer(rows: Iterable<AnswerRow>) {
  const scene = await openScene();
  const files = createRosterFiles(scene.dataDir, scene.dataId);
  await files.answer("monday.csv", RUN, stream(rows), SUMMARY);
  return { ...scene, files };
}

describe("the CSV answer", () => {
  it("has a byte order mark for Excel, a header, and one line for each row", async () => {
    const { text } = await answer([
      { line: 2, key: "E1", outcome: "applied", reason: "" },
      { line: null, key: null, outcome: "unreadable", reason: "März" },
    ]);
    expect(await text(CSV)).toBe("\uFEFFline,person_key,outcome,reason\r\n2,E1,applied,\r\n,,unreadable,März\r\n");
  });

  it("is read back by a CSV reader as it was meant, quotes and line breaks included", async () => {
    const reasons = ['says "no", twice', "two\nlines", "a\r\nb", "comma, semicolon;"];
    const { text } = await answer(reasons.map((reason) => row(reason)));
    const records: string[][] = parse(await text(CSV), { bom: true, record_delimiter: "\r\n" });
    expect(records.slice(1).map((record) => record[3])).toEqual(reasons);
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1+1"])(
    "turns no cell like %j into a formula",
    async (evil) => {
      const { text } = await answer([row(evil, evil)]);
      const records: string[][] = parse(await text(CSV), { bom: true, record_delimiter: "\r\n" });
      expect(records[1]).toEqual(["2", `'${evil}`, "rejected", `'${evil}`]);
    },
  );

  it("is written row by row: 300,000 rows do not gather in memory", async () => {
    let most = 0;
    function* many(): Generator<AnswerRow> {
      const start = process.memoryUsage().heapUsed;
      for (let line = 2; line < 300_002; line += 1) {
        if (line % 1000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - start);
        yield { line, key: `E${line}`, outcome: "applied", reason: "a reason of some length, as they are ".repeat(4) };
      }
    }
    const { dataDir } = await answer(many());
    const written = await readFile(join(dataDir, CSV));
    expect(written.length).toBeGreaterThan(45_000_000);
    expect(written.subarray(-8).toString()).toMatch(/\r\n$/);
    expect(most).toBeLessThan(60_000_000);
  });
});

describe("the JSON answer", () => {
  it("has the counts and the verdict, in snake case", async () => {
    const { text } = await answer([]);
    expect(JSON.parse(await text(JSON_FILE))).toEqual({
      run: RUN,
      file: "monday.csv",
      sha256: "ab".repeat(32),
      trigger: "inbox",
      verdict: "closed",
      because: null,
      as_of: "2026-11-23",
      comparison: "Compared with friday.csv.",
      over_limits: [{ limit: "rows-fewer", counted: 40, allowed: 10, message: "40 fewer." }],
      decided_by: "root",
      reason: "a site was closed",
      counts: {
        rows: 3,
        planned: 0,
        unchanged: 0,
        adopted: 0,
        skipped: { "out-of-scope": 2 },
        outcomes: { applied: 0, already: 0, stale: 0, rejected: 0, exhausted: 0 },
        open: 0,
      },
      started_at: "2026-11-23T21:45:44.000Z",
      ended_at: null,
    });
  });
});

describe("writing the answers", () => {
  it("again replaces them", async () => {
    const { files, text, list } = await answer([row("first")]);
    await files.answer("monday.csv", RUN, stream([row("second")]), SUMMARY);
    expect(await text(CSV)).not.toContain("first");
    expect(await list("outbox")).toHaveLength(2);
  });

  it("that breaks off leaves the earlier answer whole and nothing half", async () => {
    const { files, text, list } = await answer([row("first")]);
    async function* broken(): AsyncGenerator<AnswerRow> {
      yield row("second");
      throw new Error("Redis is away");
    }
    await expect(files.answer("monday.csv", RUN, broken(), SUMMARY)).rejects.toThrow("Redis is away");
    expect(await text(CSV)).toContain("first");
    expect(await list("outbox")).toHaveLength(2);
  });

  it("never leaves the outbox, whatever the roster is called", async () => {
    const { files, dataDir } = await answer([]);
    for (const name of [
      "../../evil.csv",
      "..\\evil.csv",
      "/etc/evil.csv",
      "..",
      "",
      `${"x".repeat(250)}.csv`,
      "a\nb.csv",
    ]) {
      await files.answer(name, RUN, stream([]), SUMMARY);
    }
    const names = await readdir(join(dataDir, "outbox"));
    expect(names.filter((name) => name.startsWith("evil.csv."))).toHaveLength(2);
    expect(names.filter((name) => name.startsWith("roster."))).toHaveLength(2);
    expect(names.filter((name) => name.startsWith("a_b.csv."))).toHaveLength(2);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThan(255);
    expect((await readdir(dataDir)).sort()).toEqual([
      ".data-id",
      "archive",
      "inbox",
      "outbox",
      "processing",
      "refused",
    ]);
  });

  it("accepts no run id that could lead elsewhere", async () => {
    const { files } = await answer([]);
    await expect(files.answer("monday.csv", "../x", stream([]), SUMMARY)).rejects.toThrow(/run id/);
  });
});
