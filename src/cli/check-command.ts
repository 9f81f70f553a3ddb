// `check FILE`: how the file was read, and every problem. Needs neither Redis nor credentials, and works on the file alone.

import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { dayAt } from "../domain/day.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { createRosterReader } from "../roster/reader.ts";
import { fingerprintFor } from "../store/keys.ts";
import { mappingFile } from "./check-config.ts";
import { checkJson } from "./check-json.ts";
import { checkRoster } from "./check-roster.ts";
import { checkText } from "./check-text.ts";
import { say, sayJson, warn } from "./output.ts";
import { type GlobalOptions, readConfig } from "./session.ts";
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
  const reader = createRosterReader({ ...config.roster, fingerprint: fingerprintFor("check"), readsOn: true });
  const terms = { asOf: dayAt(Date.now(), config.schedule.timeZone), leadDays: config.roster.leadDays };
  const checked = await checkRoster(reader.open(resolve(file)), config.trust, terms);
  const name = basename(file);
  if (options.json === true) sayJson(checkJson(name, checked));
  else say(checkText(name, checked));
  const { summary, known, problems } = checked;
  if (options.writeConfig !== undefined) {
    await writeNew(options.writeConfig, mappingFile(name, known, problems.settings), options.force === true);
  }
  if (summary === null) return EXIT.refused;
  return problems.groups.length > 0 ? EXIT.partial : EXIT.done;
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
  warn(`Wrote ${path}.`);
}
