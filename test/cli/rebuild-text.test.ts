// What `rebuild` shows, letter by letter, and in full for programs; keys and numbers, never a name or an address.

import { expect, test } from "vitest";
import type { Rebuild } from "../../src/app/rebuild.ts";
import { hasUnknowns, rebuildJson, rebuildText } from "../../src/cli/rebuild-text.ts";
import { entryOf, MARK, person } from "../support/people.ts";

const RUN = "20261120-020000-3e7abcde";
const NOTHING: Rebuild = {
  entries: [entryOf(person(1)), entryOf(person(2), { origin: "adopted" }), entryOf(person(3), { origin: "rebuilt" })],
  unknowns: [],
  fileUnknowns: [],
  members: { atMs: 0, accounts: new Map(), begun: { id: "0-a", atMs: 0 } },
  runs: [],
  accepted: null,
  portrait: null,
  kept: 0,
  rosters: 2,
  answers: 1,
};
const unknown = { accountId: null, runId: RUN, line: 7 };

test("everything known, and everything that may not be", async () => {
  const many = Array.from({ length: 22 }, (_, index) => ({ ...unknown, kind: "vanished" as const, key: `E${index}` }));
  const kinds = [
    "readdressed",
    "two-owners",
    "two-accounts",
    "without-address",
    "read-differently",
    "origin-unknown",
  ] as const;
  const files = ["run-undecided", "roster-unanswered", "roster-missing", "roster-refused", "rows-unreadable"] as const;
  const rebuild: Rebuild = {
    ...NOTHING,
    kept: 1,
    accepted: {
      runId: RUN,
      fileName: "monday.csv",
      filePath: "archive/2026/11/x.csv",
      sha256: "s",
      dataId: "d",
      at: "t",
    },
    unknowns: [
      ...many,
      ...kinds.map((kind) => ({ ...unknown, kind, key: "E99" })),
      { kind: "unnamed-member", key: null, accountId: 17, runId: null, line: null },
      { kind: "unnamed-member", key: null, accountId: null, runId: null, line: null },
    ],
    fileUnknowns: [
      ...files.map((kind) => ({ kind, runId: RUN, path: "archive/2026/11/x.csv", count: 3 })),
      { kind: "answer-unreadable", runId: null, path: "outbox/x.result.json", count: null },
    ],
  };
  const text = rebuildText(rebuild, true);
  await expect(`${text}\n`).toMatchFileSnapshot("../golden/rebuild.txt");
  expect(text).not.toContain(MARK);
  const json = rebuildJson(rebuild, true);
  expect(JSON.parse(json)).toMatchObject({ written: true, unknown: { length: 30 }, unknown_files: { length: 6 } });
  expect(json).not.toMatch(/hash|quetzal/);
  expect(hasUnknowns(rebuild)).toBe(true);
});

test("members whom no roster names are nothing to look at; a Tallyfy that was not asked is", () => {
  expect(hasUnknowns(NOTHING)).toBe(false);
  expect(rebuildText(NOTHING, false)).toContain("Everything could be known.");
  const unnamed = { kind: "unnamed-member", key: null, accountId: 1, runId: null, line: null } as const;
  expect(hasUnknowns({ ...NOTHING, unknowns: [unnamed] })).toBe(false);
  expect(hasUnknowns({ ...NOTHING, members: null })).toBe(true);
  expect(rebuildText({ ...NOTHING, members: null }, false)).toContain("Tallyfy was not asked");
});
