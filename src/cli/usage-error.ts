// Wrong use of the command line, such as a file that is not there. The message says what would be right.

import { access, constants, stat } from "node:fs/promises";
import type { App } from "../app/app.ts";
import type { Run } from "../domain/run.ts";

export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Makes sure that a roster file can be read. @throws UsageError */
export async function requireFile(file: string, command: string): Promise<void> {
  const path = `Give the path of a roster: roster-sync ${command} monday.csv`;
  const found = await stat(file).catch(() => null);
  if (found?.isDirectory() === true) throw new UsageError(`${file} is a folder. ${path}`);
  if (found?.isFile() === false) throw new UsageError(`${file} is no regular file (a device, a pipe). ${path}`);
  const isReadable = await access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (isReadable) return;
  throw new UsageError(
    found === null
      ? `There is no file ${file} that can be read. ${path}`
      : `The file ${file} may not be read by this user. Give it the right to read it, or copy the file.`,
  );
}

/** @throws UsageError when nobody knows the run: perhaps another installation does */
export async function requireRun(runId: string, { runs }: Pick<App, "runs">, dataDir: string): Promise<Run> {
  const run = await runs.get(runId);
  if (run !== null) return run;
  throw new UsageError(
    `There is no run ${runId} (data folder ${dataDir}). List them with: roster-sync runs. Where it is missing there, set DATA_DIR, ` +
      "REDIS_URL and --config as the daemon has them.",
  );
}
