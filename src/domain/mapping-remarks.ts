// What is worth knowing of a header although nothing stops for it: columns that nothing uses and that are nearly named as one
// would be, that there are no ids, that nothing says who has left.

import type { Field, Issue } from "./employee.ts";
import { asksWhetherGone, commonHeaders, foldHeader, invertedHeaders, mayBeId, meaningOf } from "./header-words.ts";
import { isAboutSomethingElse, isBeginning, type LeavingField, mayTellWhoLeft } from "./leaving-headers.ts";
import { FIELD_NAMES, type Nearest, SETTINGS } from "./mapping-issues.ts";
import { quoted } from "./quoting.ts";

/** What would go unnoticed, because nothing depends on the field: a misspelt header, and that there are no ids. */
export function nearMisses(
  header: readonly string[],
  line: number,
  positions: ReadonlyMap<Field, readonly number[]>,
  chosen: ReadonlyMap<number, unknown>,
  nearest: Nearest,
): Issue[] {
  const free = header.filter(
    (text, position) => !chosen.has(position) && meaningOf(text) === null && !IS_OTHERWISE_A_WORD.has(foldHeader(text)),
  );
  const issues: Issue[] = [];
  if (!positions.has("employeeId")) {
    const near = nearest(commonHeaders("employeeId"), free, ALIKE);
    issues.push(withoutId(line, near === null ? free.filter(mayBeId).slice(0, LIKELY) : [near]));
  }
  const ofLeaving = free.filter((text) => !isAboutSomethingElse(text) && !isBeginning(text));
  // A word of its own is not another one misspelt: Termination is no "Termination Dt".
  const misspelt = ofLeaving.filter((text) => !asksWhetherGone(text));
  const notOfLeaving = free.filter((text) => mayTellWhoLeft(text, header) === null);
  for (const field of ["status", "startDate", "endDate", "timeZone"] as const) {
    if (positions.has(field)) continue;
    const among = field === "status" || field === "endDate" ? misspelt : notOfLeaving;
    const near = nearest(commonHeaders(field), among, ALIKE);
    if (near !== null) issues.push(nearMiss(line, near, field, false));
    const asksOtherwise = field !== "status" || near !== null ? null : nearest(invertedHeaders(), among, ALIKE);
    if (asksOtherwise !== null) issues.push(nearMiss(line, asksOtherwise, field, true));
  }
  const near = new Set(issues.map(({ column }) => column));
  const others = free.filter((text) => !near.has(text.trim()) && !isBeginning(text));
  issues.push(...leavingDoubts(others, header, line, positions));
  const isAskedAbout = issues.some(({ code }) => code === NEAR_MISS);
  if (!positions.has("status") && !positions.has("endDate") && !isAskedAbout) issues.push(noStatus(line));
  return issues;
}

/** Nearly "Leaver", "Exit Date", "Last Day" and the like, and words of their own. */
const IS_OTHERWISE_A_WORD: ReadonlySet<string> = new Set([
  "leave",
  "editdate",
  "lastpay",
  "employer",
  "beschaftigtals",
  "editedon",
]);

/** So much of a header may be misspelt; of more, too many columns would be asked about. */
const ALIKE = 0.2;

/** So many columns are named that may have the id. */
const LIKELY = 3;

/** A column that nothing uses, and whose header is nearly one that would be. A run of a roster that is new with it is held. */
export const NEAR_MISS = "near-miss";

/** `isInverted`: the column would ask whether somebody has left, which a name in the configuration does not say. */
function nearMiss(line: number, column: string, field: Field, isInverted: boolean): Issue {
  const path = `roster.columns.${SETTINGS[field]}`;
  const issue = {
    code: NEAR_MISS,
    line,
    column,
    message: `The column ${quoted(column)} is not used, and its name is nearly a usual one for the ${FIELD_NAMES[field]}.`,
  };
  if (isInverted) return { ...issue, fix: "Did you mean that? Then correct the header." };
  return {
    ...issue,
    fix: `Did you mean that? Then correct the header, or write ${path}: ${quoted(column)} into the configuration.`,
    setting: { path, value: column, or: `"", if ${quoted(column)} is something else` },
  };
}

/** Where no column says for certain who has left: those that may. What the configuration settles is not asked about again. */
function leavingDoubts(
  free: readonly string[],
  header: readonly string[],
  line: number,
  positions: ReadonlyMap<Field, readonly number[]>,
): Issue[] {
  if (positions.has("status") || (positions.get("endDate")?.length ?? 0) > 0) return [];
  const found = [...new Set(free)].flatMap((text): { column: string; field: LeavingField }[] => {
    const field = mayTellWhoLeft(text, header);
    return field === null || positions.has(field) ? [] : [{ column: text.trim(), field }];
  });
  return found.map(({ column, field }) => {
    const others = found.filter((other) => other.field === field && other.column !== column);
    return leavingDoubt(
      line,
      column,
      field,
      others.map((other) => quoted(other.column)),
    );
  });
}

/** A yes in it may mean either, but it is no day: so only what is plainly a status is offered as one. */
function leavingDoubt(line: number, column: string, field: LeavingField, others: readonly string[]): Issue {
  const path = `roster.columns.${SETTINGS[field]}`;
  const named = `write ${path}: ${quoted(column)} into the configuration`;
  return {
    code: NEAR_MISS,
    line,
    column,
    message: `The column ${quoted(column)} is not used, and by its name it may say who has left; no other column does, so that everybody counts as working.`,
    fix:
      field === "status"
        ? `If it says who works and who does not, ${named}.`
        : `If it has the day on which somebody left, ${named}; if its yes means that somebody has left, head it "Terminated".`,
    setting: {
      path,
      value: column,
      or: [...others, `"", if ${others.length === 0 ? quoted(column) : "each"} is something else`].join(", "),
    },
  };
}

/** Everybody in such a roster counts as working, which is right where leavers are not in it. */
function noStatus(line: number): Issue {
  return {
    code: "no-status",
    line,
    column: null,
    message: "No column says who has left, so that everybody in the roster counts as working.",
    fix: 'If one does, name it under roster.columns.status or roster.columns.end_date; if nobody in it has left, roster.columns.status: "" says so.',
  };
}

/** Without an id everything goes by the address. `likely`: columns that nothing uses and that may have it. */
function withoutId(line: number, likely: readonly string[]): Issue {
  const names = likely.map((text) => quoted(text.trim()));
  const [first] = names;
  return {
    code: "no-id",
    line,
    column: null,
    message:
      "No column was recognised as the employee id, so people are told apart by their address: somebody whose address changes looks like a new person.",
    fix:
      first === undefined
        ? "If a column has the id, name it in the configuration: roster.columns.employee_id"
        : `Is the id in ${names.join(" or ")}? Then correct the header, or write roster.columns.employee_id: ${first} into the configuration.`,
    ...(likely[0] === undefined
      ? {}
      : {
          setting: {
            path: "roster.columns.employee_id",
            value: likely[0].trim(),
            or: [...names.slice(1), '"", if the roster has no ids'].join(", or "),
          },
        }),
  };
}

export function anotherAddress(line: number, column: string): Issue {
  return {
    code: "another-address",
    line,
    column: column.trim(),
    message: `The configuration takes the work address from ${quoted(column.trim())}, which by its name is not the person's own address at work.`,
    fix: "Tallyfy writes to it: name another column under roster.columns.email if that is not meant.",
  };
}

export function columnUnused(line: number, column: string): Issue {
  return {
    code: "email-column-unused",
    line,
    column: column.trim(),
    message: `The column ${quoted(column.trim())} was not used, because roster.email_pattern builds the addresses.`,
    fix: "Take roster.email_pattern out of the configuration if the column has the work addresses.",
  };
}
