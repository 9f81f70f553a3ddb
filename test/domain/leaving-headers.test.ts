// Columns that say who has left: those that are read, those that are asked about, and those that are of something else.

import { describe, expect, test } from "vitest";
import type { Issue } from "../../src/domain/employee.ts";
import { type Mapping, mapHeader } from "../../src/domain/mapping.ts";
import { ROSTER_DEFAULTS, type RosterOptions } from "../../src/domain/roster-options.ts";
import { nearestHeader } from "../../src/roster/nearest.ts";

const PERSON = ["Employee ID", "First Name", "Last Name", "Work Email"];

function map(others: readonly string[], columns: RosterOptions["columns"] = {}): [Mapping, readonly Issue[]] {
  const result = mapHeader([...PERSON, ...others], 1, { ...ROSTER_DEFAULTS, columns }, nearestHeader);
  if (result.kind === "refused") throw new Error(result.issues.map(({ message }) => message).join("\n"));
  return [result.mapping, result.remarks];
}

/** The headers that are asked about. */
function doubted(others: readonly string[], columns: RosterOptions["columns"] = {}): (string | null)[] {
  return map(others, columns)[1]
    .filter(({ code }) => code === "near-miss")
    .map(({ column }) => column);
}

function words(text: string): string[] {
  return text.split("|").map((word) => word.trim());
}

describe("read without a question is", () => {
  test.each([
    ..."Date Terminated|Terminated Date|Terminated On|Term Dt|Actual Termination Date|End of Employment|Employment End".split(
      "|",
    ),
    ..."Emp End Date|Date of Exit|Departure Date|Left On|Date Separated|terminated_at|Last Day of Employment".split(
      "|",
    ),
    ..."Letzter Arbeitstag|Beschäftigt bis|Datum Austritt|Ausscheidedatum|Ende der Beschäftigung|Enddatum".split("|"),
    ..."Date de départ|Date de fin d’emploi|Dernier jour travaillé|Date sortie|Fecha fin|Fecha de cese|Fecha de egreso".split(
      "|",
    ),
    ..."Último día trabajado|Data de demissão|Data de desligamento|Data de saída|Data de rescisão|Data fim".split("|"),
    ..."Uitdienstdatum|Datum einde|Datum uitdiensttreding|Laatste werkdag|Einde dienstverband|Data fine".split("|"),
    ..."Data uscita|Data fine rapporto|Data zwolnienia|Data zakończenia zatrudnienia|Slutdatum|Sista arbetsdag".split(
      "|",
    ),
  ])("the end date %s", (header) => {
    const [{ fields, statuses }, remarks] = map([header, "Hire Date"]);
    expect([fields.get("endDate")?.header, statuses, remarks]).toEqual([header, [], []]);
    expect(map([header, "Termination Date"])[0].fields.get("endDate")?.header, "a plainer one wins").toBe(
      "Termination Date",
    );
  });

  test.each([
    ..."Payroll Status|Person Status|Assignment Status Type|Lifecycle Status|Associate Status|Staff Status".split("|"),
    ..."Current Employment Status|Still employed|Currently Employed|Is Employed|Active Employee|Active Indicator|ACTIVE_IND".split(
      "|",
    ),
    ..."Mitarbeiterstatus|Beschäftigungsstatus|Ist aktiv|Aktiv (J/N)|Statut salarié|Est actif|Estado del empleado".split(
      "|",
    ),
    ..."Situação do colaborador|Ativo|Attivo|Status medewerker|Stato del dipendente|Aktywny|Status zatrudnienia".split(
      "|",
    ),
    ..."Anställningsstatus".split("|"),
  ])("the status %s", (header) => {
    const [{ statuses }, remarks] = map([header]);
    expect(statuses).toMatchObject([{ header, isInverted: false }]);
    expect(remarks).toEqual([]);
    expect(map([header, "Status"])[0].statuses, "a plainer one wins").toMatchObject([{ header: "Status" }]);
  });

  test.each(
    "Terminated Flag|TermFlag|Terminated Y/N|Not Active|Is Not Active|Separated|Dismissed|No longer employed|Inactive Flag|Leaver (Y/N)|Inactif|Inactivo|Inativo|Inattivo|Inactief|Cessato|Nieaktywny".split(
      "|",
    ),
  )("%s, whose yes means that the person has left", (header) => {
    expect(map([header])[0].statuses).toMatchObject([{ header, isInverted: true }]);
  });
});

describe("asked about, where nothing else says who has left, is", () => {
  test.each([
    ..."Current Status|Job Status|Contract Status|Employed|Employed?|Working|Termination|Exit|Exit Info|Retirement Date".split(
      "|",
    ),
    ..."Contract End Date|Contract End|Resignation Date|Dismissal Date|Inactive Date|Deactivation Date|LWD|Leaving".split(
      "|",
    ),
    ..."Most Recent Termination Date|Termination Status|Quit Date|Retired|Former Employee|Active Staff|Record Status".split(
      "|",
    ),
    ..."Voluntary Termination|Offboarding Date|Leave Date|Former Staff|Separation|Inactivated|Redundancy Date|Emp Stat".split(
      "|",
    ),
    ..."Vertragsende|Kündigungsdatum|Gekündigt zum|Austritt geplant|Befristet bis|Entlassen am|Status MA".split("|"),
    ..."Fin de contrat|Date de fin de contrat|Sortie|Départ|Date depart prevue|Présent|Démission|Statut du contrat".split(
      "|",
    ),
    ..."Estado|Situación|Situação|Situação cadastral|Baja|Fecha de renuncia|Fecha fin de contrato|Cese|Demitido".split(
      "|",
    ),
    ..."Desligamento|In dienst|Einde contract|Ontslagdatum|Stato|Stato rapporto|Data fine contratto|Dimissioni".split(
      "|",
    ),
    ..."Active/Inactive|Aktiv/Inaktiv|Fired On|Cessation Date|Date of Death|DOL|Date of Term|Disabled On|End|Gone".split(
      "|",
    ),
    ..."Tätig bis|Trennungsdatum|Mitarbeiter aktiv|Date fin|Dernier jour|Rupture|État|Último día|Fecha término".split(
      "|",
    ),
    ..."Data término|Aposentado|Contract tot|Dienstverband einde|In forza|Data cess.|Zatrudniony|Umowa do|Anställd".split(
      "|",
    ),
    ..."Licenziato|Zwolnienie|Data końca umowy|Rozwiązanie umowy|Slutat|Avgång|Uppsagd|Anställning slut".split("|"),
  ])("%s", (header) => {
    expect(doubted([header])).toEqual([header]);
    expect(doubted([header, "Status"])).toEqual([]);
    expect(doubted([header, "Termination Date"])).toEqual([]);
    expect(doubted([header], { status: "" })).toEqual([]);
    expect(
      map([header])[1].map(({ code }) => code),
      "one is enough",
    ).toEqual(["near-miss"]);
  });

  test("never offered as a line that would turn it around, nor as one that decides by being pasted", () => {
    for (const header of ["Current Status", "Employed", "Exit", "Sortie", "Contract End Date", "Termination"]) {
      const [remark] = map([header])[1];
      if (remark?.setting !== undefined) expect(remark.setting.or, header).not.toBeNull();
    }
    for (const header of ["Exit", "Sortie", "Slutat", "Dimissioni", "Retired", "Former Employee", "Baja"]) {
      expect(map([header])[1][0]?.setting?.path, header).not.toBe("roster.columns.status");
      expect(map([header], { status: header })[0].statuses, "named all the same").toMatchObject([{ isInverted: true }]);
    }
  });

  test("several at once are all named, and the configuration offers each of them", () => {
    const remarks = map(["Contract End Date", "Current Status", "Retirement Date"])[1];
    expect(remarks.map(({ column }) => column)).toEqual(["Contract End Date", "Current Status", "Retirement Date"]);
    expect(remarks[0]?.setting).toMatchObject({
      path: "roster.columns.end_date",
      value: "Contract End Date",
      or: expect.stringContaining('"Retirement Date"'),
    });
    expect(remarks[1]?.setting).toMatchObject({ path: "roster.columns.status", value: "Current Status" });
  });

  test("not where an empty name says that no column has the end date", () => {
    expect(doubted(["Contract End Date", "Current Status"], { endDate: "" })).toEqual(["Current Status"]);
  });

  test("not Estado or Stato beside the parts of an address, where it is one of them", () => {
    expect(doubted(["Ciudad", "Estado", "Código postal"])).toEqual([]);
    expect(doubted(["Cidade", "Estado"])).toEqual([]);
    expect(doubted(["Ville", "État", "Pays"])).toEqual([]);
    expect(doubted(["Indirizzo", "CAP", "Stato"])).toEqual([]);
  });
});

/** As they stand in exports of people who all work. */
const OF_SOMETHING_ELSE = [
  // Personal matters.
  "Marital Status|Marital Status Code|Civil Status|Married|Family Status|Familienstand|Estado civil|Stato civile|Situation familiale",
  "Situation de famille|Stan cywilny|Civilstånd|Burgerlijke staat|Estado de nacimiento|Estado Civil (descripción)|État civil|Familienstatus",
  "Visa Status|Immigration Status|Work Permit Status|I-9 Status|E-Verify Status|Citizenship Status|Residency Status|Work Authorization Status",
  "Military Status|Veteran Status|Protected Veteran Status|Disability Status|Situación militar|Estado migratorio|Military Discharge Date",
  "Vaccination Status|COVID-19 Vaccine Status|Impfstatus|Statut vaccinal|Medical Status|Smoker Status|Tobacco Status|Health Status",
  // Pay, tax and benefits.
  "FLSA Status|Exempt Status|FLSA Exempt|Exempt/Non-Exempt|Overtime Status|Tax Status|Tax Filing Status|Federal Filing Status|W-4 Status",
  "Union Status|Union Membership Status|Benefit Status|Benefits Eligibility Status|Benefit Termination Date|Insurance End Date|COBRA Status|ACA Status",
  "401k Status|Retirement Plan|Retirement Plan Status|Retirement Contribution|Caisse de retraite|Pension Status|Retirement Age|Direct Deposit Status",
  "Pay Period End Date|Period End|Payment Status|Garnishment Status|Salary Review Status|Bonus Exit",
  // Accounts, things and tasks.
  "Email Status|E-mail status|Invitation Status|Invite Status|Login Status|MFA Status|Password Status|License Status|Sync Status",
  "Badge Status|Badge Deactivation Date|Background Check Status|Clearance Status|Training Status|Certification Status|Onboarding Status|Preboarding Status",
  "Review Status|Appraisal Status|Goal Status|Offer Status|Application Status|Requisition Status|Document Status|Approval Status|Workflow Status",
  "Exit Interview|Exit Interview Date|Exit Survey Sent|Laptop Status|Task Status|Verification Status|Request Status|Active Directory ID",
  "Signature Status|Timesheet Status|Import status|Status comments",
  // About the status, and not the status.
  "Status Date|Status Effective Date|Status Change Date|Status Since|Status Reason|Termination Reason|Reason for Leaving|Separation Reason",
  "Austrittsgrund|Kündigungsgrund|Motif de départ|Motivo de baja|Motivo da demissão|Motivo cessazione|Reden uitdienst|Powód zwolnienia|Avgångsorsak|Leave Reason",
  // Absences and times.
  "Leave Status|Leave End Date|Vacation Days Left|Days Left|Leave Type|Sick Leave End|PTO Status|Attendance Status|Shift End|End Time|Work End Time",
  "Leave of Absence|Parental Leave End Date|Urlaubsstatus|Hora de salida|Hora de saída|Ora uscita|Baja médica|Resturlaub|Zwolnienie lekarskie|Weekend",
  "Kündigungsfrist|Notice Period|Délai de préavis|Opzegtermijn|Okres wypowiedzenia|Uppsägningstid|Termination Notice Period",
  "Full Time Status|Full/Part Time Status|FT/PT Status|Part-time Status|FTE Status|Remote Status|Hybrid Status|Probation End Date|Probation Status",
  "Ende der Probezeit|Probezeit Ende|Fin de période d'essai|Fin periodo de prueba|Einde proeftijd|Fine periodo di prova|Koniec okresu próbnego|Provanställning slut",
  // Beginnings, and whatever else.
  "Start Date|Hired|Effective Date|Fecha de ingreso|Fecha de alta|Data de admissão|Data di assunzione|Datum in dienst|Indienstdatum|Indiensttreding",
  "Data zatrudnienia|Anställningsdatum|Date d'embauche|Startdatum|Beschäftigt seit|In dienst sinds|Data início|Data inizio|Fecha inicio",
  "Beschäftigungsart|Beschäftigungsgrad|Anställningsform|Mitarbeitergruppe|Employer|Employee Type|Employment Type|Worker Type|Contract Type",
  "Department|Depart.|Département|Abteilung|Job Title|Location|Country|State|Manager|Manager Status|Supervisor Email|Emergency Contact|Work State",
  "Service Date|Seniority Date|Adjusted Service Date|Statutory Entity|Station|Statistical Code|Einsatzort|Fine Arts|Finance|Existing|Exempt",
  "Working Hours|Working Time|Working Location|Employed Since|Cost Center|Project End Date|Project Status|Client Status|Student Status|Vehicle Status",
  "Presentation|Represented|Residential Status|Housing Status|Relocation Status|Separate Entity|Salidas|Lease End Date|Lead|Left-handed|Dietary",
  "Employment Date|Date of Employment|Edited On|Former Name|Former Employer|Employer Status|Retirement Scheme|Beschäftigt als|Statut cadre",
  "In dienst per|Data nascita|Geburtsdatum|Data de nascimento|Fecha de nacimiento|Salida a comer|Uscita pausa|Fondo de retiro|Point de départ",
  "Estado de salud|Estado de origen|Stato di nascita|Stato estero|Zwolnienie z podatku|Cesantías|Befristungsgrund|Elternzeit bis|Retirement Savings",
  "Etat|Wymiar etatu|Fire Warden|First Aid|Backend|Calendar End|Endorsed|Bisherige Firma|Weekends|Gone Fishing",
  "Rehire Eligible|Eligible for Rehire|Ethnicity|Gender|Home Address|Desk|Notes|Last Review Date|Last Paid Date|Last Day of Leave|Last Login",
].flatMap(words);

describe("left alone is what is of something else", () => {
  test.each(OF_SOMETHING_ELSE)("%s", (header) => {
    expect(doubted([header])).toEqual([]);
    expect(map([header])[0].statuses).toEqual([]);
    expect(map([header])[0].fields.has("endDate")).toBe(false);
  });
});
