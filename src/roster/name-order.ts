// Whether whole names have the last name in front, as the addresses beside them tell: `Ruiz Ana` with ana.ruiz@. One such row proves
// nothing; a column of them is asked about, since every name would be turned round.

import type { Issue, RosterRow } from "../domain/employee.ts";
import type { Mapping } from "../domain/mapping.ts";
import type { Profile } from "../domain/profile.ts";
import { quoted } from "../domain/quoting.ts";
import type { RosterOptions } from "../domain/roster-options.ts";

/** A column is known after so many rows. */
const ROWS_LOOKED_AT = 1000;

/** So many rows are no accident: half of all, and so many times as many as those that say otherwise. */
const [ROWS_ALIKE, TIMES_MORE] = [3, 9];

export interface NameOrderWatch {
  /** Takes a row as it was read, and its kept cells. */
  look(row: RosterRow, cells: readonly string[]): void;
  /** What refuses the file; null: nothing does. */
  complaint(headerLine: number): Issue | null;
}

export function nameOrderWatch({ fields }: Mapping, options: RosterOptions): NameOrderWatch | null {
  const place = fields.get("fullName");
  if (
    place === undefined ||
    fields.has("firstName") ||
    options.names.order !== "auto" ||
    options.emailPattern !== null
  ) {
    return null;
  }
  let [looked, asRead, turned] = [0, 0, 0];
  return {
    look(row, cells) {
      if (row.kind !== "employee" || looked >= ROWS_LOOKED_AT || (cells[place.index] ?? "").includes(",")) return;
      looked += 1;
      const said = orderInAddress(row.employee.profile);
      if (said === "as read") asRead += 1;
      if (said === "turned") turned += 1;
    },
    complaint(line) {
      if (turned < ROWS_ALIKE || turned < asRead * TIMES_MORE || turned * 2 < looked) return null;
      const header = quoted(place.header);
      return {
        code: "name-order",
        line,
        column: place.header,
        message: `${header} seems to have the last name in front: in ${turned} rows the address has the two names the other way round.`,
        fix: "Write roster.names.order: last-first into the configuration if that is so, first-last if it is the addresses that have the last name in front; or export first and last name in columns of their own.",
        setting: {
          path: "roster.names.order",
          value: "last-first",
          or: "first-last, if it is the addresses that have the last name in front",
        },
      };
    },
  };
}

/** `ana.ruiz@` and `a.ruiz@` tell an order; what is shorter, or of other names, tells none. */
function orderInAddress({ email, firstName, lastName }: Profile): "as read" | "turned" | null {
  const [one = "", other = "", ...more] = email.slice(0, email.indexOf("@")).split(/[._-]/);
  const [first, last] = [plain(firstName), plain(lastName)];
  if (more.length > 0 || other.length < 2 || first === last) return null;
  if (begins(first, one) && other === last) return "as read";
  return begins(last, one) && other === first ? "turned" : null;
}

function begins(name: string, part: string): boolean {
  return part === name || (part.length === 1 && name.startsWith(part));
}

function plain(name: string): string {
  return name
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z]/g, "");
}
