// What is said of names and built addresses that cannot be used or that say more than a name, in sentences for people. No name and no address is in them.

import type { BuiltEmail } from "./email-pattern.ts";
import type { Setting } from "./employee.ts";
import type { Place } from "./mapping.ts";
import { hasNumberInName, leavingRemark, type NameReading } from "./names.ts";
import type { Note } from "./note.ts";
import { quoted } from "./quoting.ts";

/** Of a name without a column nothing is said here: the header's issue says it. */
export function noteBadName(place: Place | undefined, name: NameReading, note: Note): void {
  if (place === undefined || name.kind !== "bad") return;
  note(place, name.code, name.message, name.fix, settle(name));
}

/** `Ana Ruiz (Terminated)` of somebody who works by all that the columns say. */
export function noteLeaving(place: Place, cell: string, note: Note): void {
  const remark = leavingRemark(cell);
  if (remark === null) return;
  const message = `A remark beside the name says ${quoted(remark)}, and no column says that this person has left.`;
  note(place, "status-in-name", message, "Export the status in a column of its own, or correct the remark.");
}

export function noteUnsplit(place: Place | undefined, name: string, id: string, note: Note): void {
  const inColumns =
    "Tallyfy needs both; write it as Last, First in the HR system, or export the two in columns of their own.";
  if (name.trim() === "") {
    note(place, "empty-name", "The name is empty.", inColumns);
  } else if (hasNumberInName(name, id)) {
    const message = "The whole name has a number in it that is not the employee id of its row.";
    note(place, "number-in-name", message, "Leave the number out of the column, or put it in brackets: (1001).");
  } else {
    const message = "The whole name cannot be split into a first and a last name without doubt.";
    note(place, "single-name", message, inColumns);
  }
}

export function noteUnbuilt(built: Exclude<BuiltEmail, { kind: "built" }>, note: Note): void {
  const inHand = "Correct the row, or export the work address in a column of its own.";
  if (built.kind === "doubt" && built.letters.length > 0) {
    for (const letter of built.letters) {
      const setting: Setting = {
        path: "roster.email_letters",
        value: [letter, JSON.stringify(ONE_CUSTOM[letter] ?? "")],
        or: "however addresses are written in your organisation",
      };
      const message = `No address can be built: nothing says how ${quoted(letter)} is written in one.`;
      const fix = "Write it under roster.email_letters in the configuration.";
      note(undefined, "unwritable-letter", message, fix, setting);
    }
    return;
  }
  const why = {
    doubt: "a name or the id has letters or marks that addresses do not have",
    suffix: "the last name ends with a suffix, which addresses may have or not",
    empty: "nothing is left of a name without spaces and marks",
  }[built.kind];
  note(undefined, "unbuilt-email", `No address can be built: ${why}.`, inHand);
}

/** One of the ways in which these letters are written: proposed, never used by itself. */
const ONE_CUSTOM: Readonly<Record<string, string>> = {
  ä: "ae",
  ö: "oe",
  ü: "ue",
  å: "aa",
  ø: "oe",
  æ: "ae",
  œ: "oe",
  ß: "ss",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

function settle({ code }: { readonly code: string }): Setting | undefined {
  return code === "long-name"
    ? { path: "roster.names.too_long", value: "shorten", or: "report, and shorten them in the HR system" }
    : undefined;
}
