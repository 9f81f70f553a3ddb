// One reason to refuse a file.

import type { Issue, Setting } from "../domain/employee.ts";
import { RosterRefused } from "../domain/roster-refused.ts";

/** `setting`: the line of configuration that would settle it, where one would. */
export function refused(
  code: string,
  line: number | null,
  message: string,
  fix: string,
  setting?: Setting,
): RosterRefused {
  const issue: Issue = { code, line, column: null, message, fix };
  return new RosterRefused([setting === undefined ? issue : { ...issue, setting }]);
}
