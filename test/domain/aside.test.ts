// Which records are no people, and what a footer says.

import { expect, test } from "vitest";
import { asideReader } from "../../src/domain/aside.ts";
import type { ColumnReading, Field } from "../../src/domain/employee.ts";

const HEADER = ["Employee ID", "First Name", "Last Name", "Work Email", "Hire Date"];
const FIELDS: readonly Field[] = ["employeeId", "firstName", "lastName", "email", "startDate"];
const COLUMNS = HEADER.map(
  (header, at): ColumnReading => ({ header, position: at + 1, field: FIELDS[at] ?? null, by: "synonym", filled: 0 }),
);
const classify = (cells: readonly string[]) => asideReader(HEADER, COLUMNS)(cells);

test.each([
  ["Total", "", "", "", "4"],
  ["Grand Total: 4"],
  ["Employees: 4", "", "", "", ""],
  ["Anzahl: 4"],
  ["4 records"],
  ["(4 rows affected)"],
  ["Page 2 of 9"],
  ["*** End of Report ***"],
  ["-- END --"],
  ["#EOF"],
  ["As of: 24.11.2026", "", "", "", ""],
  ["Stand: 24.11.2026"],
  ["Report generated 11/24/2026 10:00"],
  ["Totale", "2", "", "", ""],
  ["Run By", "Bea Kiddo", "", "", ""],
  ["Filter: Active only"],
  ["Confidential"],
  ["2 rows selected."],
])("%j is a footer", (...cells) => expect(classify(cells)).toBe("footer"));

test.each([
  ["7", "Total", "Page", "total.page@corp.example", ""],
  ["Total", "Ana", "Ruiz", "ana@corp.example", ""],
  ["E9", "End", "Rows", "", "2021-01-01"],
  ["7", "Endo", "", "", ""],
  ["Endo", "Aki", "", "", ""],
  ["Standish", "Ana", "", "", "2021-01-01"],
  ["4000", "Records", "", "", ""],
  ["Peopleson", "Ana", "", "", ""],
])("%j is taken for a person, or reported as one", (...cells) => expect(classify(cells)).toBeNull());

test("lines that are drawn and marks at the end of a file are no people", () => {
  expect(classify(["----------", "-----", "-----", "---------", "---"])).toBe("rule");
  expect(classify(["=====", "", "", "", ""])).toBe("rule");
  expect(classify(["\u001a"])).toBe("blank");
  expect(classify(["-", "Una", "Frost", "", ""])).toBeNull();
});

test("without a column of addresses, somebody with an id and a name like a footer's is a person", () => {
  const columns = COLUMNS.slice(0, 3);
  const tell = asideReader(HEADER.slice(0, 3), columns);
  expect(tell(["1001", "Count", "Basie"])).toBeNull();
  expect(
    asideReader(
      ["Last Name", "First Name", "Employee ID"],
      [
        { header: "Last Name", position: 1, field: "lastName", by: "synonym", filled: 0 },
        { header: "First Name", position: 2, field: "firstName", by: "synonym", filled: 0 },
        { header: "Employee ID", position: 3, field: "employeeId", by: "synonym", filled: 0 },
      ],
    )(["End", "Bo", "1007"]),
  ).toBeNull();
  expect(tell(["Total", "", "1007"])).toBe("footer");
});

test("a company or a person called Example is none, and nobody is one below the top of the file", () => {
  expect(classify(["Example Corp", "Jane", "Doe", "jane@corp.example", ""])).toBeNull();
  const tell = asideReader(HEADER, COLUMNS);
  for (let row = 0; row < 30; row += 1) tell(["1", "Una", "Frost", "u@corp.example", ""]);
  expect(tell(["Exemple", "Bo", "Lind", "bo@corp.example", ""])).toBeNull();
});

test.each([
  ["Example: 1001", "Jane", "Doe", "jane@corp.example", ""],
  ["Example", "Jane", "Doe", "jane@corp.example", ""],
  ["e.g. 1001", "Jane", "Doe", "jane@corp.example", ""],
  ["z.B. 1001", "Jane", "Doe", "", ""],
  ["", "Beispiel: Jane", "Doe", "jane@corp.example", ""],
  ["1001", "Example: Jane", "Doe", "jane@corp.example", ""],
])("%j is an example", (...cells) => expect(classify(cells)).toBe("example"));

test.each([
  ["1001", "Jane", "Example", "jane@corp.example", ""],
  ["1001", "Beispiel", "Doe", "jane@corp.example", ""],
  ["Examplez", "Jane", "Doe", "jane@corp.example", ""],
  ["1001", "Jane", "Doe", "e.g@corp.example", ""],
  ["E.G.", "Bo", "Lind", "bo@corp.example", ""],
  ["E.G. Marshall", "Bo", "Lind", "bo@corp.example", ""],
  ["Z. B. Ncube", "Bo", "Lind", "bo@corp.example", ""],
])("%j is no example", (...cells) => expect(classify(cells)).toBeNull());

test.each([
  ["7", "Suma", "Rao", "", ""],
  ["Suma", "Rao", "Notes", "", ""],
])("%j may be somebody", (...cells) => expect(classify(cells)).toBeNull());

test.each([
  ["Records 1-2 of 1200", "footer"],
  ["Showing 1 to 2 of 1200 entries", "footer"],
  ["Anzahl Mitarbeiter: 5", "footer"],
  ["Row limit reached. Only the first 2 rows were exported.", "footer"],
  ["Terminated Employees", "heading"],
  ["Leavers", "heading"],
  ["Active Employees", "lone-cell"],
  ["Department: Sales", "lone-cell"],
  ["E1001", null],
  ["Vertraulich", "footer"],
  ["BambooHR Report generated Nov 25 2026", "footer"],
  ["Confidentiel - usage interne", "footer"],
  ["Rapport généré le 25/11/2026 par Ana Ruiz", "footer"],
  ["Wygenerowano: 25-11-2026", "footer"],
  ["© 2026 Paylocity. All rights reserved.", "footer"],
  ["16 Mitarbeiter", "footer"],
  ["Filters applied: Status = Active; Terminated", "footer"],
  ["Exported by ana.ruiz@corp.example", "footer"],
])("%j alone in a row is a %s", (cell, expected) => expect(classify([cell, "", "", "", ""])).toBe(expected));

test.each([
  [["Employee ID", "Last Name", "First Name", "Work Email", "Hire Date"]],
  [["Work Email", "First Name", "Last Name", "Employee ID", "Hire Date"]],
  [["Hire Date", "", "Last Name", "Work Email", "Employee ID"]],
])("%j is a header whose columns have changed places", (cells) => expect(classify(cells)).toBe("moved-header"));

test.each([
  ["labels", ["Personnel Number", "First Name", "Last Name", "Work Email", "Hire Date"]],
  // A label with another column's meaning, whose own label stands where it should.
  ["labels", ["Employee ID", "Last Name", "Last Name", "Work Email", "Hire Date"]],
  [null, ["7", "Last Name", "First Name", "", "2021-03-15"]],
  [null, ["7", "Last Name", "First Name", "una@corp.example", "Employee ID"]],
])("%s, and no header that has moved: %j", (expected, cells) => expect(classify(cells)).toBe(expected));

test("columns that only the configuration knows have changed places, too", () => {
  const header = ["Pers Code", "Given", "Family", "Addr"];
  const fields: readonly Field[] = ["employeeId", "firstName", "lastName", "email"];
  const columns = header.map(
    (name, at): ColumnReading => ({
      header: name,
      position: at + 1,
      field: fields[at] ?? null,
      by: "synonym",
      filled: 0,
    }),
  );
  const tell = asideReader(header, columns);
  expect(tell(["Pers Code", "Family", "Given", "Addr"])).toBe("moved-header");
  expect(tell(header)).toBe("repeated-header");
  expect(tell(["K1", "Given", "Family", ""])).toBeNull();
});
