// Which rows of the newest roster still need a look, and which run tells of them.

import { expect, test } from "vitest";
import { stillLeftOut } from "../../src/domain/left-out.ts";
import type { Run } from "../../src/domain/run.ts";
import { aRun } from "../web/support.ts";

function run(runId: string, unreadable: number, fields: Partial<Run> = {}): Run {
  return aRun({ runId, sha256: "new", ...fields, counts: { ...aRun().counts, skipped: { unreadable, leaver: 3 } } });
}

const ROSTER = run("2-roster", 9);
const night = (unreadable: number) => run("3-night", unreadable, { trigger: "nightly" });

test.each([
  ["the roster's own run", ROSTER, [ROSTER], { rows: 9, run: ROSTER }],
  ["while it is applied", run("2", 9, { state: "applying" }), [], { rows: 9, run: run("2", 9, { state: "applying" }) }],
  ["nothing left out", run("2", 0), [run("2", 0)], null],
  ["a night that finds the same: the run with the answer file", ROSTER, [night(9), ROSTER], { rows: 9, run: ROSTER }],
  ["a night after the configuration was mended", ROSTER, [night(0), ROSTER], null],
  ["a night that finds more", ROSTER, [night(10), ROSTER], { rows: 10, run: night(10) }],
  ["a night under way", ROSTER, [run("3", 0, { state: "reading" }), ROSTER], { rows: 9, run: ROSTER }],
  ["a newer roster that is held", ROSTER, [run("3", 1, { sha256: "other", state: "held" })], { rows: 9, run: ROSTER }],
  ["the same file, discarded", ROSTER, [run("3", 1, { state: "discarded" })], { rows: 9, run: ROSTER }],
  ["a forgotten run, with nights", null, [night(9)], { rows: 9, run: night(9) }],
  ["a forgotten run", null, [], null],
])("%s", (_, accepted, recent, expected) => {
  expect(stillLeftOut(accepted, "new", recent)).toEqual(expected);
});
