import { describe, expect, test } from "vitest";
import type { RosterRow } from "../../src/domain/employee.ts";
import { mapHeader } from "../../src/domain/mapping.ts";
import { ROSTER_DEFAULTS, type RosterOptions } from "../../src/domain/roster-options.ts";
import { createRowReader } from "../../src/domain/row.ts";
import { heldBytes } from "../support/garbage.ts";

function readRow(header: string, cells: string, options: Partial<RosterOptions> = {}): RosterRow {
  const all = { ...ROSTER_DEFAULTS, ...options };
  const result = mapHeader(header.split("|"), 1, all, () => null);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.issues));
  const file = cells.split("|");
  const reader = createRowReader(result.mapping, all, (text) => `#${text.length}`);
  return reader.read(
    result.mapping.kept.map((position) => file[position] ?? ""),
    7,
    null,
    null,
  );
}

const HEADER = "Employee ID|First Name|Last Name|Work Email|Employment Status|Status|Start Date|End Date|Time Zone";

function codesOf(row: RosterRow): string[] {
  return row.kind === "unreadable" ? row.issues.map((issue) => issue.code) : [row.kind];
}

test("nothing that is remembered of cells keeps the text of the file in memory from which they were cut", () => {
  const result = mapHeader(HEADER.split("|"), 1, ROSTER_DEFAULTS, () => null);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.issues));
  const { mapping } = result;
  const reader = createRowReader(mapping, ROSTER_DEFAULTS, (text) => `#${text.length}`);
  const before = heldBytes();
  for (let piece = 0; piece < 150; piece += 1) {
    const day = `${2000 + piece}-03-15T00:00:00`;
    const status = `Active (somewhere far away ${piece})`;
    const zone = `${" ".repeat(20 + piece)}${piece % 2 === 0 ? "Europe/Berlin" : "America/Argentina/Buenos_Aires"}`;
    const line = ["00", "Una", "Frost", `una@far-away-${piece}.corp.example`, status, status, day, day, zone].join("|");
    const text = Buffer.from(line + "x".repeat(100_000)).toString("latin1");
    const cells = text.slice(0, line.length).split("|");
    reader.read(
      mapping.kept.map((position) => cells[position] ?? ""),
      piece,
      null,
      null,
    );
  }
  expect(heldBytes() - before).toBeLessThan(2_000_000);
  expect(reader.statusSeen().length).toBeGreaterThan(100);
});

describe("a row", () => {
  test("with nothing wrong is an employee", () => {
    const row = readRow(HEADER, "007|Una|Frost|Una@Corp.example|Full-Time|Active|2021-03-15|9999-12-31|europe/berlin");
    expect(row).toMatchObject({
      kind: "employee",
      employee: {
        key: "007",
        isWorking: true,
        startsOn: "2021-03-15",
        endsOn: null,
        line: 7,
        profile: { timeZone: "Europe/Berlin" },
      },
    });
  });

  test("with several things wrong names them all, each with its column, and keeps key and hash", () => {
    const row = readRow(HEADER, "007||Frost|una@corp.example|Full-Time|Limbo|31/02/2021|soon|CST");
    expect(codesOf(row)).toEqual(["unknown-status", "empty-name", "bad-time-zone", "bad-date", "bad-date"]);
    expect(row).toMatchObject({ kind: "unreadable", key: "007", emailHash: expect.any(String) });
  });

  test.each([
    ["Full-Time|Active", true],
    ["Part-Time|", true],
    ["|Active", true],
    ["Full-Time|Inactive", false],
    ["Terminated|Inactive", false],
  ])("with the two status columns %s works: %s", (statuses, isWorking) => {
    const row = readRow(HEADER, `7|Una|Frost|una@corp.example|${statuses}|||`);
    expect(row).toMatchObject({ kind: "employee", employee: { isWorking } });
  });

  test.each([
    ["Terminated|Active", "contradicting-status"],
    ["|", "empty-status"],
    ["Full-Time|Pending", "unknown-status"],
  ])("with the two status columns %s is reported: %s", (statuses, code) => {
    expect(codesOf(readRow(HEADER, `7|Una|Frost|una@corp.example|${statuses}|||`))).toEqual([code]);
  });

  test("whose end is before its start is reported", () => {
    expect(codesOf(readRow(HEADER, "7|Una|Frost|una@corp.example|A|A|2021-03-15|2020-01-01|"))).toEqual([
      "dates-reversed",
    ]);
  });

  test("shows both readings of a date that nothing proves, and the setting that decides", () => {
    const row = readRow(HEADER, "7|Una|Frost|una@corp.example|A|A|03/04/2021||");
    const issue = row.kind === "unreadable" ? row.issues[0] : undefined;
    expect(issue?.message).toContain("3 April 2021 or 4 March 2021");
    expect(issue?.fix).toContain("roster.dates.order");
  });

  test("without a time zone has the one of the configuration", () => {
    const row = readRow(HEADER, "7|Una|Frost|una@corp.example|A|A|||", { timeZone: { default: "Europe/Paris" } });
    expect(row).toMatchObject({ employee: { profile: { timeZone: "Europe/Paris" } } });
  });
});
