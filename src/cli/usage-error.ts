// Wrong use of the command line, such as a file that is not there. The message says what would be right.

import { access, constants, stat } from "node:fs/promises";

export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Makes sure that a roster file can be read. @throws UsageError */
export async function requireFile(file: string, command: string): Promise<void> {
  const isReadable = await access(file, constants.R_OK).then(
    async () => (await stat(file)).isFile(),
    () => false,
  );
  if (isReadable) return;
  throw new UsageError(
    `There is no file ${file} that can be read. Give the path of a roster: roster-sync ${command} monday.csv`,
  );
}
