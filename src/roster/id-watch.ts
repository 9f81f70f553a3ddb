// Stops a roster whose id column is filled with national ids or bank accounts, whatever its header says: ids go to the ledger, to
// logs and into answer files.

import type { Mapping } from "../domain/mapping.ts";
import { privateMatter } from "../domain/private-values.ts";
import { counted, quoted } from "../domain/quoting.ts";
import { refused } from "./refused.ts";

/** A column is known after so many rows. */
const ROWS_LOOKED_AT = 200;

/** So many are no accident. */
const FEW = 3;

/** Of ids of their form some have the right check digit by accident; of these, half must. */
const MAY_BE_CHANCE: ReadonlySet<string> = new Set([
  "Spanish national ids",
  "Swedish personal numbers",
  "Polish national ids",
  "payment cards",
  "Canadian social insurance numbers",
  "German social insurance numbers",
  "Indian national ids (Aadhaar)",
  "Indian tax numbers (PAN)",
]);

export interface IdWatch {
  /** Takes the kept cells of one record. */
  look(cells: readonly string[]): void;
  /** @throws RosterRefused when more of the ids so far are something private than by accident: a tenth of them, or half of a few */
  refuseIfPrivate(headerLine: number): void;
}

export function idWatch({ fields }: Mapping): IdWatch {
  const place = fields.get("employeeId");
  const found = new Map<string, number>();
  let looked = 0;
  return {
    look(cells) {
      if (place === undefined || looked >= ROWS_LOOKED_AT) return;
      const id = cells[place.index] ?? "";
      if (id === "") return;
      looked += 1;
      const matter = privateMatter(id);
      if (matter !== null) found.set(matter, (found.get(matter) ?? 0) + 1);
    },
    refuseIfPrivate(headerLine) {
      for (const [matter, count] of found) {
        const mayBeChance = MAY_BE_CHANCE.has(matter);
        const isMany = count >= FEW && count * (mayBeChance ? 2 : 10) >= looked;
        if (place === undefined || !(isMany || (!mayBeChance && count * 2 >= looked))) continue;
        throw refused(
          "sensitive-column",
          headerLine,
          `The column ${quoted(place.header)} is read as the employee id, and ${count} of its first ${counted(looked, "value")} look like ${matter}.`,
          "Use another column under roster.columns.employee_id; such values have no place here.",
        );
      }
    },
  };
}
