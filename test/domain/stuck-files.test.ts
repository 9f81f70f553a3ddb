// What is told of files that lie in the inbox and are not taken.

import { expect, test } from "vitest";
import { BLIND, type InboxReport, inboxProblems, reportOf, STUCK, stuckMessage } from "../../src/domain/stuck-files.ts";

function intake(dataId: string, host: string, inbox?: InboxReport) {
  return { dataId, host, inbox };
}

test("a file is named with the cause and what to do", () => {
  expect(reportOf([{ file: "monday.csv", cause: "stillMismatch" }])).toEqual({
    problems: [
      {
        what: "monday.csv in the inbox still is not what its .sha256 file says and is not taken.",
        doThis: "Drop both again, or remove the .sha256 file.",
      },
    ],
    more: 0,
  });
  expect(stuckMessage("stillMismatch")).toBe(
    "a file in the inbox still is not what its .sha256 file says and is not taken: drop both again, or remove the .sha256 file",
  );
});

test("rosters come before what is none, and of very many files the rest is counted", () => {
  const litter = Array.from({ length: 30 }, (_, index) => ({ file: `n${index}.md`, cause: "stranger" as const }));
  const report = reportOf([...litter, { file: "z.csv", cause: "unreadable" }, { file: "a.csv", cause: "unreadable" }]);
  expect(report.problems.map(({ what }) => what.split(" ")[0])).toEqual(
    ["a.csv", "z.csv", ...litter.map(({ file }) => file).sort()].slice(0, 10),
  );
  expect(report.more).toBe(22);
  expect(inboxProblems([intake("d1", "one", report)]).at(-1)).toEqual({
    what: "22 more things in the inbox are not taken.",
    doThis: "The intake's log names each of them, and why.",
  });
});

test("every cause makes whole sentences", () => {
  for (const cause of Object.keys(STUCK) as (keyof typeof STUCK)[]) {
    const [problem] = reportOf([{ file: "a.csv", cause }]).problems;
    expect(problem?.what).toMatch(/^a\.csv in the inbox [a-z][^\n]*[^.]\.$/);
    expect(problem?.doThis).toMatch(/^[A-Z][^\n]*[^.]\.$/);
  }
});

test("of intakes that share a folder one is believed; those of several folders are told apart by their machines", () => {
  const one = reportOf([{ file: "a.csv", cause: "mismatch" }]);
  const two = reportOf([...["a.csv", "b.csv"].map((file) => ({ file, cause: "mismatch" as const }))]);
  expect(inboxProblems([intake("d1", "one", one), intake("d1", "two", two), intake("d1", "three")])).toEqual(
    two.problems,
  );
  expect(inboxProblems([intake("d1", "one", one), intake("d2", "two", BLIND)]).map(({ what }) => what)).toEqual([
    `On one: ${one.problems[0]?.what}`,
    "On two: The inbox cannot be looked at, and nothing is taken from it.",
  ]);
  expect(inboxProblems([intake("d1", "one", one), intake("d1", "two", BLIND)]).map(({ what }) => what)).toEqual([
    "On two: the intake there cannot look at the inbox; another one takes its files.",
    one.problems[0]?.what,
  ]);
  expect(inboxProblems([intake("d1", "one", BLIND), intake("d1", "two", BLIND)])).toEqual(BLIND.problems);
  expect(inboxProblems([intake("d1", "one"), intake("d2", "two")])).toEqual([]);
  expect(inboxProblems([])).toEqual([]);
});
