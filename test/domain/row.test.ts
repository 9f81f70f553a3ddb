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
    expect(issue?.fix).toContain("roster.dates.start_order: dmy");
  });

  test("without a time zone has the one of the configuration", () => {
    const row = readRow(HEADER, "7|Una|Frost|una@corp.example|A|A|||", { timeZone: { default: "Europe/Paris" } });
    expect(row).toMatchObject({ employee: { profile: { timeZone: "Europe/Paris" } } });
  });
});

describe("a year of two digits", () => {
  const row = (start: string, end: string) =>
    readRow("Employee ID|First Name|Last Name|Email|Start Date|End Date", `1|Una|Frost|u@corp.example|${start}|${end}`);

  test.each([
    ["1-JAN-69", "", "1 January 1969 or 1 January 2069"],
    ["15.06.40", "", "15 June 1940 or 15 June 2040"],
    ["", "30.11.75", "30 November 1975 or 30 November 2075"],
    ["", "31.12.99", "31 December 1999 or 31 December 2099"],
  ])("that may be of either century is asked about: %j %j", (start, end, both) => {
    const read = row(start, end);
    expect(codesOf(read)).toEqual(["ambiguous-century"]);
    expect(read.kind === "unreadable" ? read.issues[0]?.message : "").toContain(both);
  });

  test.each([
    ["1-JAN-70", "", "1970-01-01", null],
    ["15.06.39", "", "2039-06-15", null],
    ["1.2.03", "30.11.80", "2003-02-01", "1980-11-30"],
    ["1969-01-01", "2075-11-30", "1969-01-01", "2075-11-30"],
  ])("that can only be of one is read: %j %j", (start, end, startsOn, endsOn) => {
    const read = row(start, end);
    if (endsOn !== null && endsOn < (startsOn ?? "")) expect(codesOf(read)).toEqual(["dates-reversed"]);
    else expect(read).toMatchObject({ employee: { startsOn, endsOn } });
  });
});

test("names that stand for none are reported, in columns of their own and as a whole", () => {
  const header = "Employee ID|First Name|Last Name|Email";
  expect(codesOf(readRow(header, "1|NULL|NULL|u@corp.example"))).toEqual(["no-name"]);
  expect(codesOf(readRow(header, "1|N/A|Frost|u@corp.example"))).toEqual(["no-name"]);
  expect(codesOf(readRow(header, "1|Una|Null|u@corp.example"))).toEqual(["employee"]);
  expect(codesOf(readRow("Employee ID|Full Name|Email", "1|Null, Null|u@corp.example"))).toEqual(["no-name"]);
});

test.each([
  ["van der", "Berg", "van der Berg"],
  ["d'", "Alembert", "d'Alembert"],
  ["", "Ruiz", "Ruiz"],
  ["van", "", null],
])("the prefix %j in a column of its own and %j are %j", (prefix, last, whole) => {
  const row = readRow(
    "Personeelsnummer|Voornaam|Tussenvoegsel|Achternaam|E-mail",
    `1|Una|${prefix}|${last}|u@corp.example`,
  );
  expect(row).toMatchObject(
    whole === null ? { issues: [{ code: "empty-name" }] } : { employee: { profile: { lastName: whole } } },
  );
});

test("days in a column that asks whether somebody has left are its end dates: that settles them all", () => {
  const row = readRow("Employee ID|First Name|Last Name|Email|Terminated", "1|Una|Frost|u@corp.example|2024-05-31");
  expect(row).toMatchObject({
    issues: [{ code: "dates-in-status", setting: { path: "roster.columns.end_date", value: "Terminated" } }],
  });
});

test("an empty status is a word like others for the configuration", () => {
  const header = "Employee ID|First Name|Last Name|Email|Active";
  expect(readRow(header, "1|Una|Frost|u@corp.example|")).toMatchObject({
    issues: [{ code: "empty-status", setting: { path: "roster.status", value: "" } }],
  });
  const status = { working: ["X"], gone: [""] };
  expect(readRow(header, "1|Una|Frost|u@corp.example|", { status })).toMatchObject({ employee: { isWorking: false } });
  expect(readRow(header, "1|Una|Frost|u@corp.example|x", { status })).toMatchObject({ employee: { isWorking: true } });
});

test("a date that is none names the order of dates that are written like it, not of the whole column", () => {
  const row = readRow("Employee ID|First Name|Last Name|Email|Hire Date", "1|Una|Frost|u@corp.example|31.02.2026", {
    dates: { ...ROSTER_DEFAULTS.dates, order: "dmy" },
  });
  expect(row).toMatchObject({
    issues: [
      {
        message:
          '"Hire Date" is "31.02.2026", which is not a day (dates with dots in this column are read as DD.MM.YYYY).',
      },
    ],
  });
});

test.each(["Maria Lopez", "Maria 2 Lopez"])("words in a column of dates are not repeated: %s may be a name", (cell) => {
  const row = readRow("Employee ID|First Name|Last Name|Email|Hire Date", `1|Una|Frost|u@corp.example|${cell}`);
  expect(codesOf(row)).toEqual(["bad-date"]);
  expect(JSON.stringify(row)).not.toContain("Lopez");
});

test("a remark behind the name that says somebody has left is a doubt, unless a column says the same", () => {
  const header = "Employee ID|Worker|Email|Status";
  expect(codesOf(readRow(header, "1|Ana Ruiz (Terminated)|a@corp.example|Active"))).toEqual(["status-in-name"]);
  expect(codesOf(readRow("Employee ID|Worker|Email", "1|Ana Ruiz (Inactive)|a@corp.example"))).toEqual([
    "status-in-name",
  ]);
  expect(codesOf(readRow(header, "1|Ana Ruiz (Terminated)|a@corp.example|Terminated"))).toEqual(["employee"]);
  expect(codesOf(readRow(header, "1|Ana Ruiz (1001)|a@corp.example|Active"))).toEqual(["employee"]);
  for (const name of ["Ana Ruiz (left 05/2024)", "DO NOT USE Ana Ruiz"])
    expect(codesOf(readRow(header, `1|${name}|a@corp.example|Active`))).toEqual(["status-in-name"]);
});

test.each(["Ana|Ruiz (Terminated)", "Ana (inactive)|Ruiz", "DO NOT USE|Ruiz"])(
  "so is one in a column of its own for the first or the last name: %s",
  (names) => {
    const header = "Employee ID|First Name|Last Name|Email";
    expect(codesOf(readRow(header, `1|${names}|a@corp.example`))).toEqual(["status-in-name"]);
    for (const other of [
      "Robert (Bob)|Ruiz",
      "Ana|Ruiz (Front-End)",
      "Ana|Doe [Retirement Plans]",
      "Ana|Ruiz (Left Bank)",
    ])
      expect(codesOf(readRow(header, `1|${other}|a@corp.example`))).toEqual(["employee"]);
  },
);

test.each(["01/01/1900", "0001-01-01", "1753-01-01", "1970-01-01", "12/30/1899", "1899-12-30"])(
  "an end on %s is how databases write that there is none",
  (end) => {
    const row = readRow(
      "Employee ID|First Name|Last Name|Email|Hire Date|End Date",
      `1|Una|Frost|u@corp.example|2021-05-03|${end}`,
      {
        dates: { ...ROSTER_DEFAULTS.dates, order: "mdy" },
      },
    );
    expect(row).toMatchObject({ kind: "employee", employee: { isWorking: true, endsOn: null } });
  },
);

test.each(["N/A", "-", "none", "NULL", "tbd", "1001.0"])("an employee id %j is none, or not the real one", (id) => {
  expect(codesOf(readRow("Employee ID|First Name|Last Name|Email", `${id}|Una|Frost|u@corp.example`))).toEqual([
    "bad-id",
  ]);
});

test("an address that stands in another column is not repeated in a message, nor proposed as a word", () => {
  const header = "Employee ID|First Name|Last Name|Email|Status|Hire Date|Time Zone|Tallyfy Role";
  const row = readRow(
    header,
    "1|Una|Frost|u@corp.example|bo@corp.example|cy@corp.example|di@corp.example|ed@corp.example",
  );
  expect(codesOf(row)).toEqual(["unknown-status", "unknown-role", "bad-time-zone", "bad-date"]);
  expect(JSON.stringify(row)).not.toMatch(/bo@|cy@|di@|ed@/);
});
