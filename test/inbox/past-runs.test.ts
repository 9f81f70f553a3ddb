// What earlier runs left: read back as it was written, and nothing else taken for it.

import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AnswerRow, AnswerSummary } from "../../src/app/ports.ts";
import { noCounts } from "../../src/domain/run.ts";
import { archivedRosters, pastAnswers } from "../../src/inbox/past-runs.ts";
import { createRosterFiles } from "../../src/inbox/roster-files.ts";
import { AnswerUnreadable, readAnswerRows } from "../../src/roster/answer-rows.ts";
import { openScene } from "./scene.ts";

const RUN = "20261123-214544-3f9a2c11";
const EARLIER = "20261122-214544-3f9a2c11";
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
const ROWS: readonly AnswerRow[] = [
  { line: 2, key: "=cmd|' /C calc'!A0", outcome: "applied", reason: "Created in Tallyfy as user 17." },
  { line: 3, key: "'=E1", outcome: "already", reason: 'says "no",\r\ntwice' },
  { line: null, key: null, outcome: "unreadable", reason: "-" },
];

async function* stream(rows: Iterable<AnswerRow>): AsyncGenerator<AnswerRow> {
  yield* rows;
}

async function answered(...runs: readonly string[]) {
  const scene = await openScene();
  const files = createRosterFiles(scene.dataDir, scene.dataId);
  for (const run of runs) await files.answer("monday.csv", run, stream(ROWS), { ...SUMMARY, run });
  return { ...scene, files };
}

async function rowsOf(path: string): Promise<AnswerRow[]> {
  const rows: AnswerRow[] = [];
  for await (const page of readAnswerRows(path)) rows.push(...page);
  return rows;
}

test("answer files are read back as they were written, oldest run first, dangerous keys included", async () => {
  const { dataDir } = await answered(RUN, EARLIER);
  const answers = await pastAnswers(dataDir);
  expect(answers.map((answer) => (answer.kind === "answer" ? answer.summary : null))).toEqual([
    { ...SUMMARY, run: EARLIER },
    SUMMARY,
  ]);
  for (const answer of answers) {
    if (answer.kind !== "answer") throw new Error("unreadable");
    expect(await rowsOf(join(dataDir, answer.rowsPath))).toEqual(ROWS);
  }
});

test.each([
  ["saved again with semicolons", "line;person_key;outcome;reason\r\n2;E1;applied;x\r\n"],
  ["with a column more", "line,person_key,outcome,reason,note\r\n2,E1,applied,x,y\r\n"],
  ["with a line that is no number", "line,person_key,outcome,reason\r\n2.5,E1,applied,x\r\n"],
  ["with a quote left open", 'line,person_key,outcome,reason\r\n2,E1,applied,"x\r\n'],
  ["empty", ""],
])("rows %s are refused, not half understood", async (_what, text) => {
  const { dataDir } = await openScene();
  const path = join(dataDir, "outbox", "x.csv");
  await writeFile(path, text);
  await expect(rowsOf(path)).rejects.toThrow(AnswerUnreadable);
  await expect(rowsOf(`${path}.gone`)).rejects.toThrow(AnswerUnreadable);
});

test("a summary that is damaged, foreign, enormous or a link is named and not believed", async () => {
  const { dataDir, files } = await answered(RUN);
  const outbox = join(dataDir, "outbox");
  await writeFile(join(outbox, "a.result.json"), '{"run":"../../etc","file":"x"}');
  await writeFile(join(outbox, "b.result.json"), "[".repeat(10_000));
  await writeFile(join(outbox, "c.result.json"), "");
  await truncate(join(outbox, "c.result.json"), 3_000_000_000);
  await writeFile(join(dataDir, "outside.json"), "{}");
  await symlink(join(dataDir, "outside.json"), join(outbox, "d.result.json"));
  await writeFile(join(outbox, "alone.result.csv"), "line\r\n");
  await mkdir(join(outbox, "e.result.json"));
  const unreadable = (await pastAnswers(dataDir)).filter((answer) => answer.kind === "unreadable");
  expect(unreadable.map(({ path }) => path)).toEqual([
    "outbox/a.result.json",
    "outbox/alone.result.csv",
    "outbox/b.result.json",
    "outbox/c.result.json",
    "outbox/d.result.json",
    "outbox/e.result.json",
  ]);
  expect(await files.claimed()).toEqual([]);
});

test("only rosters that a run put there count as archived; links, sidecars and strangers do not", async () => {
  const { dataDir } = await openScene();
  const month = join(dataDir, "archive", "2026", "11");
  await mkdir(month, { recursive: true });
  for (const name of [`${RUN}.b.csv`, `${EARLIER}.a.csv`, `${RUN}.b.csv.sha256`, "notes.csv", ".hidden.csv"]) {
    await writeFile(join(month, name), "x");
  }
  await symlink("/etc/passwd", join(month, "20261121-214544-3f9a2c11.link.csv"));
  expect(await archivedRosters(dataDir)).toEqual([
    { runId: EARLIER, fileName: "a.csv", path: `archive/2026/11/${EARLIER}.a.csv` },
    { runId: RUN, fileName: "b.csv", path: `archive/2026/11/${RUN}.b.csv` },
  ]);
});
