// Issues of a roster as lines for a terminal.

import type { Issue } from "../domain/employee.ts";

/** `  line 214, column "Start Date": what is wrong. What to do.` */
export function problemLines(issues: readonly Issue[]): string[] {
  return issues.map(({ line, column, message, fix }) => {
    const where = [line === null ? null : `line ${line}`, column === null ? null : `column "${column}"`];
    const place = where.filter((part) => part !== null).join(", ");
    return `  ${place === "" ? "" : `${place}: `}${message} ${fix}`;
  });
}
