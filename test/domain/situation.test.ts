// The decision table, row by row in its own words, and the rows' order.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Employee } from "../../src/domain/employee.ts";
import type { Standing } from "../../src/domain/ledger.ts";
import { type Decision, decide } from "../../src/domain/situation.ts";
import { account, entryOf, NOBODY, person } from "../support/people.ts";

const TERMS = { asOf: "2026-06-10", leadDays: 3 };
const EVE = person(1);
const GONE = person(1, { isWorking: false });
const ENTRY = { entry: entryOf(EVE), emailOwner: EVE.key };
const BOTH = [EVE, GONE];

type Case = readonly [
  row: string,
  people: readonly Employee[],
  standings: readonly Partial<Standing>[],
  expected: string,
];

const CASES: readonly Case[] = [
  [
    "any | somebody else's | any | any | taken | left alone, reported",
    [EVE, GONE, person(1, { startsOn: "2030-01-01" })],
    [
      { emailOwner: "E0002" },
      { ...ENTRY, emailOwner: "E0002" },
      { emailOwner: "E0002", account: account() },
      { emailOwner: "E0002", account: account({ isBot: true }) },
    ],
    "taken",
  ],
  [
    "yes | another than before | any | any | readdressed | left alone, reported",
    BOTH,
    [
      { entry: entryOf(EVE, { emailHash: "before" }) },
      { entry: entryOf(EVE, { emailHash: "before" }), account: account({ status: "disabled" }) },
      { entry: entryOf(EVE, { emailHash: "before" }), isListed: true },
    ],
    "readdressed",
  ],
  [
    "any | any other | any | says both | unproven | left alone, reported",
    [person(1, { hasWorkingStatus: true, endsOn: "2026-05-09" })],
    [{}, ENTRY, { ...ENTRY, account: account({ status: "disabled" }) }, { account: account() }],
    "unproven",
  ],
  [
    "yes | theirs | disabled | has left | gone | nothing",
    [GONE],
    [{ ...ENTRY, account: account({ status: "disabled" }) }],
    "gone",
  ],
  [
    "yes | theirs | any other | has left | leaver | left alone, reported",
    [GONE, person(1, { endsOn: "2026-06-09" })],
    [ENTRY, { ...ENTRY, account: account() }, { ...ENTRY, account: account({ status: "unknown" }) }],
    "leaver",
  ],
  [
    "yes | theirs | no longer listed | working | vanished | left alone, reported",
    [EVE],
    [{ ...ENTRY, isListed: true }],
    "vanished",
  ],
  [
    "yes | theirs | disabled | working | rehire | left alone, reported",
    [EVE],
    [{ ...ENTRY, account: account({ status: "disabled" }) }],
    "rehire",
  ],
  [
    "yes | theirs | any other | working | same | nothing",
    [EVE, person(1, { startsOn: "2030-01-01" }), person(1, { endsOn: "2026-06-10" })],
    [
      ENTRY,
      { ...ENTRY, account: account({ status: "invited" }), isListed: true },
      { ...ENTRY, account: account({ isBot: true }) },
    ],
    "same",
  ],
  [
    "no | nobody's | bot | any | protected | left alone, reported",
    BOTH,
    [{ account: account({ isBot: true }) }],
    "protected",
  ],
  [
    "no | nobody's | none or disabled | has left | gone | nothing",
    [
      GONE,
      person(1, { endsOn: "2026-06-09" }),
      person(1, { endsOn: "2020-01-31" }),
      person(1, { hasWorkingStatus: true, endsOn: "2026-05-10" }),
    ],
    [{}, { account: account({ status: "disabled" }) }],
    "gone",
  ],
  [
    "no | nobody's | any other | has left | leaver | left alone, reported",
    [GONE],
    [{ account: account() }, { account: account({ status: "invited" }) }, { account: account({ status: "unknown" }) }],
    "leaver",
  ],
  [
    "no | nobody's | disabled | working | rehire | left alone, reported",
    [EVE],
    [{ account: account({ status: "disabled" }) }],
    "rehire",
  ],
  [
    "no | nobody's | any other | working | same | adopted into the ledger",
    [EVE, person(1, { startsOn: "2030-01-01" })],
    [{ account: account() }, { account: account({ status: "invited" }) }, { account: account({ status: "unknown" }) }],
    "adopt",
  ],
  [
    "no | nobody's | none | starts later | future | nothing until the day comes",
    [person(1, { startsOn: "2026-06-14" })],
    [{}, { isListed: true }],
    "future",
  ],
  [
    "no | nobody's | none | working | joiner | create",
    [EVE, person(1, { startsOn: "2026-06-13" }), person(1, { endsOn: "2026-06-10" })],
    [{}, { isListed: true }],
    "create",
  ],
];

function wordFor(decision: Decision): string {
  return decision.kind === "leave" ? decision.situation : decision.kind;
}

test.each(CASES)("%s", (_, people, standings, expected) => {
  for (const employee of people) {
    for (const standing of standings) {
      expect(wordFor(decide(employee, { ...NOBODY, ...standing }, TERMS))).toBe(expected);
    }
  }
});

test("these cases are the table in situation.ts, row by row", () => {
  const source = readFileSync(new URL("../../src/domain/situation.ts", import.meta.url), "utf8");
  const rows = [...source.matchAll(/^\/\/ +((?:any|yes|no) +\|.*)$/gm)].map((match) =>
    match[1]?.replaceAll(/ +/g, " "),
  );
  expect(CASES.map(([row]) => row)).toEqual(rows);
});

test("a ledger entry made without employee ids is the same person's, and is adopted under the employee id", () => {
  const standing = { ...NOBODY, emailOwner: EVE.emailHash };
  expect(decide(EVE, standing, TERMS)).toEqual({ kind: "adopt", accountId: null });
  const listed = { ...standing, account: account({ accountId: 42 }), isListed: true };
  expect(decide(EVE, listed, TERMS)).toEqual({ kind: "adopt", accountId: 42 });
});

test("somebody who left is not called gone while the ledger knows their account under the address", () => {
  const standing = { ...NOBODY, emailOwner: EVE.emailHash };
  expect(wordFor(decide(GONE, standing, TERMS))).toBe("leaver");
  expect(wordFor(decide(GONE, { ...standing, isListed: true }, TERMS))).toBe("gone");
});

test("a roster without employee ids finds its own entries", () => {
  const hashed = person(1, { key: "hash0001" });
  const standing = { ...NOBODY, entry: entryOf(hashed), emailOwner: hashed.key };
  expect(wordFor(decide(hashed, standing, TERMS))).toBe("same");
});

test("every reason is a sentence without a name or an address", () => {
  for (const [, people, standings] of CASES) {
    for (const employee of people) {
      for (const standing of standings) {
        const decision = decide(employee, { ...NOBODY, ...standing }, TERMS);
        if (decision.kind !== "leave") continue;
        expect(decision.because).toMatch(/\.$/);
        expect(decision.because).not.toContain("quetzal");
      }
    }
  }
});
