// What is said, once for each file, about something in the inbox that is not taken: what is wrong, what happens now, what to do.

import type { Log } from "../app/ports.ts";
import { shownName } from "./names.ts";

export const WARNINGS = {
  notAFile:
    "something in the inbox is not a regular file (a folder, a link, a pipe) and is ignored; drop the file itself",
  stranger:
    "a file in the inbox has no ending that a roster has (.csv, .txt, .tsv, .tab, .psv, also with .gz) and is ignored; rename it if it is a roster",
  unreadable: "a file in the inbox may not be read by this user and stays there; give this user the right to read it",
  misnamed: "a file in the inbox has a name that is not UTF-8 and cannot be opened; rename it",
  troubled: "a file in the inbox cannot be looked at; it is tried again with every scan",
  mismatch: "a file in the inbox is not what its .sha256 file says; it waits until one of the two changes",
  stillMismatch:
    "a file in the inbox still is not what its .sha256 file says and is not taken; drop both again, or remove the .sha256 file",
  restless: "a file in the inbox has kept changing for a quarter of an hour; it is taken as soon as it rests",
} as const;

export interface Warnings {
  /** Says it, unless it was said about this file before. */
  say(file: string, warning: keyof typeof WARNINGS, error?: unknown): void;
  /** Forgets the files that are gone: the next one of that name is another file. */
  keepOnly(files: ReadonlySet<string>): void;
}

export function createWarnings(log: Log): Warnings {
  const said = new Map<string, Set<string>>();
  return {
    say(file, warning, error) {
      const before = said.get(file) ?? new Set();
      if (before.has(warning)) return;
      said.set(file, before.add(warning));
      const fields = { file: shownName(file), ...(error === undefined ? {} : { err: error }) };
      if (warning === "stillMismatch") log.error(fields, WARNINGS[warning]);
      else log.warn(fields, WARNINGS[warning]);
    },
    keepOnly(files) {
      for (const file of said.keys()) if (!files.has(file)) said.delete(file);
    },
  };
}
