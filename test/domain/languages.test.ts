// Columns in the nine languages: names, work addresses and employee ids; and what is offered where none is known.

import { describe, expect, test } from "vitest";
import type { Field, Issue } from "../../src/domain/employee.ts";
import { type MappingResult, mapHeader } from "../../src/domain/mapping.ts";
import { ROSTER_DEFAULTS, type RosterOptions } from "../../src/domain/roster-options.ts";
import { nearestHeader } from "../../src/roster/nearest.ts";

function map(header: string, columns: RosterOptions["columns"] = {}): MappingResult {
  return mapHeader(header.split(";"), 1, { ...ROSTER_DEFAULTS, columns }, nearestHeader);
}

function fieldsOf(header: string): Partial<Record<Field, string>> {
  const result = map(header);
  if (result.kind === "refused") throw new Error(result.issues.map(({ message }) => message).join("\n"));
  return Object.fromEntries(result.mapping.columns.flatMap(({ field, header }) => (field ? [[field, header]] : [])));
}

function issuesOf(header: string, columns: RosterOptions["columns"] = {}): readonly Issue[] {
  const result = map(header, columns);
  return result.kind === "refused" ? result.issues : [];
}

describe("first and last names are", () => {
  test.each(
    [
      "Nombre;Apellido|Nombre;Apellidos|Nombre;Primer apellido|Nombres;Apellidos|Primer nombre;Apellido paterno",
      "Nome;Sobrenome|Primeiro nome;Último nome|Nome;Cognome|Imię;Nazwisko|Imie;Nazwisko|Förnamn;Efternamn",
      "Tilltalsnamn;Efternamn|Voornaam;Achternaam|Roepnaam;Achternaam|Prénom;Nom|Prénom;Nom d’usage|Vorname;Nachname",
      "Vorname;Familienname|Rufname;Zuname|First Names;Surnames",
    ].flatMap((line) => line.split("|")),
  )("%s", (pair) => {
    const [firstName, lastName] = pair.split(";");
    expect(fieldsOf(`Employee ID;${firstName};${lastName};Work Email;Status`)).toMatchObject({ firstName, lastName });
    expect(fieldsOf(`Employee ID;${lastName};${firstName};Work Email;Status`)).toMatchObject({ firstName, lastName });
  });

  test("also beside a column with both", () => {
    const fields = fieldsOf("Matricola;Nome completo;Nome;Cognome;E-mail;Stato dipendente");
    expect(fields).toMatchObject({ firstName: "Nome", lastName: "Cognome" });
    expect(fields.fullName).toBeUndefined();
  });

  test.each(["Imię i nazwisko", "Nome e cognome", "Prénom et nom", "Vor- und Nachname", "För- och efternamn"])(
    "both in %s",
    (fullName) => expect(fieldsOf(`Employee ID;${fullName};Work Email;Status`)).toMatchObject({ fullName }),
  );

  test.each(["Nome", "Nombre", "Nom", "Naam", "Namn", "Apellidos y nombre", "Nombre completo"])(
    "asked about where %s stands alone: it may be the whole name",
    (header) => {
      const [issue, ...others] = issuesOf(`Employee ID;${header};Work Email;Status`);
      expect(others).toEqual([]);
      expect(issue).toMatchObject({
        code: "missing-name",
        setting: { path: "roster.columns.full_name", value: header, or: expect.any(String) },
      });
    },
  );

  test("a nickname beside a whole name is no last name", () => {
    expect(issuesOf("Matrícula;Nome;Apelido;E-mail").map(({ code }) => code)).toEqual(["missing-name"]);
  });
});

describe("what is offered for a name", () => {
  test("is never a live line, and never a name of the other kind", () => {
    for (const header of [
      "Frst Name;Lst Name",
      "Lst Name;First Name",
      "Nme;Sobrenomme",
      "Imie;Nazwiskoo",
      "Vornme;Nachnme",
    ]) {
      const found = issuesOf(`Employee ID;${header};Work Email`);
      expect(found.length).toBeGreaterThan(0);
      for (const { setting } of found) if (setting !== undefined) expect(setting.or, header).not.toBeNull();
    }
    const offers = issuesOf("Employee ID;Lst Name;Frst Name;Work Email").map(({ setting }) => setting);
    expect(offers).toMatchObject([
      { path: "roster.columns.first_name", value: "Frst Name" },
      { path: "roster.columns.last_name", value: "Lst Name" },
    ]);
  });

  test("is no line that decides where the configuration names a column that is not there", () => {
    const [issue] = issuesOf("Employee ID;Förnamn;Efternam;Work Email", { firstName: "Efternamn" });
    expect(issue).toMatchObject({ code: "missing-column" });
    expect(issue?.setting?.or).not.toBeNull();
  });

  test.each([
    "Nr akt;Osoba;E-mail służbowy",
    "Código;Quién;Correo corporativo",
    "Identifiant RH;Qui;Email professionnel",
    "Hire Date;Phone;Salary;Wer;E-Mail dienstlich",
  ])("is nothing that is a number, a day or pay: %s", (header) => {
    for (const { setting } of issuesOf(header)) {
      expect(["Osoba", "Quién", "Qui", "Wer"]).toContain(setting?.value);
    }
  });
});

describe("the work address is", () => {
  test.each(
    [
      "E-mail aziendale|Indirizzo e-mail aziendale|E-mail di lavoro|E-mail corporativo|E-mail profissional|Correo corporativo",
      "Correo electrónico corporativo|Correo de trabajo|Email professionnel|Adresse e-mail professionnelle|Courriel professionnel",
      "E-mail służbowy|Służbowy adres e-mail|E-mail firmowy|E-post|E-postadress|E-post arbete|Jobbmail|E-Mail dienstlich",
      "Dienstliche E-Mail-Adresse|Geschäftliche E-Mail|Firmen-E-Mail|Zakelijk e-mailadres|E-mail werk|Werkmail|Correo",
      "Indirizzo e-mail|Adres e-mail|Endereço de e-mail|Adresse mail|Official Email ID|Work Email ID|Mailadresse",
    ].flatMap((line) => line.split("|")),
  )("%s", (email) => {
    expect(fieldsOf(`Employee ID;First Name;Last Name;${email};Status`)).toMatchObject({ email });
  });

  test.each(
    [
      "E-mail personale|Email personnel|Correo personal|E-mail pessoal|E-mail prywatny|E-post privat|E-mail privato|Osobisty e-mail",
      "Private E-Mail-Adresse|Privé e-mailadres|Persoonlijk e-mailadres|Correo particular|E-mail osobisty",
    ].flatMap((line) => line.split("|")),
  )("never %s, which is not offered either", (email) => {
    const [issue] = issuesOf(`Employee ID;First Name;Last Name;${email};Status`);
    expect(issue?.code).toBe("missing-email");
    expect(issue?.setting?.value).not.toBe(email);
  });

  test.each(["Postadresse", "Postadress", "Mailing Address", "Mail Stop", "Postal Address"])(
    "not %s, to which letters go",
    (header) => {
      const [issue] = issuesOf(`Employee ID;First Name;Last Name;${header};Status`);
      expect(issue?.setting?.path).toBe("roster.email_pattern");
    },
  );

  test("offered where a column speaks of one in other words", () => {
    const [issue] = issuesOf("Employee ID;First Name;Last Name;E-mail biuro;Status");
    expect(issue?.setting).toMatchObject({
      path: "roster.columns.email",
      value: "E-mail biuro",
      or: expect.any(String),
    });
    const [other] = issuesOf("Employee ID;First Name;Last Name;E-mail sent on;Status");
    expect(other?.setting?.path).toBe("roster.email_pattern");
  });
});

describe("the employee id is", () => {
  test.each(
    [
      "Staff Number|Staff No.|Employee Code|Emp Code|Personnel No|Payroll Number|Worker Number|Associate Number|Employee Identifier",
      "Mitarbeiter-Nr.|MA-Nr.|Matricule salarié|N° matricule|Numéro employé|Numéro d’employé|ID salarié",
      "Nº empleado|N° de empleado|Núm. empleado|ID empleado|Código de empleado|Clave de empleado|Nº legajo|Matrícula",
      "Número de matrícula|Nº funcionário|Número mecanográfico|Código do funcionário|Matricola dipendente|N. matricola",
      "Codice dipendente|Personeels-ID|Medewerker ID|Werknemernummer|Nr pracownika|Numer pracownika|ID pracownika",
      "Nr ewidencyjny|Anställningsnummer|Anst.nr|Anställnings-ID|Medarbetarnummer",
    ].flatMap((line) => line.split("|")),
  )("%s", (employeeId) => {
    expect(fieldsOf(`${employeeId};First Name;Last Name;Work Email;Status`)).toMatchObject({ employeeId });
  });

  test.each(["Personnummer", "Nº Seguridad Social", "Código postal", "Nr telefonu", "Numer konta", "Job Code"])(
    "not %s",
    (header) => expect(fieldsOf(`${header};First Name;Last Name;Work Email;Status`).employeeId).toBeUndefined(),
  );

  test.each(["Staff Number", "Employee Code", "Matrícula", "Nr pracownika", "Payroll ID"])(
    "not %s beside a plainer one",
    (header) =>
      expect(fieldsOf(`${header};Employee ID;First Name;Last Name;Work Email;Status`).employeeId).toBe("Employee ID"),
  );

  test("perhaps in Código: for a question", () => {
    const result = map("Código;First Name;Last Name;Work Email;Status");
    expect(result.remarks.map(({ setting }) => setting?.value)).toEqual(["Código"]);
  });
});
