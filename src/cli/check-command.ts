// `check FILE`: how the file was read, and every problem. Needs neither Redis nor credentials.

import { basename, resolve } from "node:path";
import type { Issue, ReadingSummary } from "../domain/employee.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { RosterRefused } from "../domain/roster-refused.ts";
import { createRosterReader } from "../roster/reader.ts";
import { fingerprintFor } from "../store/keys.ts";
import { checkText } from "./check-text.ts";
import { type GlobalOptions, readConfig, say } from "./session.ts";
import { requireFile } from "./usage-error.ts";

export async function checkCommand(file: string, options: GlobalOptions): Promise<ExitCode> {
  await requireFile(file, "check");
  const { config } = readConfig(options, []);
  const reader = createRosterReader({ ...config.roster, fingerprint: fingerprintFor("check") });
  const reading = reader.open(resolve(file));
  const problems: Issue[] = [];
  let summary: ReadingSummary | null = null;
  let isRefused = false;
  try {
    for await (const rows of reading.rows()) {
      for (const row of rows) if (row.kind === "unreadable") problems.push(...row.issues);
    }
    summary = reading.summary();
  } catch (error) {
    if (!(error instanceof RosterRefused)) throw error;
    isRefused = true;
    problems.push(...error.issues);
  }
  say(checkText(basename(file), summary, problems));
  if (isRefused) return EXIT.refused;
  return problems.length > 0 ? EXIT.partial : EXIT.done;
}
