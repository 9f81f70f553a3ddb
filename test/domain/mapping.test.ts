import { describe, expect, test } from "vitest";
import type { Field } from "../../src/domain/employee.ts";
import { sensitiveMatter } from "../../src/domain/header-words.ts";
import { type MappingResult, mapHeader } from "../../src/domain/mapping.ts";
import { ROSTER_DEFAULTS, type RosterOptions } from "../../src/domain/roster-options.ts";

function map(header: string, options: Partial<RosterOptions> = {}): MappingResult {
  return mapHeader(header.split("|"), 1, { ...ROSTER_DEFAULTS, ...options }, () => null);
}

function fieldsOf(header: string, options: Partial<RosterOptions> = {}): Partial<Record<Field, string>> {
  const result = map(header, options);
  if (result.kind === "refused") throw new Error(result.issues.map((issue) => issue.message).join("\n"));
  const found: Partial<Record<Field, string>> = {};
  for (const column of result.mapping.columns) if (column.field !== null) found[column.field] = column.header;
  return found;
}

function refusal(header: string, options: Partial<RosterOptions> = {}): string[] {
  const result = map(header, options);
  return result.kind === "mapped" ? [] : result.issues.map((issue) => issue.code);
}

describe("a header", () => {
  test("is known however it is spelled: case, spaces, underscores, brackets, asterisks, quotes", () => {
    expect(fieldsOf("EMPLOYEE_ID*|first\u00a0name|Last Name (required)|work e-mail [Contact]|Date d’entrée")).toEqual({
      employeeId: "EMPLOYEE_ID*",
      firstName: "first\u00a0name",
      lastName: "Last Name (required)",
      email: "work e-mail [Contact]",
      startDate: "Date d’entrée",
    });
  });

  test.each([
    "Email (Personal)",
    "E-mail [private]",
    "Email Address (home)",
    "Email [secondary]",
    "Work Email (2)",
    "Courriel (personnel)",
  ])("that brackets say is not the work address is none: %s", (header) =>
    expect(refusal(`First Name|Last Name|${header}`)).toEqual(["missing-email"]),
  );

  test("that brackets say is somebody else's is not theirs", () => {
    const fields = fieldsOf(
      "Employee ID (Manager)|First Name|Last Name|Email (Work)|Email (Manager)|Hire Date [previous]",
    );
    expect(fields).toEqual({ firstName: "First Name", lastName: "Last Name", email: "Email (Work)" });
  });

  test("prefers the work address to a plain one, and never takes a personal or secondary one", () => {
    expect(fieldsOf("First Name|Last Name|Email|Work Email|Personal Email").email).toBe("Work Email");
    expect(refusal("First Name|Last Name|Personal Email|Secondary Email|Home E-mail|Manager Email")).toEqual([
      "missing-email",
    ]);
  });

  test("with two candidates of equal strength is a question, with the line that answers it", () => {
    const result = map("First Name|Last Name|Email|E-Mail Address");
    expect(result.kind === "refused" && result.issues[0]?.fix).toContain('roster.columns.email: "Email"');
    expect(fieldsOf("First Name|Last Name|Email|E-Mail Address", { columns: { email: "e-mail address" } }).email).toBe(
      "E-Mail Address",
    );
  });

  test("named by the configuration wins over the usual words", () => {
    const columns = { email: "Login", employeeId: "Badge" };
    expect(fieldsOf("Badge|Employee ID|First Name|Last Name|Work Email|Login", { columns })).toMatchObject({
      email: "Login",
      employeeId: "Badge",
    });
  });

  test("says every problem at once", () => {
    const columns = { status: "Zustand" };
    const exclude = [{ column: "Abteilung", in: ["x"] }];
    expect(refusal("Vorname|Vorname|Ort", { columns, exclude }).sort()).toEqual(
      ["duplicate-header", "missing-column", "missing-column", "missing-email", "missing-name"].sort(),
    );
  });

  test("may stand twice over columns that nothing needs, and over no other", () => {
    const person = "Employee ID|First Name|Last Name|Work Email|Status";
    expect(refusal(`${person}|Notes|Notes|notes|Salary|Salary`)).toEqual([]);
    expect(refusal(`${person}|Name|Name|Email|Email|Contract End Date|Contract End Date`)).toEqual([]);
    expect(refusal(`${person}|Hire Date|hire  date`)).toEqual(["duplicate-header"]);
    expect(refusal(`${person}|status`)).toEqual(["duplicate-header"]);
    const notes = { columns: { role: "Notes" } };
    expect(refusal(`${person}|Notes|Notes`, notes)).toEqual(["duplicate-header", "ambiguous-column"]);
    const include = [{ column: "City", in: ["Lund"] }];
    expect(refusal(`${person}|City|City|Notes|Notes`, { include })).toEqual(["duplicate-header", "ambiguous-column"]);
  });

  test("with a whole name works without the two parts", () => {
    expect(fieldsOf("Full Name|Work Email")).toEqual({ fullName: "Full Name", email: "Work Email" });
    expect(fieldsOf("Name|First Name|Last Name|Work Email").fullName).toBeUndefined();
    expect(refusal("Name|Vorname|E-Mail")).toEqual(["half-a-name"]);
  });

  test.each(
    "Personalnr|Personal-Nr.|Pers.-Nr.|PersNr|Mitarbeiternummer|Número de empleado|Matricola|Legajo|Personeelsnr.".split(
      "|",
    ),
  )("%s is the employee id", (name) => {
    expect(fieldsOf(`${name}|Vorname|Nachname|E-Mail`).employeeId).toBe(name);
  });

  test("without an employee id says that people go by their address, and names the columns that may have it", () => {
    const remarks = (header: string) => {
      const result = map(header);
      return result.kind === "mapped" ? result.remarks : [];
    };
    const [remark, ...others] = remarks(
      "HR Ref No.|First Name|Last Name|Email|Status|Phone Number|Zip Code|Tax ID|Manager ID",
    );
    expect(others).toEqual([]);
    expect(remark).toMatchObject({ code: "no-id", message: expect.stringContaining("told apart by their address") });
    expect(remark?.fix).toContain('roster.columns.employee_id: "HR Ref No."');
    for (const other of ["Phone", "Zip", "Tax", "Manager"]) expect(remark?.fix).not.toContain(other);

    expect(remarks("First Name|Last Name|Email|Notes")[0]?.fix).toContain("name it in the configuration");
    expect(remarks("Employee ID|First Name|Last Name|Email|Status|HR Ref No.")).toEqual([]);
  });

  test.each([
    "Personal Email",
    "Email 2",
    "Mgr Email",
    "HR Email",
    "old_email",
    "managerEmail",
    "Private E-Mail",
    "Team Mail",
  ])("%s is never taken or proposed as the work address; configured, it is remarked on", (name) => {
    const result = mapHeader(
      ["Employee ID", "First Name", "Last Name", name],
      1,
      ROSTER_DEFAULTS,
      (_, headers) => headers[0] ?? null,
    );
    expect(
      result.kind === "refused" && result.issues.find(({ code }) => code === "missing-email")?.setting?.value,
    ).not.toBe(name);
    const configured = map(`Employee ID|First Name|Last Name|Status|${name}`, { columns: { email: name } });
    expect(configured.kind === "mapped" && configured.remarks.map(({ code }) => code)).toEqual(["another-address"]);
  });

  test.each(["Work Email", "E-Mail", "userPrincipalName", "Business Email Address", "Company Email"])(
    "%s is one at work: there is nothing to remark on",
    (name) => {
      const result = map(`Employee ID|First Name|Last Name|Status|${name}`, { columns: { email: name } });
      expect(result.kind === "mapped" && result.remarks).toEqual([]);
    },
  );

  test.each(
    "Emp Status|accountEnabled|Active Flag|Current Employee|HR Status|Account Status|Inactive|Disabled|Suspended|Leaver|Left the company|Archived".split(
      "|",
    ),
  )("%s is a status", (name) => {
    expect(fieldsOf(`Employee ID|First Name|Last Name|Email|${name}`).status).toBe(name);
    expect(fieldsOf(`Employee ID|First Name|Last Name|Email|${name}|Status`).status, "a plainer one wins").toBe(
      "Status",
    );
  });

  test.each(
    "Term Date|Leaving Date|Date of Leaving|Last Working Day|Separation Date|Exit Date|Austritt am|Fecha de baja|Effective End Date".split(
      "|",
    ),
  )("%s is the end date", (name) => {
    expect(fieldsOf(`Employee ID|First Name|Last Name|Email|${name}`).endDate).toBe(name);
  });

  test.each(["Inactive", "Is Disabled", "Left the company", "Account Suspended", "Leaver Y/N"])(
    "%s asks whether somebody has left, also when the configuration names it",
    (name) => {
      const result = map(`Employee ID|First Name|Last Name|Email|${name}`, { columns: { status: name } });
      expect(result.kind === "mapped" && result.mapping.statuses.map(({ isInverted }) => isInverted)).toEqual([true]);
    },
  );

  test.each([
    "Active/Inactive",
    "Active (N = terminated, on leave)",
    "Employee Status (Active / On Leave / Terminated)",
    "Not inactive",
  ])("%s asks no such thing, whatever words it has in it", (name) => {
    const result = map(`Employee ID|First Name|Last Name|Email|${name}`, { columns: { status: name } });
    expect(result.kind === "mapped" && result.mapping.statuses.map(({ isInverted }) => isInverted)).toEqual([false]);
  });

  test("a status that lists its values in brackets is one by itself", () => {
    for (const name of [
      "Employee Status (Active / On Leave / Terminated)",
      "Status (Current/Former)",
      "Status (incl. parental leave)",
    ]) {
      expect(fieldsOf(`Employee ID|First Name|Last Name|Email|${name}|Account Enabled`).status).toBe(name);
    }
  });

  test.each([
    "Email (Office 365)",
    "Work Email (not personal)",
    "E-mail (personeel)",
    "Email (HR system)",
    "Work Email [Contact 2019]",
  ])("%s is the work address", (name) => expect(fieldsOf(`Employee ID|First Name|Last Name|${name}`).email).toBe(name));

  test.each(["Estado", "Kündigungsdatum", "Leave", "Edit Date"])("%s is nothing that we know", (name) => {
    const result = map(`Employee ID|First Name|Last Name|Email|Status|${name}`);
    expect(result.kind === "mapped" && [result.mapping.kept.length, result.remarks.length]).toEqual([5, 0]);
  });

  test("an id in square brackets keeps its header's meaning", () => {
    expect(fieldsOf("Person ID External [person-id-external]|First Name|Last Name|Email").employeeId).toBeDefined();
  });

  test("without a status or an end date says that everybody counts as working; an empty name says that this is meant", () => {
    const codes = (header: string, columns = {}) => {
      const result = map(header, { columns });
      return result.kind === "mapped" ? result.remarks.map(({ code }) => code) : [];
    };
    expect(codes("Employee ID|First Name|Last Name|Email")).toEqual(["no-status"]);
    expect(codes("Employee ID|First Name|Last Name|Email|End Date")).toEqual([]);
    expect(codes("Employee ID|First Name|Last Name|Email", { status: "" })).toEqual([]);
  });

  test("a column is left alone when an empty name says that none serves the field", () => {
    const header = "Employee ID|First Name|Last Name|Email|Status|Time Zone|End Date";
    const columns = { timeZone: "", endDate: "", employeeId: "", status: "" };
    expect(Object.keys(fieldsOf(header, { columns }))).toEqual(["firstName", "lastName", "email"]);
    const bare = map(header, { columns });
    expect(bare.kind === "mapped" && bare.remarks).toEqual([]);
    expect(refusal(header, { columns: { employeeId: "" }, emailPattern: "{first}@corp.example" })).toEqual([
      "missing-id",
    ]);
  });

  test.each([
    ["End Date (Probation)", "endDate"],
    ["Start Date (Leave)", "startDate"],
    ["Status (Benefits)", "status"],
    ["Employee ID (Line Mgr)", "employeeId"],
    ["Last Name (at birth)", "lastName"],
  ])("%s is of something else, and nothing by itself", (name, field) => {
    const header = ["Employee ID", "First Name", "Last Name", "Email"].filter((other) => !name.startsWith(other));
    const result = map([...header, name].join("|"));
    expect(result.kind === "mapped" ? result.mapping.columns : result.columns).not.toContainEqual(
      expect.objectContaining({ header: name, field }),
    );
  });

  test.each([
    "particular",
    "Mgr",
    "Boss",
    "Next of Kin",
    "Gmail",
    "non-work",
    "thuis",
    "casa",
    "HR",
    "Team",
    "Candidate",
  ])("Email (%s) is never the work address", (what) =>
    expect(refusal(`Employee ID|First Name|Last Name|Email (${what})`)).toEqual(["missing-email"]),
  );

  test("may have two status columns", () => {
    const result = map("First Name|Last Name|Work Email|Employment Status|Status|Terminated");
    expect(result.kind === "mapped" && result.mapping.statuses.map((status) => status.isInverted)).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("keeps nothing but the columns that are needed", () => {
    const result = map("Salary|First Name|SSN|Last Name|Work Email|Department", {
      include: [{ column: "department", in: ["a"] }],
    });
    expect(result.kind === "mapped" && result.mapping.kept).toEqual([1, 3, 4, 5]);
  });

  test("with names from the language itself is safe", () => {
    expect(fieldsOf("__proto__|constructor|First Name|Last Name|Work Email|toString").email).toBe("Work Email");
  });

  test.each([
    "SSN",
    "Social Security Number",
    "National ID",
    "IBAN",
    "Bank Account",
    "Base Pay",
    "Salary",
    "Initial Password",
    "dateOfBirth",
    "SS#",
    "Soc Sec No",
    "EMPSSN",
    "NI No",
    "Sozialvers.-Nr.",
    "Aadhar No",
    "NRIC",
    "CUIL",
    "Acct No",
    "Pwd",
    "Birthday",
    "Fecha de nacimiento",
    "Data di nascita",
    "Födelsedatum",
  ])("that looks private is never used, even when the configuration says so: %s", (name) => {
    expect(refusal(`${name}|First Name|Last Name|Work Email`, { columns: { employeeId: name } })).toEqual([
      "sensitive-column",
    ]);
  });

  test.each([
    "Payroll Name",
    "Employee ID",
    "Work Email",
    "Since",
    "Singapore Office",
    "Shipping Code",
    "Business Unit",
  ])("is not taken for a private one: %s", (name) => expect(sensitiveMatter(name)).toBeNull());
});
