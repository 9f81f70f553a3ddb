// `check FILE`: how the file was read, and every problem. Needs neither Redis nor credentials, and works on the file alone.

import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Issue, ReadingSummary, RosterRow } from "../domain/employee.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { RosterRefused } from "../domain/roster-refused.ts";
import { sightings } from "../domain/sightings.ts";
import { trailerDoubt } from "../domain/trust.ts";
import type { TrustLimits } from "../domain/trust-limits.ts";
import { createRosterReader } from "../roster/reader.ts";
import { fingerprintFor } from "../store/keys.ts";
import { mappingFile } from "./check-config.ts";
import { checkJson } from "./check-json.ts";
import { type ProblemTally, tallyProblems } from "./check-problems.ts";
import { checkText } from "./check-text.ts";
import { type GlobalOptions, readConfig, say } from "./session.ts";
import { requireFile, UsageError } from "./usage-error.ts";

export interface CheckOptions extends GlobalOptions {
  readonly json?: boolean;
  /** Where to write the mapping as configuration. */
  readonly writeConfig?: string;
  readonly force?: boolean;
}

export async function checkCommand(file: string, options: CheckOptions): Promise<ExitCode> {
  await requireFile(file, "check");
  const { config } = readConfig(options, []);
  const reading = createRosterReader({ ...config.roster, fingerprint: fingerprintFor("check") }).open(resolve(file));
  const tally = tallyProblems();
  let summary: ReadingSummary | null = null;
  try {
    await look(reading.rows(), tally);
    summary = reading.summary();
    const doubt = closingLine(summary, config.trust);
    if (doubt !== null) tally.add(doubt);
  } catch (error) {
    if (!(error instanceof RosterRefused)) throw error;
    tally.refuse(error.issues);
  }
  const problems = tally.problems();
  const name = basename(file);
  const known = reading.known();
  say(options.json === true ? checkJson(name, summary, problems, known) : checkText(name, summary, problems, known));
  if (options.writeConfig !== undefined) {
    await writeNew(options.writeConfig, mappingFile(name, summary, problems.settings), options.force === true);
  }
  if (summary === null) return EXIT.refused;
  return problems.groups.length > 0 ? EXIT.partial : EXIT.done;
}

/** A closing line that does not fit the rows: about the file alone, unlike all else for which a run is held. */
function closingLine(summary: ReadingSummary, limits: TrustLimits): Issue | null {
  const doubt = trailerDoubt(summary, limits);
  if (doubt === null) return null;
  return {
    code: doubt.limit,
    line: summary.trailer?.line ?? null,
    column: null,
    message: `${doubt.message} A run of this file is held, unless the last accepted roster was off by as many.`,
    fix: "See whether the export is complete, and export again. If it is right as it is, a person releases the held run with a reason.",
  };
}

/** Every problem of every row, people on several rows included. */
async function look(batches: AsyncIterable<readonly RosterRow[]>, tally: ProblemTally): Promise<void> {
  const people = sightings();
  for await (const rows of batches) {
    for (const row of rows) {
      if (row.kind === "out-of-scope") continue;
      if (row.kind === "unreadable") for (const issue of row.issues) tally.add(issue);
      const repetition = row.kind === "employee" ? people.meet(row.employee, row.employee) : people.meet(row, null);
      if (repetition === null || repetition.isMerged) continue;
      for (const { line, because } of repetition.withdrawn) tally.add(duplicate(line, because));
      if (row.kind === "employee") tally.add(duplicate(row.employee.line, repetition.because));
    }
  }
}

function duplicate(line: number, because: string): Issue {
  const end = because.indexOf("; ");
  const message = end === -1 ? because : `${because.slice(0, end)}; not provisioned.`;
  return {
    code: "duplicate",
    line,
    column: null,
    message,
    fix: "Correct the roster so that each person stands on one line, or on lines that agree.",
  };
}

/** Writes a file that is not there yet, or with `mayReplace` any. @throws UsageError */
async function writeNew(path: string, text: string, mayReplace: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: mayReplace ? "w" : "wx", mode: 0o644 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new UsageError(`${path} is there already and was left as it is; --force replaces it.`);
    throw new UsageError(`${path} cannot be written (${code}); give another path: --write-config roster.yaml`);
  }
  process.stderr.write(`Wrote ${path}.\n`);
}
