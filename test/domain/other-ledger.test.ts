// When a Redis is refused because it does not have the ledger of the data folder.

import { expect, test } from "vitest";
import { type FolderPast, isOtherLedger, type LedgerFound, OtherLedger } from "../../src/domain/other-ledger.ts";

const MINE = { id: "00000000000000aa", where: "Redis at redis://old:6379", nextId: null };
const KNOWN = { knowsNewest: true, knowsFolder: true };
const NEXT = "00000000000000cc";
const PAST: FolderPast = { dataDir: "/data", remembered: MINE, hasHistory: true, hasApplied: true };
const EMPTY: LedgerFound = {
  id: null,
  where: "Redis at redis://new:6379",
  entries: 0,
  knowsNewest: false,
  knowsFolder: false,
};

test.each<[string, Partial<FolderPast>, Partial<LedgerFound>, boolean]>([
  ["the folder's own", {}, { id: MINE.id }, false],
  ["the folder's own, which lost its last moments", {}, { id: MINE.id, knowsFolder: false }, false],
  ["an empty one", {}, {}, true],
  ["another one", {}, { id: "00000000000000bb", entries: 9 }, true],
  ["an old one that knows earlier runs of the folder", {}, { knowsFolder: true, entries: 9 }, true],
  ["its own without an id, which knows the newest roster", {}, { ...KNOWN, where: MINE.where }, false],
  [
    "one whose rebuilding died before it was remembered",
    { remembered: { ...MINE, nextId: NEXT } },
    { id: NEXT },
    false,
  ],
  ["its own, while another one was being rebuilt", { remembered: { ...MINE, nextId: NEXT } }, { id: MINE.id }, false],
  ["one in which a rebuilding died", { remembered: { ...MINE, nextId: NEXT } }, { ...KNOWN, where: MINE.where }, true],
  [
    "one that lost a rebuilt ledger with its last moments",
    { remembered: { ...MINE, nextId: MINE.id } },
    { ...KNOWN, where: MINE.where },
    true,
  ],
  ["one elsewhere without an id", {}, KNOWN, true],
  ["an empty one, where nothing was ever planned", { hasHistory: false, hasApplied: false }, {}, false],
  ["any, in a new folder", { remembered: null, hasHistory: false, hasApplied: false }, { id: MINE.id }, false],
  ["its own, by an older version", { remembered: null }, { knowsFolder: true }, false],
  ["an empty one, after an older version", { remembered: null }, {}, true],
  ["one that knows nothing, after an older version", { remembered: null }, { id: MINE.id, entries: 9 }, true],
  ["one that lost its first moments", { remembered: null, hasApplied: false }, {}, false],
])("%s", (_, past, found, isOther) => {
  expect(isOtherLedger({ ...PAST, ...past }, { ...EMPTY, ...found })).toBe(isOther);
});

test("says what was found, what it may be, and what to do in either case", () => {
  const { message } = new OtherLedger(PAST, EMPTY);
  expect(message).toContain(
    "The data folder /data was last used with Redis at redis://old:6379. Now Redis at redis://new:6379 is configured, which keeps another ledger. Its ledger is empty.",
  );
  expect(message).toContain("set REDIS_URL");
  expect(message).toContain("roster-sync rebuild --yes");
  const filled = new OtherLedger(PAST, { ...EMPTY, entries: 9 }).message;
  expect(filled).toContain("Its ledger has 9 entries.");
  expect(filled).toContain("roster-sync rebuild --add --yes");
  expect(new OtherLedger(PAST, { ...EMPTY, where: MINE.where }).message).toContain("emptied or exchanged");
  expect(new OtherLedger({ ...PAST, remembered: null }, EMPTY).message).toContain("knows nothing of them");
});
