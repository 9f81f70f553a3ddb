// The configuration that a check proposes: real configuration, which reads the file again as it was read, and decides nothing
// that is open.

import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { mappingFile, settingLines } from "../../src/cli/check-config.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Setting } from "../../src/domain/employee.ts";
import { problemsOf, read } from "../roster/reading.ts";

async function rosterConfig(text: string) {
  const folder = await mkdtemp(join(tmpdir(), "check-config-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const configFile = join(folder, "roster.yaml");
  writeFileSync(configFile, text);
  const { config } = loadConfig({
    env: {},
    configFile,
    cwd: tmpdir(),
    isCron: () => true,
    needs: [],
    servesWeb: false,
  });
  return config.roster;
}

const ROSTER =
  "Personalnummer;Vorname;Nachname;E-Mail;Status;Eintritt;Notiz\n1;Una;Frost;una@corp.example;Active;23/04/2021;x\n" +
  "2;Ivo;Marsh;ivo@corp.example;Active;03/04/2021;y\n";

test("a written mapping is configuration that reads the same file alike", async () => {
  const { known, employees } = await read(ROSTER);
  const text = mappingFile("monday.csv", known, []);
  const options = await rosterConfig(text);
  expect(options).toMatchObject({
    delimiter: ";",
    encoding: "utf-8",
    dates: { order: "dmy" },
    columns: { employeeId: "Personalnummer", email: "E-Mail", startDate: "Eintritt", status: "Status" },
  });
  const again = await read(ROSTER, options);
  expect(again.employees).toEqual(employees);
  expect(again.summary?.columns.filter(({ field }) => field !== null).map(({ by }) => by)).toEqual(
    Array(6).fill("configuration"),
  );
});

test("what is open is asked for in a comment, and never decided by the file", async () => {
  const { known, issues } = await read(ROSTER.replace("Active", "Onboarding").replace("23/04", "01/02"));
  const text = mappingFile("monday.csv", known, problemsOf(issues).settings);
  expect(text).toMatch(/^# {5}# {3}"Onboarding"$/m);
  expect(text).toMatch(/^# {5}order: dmy {2}# or mdy; dmy makes it 1 February 2021, mdy 2 January 2021$/m);
  expect(await rosterConfig(text)).toMatchObject({ dates: { order: "auto" }, status: { working: [], gone: [] } });
});

test("two columns of dates are settled each by itself, and both by what is proposed", async () => {
  const text = (end: string) =>
    `Employee ID,First Name,Last Name,Email,Hire Date,Termination Date\n1,Una,Frost,u@corp.example,15/03/2021,${end}\n`;
  const { issues } = await read(text("03/04/2027"));
  const { settings } = problemsOf(issues);
  expect(settings).toMatchObject([{ path: "roster.dates.end_order", value: "dmy" }]);
  const decided = settingLines(settings).map((line) => line.replace(/^# /, "").replace("dmy", "mdy"));
  const settled = await read(text("03/04/2027"), await rosterConfig(decided.join("\n")));
  expect(settled.employees).toMatchObject([{ startsOn: "2021-03-15", endsOn: "2027-03-04" }]);

  const pinned = await rosterConfig(mappingFile("monday.csv", (await read(text("03/04/2027"))).known, settings));
  expect(pinned.dates, "what one column proves says nothing of the other").toEqual({
    order: "auto",
    startOrder: "dmy",
    endOrder: "auto",
  });

  const differing = await read(`${text("03/14/2027")}2,Ivo,Marsh,i@corp.example,04/05/2021,04/05/2027\n`);
  const written = mappingFile("monday.csv", differing.known, []);
  const { dates } = await rosterConfig(written);
  expect(dates).toEqual({ order: "auto", startOrder: "dmy", endOrder: "mdy" });
  expect((await read(text("03/04/2027"), await rosterConfig(written))).employees).toMatchObject([
    { endsOn: "2027-03-04" },
  ]);
});

test("of a refused file what was found is pinned, and what refuses it is asked for", async () => {
  const { refused, known } = await read("Employee ID,First Name,Last Name,Wrok Email\n1,Una,Frost,una@corp.example\n");
  const text = mappingFile("monday.csv", known, problemsOf(refused ?? []).settings);
  expect(text).toContain('#     email: "Wrok Email"');
  expect(await rosterConfig(text)).toMatchObject({
    columns: { employeeId: "Employee ID", firstName: "First Name", lastName: "Last Name" },
    delimiter: ",",
  });
  expect((await rosterConfig(text)).columns).not.toHaveProperty("email");
});

test("what is proposed on the page is configuration, too: whatever it contains", async () => {
  const settings: Setting[] = [
    { path: "roster.role.values", value: ["Boss: #1", "standard"], or: "light, admin" },
    { path: "roster.columns.email", value: "Mail #2", or: null },
  ];
  const lines = settingLines(problemsOf(settings.map((setting) => ({ ...ISSUE, setting }))).settings);
  const pasted = await rosterConfig(lines.join("\n"));
  expect(pasted.columns).toEqual({ email: "Mail #2" });
  expect(pasted.role.values, "an answer of several is given by a person").toEqual({});
  const decided = lines.map((line) => line.replace(/^# /, "")).join("\n");
  expect(await rosterConfig(decided)).toMatchObject({
    role: { values: { "Boss: #1": "standard" } },
    columns: { email: "Mail #2" },
  });
});

test("a status word that nobody knows is put on no side: what is proposed, pasted as it is, decides nothing", async () => {
  const words = ["gekündigt", 'On: "hold" #1', "Éveil\u2028\u0085working: [x]"];
  const { issues, known } = await read(
    `Employee ID;First Name;Last Name;Email;Status\n1;Una;Frost;una@corp.example;Active\n${words
      .map((word, at) => `${at + 2};Una;Frost;una${at}@corp.example;"${word.replaceAll('"', '""')}"\n`)
      .join("")}`,
  );
  const { settings } = problemsOf(issues);
  expect(settings.map(({ path, value }) => [path, value])).toEqual(words.map((word) => ["roster.status", word]));

  const pasted = settingLines(settings);
  expect(pasted).toContain('    #   "gekündigt"');
  expect(await rosterConfig(pasted.join("\n"))).toMatchObject({ status: { working: [], gone: [] } });

  const written = mappingFile("monday.csv", known, settings);
  expect(await rosterConfig(written)).toMatchObject({ status: { working: [], gone: [] } });
  const uncommented = written.replace(/^# (?=\s)/gm, "");
  expect(await rosterConfig(uncommented)).toMatchObject({ status: { working: [], gone: [] } });
});

const ISSUE = { code: "bad", line: 2, column: null, message: "It is bad.", fix: "Mend it." };
