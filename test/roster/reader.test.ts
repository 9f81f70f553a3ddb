import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { normaliseEmail } from "../../src/domain/profile.ts";
import { ROSTER_DEFAULTS } from "../../src/domain/roster-options.ts";
import { createRosterReader } from "../../src/roster/reader.ts";
import { codes, fingerprint, read } from "./reading.ts";

const HEADER = "Employee ID,First Name,Last Name,Work Email,Status,Department\n";
const UNA = "1,Una,Frost,una@corp.example,Active,Sales\n";
const IVO = "2,Ivo,Marsh,ivo@corp.example,Active,Ops\n";

describe("a roster", () => {
  test("becomes employees with their keys, hashes and lines", async () => {
    const { employees, summary } = await read(HEADER + UNA + IVO);
    expect(employees[0]).toEqual({
      key: "1",
      emailHash: fingerprint(`email\n${normaliseEmail("una@corp.example")}`),
      profile: { email: "una@corp.example", firstName: "Una", lastName: "Frost", role: "standard", timeZone: null },
      isWorking: true,
      hasWorkingStatus: true,
      startsOn: null,
      endsOn: null,
      line: 2,
    });
    expect(summary).toMatchObject({
      encoding: "utf-8",
      delimiter: ",",
      headerLine: 1,
      rows: 2,
      employees: 2,
      unreadable: 0,
    });
  });

  test("without ids has the hash of the address as the key; an id that is an address is no key in clear", async () => {
    const without = await read("First Name,Last Name,Email\nUna,Frost,Una@Corp.example\n");
    expect(without.employees[0]?.key).toBe(fingerprint("email\nuna@corp.example"));
    const withAddress = await read("User ID,First Name,Last Name,Email\nuna@corp.example,Una,Frost,una@corp.example\n");
    expect(withAddress.employees[0]?.key).toBe(fingerprint("id\nuna@corp.example"));
  });

  test("tells its summary only after the last row", async () => {
    const reading = createRosterReader({ ...ROSTER_DEFAULTS, fingerprint }).open("/nowhere.csv");
    expect(() => reading.summary()).toThrow();
  });

  test("of some thousands comes in batches, each row once and in order", async () => {
    const count = 3210;
    const lines = Array.from(
      { length: count },
      (_, index) => `${index},Una,Frost,u${index}@corp.example,Active,Sales\n`,
    );
    const { rows } = await read(HEADER + lines.join(""));
    expect(rows.map((row) => (row.kind === "employee" ? row.employee.line : -1))).toEqual(lines.map((_, at) => at + 2));
  });
});

describe("what a reading counts", () => {
  const header = "Employee ID,First Name,Last Name,Work Email,Department\n";
  const rows = "1,Una,Frost,una@corp.example,Sales\n2,Ivo,Marsh, ,Ops\n";

  test("is how many rows have a value in each column that is used", async () => {
    const { summary } = await read(header + rows);
    expect(summary?.columns.map((column) => column.filled)).toEqual([2, 2, 2, 1, 0]);
  });

  test("is the last line of the file, and no trailer where it has none", async () => {
    expect((await read(header + rows)).summary).toMatchObject({ lastLine: 3, trailer: null });
    expect((await read(`${header + rows}\n\n`)).summary).toMatchObject({ lastLine: 5, trailer: null });
  });

  test.each([
    ["Total,,,,2\n", { line: 4, count: 2, hasEndMark: false }],
    ["Number of employees: 2\n#EOF", { line: 4, count: 2, hasEndMark: true }],
    ["Total,,,2\nReport generated 2026-09-01\n", { line: 4, count: 2, hasEndMark: false }],
    ["Page 3\n", { line: 4, count: null, hasEndMark: false }],
    ["Total,2,1240\n", { line: 4, count: null, hasEndMark: false }],
    ["Total,1240.50\n", { line: 4, count: null, hasEndMark: false }],
  ])("is what the trailer %j says", async (text, trailer) => {
    expect((await read(header + rows + text)).summary?.trailer).toEqual(trailer);
  });

  test("is no trailer where people follow it", async () => {
    const { summary } = await read(`${header}Total,1\n${rows}`);
    expect(summary?.trailer).toBeNull();
  });
});

describe("a compressed file", () => {
  const text = Buffer.from(HEADER + UNA + IVO);

  test("is read as what is in it, and hashed as it lies on the disk", async () => {
    const packed = gzipSync(text);
    const { employees, summary } = await read(packed);
    expect(employees.map((employee) => employee.key)).toEqual(["1", "2"]);
    expect(summary?.sha256).toBe(createHash("sha256").update(packed).digest("hex"));
    expect(summary?.bytes).toBe(packed.length);
  });

  test("cut at any byte is refused: its end is part of its proof", async () => {
    const packed = gzipSync(text);
    for (let length = 3; length < packed.length; length += 1) {
      const { rows, refused } = await read(packed.subarray(0, length));
      expect([rows.length, codes(refused)]).toEqual([0, ["cut-off"]]);
    }
  });

  test("with a damaged byte, or packed twice, or with nothing in it, is refused with the reason", async () => {
    const damaged = Buffer.from(gzipSync(text));
    damaged[damaged.length - 6] = (damaged.at(-6) ?? 0) ^ 1;
    expect(codes((await read(damaged)).refused)).toEqual(["damaged"]);
    expect(codes((await read(gzipSync(gzipSync(text)))).refused)).toEqual(["compressed"]);
    expect(codes((await read(gzipSync("")))?.refused)).toEqual(["empty-file"]);
  });

  test("that unpacks to hundreds of times its size is refused before it is read whole", async () => {
    const bomb = gzipSync(Buffer.concat([text, Buffer.alloc(40_000_000, "aaaaaaa\n")]));
    expect(codes((await read(bomb)).refused)).toEqual(["unpacks-too-far"]);
  });
});

describe("encodings", () => {
  const text = "Employee ID,First Name,Last Name,Work Email\n1,Zoë,Œuvré Žák –x,zoe@corp.example\n";
  const cp1252 = Buffer.from(text.replace("Œ", "\x8c").replace("–", "\x96").replace("Ž", "\x8e"), "latin1");
  const name = { firstName: "Zoë", lastName: "Œuvré Žák –x" };

  test.each([
    ["utf-8", Buffer.from(text)],
    ["utf-8", Buffer.from(`\ufeff${text}`)],
    ["utf-16le", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["utf-16be", Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
    ["utf-16le", Buffer.from(text, "utf16le")],
    ["utf-16be", Buffer.from(text, "utf16le").swap16()],
    ["windows-1252", cp1252],
  ])("%s is found from the file itself", async (encoding, bytes) => {
    const { employees, summary } = await read(bytes);
    expect(summary?.encoding).toBe(encoding);
    expect(employees[0]?.profile).toMatchObject(name);
  });

  test.each(["windows-1252", "iso-8859-1", "iso-8859-15", "utf-16le", "utf-8"] as const)(
    "the configured encoding (%s) is for files that are not UTF-8: one that is stays right, with a mark and without",
    async (encoding) => {
      for (const mark of ["", "\ufeff"]) {
        const { employees, summary } = await read(`${mark}${text}`, { encoding });
        expect(summary?.encoding).toBe("utf-8");
        expect(employees[0]?.profile).toMatchObject(name);
      }
    },
  );

  test.each(["windows-1252", "windows-1250", "shift_jis", "utf-16be"] as const)(
    "UTF-16 without a mark is found, whatever is configured (%s)",
    async (encoding) => {
      const { employees, summary } = await read(Buffer.from(text, "utf16le"), { encoding });
      expect(summary?.encoding).toBe("utf-16le");
      expect(employees[0]?.profile).toMatchObject(name);
    },
  );

  test("the configured encoding is taken for the whole of a file that is not UTF-8, without a question", async () => {
    const bytes = Buffer.from(text.replace("Œuvré Žák –x", "Wójcik"), "latin1");
    const { employees, summary } = await read(bytes, { encoding: "iso-8859-2" });
    expect(summary?.encoding).toBe("iso-8859-2");
    expect(employees[0]?.profile).toMatchObject({ firstName: "Zoë", lastName: "Wójcik" });
    expect(codes(summary?.remarks ?? [])).not.toContain("not-utf-8");
  });

  test("a few bytes that are letters in UTF-8 and in the configured encoding are asked about", async () => {
    const bytes = Buffer.from(`${HEADER}1,Ewa,J\xd3\xacWIAK,e@corp.example\n`, "latin1");
    expect((await read(bytes, { encoding: "iso-8859-2" })).refused).toMatchObject([
      { code: "ambiguous-encoding", line: 2, message: expect.stringContaining("iso-8859-2") },
    ]);
    const many = Array.from({ length: 8 }, (_, at) => `${at + 2},Zoë,Frost,z${at}@corp.example,Active,Sales\n`).join(
      "",
    );
    expect((await read(`${HEADER}${many}`, { encoding: "iso-8859-2" })).summary?.encoding).toBe("utf-8");
    expect((await read(`${HEADER}${UNA}`, { encoding: "iso-8859-2" })).refused).toBeNull();
  });

  test("a byte that is not UTF-8 is never replaced: strict UTF-8 refuses, and says where", async () => {
    const { refused } = await read(cp1252, { encoding: "utf-8" });
    expect(refused).toMatchObject([{ code: "not-utf-8", line: 2 }]);
  });

  test("a file that is nearly all UTF-8 is not read as something else", async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${text}2,Jürgen,x,j@corp.example\n3,J`),
      Buffer.from([0xf6, 0x72]),
      Buffer.from(",x,k@corp.example\n"),
    ]);
    for (const encoding of ["auto", "windows-1252", "shift_jis"] as const) {
      expect((await read(bytes, { encoding })).refused).toMatchObject([{ code: "mixed-encoding", line: 4 }]);
    }
  });

  test("what was spoilt before the export does not make the rest UTF-8: a person may say so", async () => {
    const bytes = Buffer.from(`${text.replace("Œuvré Žák –x", "Müller")}2,ZoÃ«,Gruß,g@corp.example\n`, "latin1");
    expect((await read(bytes)).refused).toMatchObject([{ code: "mixed-encoding", line: 2 }]);
    const { employees, issues } = await read(bytes, { encoding: "windows-1252" });
    expect(employees.map(({ profile }) => profile.lastName)).toEqual(["Müller"]);
    expect(codes(issues)).toEqual(["spoilt-name"]);
  });

  test("a UTF-8 file cut in a character is cut off, whatever is configured", async () => {
    const bytes = Buffer.from(`${text}2,Jü`).subarray(0, -1);
    expect(codes((await read(bytes, { encoding: "windows-1252" })).refused)).toEqual(["cut-off"]);
  });

  test.each([
    ["windows-1252", Buffer.concat([cp1252, Buffer.from([0x32, 0x2c, 0x81, 0x0a])]), 3, "Character 3 of line 3"],
    ["shift_jis", Buffer.from("Employee ID,Name\r\n1,\x82\xa0\x85\xfd\n", "latin1"), 2, "Character 4 of line 2"],
    [
      "utf-16le",
      Buffer.concat([Buffer.from(`\ufeff${text}1,É`, "utf16le"), Buffer.from([0x00, 0xd8, 0x2c, 0x00])]),
      3,
      "Character 4 of line 3",
    ],
  ] as const)(
    "what means nothing in %s refuses the file, with line and column",
    async (encoding, bytes, line, where) => {
      const [first] = (await read(bytes, { encoding: encoding === "shift_jis" ? encoding : "auto" })).refused ?? [];
      expect(first).toMatchObject({ code: "undecodable", line, message: expect.stringContaining(where) });
    },
  );

  test("it is found far down in a large file, too", async () => {
    const rows = Array.from({ length: 40_000 }, (_, at) => `${at},Zoë,Frost,z${at}@corp.example\n`).join("");
    const bytes = Buffer.concat([Buffer.from(text + rows, "latin1"), Buffer.from("x,\x8fy,,\n", "latin1")]);
    expect((await read(bytes)).refused).toMatchObject([
      { code: "undecodable", line: 40_003, message: expect.stringContaining("Character 3 of line 40003") },
    ]);
  });

  test("a file cut in the middle of a character is refused", async () => {
    const bytes = Buffer.from(`${text}2,Jü`);
    expect(codes((await read(bytes.subarray(0, -1))).refused)).toEqual(["cut-off"]);
    const wide = Buffer.from(`\ufeff${text}`, "utf16le");
    expect((await read(wide.subarray(0, -1))).refused).toMatchObject([{ code: "cut-off" }]);
  });

  test("NUL bytes are refused with their line and column, also in UTF-16", async () => {
    const damaged = `${HEADER}${UNA}2,I\0vo,x\n`;
    expect((await read(damaged)).refused).toMatchObject([
      { code: "nul-bytes", line: 3, message: expect.stringContaining("byte 4 of line 3") },
    ]);
    expect((await read(Buffer.from(damaged, "utf16le"))).refused).toMatchObject([
      { code: "nul-bytes", line: 3, message: expect.stringContaining("Character 4 of line 3") },
    ]);
    expect(codes((await read(Buffer.alloc(2000, "x\0\0y"))).refused)).toEqual(["nul-bytes"]);
  });

  test("a wide character across two pieces of the file stays whole", async () => {
    const filler = Array.from({ length: 9000 }, (_, index) => `${index},Zoë葵,Œuvré,z${index}@corp.example\n`).join("");
    for (const shift of ["", "x", "xx", "xxx"]) {
      const { employees } = await read(
        `Employee ID,First Name,Last Name,Work Email,N${shift}\n${filler.replaceAll("\n", ",\n")}`,
      );
      expect(employees).toHaveLength(9000);
      expect(new Set(employees.map((employee) => employee.profile.firstName))).toEqual(new Set(["Zoë葵"]));
    }
  });
});

describe("shapes of files", () => {
  test.each([
    [",", "\n"],
    [";", "\r\n"],
    ["\t", "\r"],
    ["|", "\n"],
  ])("separator %j and line end %j are found", async (separator, end) => {
    const text = (HEADER + UNA + IVO).replaceAll(",", separator).replaceAll("\n", end);
    const { employees, summary } = await read(text);
    expect(employees.map((employee) => employee.line)).toEqual([2, 3]);
    expect(summary?.delimiter).toBe(separator);
  });

  test("a separator inside quotes counts for nothing", async () => {
    const { employees, summary } = await read(
      'Employee ID;"First; Name, x|y";"First Name";Last Name;E-Mail\n1;"a,b,c,d,e,f";Una;"Frost";u@corp.example\n',
    );
    expect(summary?.delimiter).toBe(";");
    expect(employees).toHaveLength(1);
  });

  test("mixed line ends, blank lines and line breaks in cells leave line numbers true", async () => {
    const text = `${HEADER}1,Una,Frost,una@corp.example,Active,"a\r\nb\nc"\r\n\r\n,,,,,\n${IVO}3,Ada,Reed,no,Active,x\r`;
    const { employees, issues } = await read(text);
    expect(employees.map((employee) => employee.line)).toEqual([2, 7]);
    expect(issues).toMatchObject([{ code: "bad-email", line: 8 }]);
  });

  test("rows with too few or too many cells are reported with their line, neither swallowed nor shifted", async () => {
    const { rows, issues, summary } = await read(
      `${HEADER}${UNA}2,Ivo,Marsh\n3,Reed, Ada,ada@corp.example,Active,Ops,\n${IVO}`,
    );
    expect(issues).toMatchObject([
      { code: "too-few-cells", line: 3 },
      { code: "too-many-cells", line: 4 },
    ]);
    expect(rows.map((row) => row.kind)).toEqual(["employee", "unreadable", "unreadable", "employee"]);
    expect(summary).toMatchObject({ rows: 4, employees: 2, unreadable: 2 });
  });

  test("a quote that is never closed refuses the file, with the line where it was opened", async () => {
    const text = `${HEADER}${UNA}2,Ivo,Marsh,ivo@corp.example,"Act\nive","Ops\n${UNA}${UNA}`;
    expect((await read(text)).refused).toMatchObject([{ code: "open-quote", line: 4 }]);
  });

  test("a quote closed by a later row refuses the file: it would have swallowed people", async () => {
    const text = `${HEADER}${UNA}2,"Ivo,Marsh,ivo@corp.example,Active,Ops\n3,"Ada",Reed,ada@corp.example,Active,Ops\n`;
    expect((await read(text)).refused).toMatchObject([{ code: "open-quote", line: 3 }]);
  });

  test("a doubled quote at the beginning of a cell is what it should be, also over several lines", async () => {
    const { employees, issues } = await read(`${HEADER}1,Una,Frost,una@corp.example,Active,"""a"",\n""b"" c"\n${IVO}`);
    expect(issues).toEqual([]);
    expect(employees.map((employee) => employee.line)).toEqual([2, 4]);
  });

  test("a cell that goes on after its closing quote is reported, and the next row is read", async () => {
    const { employees, issues } = await read(`${HEADER}1,"Una" x,Frost,una@corp.example,Active,a\n${IVO}`);
    expect(issues).toMatchObject([{ code: "stray-quote", line: 2 }]);
    expect(employees.map((employee) => employee.line)).toEqual([3]);
  });

  test("a quote inside an unquoted cell is a character like any other", async () => {
    const { employees } = await read(`${HEADER}1,Una,Frost,una@corp.example,Active,5" pipes\n`);
    expect(employees).toHaveLength(1);
  });

  test("a record longer than the limit refuses the file at once, without reading the rest into memory", async () => {
    const text = `${HEADER}${UNA}2,"${"x\n".repeat(50_000)}`;
    expect((await read(text, { maxRecordBytes: 2000 })).refused).toMatchObject([{ code: "open-quote", line: 3 }]);
    const long = `${HEADER}${UNA}2,${"x".repeat(5000)}\n`;
    expect((await read(long, { maxRecordBytes: 2000 })).refused).toMatchObject([{ code: "long-record", line: 3 }]);
    const wide = `${HEADER}${UNA}${",".repeat(5000)}\n`;
    expect((await read(wide, { maxRecordBytes: 2000 })).refused).toMatchObject([{ code: "long-record", line: 3 }]);
  });

  test.each([
    ["", "empty-file"],
    ["\n\n  \n", "empty-file"],
    [HEADER, "no-rows"],
    [`${HEADER},,,,,\nTotal,,,,,0\n`, "no-rows"],
    [`${HEADER}1\n2\n`, "nothing-readable"],
    ["1,Una,Frost,una@corp.example\n", "no-header"],
    ["PK\x03\x04rest", "spreadsheet"],
    ["\xfd7zXZ\0\0", "compressed"],
    [`roster.csv${"\0".repeat(247)}ustar${"\0".repeat(300)}`, "compressed"],
    ["\xff\xfe\0\0E\0\0\0m\0\0\0", "unknown-encoding"],
    ["-----BEGIN PGP MESSAGE-----\n\nabc\n", "encrypted"],
    ["\ufeff\n<html><body><table><tr><td>Employee ID</td></tr></table></body></html>\n", "not-text"],
    ['[{"Employee ID":"1"}]\n', "not-text"],
    ["[]\n", "not-text"],
    ["{ }", "not-text"],
    ["\x1f\x8brest", "damaged"],
    ["hello\n", "no-header"],
    ["Work Email\nuna@corp.example\n", "missing-name"],
  ])("%j is refused as a whole: %s", async (text, code) => {
    const { refused } = await read(Buffer.from(text, "latin1"));
    expect(refused?.[0]?.code).toBe(code);
    for (const issue of refused ?? []) expect(issue.fix).not.toBe("");
  });

  test("headers that the language knows are headers like any other", async () => {
    const { employees } = await read(
      "__proto__,constructor,First Name,Last Name,Work Email\nx,y,Una,Frost,una@corp.example\n",
    );
    expect(employees[0]?.profile.firstName).toBe("Una");
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test("a header repeated in the middle and a footer are named, and are no people", async () => {
    const { summary, employees } = await read(`${HEADER}${UNA}${HEADER}${IVO}Total,2,,,,\n#EOF\n`);
    expect(employees).toHaveLength(2);
    expect(summary?.remarks.map(({ code, line }) => [code, line])).toEqual([
      ["aside-repeated-header", 3],
      ["aside-footer", 5],
      ["aside-footer", 6],
    ]);
  });
});

test("a header in the middle with its columns in another order refuses the file: below it names would change places", async () => {
  const [id, first, last, ...rest] = HEADER.trimEnd().split(",");
  const moved = `${[id, last, first, ...rest].join(",")}\n`;
  for (const quoted of [moved, moved.replace(`${first}`, `"${first}"`)]) {
    const { refused } = await read(`${HEADER}${UNA}${quoted}${IVO}`);
    expect(refused).toMatchObject([{ code: "moved-header", line: 3 }]);
  }
});

test("a header far below blank lines is looked for so far, and no file with text in it is called blank", async () => {
  expect((await read(`${"\n".repeat(60)}${HEADER}${UNA}`)).employees).toHaveLength(1);
  const { refused } = await read(`${"\n".repeat(250)}${HEADER}${UNA}`);
  expect(refused).toMatchObject([{ code: "empty-file" }]);
  expect(refused?.[0]?.message).not.toContain("The file has no text");
});

describe("whole names with the last name in front", () => {
  const header = "Employee ID,Employee,Email\n";
  const reversed =
    "1,Ruiz Ana,ana.ruiz@corp.example\n2,Okoro Ben,b.okoro@corp.example\n3,Frost Una,una.frost@corp.example\n";

  test("are asked about where the addresses tell, and turned where the configuration says so", async () => {
    const { refused } = await read(header + reversed);
    expect(refused).toMatchObject([
      { code: "name-order", setting: { path: "roster.names.order", value: "last-first" } },
    ]);
    const names = { ...ROSTER_DEFAULTS.names, order: "last-first" } as const;
    const { employees } = await read(header + reversed, { names });
    expect(employees.map(({ profile }) => `${profile.firstName}|${profile.lastName}`)).toEqual([
      "Ana|Ruiz",
      "Ben|Okoro",
      "Una|Frost",
    ]);
    const asIs = await read(header + reversed, { names: { ...names, order: "first-last" } });
    expect(asIs.employees[0]?.profile).toMatchObject({ firstName: "Ruiz", lastName: "Ana" });
  });

  test.each([
    ["few rows", reversed.split("\n").slice(0, 2).join("\n")],
    ["a comma", reversed.replaceAll(/,(\w+) (\w+),/g, ',"$1, $2",')],
    ["the other order in some", `${reversed}4,Ivo Marsh,ivo.marsh@corp.example\n`],
    ["addresses that tell nothing", reversed.replaceAll(/\w+\.(\w+)@/g, "$1@")],
  ])("are not assumed for %s", async (_, rows) => expect((await read(header + rows)).refused).toBeNull());
});

describe("rows that end with a separator", () => {
  const header = "Employee ID,First Name,Last Name,Email,City\n";
  const rows = (end: string) =>
    ["Una", "Ivo", "Ada"].map((name, at) => `${at + 1},${name},Frost,${name}@corp.example,Bonn${end}\n`).join("");

  test("which the header has not: all of them, and they are read with a remark", async () => {
    const { employees, summary } = await read(header + rows(","));
    expect(employees.map(({ profile }) => profile.firstName)).toEqual(["Una", "Ivo", "Ada"]);
    expect(codes(summary?.remarks ?? [])).toContain("separator-at-end");
    expect(summary?.columns.map((column) => column.header)).toEqual([...header.trim().split(","), ""]);
  });

  test("which only the header has: it is read without", async () => {
    const { employees, summary } = await read(header.replace("\n", ",\n") + rows(""));
    expect(employees).toHaveLength(3);
    expect(codes(summary?.remarks ?? [])).toContain("separator-at-end");
  });

  test("a row among them that ends otherwise, or has one more, is not shifted into place", async () => {
    const others = "4,Eva,Lund,e@corp.example,Bonn\n5,Max,Lund,m@corp.example,Bonn, West,\n";
    const { issues } = await read(header + rows(",").repeat(8) + others);
    expect(codes(issues)).toEqual(["too-few-cells", "too-many-cells"]);
  });

  test("what stands behind the separator in some later row is not dropped: the row is not shifted into place", async () => {
    const later = "9,Eva,Lund,e@corp.example,Bonn,2020-01-01\n";
    const { issues, employees } = await read(header + rows(",").repeat(8) + later);
    expect([codes(issues), employees.length]).toEqual([["too-many-cells"], 24]);
  });

  test.each([
    ["one row that does not", `${rows(",")}4,Eva,Lund,e@corp.example,Bonn\n`],
    ["few rows", rows(",").split("\n").slice(0, 2).join("\n")],
    ["something behind it", rows(",x")],
  ])("is not assumed for %s", async (_, below) => {
    const { employees, refused, issues } = await read(header + below);
    expect(codes(refused ?? issues)).toContain("too-many-cells");
    expect(employees.length).toBeLessThan(2);
  });
});

test.each([
  ["quoted-lines", '"Employee ID,First Name,Last Name,Work Email"\n"1,Una,Frost,una@corp.example"\n'],
  ["quoted-lines", '"Employee ID;""First Name"";Last Name;Work Email"\n"1;Una;Frost;una@corp.example"\n'],
])("a file whose lines are cells is refused for that: %s", async (code, text) =>
  expect(codes((await read(text)).refused)).toEqual([code]),
);

test("a lone text in a row is one problem, and a lone id is somebody of whom the rest is missing", async () => {
  const header = "Employee ID,First Name,Last Name,Work Email\n1,Una,Frost,una@corp.example\n";
  const { issues } = await read(`${header}Department: Sales,,,\n,,Seen by HR,\nChecked by HR\n7,,,\n`);
  expect(codes(issues)).toEqual(["lone-cell", "lone-cell", "lone-cell", "empty-email", "empty-name", "empty-name"]);
});

test("rows with another separator than the header are said to have one", async () => {
  const { refused } = await read(`${HEADER.replaceAll(",", ";")}${UNA}`);
  expect(codes(refused)).toEqual(["nothing-readable", "other-separator"]);
});

describe("a file that speaks against itself", () => {
  const header = "Employee ID,First Name,Last Name,Work Email\n";
  const una = "1,Una,Frost,una@corp.example\n";
  const ivo = "2,Ivo,Marsh,ivo@corp.example\n";

  test.each([
    ["leavers-below", `${header}${una}\nTerminated Employees\n${header}${ivo}`],
    ["leavers-below", `${header}${una}Terminated,,,\n${ivo}`],
    ["leavers-below", `Leavers Report 2026\n${header}${una}`],
    ["leavers-below", `"Filter:","Status = Terminated"\n${header}${una}`],
    ["rows-below-end", `${header}${una}#EOF\n${ivo}`],
    ["pages-missing", `${header}${una}"Page 1 of 3",,,\n`],
    ["says-cut-off", `${header}${una}"Row limit reached. Only the first 1 rows were exported."\n`],
    ["says-cut-off", `Export was truncated\n${header}${una}`],
    ["says-cut-off", `${header}${una}Not all rows are shown,,,\n`],
  ])("is refused: %s", async (code, text) => expect(codes((await read(text)).refused)).toEqual([code]));

  test.each([
    [
      "a column says who has left",
      `Leavers and others\n${header.replace("\n", ",Status\n")}${una.replace("\n", ",Active\n")}`,
    ],
    ["nobody stands below", `${header}${una}Terminated,,,\n`],
    ["the pages are all there", `${header}${una}Page 1 of 2,,,\n${ivo}Page 2 of 2,,,\n`],
    ["the leavers are none, and others follow", `${header}Terminated Employees,,,\nActive Employees,,,\n${una}`],
    [
      "what stands below the end is nobody",
      `${header}${una}End of Report\nSource: SAP HCM,,,\n(c) 2026 Example Corp. All rights reserved.\n`,
    ],
    ["it counts, and ends", `${header}${una}Terminated,,,\n#EOF\n`],
  ])("is read where %s", async (_, text) => {
    const { refused, issues, employees } = await read(text);
    expect([refused, issues.filter(({ code }) => code !== "lone-cell")]).toEqual([null, []]);
    expect(employees.length).toBeGreaterThan(0);
  });

  test("is refused for all of it at once", async () => {
    const { refused } = await read(`Leavers\n${header}${una}Page 1 of 3,,,\n`);
    expect(codes(refused)).toEqual(["leavers-below", "pages-missing"]);
  });

  test("is read where a person says that nobody in it has left", async () => {
    const text = `Leavers\n${header}${una}`;
    expect((await read(text, { columns: { status: "" } })).employees).toHaveLength(1);
  });

  test.each([
    ["Total records: 1200\n", "", 1200],
    ["Employee List (1 of 1200 records)\n", "", 1200],
    ["Total Rewards 2026\n", "", null],
    ["Employees: 1200\n", "Employees: 1,,,\n", 1],
    ["", "Records 1-1 of 1200,,,\n", 1200],
  ])("gives its own count: %j above, %j below: %s", async (above, below, count) => {
    const { summary } = await read(above + header + una + below);
    expect(summary?.trailer?.count ?? null).toBe(count);
  });
});

describe("where the table is", () => {
  test.each([25, 90])("a header below %i title lines is found, and lines above it are named", async (count) => {
    const titles = Array.from({ length: count }, (_, at) => `note ${at}\n`).join("");
    const { employees, summary } = await read(`${titles}${HEADER}${UNA}`);
    expect(employees).toHaveLength(1);
    expect(summary?.headerLine).toBe(count + 1);
    const above = (summary?.remarks ?? []).filter(({ code }) => code === "lines-above-header");
    expect(above.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
    expect(above.at(-1)?.message).toContain(`${count - 5} more`);
  });

  test("a title line and a blank one are both named", async () => {
    const { summary } = await read(`Employees of Corp\n\n${HEADER}${UNA}`);
    expect(summary?.remarks.map(({ code, line }) => [code, line])).toEqual([
      ["lines-above-header", 1],
      ["lines-above-header", 2],
    ]);
  });

  test("where no header is found it is said how far was looked", async () => {
    const { refused } = await read(`${"note\n".repeat(300)}${HEADER}${UNA}`);
    expect(refused).toMatchObject([{ code: "no-header", message: expect.stringContaining("first 100") }]);
  });

  test("a header that is misspelt almost throughout is still the header, and each column is proposed", async () => {
    const { refused } = await read(
      "Report,ours\nEmploee ID,Frist Nam,Lst Name,Wrok Email,Hired\n1,Una,Frost,una@corp.example,Active\n",
    );
    expect(refused?.map(({ code, line, setting }) => [code, line, setting?.value])).toEqual([
      ["missing-email", 2, "Wrok Email"],
      ["missing-name", 2, "Frist Nam"],
      ["missing-name", 2, "Lst Name"],
    ]);
  });

  test.each([
    ["sep=;\n", {}, 1],
    ["", { delimiter: ";" as const }, null],
    ["sep=,\n", { delimiter: "|" as const }, null],
  ])("a wrong separator is blamed where it was given: %j %j", async (first, options, line) => {
    const { refused } = await read(`${first}${HEADER}${UNA}`, options);
    expect(refused).toMatchObject([
      { code: "wrong-separator", line, setting: { path: "roster.delimiter", value: ",", or: null } },
    ]);
    expect((await read(`${first}${HEADER}${UNA}`, { delimiter: "," })).employees).toHaveLength(1);
  });

  test("people above the line that is recognised as the header would be lost: the file is refused", async () => {
    const foreign = "Tunniste,Etunimi,Sukunimi,Sposti,Tila,Osasto\n";
    const { refused } = await read(`${foreign}${UNA}${HEADER}${IVO}`);
    expect(refused).toMatchObject([{ code: "rows-above-header", line: 2 }]);
    const addressed = await read(
      `${foreign.replace("Sposti", "Puhelin")}${UNA.replace("@corp.example", "")}${HEADER}${IVO}`,
    );
    expect(addressed.refused).toMatchObject([{ code: "rows-above-header", line: 2 }]);
    const title = "Company,Corp,Contact,hr@corp.example,,\n";
    expect(
      (await read(`Contact,hr@corp.example,,,,\nPeriod,11/01/2026,11/30/2026,,,\n${HEADER}${UNA}`)).employees,
    ).toHaveLength(1);
    expect(codes((await read(`${title}${HEADER}${UNA}`)).refused)).toEqual(["rows-above-header"]);
    const about = "Exported by,hr@corp.example,2024-05-01,,,\nSales,10,9,1,10,3\n";
    expect((await read(`${about}${HEADER}${UNA}`)).employees).toHaveLength(1);
  });
});

test("ids that are dates with a number behind are no personal numbers, although some have the right check digit", async () => {
  const rows = Array.from(
    { length: 48 },
    (_, at) => `240115-${String(at).padStart(4, "0")},Una,Frost,u${at}@corp.example,Active,Sales\n`,
  );
  expect((await read(HEADER + rows.join(""))).refused).toBeNull();
});

test("national ids among other ids are found", async () => {
  const ids = Array.from({ length: 180 }, (_, at) => (at % 9 < 4 ? `123-45-${6000 + at}` : `E${at}`));
  const rows = ids.map((id, at) => `${id},Una,Frost,u${at}@corp.example,Active,Sales\n`).join("");
  expect(codes((await read(HEADER + rows)).refused)).toEqual(["sensitive-column"]);
});

describe("the last row of a file without a final line end", () => {
  test("is taken when the last cell is not needed, and remarked on", async () => {
    const { employees, summary } = await read(HEADER + UNA + IVO.trimEnd());
    expect(employees).toHaveLength(2);
    expect(codes(summary?.remarks ?? [])).toEqual(["no-final-line-end"]);
  });

  test("is reported when the last cell is needed: the rest of an address may be missing", async () => {
    const { employees, rows, issues } = await read(
      "Employee ID,First Name,Last Name,Work Email\n1,Una,Frost,u@corp.example\n2,Ivo,Marsh,i@corp.exam",
    );
    expect(employees).toHaveLength(1);
    expect(codes(issues)).toEqual(["cut-off"]);
    expect(rows[1]).toMatchObject({ kind: "unreadable", key: "2", emailHash: null });
  });

  test("is taken when the last cell is a date with all its digits", async () => {
    const header =
      "Employee ID,First Name,Last Name,Work Email,Start Date\n1,Una,Frost,u@corp.example,2020-01-01\n2,Ivo,Marsh,i@corp.example,";
    expect((await read(`${header}2021-11-15`)).employees).toHaveLength(2);
    expect((await read(`${header}2021-11-1`)).employees).toHaveLength(1);
    expect((await read(`${header}11/25/20`)).employees).toHaveLength(1);
  });

  test.each([
    ["Work Email", "lev@corp.example", "i@corp.example"],
    ["Status", "On leave", "Active"],
    ["Time Zone", "Europe/Berlin", "America/Chicago"],
  ])("is taken when other rows prove that the last cell (%s) is whole, and remarked on", async (last, other, word) => {
    const header = `Employee ID,First Name,Last Name,${last === "Work Email" ? last : `Work Email,${last}`}`;
    const row = (number: number, cell: string) =>
      `${number},Una,Frost,${last === "Work Email" ? cell.replace("@", `${number}@`) : `u${number}@corp.example,${cell}`}`;
    const text = (words: string[]) => [header, ...words.map((cell, at) => row(at + 1, cell))].join("\n");
    const whole = await read(text([word, word, other, word]));
    expect(whole.employees).toHaveLength(4);
    expect(codes(whole.summary?.remarks ?? [])).toContain("no-final-line-end");
    const witnesses = await read(text([word, other, word]));
    expect(codes(witnesses.issues), "one row is no proof").toEqual(last === "Work Email" ? [] : ["cut-off"]);
    const longer = await read(text([word, word, word.concat(".au"), word]));
    expect(codes(longer.issues), "the longer word stands in the file").toContain("cut-off");
  });

  test("is reported when the last cell is a name or an id, which nothing proves", async () => {
    const rows = "1,Una,u@corp.example,Ek\n2,Una,w@corp.example,Ek\n3,Una,x@corp.example,Ek";
    expect(codes((await read(`Employee ID,First Name,Work Email,Last Name\n${rows}`)).issues)).toEqual(["cut-off"]);
    const ids = "Una,Ek,u@corp.example,998\nUna,Ek,w@corp.example,999\nUna,Ek,x@corp.example,100";
    expect(codes((await read(`First Name,Last Name,Work Email,Employee ID\n${ids}`)).issues)).toEqual(["cut-off"]);
  });

  test("is taken when a footer comes after it", async () => {
    const { employees } = await read("Employee ID,First Name,Last Name,Work Email\n1,Una,Frost,u@corp.example\n#EOF");
    expect(employees).toHaveLength(1);
  });
});

describe("rules and values", () => {
  const roster = `Employee ID,First Name,Last Name,Work Email,Status,Department,Grade\n1,Una,Frost,una@corp.example,Active,Sales,Manager\n2,Ivo,Marsh,,Terminated,Ops,x\n3,Ada,Reed,,Active,Interns,x\n4,Lev,Stone,lev@corp.example,Active,Ops,Chief\n`;

  test("people are left out by rules before anything else is asked of them", async () => {
    const { rows } = await read(roster, { exclude: [{ column: "department", in: [" interns "] }] });
    expect(rows[2]).toMatchObject({ kind: "out-of-scope", key: "3", because: expect.stringContaining("Interns") });
    const narrow = await read(roster, { include: [{ column: "Department", in: ["Sales"] }] });
    expect(narrow.rows.map((row) => row.kind)).toEqual(["employee", "out-of-scope", "out-of-scope", "out-of-scope"]);
  });

  test("somebody who has left and has no address any more is no problem; somebody who works is", async () => {
    const { rows } = await read(roster);
    expect(rows[1]).toMatchObject({ kind: "out-of-scope", key: "2" });
    expect(rows[2]).toMatchObject({
      kind: "unreadable",
      key: "3",
      issues: [{ code: "empty-email", column: "Work Email" }],
    });
  });

  test("roles come from a column, then from rules, then from the default; admin only where it is allowed", async () => {
    const role = {
      ...ROSTER_DEFAULTS.role,
      values: { manager: "light" as const, chief: "admin" as const },
      rules: [{ column: "Department", in: ["Ops"], role: "light" as const }],
      column: "Grade",
    };
    const one = await read(roster, { role });
    expect(one.employees[0]?.profile.role).toBe("light");
    expect(codes(one.issues)).toEqual(["empty-email", "unknown-role", "admin-not-allowed"]);
    const two = await read(roster, { role: { ...role, allowAdmin: true } });
    expect(two.employees[1]?.profile.role).toBe("admin");
    const { column: _, ...byRules } = role;
    const three = await read(roster, { role: byRules });
    expect(three.employees.map((employee) => employee.profile.role)).toEqual(["standard", "light"]);
  });

  test("the order of dates is proved by the whole file, also by its last row", async () => {
    const rows = Array.from(
      { length: 2000 },
      (_, index) => `${index},Una,Frost,u${index}@corp.example,03/04/2021,x\n`,
    ).join("");
    const header = "Employee ID,First Name,Last Name,Work Email,Start Date,N\n";
    const unproved = await read(header + rows);
    expect(codes(unproved.refused).slice(0, 2)).toEqual(["nothing-readable", "ambiguous-date"]);
    const proved = await read(`${header}${rows}9999,Ivo,Marsh,i@corp.example,25/12/2021,x\n`);
    expect(new Set(proved.employees.map((employee) => employee.startsOn))).toEqual(
      new Set(["2021-04-03", "2021-12-25"]),
    );
    const settled = await read(header + rows, { dates: { ...ROSTER_DEFAULTS.dates, order: "mdy" } });
    expect(settled.employees[0]?.startsOn).toBe("2021-03-04");
  });

  test("a year of two digits is proved to be last, or first, by the whole file; otherwise all its readings are shown", async () => {
    const rows = Array.from(
      { length: 2000 },
      (_, index) => `${index},Una,Frost,u${index}@corp.example,26/12/01,x\n`,
    ).join("");
    const header = "Employee ID,First Name,Last Name,Work Email,Start Date,N\n";
    const ending = async (cell: string) => {
      const { employees } = await read(`${header}${rows}9999,Ivo,Marsh,i@corp.example,${cell},x\n`);
      return [...new Set(employees.map((employee) => employee.startsOn))];
    };
    expect(await ending("05/06/99")).toEqual(["2001-12-26", "1999-06-05"]);
    expect(await ending("99/06/05")).toEqual(["2026-12-01", "1999-06-05"]);
    expect(await ending("12/26/01")).toEqual(["2001-12-26"]);

    const open = await read(`${header}${rows}9999,Ivo,Marsh,i@corp.example,05-06-07,x\n`);
    const messages = (open.refused ?? []).map(({ message, fix, setting }) => ({ message, fix, setting }));
    expect(messages[1]).toEqual({
      message: `"Start Date" is "26/12/01", which may be 26 December 2001 or 1 December 2026; nothing in this column proves which.`,
      fix: "Write roster.dates.order: dmy (26 December 2001) or ymd (1 December 2026) into the configuration, or export dates as YYYY-MM-DD.",
      setting: {
        path: "roster.dates.order",
        value: "dmy",
        or: "ymd; dmy makes it 26 December 2001, ymd 1 December 2026",
      },
    });
    const three = await read(`${header}9999,Ivo,Marsh,i@corp.example,05-06-07,x\n`);
    expect(three.refused?.[1]?.message).toContain("5 June 2007, 6 May 2007 or 7 June 2005");

    const settled = await read(header + rows, { dates: { ...ROSTER_DEFAULTS.dates, order: "ymd" } });
    expect(settled.employees[0]?.startsOn).toBe("2026-12-01");
    const wide = await read(`${header}${rows}9999,Ivo,Marsh,i@corp.example,25/12/2021,x\n`, {
      dates: { ...ROSTER_DEFAULTS.dates, order: "ymd" },
    });
    expect(wide.employees.map((employee) => employee.startsOn)).toEqual([
      ...Array(2000).fill("2026-12-01"),
      "2021-12-25",
    ]);
  });

  test("a column that has the year first and last says on which lines", async () => {
    const header = "Employee ID,First Name,Last Name,Work Email,Start Date\n";
    const { issues, summary } = await read(
      `${header}1,Una,Frost,u@corp.example,26/12/01\n2,Ivo,Marsh,i@corp.example,99/12/01\n3,Ada,Reed,a@corp.example,05/05/99\n`,
    );
    expect(issues.map(({ message }) => message)).toEqual([
      expect.stringContaining("line 3 of the file has the year first and line 4 the year last"),
    ]);
    expect(summary?.dateOrders).toMatchObject([
      { order: null, styles: ["YY/MM/DD", "DD/MM/YY or MM/DD/YY"], provedOnLine: null },
    ]);
  });

  test("no issue quotes a name or an address", async () => {
    const bad = `${HEADER}1,Zyxwv\0x,Qrstu.com,pqrst@,Active,x\n`.replace("\0", "\u0001");
    const { issues, refused } = await read(bad + UNA);
    expect(issues.length).toBeGreaterThan(1);
    expect(JSON.stringify([issues, refused])).not.toMatch(/zyxwv|qrstu|pqrst/i);
  });
});

test("a file of nothing but rows of the wrong length is told so in no time", async () => {
  const { refused } = await read(HEADER + "1,Una\n".repeat(100_000));
  expect(codes(refused)[0]).toBe("nothing-readable");
});

test("lines of the wrong length that end in CR alone take about as long as those that end in LF", async () => {
  const timed = async (text: string) => {
    const before = process.cpuUsage();
    expect(codes((await read(text, { maxRecordBytes: 1_000_000 })).refused)[0]).toBe("nothing-readable");
    return process.cpuUsage(before).user;
  };
  const withLf = await timed(`${HEADER}${"1\n2,3\n".repeat(100_000)}\n`);
  const withCr = await timed(`${HEADER}${"1\r2,3\r".repeat(100_000)}\n`);
  expect(withCr).toBeLessThan(3 * withLf);
});

describe("addresses that a pattern builds", () => {
  const emailPattern = "{first}.{last}@corp.example";
  const header = "Employee ID,First Name,Last Name,Status\n";

  test("make whole people, leavers too", async () => {
    const { employees, issues } = await read(`${header}1,René,Frost,Active\n2,Ivo,Marsh,Terminated\n`, {
      emailPattern,
    });
    expect(issues).toEqual([]);
    expect(employees.map(({ profile, isWorking }) => [profile.email, isWorking])).toEqual([
      ["rene.frost@corp.example", true],
      ["ivo.marsh@corp.example", false],
    ]);
    expect(employees[0]?.emailHash).toBe(fingerprint("email\nrene.frost@corp.example"));
  });

  test("are asked for, not guessed, where a letter is written in several ways; the answer settles it", async () => {
    const text = `${header}1,Una,Müller,Active\n2,Иван,Frost,Active\n3,Ivo,Marsh,Active\n`;
    const open = await read(text, { emailPattern });
    expect(codes(open.issues)).toEqual(["unwritable-letter", "unbuilt-email"]);
    expect(open.issues[0]?.setting).toMatchObject({ path: "roster.email_letters", value: ["ü", '"ue"'] });
    const settled = await read(text, { emailPattern, emailLetters: { ü: "ue" } });
    expect(settled.employees.map(({ profile }) => profile.email)).toContain("una.mueller@corp.example");
  });

  test("come from whole names, and from long names before they are shortened", async () => {
    const long = "Wilhelmina-Alexandrina-Theodora-Una";
    const text = `Employee ID,Employee Name\n1,"Frost, Una"\n2,"Frost, ${long}"\n3,Una\n`;
    const { employees, issues } = await read(text, { emailPattern, names: { order: "auto", tooLong: "shorten" } });
    expect(employees.map(({ profile }) => profile.email)).toEqual([
      "una.frost@corp.example",
      `${long.toLowerCase()}.frost@corp.example`,
    ]);
    expect(codes(issues)).toEqual(["single-name"]);
  });

  test("need an employee id beside them, and no configured column", async () => {
    const noId = await read("First Name,Last Name\nUna,Frost\n", { emailPattern });
    expect(codes(noId.refused)).toEqual(["missing-id"]);
    const both = await read(HEADER + UNA, { emailPattern, columns: { email: "Work Email" } });
    expect(codes(both.refused)).toEqual(["ambiguous-column"]);
  });

  test("win over a column that only sounds right, and that is said", async () => {
    const { employees, summary } = await read(HEADER + UNA.replace("una@corp", "una@home"), { emailPattern });
    expect(employees[0]?.profile.email).toBe("una.frost@corp.example");
    expect(codes(summary?.remarks ?? [])).toEqual(["email-column-unused"]);
  });

  test("are never made of a name that may be cut off", async () => {
    const { rows } = await read("Employee ID,First Name,Last Name\n1,Ivo,Marsh\n2,Una,Fro", { emailPattern });
    expect(rows[1]).toMatchObject({ kind: "unreadable", key: "2", emailHash: null });
  });
});

test.each(["(", "[", " ", "1.", "'", "-", "a-", " -"])(
  "a cell of a hundred thousand %j is reported at once",
  async (text) => {
    const cell = text.repeat(100_000 / text.length);
    const { employees, issues } = await read(
      `Employee ID,Full Name,Work Email,Status,Start Date\n1,${cell},una@corp.example,Active,\n2,Ivo Marsh,ivo@corp.example,${cell},\n` +
        `3,Ada Reed,ada@corp.example,Active,${cell}\n4,Rae Hill,rae@corp.example,Active,\n${cell},,,,\n`,
    );
    expect(employees.map(({ key }) => key)).toEqual(["4"]);
    expect(codes(issues).slice(0, 3)).toEqual(["long-cell", "long-cell", "long-cell"]);
    const header = await read(`Employee ID,Full Name,Work Email,${cell}\n4,Rae Hill,rae@corp.example,x\n`);
    expect(header.refused ?? header.employees).toHaveLength(1);
  },
);

describe("ids that are something private", () => {
  const rows = (ids: readonly string[]) =>
    ids.map((id, at) => `${id},Una,Frost,u${at}@corp.example,Active,\n`).join("");

  test("stop the roster when half of them or more are, and none is told", async () => {
    const { rows: read1, refused } = await read(HEADER + rows(["123-45-6789", "123-45-6788", "7"]));
    expect(refused).toMatchObject([{ code: "sensitive-column", message: expect.stringContaining("2 of its first 3") }]);
    expect(JSON.stringify(refused)).not.toContain("123-45");
    expect(read1).toEqual([]);
  });

  test("one among others is no reason", async () => {
    expect((await read(HEADER + rows(["123-45-6789", "E7", "E8"]))).refused).toBeNull();
  });
});
