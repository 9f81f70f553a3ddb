import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Clue, clueIn, ordersLeft, type Sighting } from "../../src/domain/date-order.ts";
import { readDate } from "../../src/domain/dates.ts";
import type { Employee } from "../../src/domain/employee.ts";
import { read } from "./reading.ts";

interface Person {
  readonly first: string;
  readonly last: string;
  readonly local: string;
  readonly note: string;
  readonly hired: string;
}

const nameText = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 12 });
// In Windows-1252 without letters from 0x80 to 0xBF: behind an accent they can happen to be valid UTF-8 ("ßœ"), which nothing can
// tell apart; reader.test.ts has those letters.
const NAMES = { any: "abcdzéüßŁЖ葵अñ", western: "abcdzéüßñ" };
// Separators, quotes and line ends of every kind, in a column that nobody needs.
const noteText = fc.string({
  unit: fc.constantFrom("a", "é", ",", ";", "\t", "|", '"', "'", "\n", "\r\n", " "),
  maxLength: 10,
});

function people(letters: string): fc.Arbitrary<readonly Person[]> {
  const person = fc.record({
    first: nameText(letters),
    last: nameText(letters),
    local: fc.string({ unit: fc.constantFrom(..."abc019_"), minLength: 1, maxLength: 8 }),
    note: noteText,
    hired: fc
      .date({ min: new Date("2001-01-01"), max: new Date("2029-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
  });
  return fc.array(person, { minLength: 1, maxLength: 12 });
}

interface Dialect {
  readonly delimiter: string;
  readonly lineEnd: string;
  readonly quoteAll: boolean;
  readonly encoding: "utf8" | "bom" | "utf16le" | "utf16be" | "windows-1252" | "unmarked-le" | "unmarked-be";
  readonly title: boolean;
  readonly emailLast: boolean;
}

const dialects: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  quoteAll: fc.boolean(),
  encoding: fc.constantFrom("utf8", "bom", "utf16le", "utf16be", "windows-1252", "unmarked-le", "unmarked-be"),
  title: fc.boolean(),
  emailLast: fc.boolean(),
});

function write(roster: readonly Person[], dialect: Dialect): Buffer {
  const { delimiter, lineEnd, quoteAll, title, emailLast } = dialect;
  const cell = (text: string) => (quoteAll || /[,;\t|"'\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const order = (cells: string[], email: string) => (emailLast ? [...cells, email] : [email, ...cells]);
  const lines = roster.map((person, index) =>
    order([`E${index}`, person.first, person.last, person.note, person.hired], `${person.local}@corp${index}.example`),
  );
  const header = order(["Employee ID", "First Name", "Last Name", "Notes", "Hire Date"], "Work Email");
  const rows = [header, ...lines].map((cells) => cells.map(cell).join(delimiter));
  return encode([...(title ? ["Staff of today", ""] : []), ...rows, ""].join(lineEnd), dialect.encoding);
}

function encode(text: string, encoding: Dialect["encoding"]): Buffer {
  if (encoding === "utf8") return Buffer.from(text);
  if (encoding === "bom") return Buffer.from(`\ufeff${text}`);
  if (encoding === "utf16le") return Buffer.from(`\ufeff${text}`, "utf16le");
  if (encoding === "utf16be") return Buffer.from(`\ufeff${text}`, "utf16le").swap16();
  if (encoding === "unmarked-le") return Buffer.from(text, "utf16le");
  if (encoding === "unmarked-be") return Buffer.from(text, "utf16le").swap16();
  return Buffer.from(text, "latin1");
}

function expected(roster: readonly Person[]): string[] {
  return roster.map((person, index) =>
    JSON.stringify([`E${index}`, person.first, person.last, `${person.local}@corp${index}.example`, person.hired]),
  );
}

function essence({ key, profile, startsOn }: Employee): string {
  return JSON.stringify([key, profile.firstName, profile.lastName, profile.email, startsOn]);
}

const rosters = dialects.chain((dialect) =>
  people(dialect.encoding === "windows-1252" ? NAMES.western : NAMES.any).map((roster) => ({ dialect, roster })),
);

describe("any roster", () => {
  test("reads back the same from every dialect and encoding", async () => {
    await fc.assert(
      fc.asyncProperty(rosters, async ({ dialect, roster }) => {
        const { employees, issues, refused } = await read(write(roster, dialect));
        expect({ issues, refused }).toEqual({ issues: [], refused: null });
        expect(employees.map(essence)).toEqual(expected(roster));
      }),
      { numRuns: 150 },
    );
  });

  test("cut at any byte gives nobody who is not whole in the original", async () => {
    await fc.assert(
      fc.asyncProperty(rosters, fc.double({ min: 0, max: 1, noNaN: true }), async ({ dialect, roster }, share) => {
        const bytes = write(roster, dialect);
        const { employees } = await read(bytes.subarray(0, Math.floor(bytes.length * share)));
        const whole = new Set(expected(roster));
        for (const employee of employees) expect(whole).toContain(essence(employee));
      }),
      { numRuns: 250 },
    );
  });

  test("with some bytes changed gives rows or a refusal, never a crash", async () => {
    const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(rosters, damage, async ({ dialect, roster }, changes) => {
        const bytes = write(roster, dialect);
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        const { refused, rows } = await read(bytes);
        expect(refused === null ? rows.length : refused.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

/** A roster that has everything: accents, quotes, line breaks, a leaver, somebody who starts later, two styles of dates. */
const HEADER = ["Employee ID", "First Name", "Last Name", "Notes", "Status", "Hire Date", "Work Email"];
const PEOPLE = [
  ["E1", "Zoë", "Müller", 'a "b", c', "Active", "2021-03-11", "zoe@corp1.example"],
  ["E2", "Åsa", "van der Berg", "x\r\ny", "Terminated", "23/04/2019", "asa@corp2.example"],
  ["E3", "Ivo", "Marsh", "", "Active", "12/10/2031", "ivo@corp3.example"],
];

/** The columns in an order of their own, so that every kind of cell is once the last of its row. */
function rotated(cells: readonly string[], by: number): string[] {
  return [...cells.slice(by), ...cells.slice(0, by)];
}

function written(rows: readonly (readonly string[])[], dialect: Dialect, rotation = 0): Buffer {
  const { delimiter, lineEnd, quoteAll, title } = dialect;
  const cell = (text: string) => (quoteAll || /[,;\t|"'\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [HEADER, ...rows].map((cells) => rotated(cells, rotation).map(cell).join(delimiter));
  return encode([...(title ? ["Staff of today", ""] : []), ...lines, ""].join(lineEnd), dialect.encoding);
}

async function essences(bytes: Uint8Array, ...without: (keyof Employee)[]): Promise<string[]> {
  const { employees } = await read(bytes);
  const bare = Object.fromEntries(without.map((field) => [field, null]));
  return employees.map((employee) => JSON.stringify({ ...employee, ...bare, line: 0 }));
}

const DIALECTS: readonly Dialect[] = [
  { delimiter: ",", lineEnd: "\r\n", quoteAll: false, encoding: "utf8", title: true, emailLast: false },
  { delimiter: ";", lineEnd: "\n", quoteAll: true, encoding: "windows-1252", title: false, emailLast: false },
  { delimiter: "\t", lineEnd: "\r", quoteAll: false, encoding: "utf16le", title: false, emailLast: false },
  { delimiter: "|", lineEnd: "\n", quoteAll: false, encoding: "bom", title: false, emailLast: false },
];

describe("nobody who is not whole in the original is read", () => {
  test.each(DIALECTS)("from a file cut at any single byte: $encoding, separator $delimiter", async (dialect) => {
    const rotation = 2 * DIALECTS.indexOf(dialect);
    const bytes = written(PEOPLE, dialect, rotation);
    const whole = await essences(bytes);
    expect(whole).toHaveLength(PEOPLE.length);
    for (let length = 0; length < bytes.length; length += 1) {
      for (const essence of await essences(bytes.subarray(0, length))) expect(whole).toContain(essence);
    }
  });

  test.each([...HEADER.keys()])(
    "from a file cut anywhere in its last row, with column %i the first",
    async (rotation) => {
      for (const dialect of DIALECTS.slice(0, 2)) {
        const bytes = written(PEOPLE, dialect, rotation);
        const whole = await essences(bytes);
        for (let length = bytes.length - 60; length < bytes.length; length += 1) {
          for (const essence of await essences(bytes.subarray(0, length))) expect(whole).toContain(essence);
        }
      }
    },
  );

  test("from rows in another order, or rows that are there twice", async () => {
    const rows = fc.shuffledSubarray([...PEOPLE, ...PEOPLE], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...DIALECTS), rows, async (dialect, some) => {
        const whole = await essences(written(PEOPLE, dialect));
        for (const essence of await essences(written(some, dialect))) expect(whole).toContain(essence);
      }),
      { numRuns: 100 },
    );
  });

  test.each(HEADER)("from a file in which the column %s is blank", async (header) => {
    const at = HEADER.indexOf(header);
    for (const dialect of DIALECTS) {
      const blanked = PEOPLE.map((cells) => cells.map((cell, index) => (index === at ? "" : cell)));
      const isHarmless = header === "Notes" || header === "Hire Date";
      const whole = await essences(written(PEOPLE, dialect), "startsOn");
      const found = await essences(written(blanked, dialect), "startsOn");
      expect(found).toEqual(isHarmless ? whole : []);
    }
  });

  test("from a file in which the cells of one column are blank for some", async () => {
    const needed = fc.constantFrom(0, 1, 2, 4, 6);
    await fc.assert(
      fc.asyncProperty(needed, fc.subarray(PEOPLE, { maxLength: 2 }), async (at, kept) => {
        const some = PEOPLE.map((cells) =>
          cells.map((cell, index) => (index === at && !kept.includes(cells) ? "" : cell)),
        );
        for (const dialect of DIALECTS) {
          const whole = await essences(written(PEOPLE, dialect));
          for (const essence of await essences(written(some, dialect))) expect(whole).toContain(essence);
        }
      }),
      { numRuns: 40 },
    );
  });
});

test("random bytes are refused with a reason and what to do, never a crash", async () => {
  const csvLike = fc
    .uint8Array({ maxLength: 400 })
    .map((bytes) => bytes.map((byte) => '",;\n\r\tab@'.charCodeAt(byte % 9)));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 3000 }), csvLike), async (bytes) => {
      const { refused } = await read(bytes);
      expect(refused?.length).toBeGreaterThan(0);
      for (const issue of refused ?? []) {
        expect(issue.message).toMatch(/\.$/);
        expect(issue.fix).not.toBe("");
      }
    }),
    { numRuns: 300 },
  );
});

test("the order of dates is proved by exactly the rows that prove it, wherever they stand", async () => {
  const cell = fc.constantFrom(
    "01/02/2021",
    "13/02/2021",
    "02/13/2021",
    "25-12-2020",
    "05-06-2020",
    "2021-02-13",
    "",
    "x13/02/2021",
  );
  const note = fc.constantFrom("", 'a "b", c', "x\n13/02/2021,02/13/2021", "13/02/2021");
  const rows = fc.array(fc.tuple(cell, cell, note), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom("\n", "\r\n"), async (people, lineEnd) => {
      const lines = people.map(([hired, left, text], at) => [
        at,
        "Una",
        "Frost",
        text,
        hired,
        `u${at}@corp.example`,
        left,
      ]);
      const header = ["Employee ID", "First Name", "Last Name", "Notes", "Hire Date", "Work Email", "End Date"];
      const written = [header, ...lines].map((cells) => cells.map((text) => quotedWhereNeeded(String(text))).join(","));
      const { summary } = await read(written.join(lineEnd) + lineEnd, { include: [] });
      const orders = (summary?.dateOrders ?? []).map(
        ({ column, separator, order }) => `${column} ${separator} ${order}`,
      );
      const needed = people.some(([hired, left]) =>
        [hired, left].some((text) => ["01/02/2021", "05-06-2020"].includes(text)),
      );
      // A roster in which nobody can be read is refused, and says nothing of its dates.
      if (summary !== null) expect(orders.sort()).toEqual(needed ? expectedOrders(people) : []);
    }),
    { numRuns: 300 },
  );
});

test("years of two digits are read by the proof of the whole file, wherever it stands", async () => {
  const cell = fc.constantFrom(
    ...["26/12/01", " 26/12/01 ", "05/06/07", "05/06/07 00:00", "05/06/00", "00/05/06", "05/06/99", "99/12/01"],
    ...["12/26/01", "05/06/2021", "25/12/2021", "12/25/2021", "30/02/05", "05-06-07", "99-12-01", "05/06/071"],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 8 }), fc.boolean(), async (cells, isQuoted) => {
      const lines = cells.map((text, at) => `${at},Una,Frost,${isQuoted ? `"${text}"` : text},u${at}@corp.example`);
      // The last person's date needs no proof, so that somebody is read.
      const header = "Employee ID,First Name,Last Name,Hire Date,Work Email";
      const { rows } = await read(`${[header, ...lines, "z,Una,Frost,2020-01-01,z@corp.example"].join("\n")}\n`);

      const proof = new Map<string, Partial<Record<Clue, Sighting>>>();
      for (const text of cells) {
        const found = clueIn(text);
        if (found === null) continue;
        const clues = proof.get(found.separator) ?? {};
        clues[found.clue] = { line: 0, cell: text };
        proof.set(found.separator, clues);
      }
      const expected = cells.map((text) => {
        const reading = readDate(text, (separator, isFull) => ordersLeft("auto", proof, separator, isFull));
        return reading.kind === "day" ? reading.day : null;
      });
      const starts = rows.slice(0, -1).map((row) => (row.kind === "employee" ? row.employee.startsOn : null));
      expect(starts).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

function quotedWhereNeeded(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function expectedOrders(people: readonly (readonly [string, string, string])[]): string[] {
  const found: string[] = [];
  for (const [at, column] of ["Hire Date", "End Date"].entries()) {
    const cells = people.map((person) => person[at]);
    const proves = { dmy: cells.includes("13/02/2021"), mdy: cells.includes("02/13/2021") };
    const order = proves.dmy && proves.mdy ? "null" : proves.dmy ? "dmy" : "mdy";
    if (proves.dmy || proves.mdy) found.push(`${column} / ${order}`);
    if (cells.includes("25-12-2020")) found.push(`${column} - dmy`);
  }
  return found.sort();
}
