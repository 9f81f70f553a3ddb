// What is said of a file in which the table is not found, or not where its first line is.

import type { Issue } from "../domain/employee.ts";
import { counted, quoted } from "../domain/quoting.ts";
import { refused } from "./refused.ts";

/** A header is looked for in so many records, blank ones aside. */
export const HEADER_WITHIN = 100;

/** As the configuration names it, too. */
export function separatorName(separator: string): string {
  return separator === "\t" ? "tab" : separator;
}

/** `found`: the separator that makes a header of the file; `isConfigured`: the configuration gave the other. */
export function wrongSeparator(given: string, found: string, isConfigured: boolean): Error {
  const who = isConfigured ? "roster.delimiter names" : "The sep= line names";
  const name = separatorName(found);
  return refused(
    "wrong-separator",
    isConfigured ? null : 1,
    `${who} ${quoted(given)} as the separator, and the header is separated by ${quoted(name)}.`,
    isConfigured ? "Correct roster.delimiter in the configuration." : "Correct the first line, or take it away.",
    { path: "roster.delimiter", value: name, or: null },
  );
}

/** `data`: the line that looks like people, where one does; `given`: the only separator that was tried. */
export function noHeader(data: number | null, given: string | undefined): Error {
  const separator = given === undefined ? "comma, semicolon, tab or pipe" : quoted(given);
  return refused(
    "no-header",
    data,
    data !== null
      ? "No header line was found: the file seems to begin with people right away."
      : `No header line was found: none of the first ${HEADER_WITHIN} lines with text has names of columns, separated by ${separator}.`,
    "Let the export write the names of its columns on the first line.",
  );
}

export function rowsAbove(line: number, headerLine: number): Error {
  return refused(
    "rows-above-header",
    line,
    `Line ${line} looks like a person, and stands above line ${headerLine}, which was recognised as the header: such people would be lost.`,
    "Let the file begin with its header, and have one table in it. If the header is further up, name its columns under roster.columns.",
  );
}

/** So many lines above the header are named. */
const NAMED = 5;

/** Names the lines above the header, which are no people. */
export function aboveHeader(lines: readonly string[], hasSeparatorLine: boolean): Issue[] {
  const first = hasSeparatorLine ? 1 : 0;
  const more = lines.length - first - NAMED;
  return lines.slice(first, first + NAMED).map((text, at): Issue => {
    const what = text.trim() === "" ? "This line is blank" : "This line";
    const also = more > 0 && at === NAMED - 1 ? ` ${counted(more, "more such line")} below.` : "";
    return {
      code: "lines-above-header",
      line: first + at + 1,
      column: null,
      message: `${what}${text.trim() === "" ? " and" : ""} stands above the header; it was not taken for a person.${also}`,
      fix: "Nothing needs to be done.",
    };
  });
}

/** About a separator at the end that only the rows have, or only the header. */
export function extraSeparator(headerLine: number, where: "rows" | "header"): Issue {
  const message =
    where === "rows"
      ? "Each row ends with a separator that the header does not have; what stands behind it counts as one more column, without a name."
      : "The header ends with a separator that the rows do not have; nothing stands behind it.";
  return { code: "separator-at-end", line: headerLine, column: null, message, fix: "Nothing needs to be done." };
}

/** Each line in quotes as a whole is a table in one column. `line`: where such a line is a header. */
export function quotedLines(line: number): Error {
  return refused(
    "quoted-lines",
    line,
    "Each line stands in quotes as a whole, so that it is one cell: mostly the file was opened and saved once more with all in one column.",
    "Use the file as the HR system exported it; or take the outer quotes away, and write quotes inside that are doubled once.",
  );
}
