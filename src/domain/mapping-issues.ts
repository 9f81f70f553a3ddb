// What is wrong with a header, in sentences for people, with the configuration line that settles it.

import type { Field, Issue } from "./employee.ts";
import { commonHeaders, isAnotherAddress, mayBeAddress, plainHeader } from "./header-words.ts";
import { counted, quoted } from "./quoting.ts";

/** The header nearest in spelling to one of the wanted ones; null when none is near. `share` of the letters may differ. */
export type Nearest = (wanted: readonly string[], headers: readonly string[], share?: number) => string | null;

/** What the configuration calls the fields, under `roster.columns`. */
export const SETTINGS: Readonly<Record<Field, string>> = {
  employeeId: "employee_id",
  email: "email",
  firstName: "first_name",
  lastName: "last_name",
  lastNamePrefix: "last_name_prefix",
  fullName: "full_name",
  role: "role",
  timeZone: "timezone",
  status: "status",
  startDate: "start_date",
  endDate: "end_date",
};

export const FIELD_NAMES: Readonly<Record<Field, string>> = {
  employeeId: "employee id",
  email: "work e-mail address",
  firstName: "first name",
  lastName: "last name",
  lastNamePrefix: "prefix of the last name",
  fullName: "whole name",
  role: "role",
  timeZone: "time zone",
  status: "status",
  startDate: "start date",
  endDate: "end date",
};

/** Two columns of one name, of which one is `wanted`. What is dropped unread needs no name of its own. */
export function duplicateHeaders(header: readonly string[], line: number, wanted: ReadonlySet<number>): Issue[] {
  const seen = new Map<string, number>();
  const issues: Issue[] = [];
  const names = new Set([...wanted].map((position) => plainHeader(header[position] ?? "")));
  for (const [position, text] of header.entries()) {
    const name = plainHeader(text);
    const earlier = seen.get(name);
    if (name === "" || !names.has(name)) continue;
    if (earlier === undefined) {
      seen.set(name, position);
      continue;
    }
    issues.push({
      code: "duplicate-header",
      line,
      column: text.trim(),
      message: `Columns ${earlier + 1} and ${position + 1} are both headed ${quoted((header[earlier] ?? "").trim())}, so that nobody can tell them apart.`,
      fix: "Give each column its own name in the export, or leave one of them out.",
    });
  }
  return issues;
}

/** A near word for one name may be the other name, and such a line would swap the two. */
const IS_NAME: ReadonlySet<string> = new Set(
  (["firstName", "lastName", "fullName"] as const).map((field) => `roster.columns.${SETTINGS[field]}`),
);
const OTHER_COLUMN = "another column that has them";

export function notOne(
  line: number,
  header: readonly string[],
  setting: string,
  name: string,
  found: readonly number[],
  nearest: Nearest,
): Issue {
  if (found.length > 1) {
    const which = found.map((position) => quoted(header[position] ?? "")).join(" and ");
    return {
      code: "ambiguous-column",
      line,
      column: name,
      message: `${setting} names ${quoted(name)}, which fits several columns: ${which}.`,
      fix: "Write the name exactly as one of them is spelled.",
    };
  }
  const near = nearest([name], header);
  return {
    code: "missing-column",
    line,
    column: name,
    message: `${setting} names the column ${quoted(name)}, and the file has none of that name; its columns are ${listed(header)}.`,
    fix:
      near === null
        ? "Correct the name in the configuration, or add the column to the export."
        : `Did you mean ${quoted(near)}? Correct the name in the configuration or in the export.`,
    ...(near !== null && setting.startsWith("roster.columns.")
      ? { setting: { path: setting, value: near, or: IS_NAME.has(setting) ? OTHER_COLUMN : null } }
      : {}),
  };
}

export function twoCandidates(line: number, header: readonly string[], field: Field, found: readonly number[]): Issue {
  const names = found.map((position) => quoted((header[position] ?? "").trim()));
  return {
    code: "ambiguous-column",
    line,
    column: header[found[0] ?? 0] ?? null,
    message: `The ${FIELD_NAMES[field]} may be in ${names.join(" or ")}; nothing says which of them counts.`,
    fix: `Choose one in the configuration, for example roster.columns.${SETTINGS[field]}: ${names[0]}`,
    setting: {
      path: `roster.columns.${SETTINGS[field]}`,
      value: (header[found[0] ?? 0] ?? "").trim(),
      or: names.slice(1).join(", "),
    },
  };
}

export function usedTwice(line: number, header: string, one: Field | null, other: Field): Issue {
  return {
    code: "ambiguous-column",
    line,
    column: header,
    message: `The configuration uses the column ${quoted(header)} for two fields, ${one} and ${other}.`,
    fix: "Name another column for one of them under roster.columns.",
  };
}

export function noEmail(line: number, header: readonly string[], nearest: Nearest): Issue {
  const candidates = header.filter((text) => !isAnotherAddress(text));
  const near = nearest(commonHeaders("email"), candidates) ?? candidates.find(mayBeAddress)?.trim() ?? null;
  const suggestion =
    near === null
      ? "Add the work e-mail address to the export, or name its column in the configuration: roster.columns.email"
      : `Is it ${quoted(near)}? Then correct that header, or write roster.columns.email: ${quoted(near)} into the configuration.`;
  return {
    code: "missing-email",
    line,
    column: null,
    message: `No column was recognised as the work e-mail address; the columns are ${listed(header)}. A personal or secondary address is never taken for it.`,
    fix: suggestion,
    setting:
      near === null
        ? {
            path: "roster.email_pattern",
            value: "{first}.{last}@your-company.example",
            or: "roster.columns.email: the header of the column that has the addresses",
          }
        : { path: "roster.columns.email", value: near, or: "another column that has the work addresses" },
  };
}

/** Whether nothing in the header says which column has the addresses. */
export function isEmailUnknown({ code, setting }: Issue): boolean {
  return code === "missing-email" && setting?.path === "roster.email_pattern";
}

/** The same problem where the cells of a column look like addresses. Whose addresses they are, only a person knows. */
export function emailAskedFor(issue: Issue, column: string, found: number, rows: number): Issue {
  const seen = `looks like addresses in ${found} of ${counted(rows, "row")}`;
  return {
    ...issue,
    fix: `The column ${quoted(column)} ${seen}. If they are the work addresses, write roster.columns.email: ${quoted(column)} into the configuration.`,
    setting: {
      path: "roster.columns.email",
      value: column,
      because: seen,
      or: "another column that has the work addresses",
    },
  };
}

export function sensitive(line: number, header: string, matter: string): Issue {
  return {
    code: "sensitive-column",
    line,
    column: header,
    message: `The column ${quoted(header)} looks like ${matter}, and the configuration or its name would make us read it.`,
    fix: "Use another column under roster.columns or in the rules; such values have no place here.",
  };
}

export function listed(header: readonly string[]): string {
  const names = header.filter((text) => text.trim() !== "").map((text) => quoted(text.trim()));
  const shown = names.slice(0, 20).join(", ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown || "without names";
}

export function patternAndColumn(line: number, column: string): Issue {
  return {
    code: "ambiguous-column",
    line,
    column,
    message: `The configuration names ${quoted(column)} as the column with the work address, and has roster.email_pattern, too.`,
    fix: "Take one of the two out of the configuration.",
  };
}

export function patternWithoutId(line: number, header: readonly string[]): Issue {
  return {
    code: "missing-id",
    line,
    column: null,
    message: `Addresses are built by roster.email_pattern, and no column was recognised as the employee id; the columns are ${listed(header)}. Without it two people of one name are one person, and somebody who marries is another.`,
    fix: "Add the employee id to the export, or name its column in the configuration: roster.columns.employee_id",
  };
}
