// Whether a roster may be taken for the truth: each check where it begins to hold, and what is said then.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Employee } from "../../src/domain/employee.ts";
import { holdMessage, releaseCommand } from "../../src/domain/hold.ts";
import { judge } from "../../src/domain/limits.ts";
import type { RosterPortrait, UsedColumn } from "../../src/domain/portrait.ts";
import { comparisonText, distrust, needsReason } from "../../src/domain/trust.ts";
import { type Earlier, TRUST_DEFAULTS } from "../../src/domain/trust-limits.ts";
import { peaksAfter } from "../../src/domain/trust-time.ts";
import { person, portraitOf, USED } from "../support/people.ts";

const GOLDEN = new URL("../golden/", import.meta.url).pathname;
const RUN = "20260602-080000-abcdef";
const TODAY = "2026-06-02";

function people(count: number, first = 1): Employee[] {
  return Array.from({ length: count }, (_, at) => person(first + at));
}

function earlier(portrait: RosterPortrait): Earlier {
  return { fileName: "monday.csv", acceptedOn: "2026-06-01", portrait };
}

function checks(now: RosterPortrait, before: RosterPortrait, limits = {}, today = TODAY): string[] {
  return distrust(now, earlier(before), { ...TRUST_DEFAULTS, ...limits }, today).map(({ limit }) => limit);
}

/** Used columns, with another one in place of the one for `field`; null: without it. */
function usedWith(field: UsedColumn["field"], column: Partial<UsedColumn> | null): UsedColumn[] {
  return USED.flatMap((one) => {
    if (one.field !== field) return [one];
    return column === null ? [] : [{ ...one, ...column }];
  });
}

const BEFORE = portraitOf(people(300));

describe("a roster as it is every day", () => {
  test("three joiners and two leavers are nothing to ask about", () => {
    expect(checks(portraitOf(people(301, 3)), BEFORE)).toEqual([]);
  });

  test("the roster itself once more is never in doubt", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(400), (rows, unreadable) => {
        const portrait = portraitOf(people(rows), { unreadable: Math.min(rows, unreadable) });
        expect(checks(portrait, portrait)).toEqual([]);
      }),
    );
  });
});

describe("rows", () => {
  test.each([
    [300, 270, []],
    [300, 269, ["rows-fewer", "people-gone"]],
    [100, 90, []],
    [100, 89, ["rows-fewer", "people-gone"]],
    [40, 30, []],
    [40, 29, ["rows-fewer", "people-gone"]],
    [6, 3, []],
    [6, 2, ["rows-fewer", "people-gone"]],
    [2, 1, []],
    [1000, 1250, []],
    [1000, 1251, ["rows-more"]],
    [3, 53, []],
    [3, 54, ["rows-more"]],
  ])("%i before and %i now: %j", (before, now, expected) => {
    expect(checks(portraitOf(people(now)), portraitOf(people(before)))).toEqual(expected);
  });

  test("limits that are set are the ones that hold", () => {
    const now = portraitOf(people(200));
    expect(checks(now, BEFORE, { rowsFewerPercent: 40, peopleGonePercent: 40 })).toEqual([]);
    expect(checks(portraitOf(people(299)), BEFORE, { rowsFewerPercent: 0, toleratedCount: 0 })).toContain("rows-fewer");
  });

  test("a prefix of a roster that is trusted leaves out no more than the limit allows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (before, taken) => {
        const now = Math.max(1, Math.min(before, taken));
        const doubts = checks(portraitOf(people(now)), portraitOf(people(before)));
        const allowed = Math.max(Math.floor(before / 10), Math.min(10, Math.ceil(before / 2)));
        expect(doubts.includes("rows-fewer")).toBe(before - now > allowed);
      }),
    );
  });
});

describe("people", () => {
  test("as many rows with other people are another company's roster", () => {
    expect(checks(portraitOf(people(300, 1001)), BEFORE)).toEqual(["people-gone"]);
  });

  test.each([
    [270, "With nearly as many rows as before, "],
    [330, "With nearly as many rows as before, "],
    [331, "With more rows than before, "],
    [480, "With more rows than before, "],
    [269, null],
  ])("with %i rows instead of 300 it is said how that compares: %j", (rows, said) => {
    const found = distrust(portraitOf(people(rows, 1001)), earlier(BEFORE), TRUST_DEFAULTS, TODAY);
    const message = found.find(({ limit }) => limit === "people-gone")?.message;
    expect(/With (nearly|more) .*?, /.exec(message ?? "")?.[0] ?? null).toBe(said);
  });

  test("of a large roster the share that is gone is estimated, and said to be so", () => {
    const [breach] = distrust(
      portraitOf(people(16_000, 4001)),
      earlier(portraitOf(people(20_000))),
      TRUST_DEFAULTS,
      TODAY,
    ).filter(({ limit }) => limit === "people-gone");
    expect(breach?.message).toContain("about");
    expect(breach?.counted).toBeGreaterThan(3600);
    expect(breach?.counted).toBeLessThan(4400);
  });

  test("rows without a usable key are said to be perhaps some of the missing", () => {
    const now = portraitOf(people(100), { rows: 300 });
    const said = distrust(now, earlier(BEFORE), TRUST_DEFAULTS, TODAY).find(({ limit }) => limit === "people-gone");
    expect(said?.message).toContain("200 rows without a usable person key may be some of them");
  });
});

describe("issues", () => {
  test.each([
    [300, 30, []],
    [300, 31, ["issues"]],
    [20, 10, []],
    [20, 11, ["issues"]],
    [4, 2, []],
  ])("of %i rows in a first roster, %i with issues: %j", (rows, unreadable, expected) => {
    const found = distrust(portraitOf(people(rows), { unreadable }), null, TRUST_DEFAULTS, TODAY);
    expect(found.map(({ limit }) => limit)).toEqual(expected);
  });

  test("a share that a person accepted is not asked about again, a larger one is", () => {
    const accepted = portraitOf(people(300), { unreadable: 90 });
    expect(checks(portraitOf(people(300), { unreadable: 120 }), accepted)).toEqual([]);
    expect(checks(portraitOf(people(300), { unreadable: 121 }), accepted)).toEqual(["issues"]);
  });
});

describe("columns", () => {
  function blanked(field: UsedColumn["field"], filled: number): RosterPortrait {
    return portraitOf(people(300), { used: usedWith(field, { filled }) });
  }

  test("a column that is blank far more often than before is asked about, one that fills up is not", () => {
    expect(checks(blanked("startDate", 270), BEFORE)).toEqual([]);
    expect(checks(blanked("startDate", 269), BEFORE)).toEqual(["blanks"]);
    expect(checks(BEFORE, blanked("startDate", 20))).toEqual([]);
    expect(checks(blanked("startDate", 4), blanked("startDate", 6))).toEqual([]);
  });

  test("rows of a wrong shape are not taken for blanks in every column", () => {
    const now = portraitOf(people(300), { unreadable: 25, used: USED.map((column) => ({ ...column, filled: 275 })) });
    expect(checks(now, BEFORE)).toEqual([]);
  });

  test("a field that is read from another column is asked about, unless the configuration names that column", () => {
    const moved = { header: "Backup Email" };
    expect(checks(portraitOf(people(300), { used: usedWith("email", moved) }), BEFORE)).toEqual(["fields-changed"]);
    const named = usedWith("email", { ...moved, isConfigured: true });
    expect(checks(portraitOf(people(300), { used: named }), BEFORE)).toEqual([]);
  });

  test("a header that is only spelled otherwise is the same column", () => {
    const used = usedWith("email", { header: "work_email *" });
    expect(checks(portraitOf(people(300), { used }), BEFORE)).toEqual([]);
  });

  test("an optional field that is gone is asked about, and so is one that is new", () => {
    const without = portraitOf(people(300), { used: usedWith("startDate", null) });
    expect(checks(without, BEFORE)).toEqual(["fields-changed"]);
    expect(checks(BEFORE, without)).toEqual(["fields-changed"]);
  });

  test("one column more is not asked about, a different set of columns is", () => {
    const headers = BEFORE.headers;
    expect(checks({ ...BEFORE, headers: [...headers, "Locker"] }, BEFORE)).toEqual([]);
    expect(checks({ ...BEFORE, headers: [...headers.slice(2), "A", "B"] }, BEFORE)).toEqual(["columns-changed"]);
  });
});

test("two unused columns of one name count once, and are no change where they stood before", () => {
  const twice = { ...BEFORE, headers: [...BEFORE.headers, "Notes", "Notes"] };
  expect(checks(twice, twice)).toEqual([]);
  expect(checks(twice, BEFORE)).toEqual([]);
  expect(checks(BEFORE, twice)).toEqual([]);
});

describe("a column that nothing uses and that is nearly a status", () => {
  const doubted = { ...BEFORE, doubted: ["Staus"], headers: [...BEFORE.headers, "Staus"] };

  test("holds the first roster, and the first one that has it; whoever accepted it is not asked again", () => {
    const [first] = distrust(doubted, null, TRUST_DEFAULTS, TODAY);
    expect(first).toMatchObject({ limit: "columns-doubted", counted: 1, allowed: 0 });
    expect(first?.message).toContain('"Staus"');
    expect(checks(doubted, BEFORE)).toEqual(["columns-doubted"]);
    expect(checks(doubted, doubted)).toEqual([]);
    expect(checks(doubted, BEFORE, { columnsDoubtedCount: 1 })).toEqual([]);
  });
});

describe("the closing line", () => {
  function closing(rows: number, count: number | null, hasEndMark = false): RosterPortrait {
    return portraitOf(people(rows), { trailer: { count, hasEndMark } });
  }

  test("a count that is not the number of rows is asked about, also of a first roster", () => {
    expect(distrust(closing(300, 301), null, TRUST_DEFAULTS, TODAY)).toHaveLength(1);
    expect(checks(closing(300, 310), closing(300, 300))).toEqual(["trailer-count"]);
    expect(checks(closing(295, 295), closing(300, 300))).toEqual([]);
  });

  test("a count that was off by as much before, and was accepted, is as usual; one that fits is right at any time", () => {
    expect(checks(closing(290, 291), closing(300, 301))).toEqual([]);
    expect(checks(closing(290, 290), closing(300, 301))).toEqual([]);
    expect(checks(closing(290, 292), closing(300, 301))).toEqual(["trailer-count"]);
    expect(checks(closing(290, 291), closing(300, 300))).toEqual(["trailer-count"]);
  });

  test("one that was there and is gone is asked about, unless it is not required", () => {
    expect(checks(BEFORE, closing(300, 300))).toEqual(["trailer-gone"]);
    expect(checks(closing(300, 300), closing(300, 300, true))).toEqual(["trailer-gone"]);
    expect(checks(BEFORE, closing(300, 300), { isTrailerRequired: false })).toEqual([]);
    expect(checks(closing(300, 300, true), BEFORE)).toEqual([]);
  });
});

describe("what is said", () => {
  function held(now: RosterPortrait, before: RosterPortrait): string {
    return `${holdMessage({ runId: RUN, trigger: "inbox" }, distrust(now, earlier(before), TRUST_DEFAULTS, TODAY), "monday.csv")}\n`;
  }

  test("of a roster that was cut off", async () => {
    await expect(
      held(portraitOf(people(120)), { ...BEFORE, trailer: { count: 300, hasEndMark: true } }),
    ).toMatchFileSnapshot(`${GOLDEN}hold-cut.txt`);
  });

  test("of a roster from another report", async () => {
    const used = usedWith("startDate", null).map((column) =>
      column.field === "email" ? { ...column, header: "Email", filled: 108 } : column,
    );
    const now = portraitOf(people(300, 600), {
      used,
      unreadable: 192,
      headers: ["Employee ID", "First Name", "Last Name", "Email", "Desk"],
      trailer: { count: 310, hasEndMark: false },
    });
    await expect(held(now, BEFORE)).toMatchFileSnapshot(`${GOLDEN}hold-rearranged.txt`);
  });

  test("of what it was compared with", () => {
    expect(comparisonText(BEFORE, null)).toMatch(/first roster/);
    expect(comparisonText(portraitOf(people(301, 3)), earlier(BEFORE))).toBe(
      "Compared with monday.csv, accepted on 2026-06-01: 301 rows (300 then), 298 of 300 people still there.",
    );
    expect(comparisonText(portraitOf(people(5000)), earlier(portraitOf(people(5000))))).toContain(
      "about 100 % of its people still there",
    );
  });

  test("a reason is asked for where the roster is in doubt, not where the plan is merely large", () => {
    const large = judge(500, 10, { createCount: 100, createPercent: 10 });
    const doubts = distrust(portraitOf(people(100)), earlier(BEFORE), TRUST_DEFAULTS, TODAY);
    const both = judge(500, 10, { createCount: 100, createPercent: 10 }, doubts);
    expect(large.kind === "hold" && needsReason(large.breaches)).toBe(false);
    expect(both.kind === "hold" && both.breaches.map(({ limit }) => limit)).toEqual([
      "rows-fewer",
      "people-gone",
      "create",
    ]);
    expect(judge(0, 10, { createCount: 100, createPercent: 10 }, doubts)).toEqual({ kind: "hold", breaches: doubts });
    expect(releaseCommand(RUN, doubts)).toContain("--reason");
    expect(releaseCommand(RUN, [])).not.toContain("--reason");
  });
});

describe("the day of which a roster is", () => {
  const asOf = (from: string, to = from) => portraitOf(people(300), { asOf: { from, to } });

  test.each([
    ["2026-05-31", "2026-06-01", ["as-of-older"]],
    ["2026-06-01", "2026-06-01", []],
    ["2026-06-02", "2026-06-01", []],
  ])("%s after %s: %j", (now, before, expected) => {
    expect(checks(asOf(now), asOf(before))).toEqual(expected);
  });

  test("the numbers, the limit and what may have happened are said", () => {
    const [said] = distrust(asOf("2026-05-02"), earlier(asOf("2026-06-01")), TRUST_DEFAULTS, TODAY);
    expect(said).toMatchObject({ limit: "as-of-older", counted: 30, allowed: 0 });
    expect(said?.message).toBe(
      "This roster is as of 2026-05-02; the last accepted roster (monday.csv, 2026-06-01) was as of 2026-06-01. " +
        "That is 30 days older; the limit is 0. An old export may have been dropped again.",
    );
    expect(needsReason(said === undefined ? [] : [said])).toBe(true);
  });

  test("where the order of day and month is open, only what is older either way counts", () => {
    expect(checks(asOf("2026-01-09", "2026-09-01"), asOf("2026-08-01"))).toEqual([]);
    expect(checks(asOf("2026-01-09", "2026-09-01"), asOf("2026-09-13"))).toEqual(["as-of-older"]);
    expect(checks(asOf("2026-08-01"), asOf("2026-01-09", "2026-09-01"), {}, "2026-08-01")).toEqual([]);
  });

  test("one that was there before is expected again; one that is new is not", () => {
    expect(checks(BEFORE, asOf("2026-06-01"))).toEqual(["as-of-gone"]);
    expect(checks(BEFORE, asOf("2026-06-01"), { isAsOfRequired: false })).toEqual([]);
    expect(checks(asOf("2026-06-01"), BEFORE)).toEqual([]);
  });

  test("a limit that is set is the one that holds", () => {
    expect(checks(asOf("2026-05-30"), asOf("2026-06-01"), { asOfOlderDays: 2 })).toEqual([]);
    expect(checks(asOf("2026-05-29"), asOf("2026-06-01"), { asOfOlderDays: 2 })).toEqual(["as-of-older"]);
  });

  test("after today, in whatever way the date is read, holds also a first roster", () => {
    const limitsOf = (now: RosterPortrait, today: string, limits = {}) =>
      distrust(now, null, { ...TRUST_DEFAULTS, ...limits }, today).map(({ limit }) => limit);
    expect(limitsOf(asOf("2026-06-03"), "2026-06-01")).toEqual(["as-of-ahead"]);
    expect(limitsOf(asOf("2026-06-02"), "2026-06-01")).toEqual([]);
    expect(limitsOf(asOf("2026-06-03"), "2026-06-01", { asOfAheadDays: 30 })).toEqual([]);
    expect(limitsOf(asOf("2026-01-06", "2026-06-01"), "2026-03-01")).toEqual([]);
  });
});

describe("shrinking a little each time", () => {
  const since = "2026-04-01";
  /** What is remembered after rosters of these sizes were accepted, one a day from 1 May 2026 on. */
  const accepted = (...sizes: number[]) => {
    let portrait = portraitOf(people(sizes[0] ?? 0));
    for (const [at, size] of sizes.slice(1).entries()) {
      const now = portraitOf(people(size));
      const acceptedOn = `2026-05-${String(at + 1).padStart(2, "0")}`;
      portrait = { ...now, peaks: peaksAfter({ portrait, acceptedOn }, now, since) };
    }
    return portrait;
  };

  test.each([
    [[1000, 920], 860, []],
    [[1000, 920], 840, []],
    [[1000, 920, 840], 800, []],
    [[1000, 920, 840], 799, ["rows-shrunk"]],
    [[40, 35], 30, []],
    [[40, 35], 29, ["rows-shrunk"]],
    [[800, 1000, 900], 820, []],
    [[800, 1000, 900, 820], 790, ["rows-shrunk"]],
    [[6, 5], 3, []],
    [[6, 5, 4], 2, ["rows-shrunk"]],
  ])("rosters of %j, then %i: %j", (sizes, now, expected) => {
    expect(checks(portraitOf(people(now)), accepted(...sizes))).toEqual(expected);
  });

  test("the largest roster, its day, the limit and the time are said", () => {
    const found = distrust(portraitOf(people(770)), earlier(accepted(1000, 920, 840)), TRUST_DEFAULTS, TODAY);
    expect(found.map(({ message }) => message)).toEqual([
      "This roster has 770 readable rows; the one accepted on 2026-05-01 had 1000. That is 230 fewer (23 %) within 60 days, " +
        "however slowly it came; the limit is 200 (20 % of 1000).",
    ]);
  });

  test("rows that cannot be read count as gone, too", () => {
    const now = portraitOf(people(840), { unreadable: 70 });
    expect(checks(now, accepted(1000, 920, 840))).toEqual(["rows-shrunk"]);
  });

  test("what is longer ago is forgotten, and so is what was surpassed", () => {
    const portrait = accepted(1000, 920, 840);
    expect(distrust(portraitOf(people(770)), earlier(portrait), TRUST_DEFAULTS, "2026-07-01")).toEqual([]);
    expect(accepted(1000, 920, 1001).peaks).toEqual([]);
    expect(accepted(1000, 950, 900, 920).peaks.map(({ readable }) => readable)).toEqual([1000, 950]);
    const now = portraitOf(people(700));
    expect(peaksAfter({ portrait, acceptedOn: "2026-05-03" }, now, "2026-05-02")).toEqual([
      { acceptedOn: "2026-05-02", readable: 920 },
      { acceptedOn: "2026-05-03", readable: 840 },
    ]);
  });

  test("however slowly it goes, no more than the limit is lost without a person", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12), { maxLength: 60 }), fc.integer({ min: 1, max: 400 }), (losses, first) => {
        let portrait = portraitOf(people(first));
        for (const loss of losses) {
          const now = portraitOf(people(Math.max(1, portrait.rows - loss)));
          if (checks(now, portrait).length > 0) continue;
          portrait = { ...now, peaks: peaksAfter({ portrait, acceptedOn: "2026-06-01" }, now, since) };
        }
        const allowed = Math.max(Math.floor(first / 5), Math.min(10, Math.ceil(first / 2)));
        expect(first - portrait.rows).toBeLessThanOrEqual(allowed);
      }),
    );
  });
});
