// The judge over the files of a world: what a world may not leave behind is told.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Given, judgeFiles } from "./judge-files.ts";

const TEXT = "Employee ID,Work Email\nE1,person@corp-roster.example\n";
const RUN = "20261123-214544-3f9a";
const LATER = "20261123-214545-0001";
const GIVEN: readonly Given[] = [
  { name: "monday.csv", text: TEXT, isTaken: true },
  { name: "holidays.csv", text: "Day\n", isTaken: true },
];
const RIGHT = {
  [`archive/2026/11/${RUN}.monday.csv`]: TEXT,
  [`refused/${LATER}.holidays.csv`]: "Day\n",
  [`refused/${LATER}.holidays.csv.reason.txt`]: "No header.\n",
};

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** `files` besides those that are right; null: it is not there. */
async function judged(files: Readonly<Record<string, string | null>>, given = GIVEN): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "roster-sync-judge-"));
  folders.push(dataDir);
  for (const [path, text] of Object.entries<string | null>({ ...RIGHT, ...files })) {
    if (text === null) continue;
    await mkdir(dirname(join(dataDir, path)), { recursive: true });
    await writeFile(join(dataDir, path), text);
  }
  return (await judgeFiles(dataDir, given)).join("\n");
}

test("every file in its place, whole and once, is right", async () => {
  expect(await judged({})).toBe("");
});

test.each([
  [
    "cut off",
    { [`archive/2026/11/${RUN}.monday.csv`]: TEXT.slice(0, -5) },
    /monday\.csv \(\d+ bytes\) is no file that/,
  ],
  ["empty", { [`archive/2026/11/${RUN}.monday.csv`]: "" }, /monday\.csv was given 1 times and lies whole .* 0 times/],
  [
    "with other bytes of the same length",
    { [`archive/2026/11/${RUN}.monday.csv`]: TEXT.replace("E1", "E2") },
    /0 times/,
  ],
  ["absent", { [`archive/2026/11/${RUN}.monday.csv`]: null }, /monday\.csv was given 1 times .* 0 times/],
  ["there twice", { [`archive/2026/12/${LATER}.monday.csv`]: TEXT }, /monday\.csv was given 1 times .* 2 times/],
  [
    "refused as well",
    { [`refused/${LATER}.monday.csv`]: TEXT, [`refused/${LATER}.monday.csv.reason.txt`]: "" },
    /2 times/,
  ],
  [
    "there with a damaged copy beside it",
    { [`archive/2026/11/${LATER}.monday.csv`]: "Empl" },
    /\(4 bytes\) is no file/,
  ],
  ["under a name that nobody gave", { [`archive/2026/11/${LATER}.tuesday.csv`]: TEXT }, /tuesday\.csv .* is no file/],
  ["refused without a reason", { [`refused/${LATER}.holidays.csv.reason.txt`]: null }, /no reason beside it/],
] as const)("a file that is %s is told", async (_, files, said) => {
  expect(await judged(files)).toMatch(said);
});

test("what was given to commands lies there once for each that took it, and at most once for one that did not say so", async () => {
  const byHand = (isTaken: boolean): Given => ({ name: "by-hand.csv", text: TEXT, isTaken });
  const archived = { [`archive/2026/11/${LATER}.by-hand.csv`]: TEXT };
  expect(await judged({}, [...GIVEN, byHand(false)])).toBe("");
  expect(await judged(archived, [...GIVEN, byHand(false)])).toBe("");
  expect(await judged(archived, [...GIVEN, byHand(false), byHand(true)])).toBe("");
  expect(await judged({}, [...GIVEN, byHand(false), byHand(true)])).toMatch(/given 2 times .* 0 times/);
  expect(await judged(archived, [...GIVEN, byHand(true), byHand(true)])).toMatch(/given 2 times .* 1 times/);
  expect(
    await judged({ ...archived, [`archive/2026/12/${RUN}.by-hand.csv`]: TEXT }, [...GIVEN, byHand(false)]),
  ).toMatch(/given 1 times .* 2 times/);
});
