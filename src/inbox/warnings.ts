// What is wrong with something in the inbox that is not taken: said in the log once for each file, and kept for as long as it is so.

import type { Log } from "../app/ports.ts";
import { type StuckCause, type StuckFile, stuckMessage } from "../domain/stuck-files.ts";
import { shownName } from "./names.ts";

export interface Warnings {
  /** Begins a look at these files. Forgets those that are gone: the next one of that name is another file. */
  begin(files: ReadonlySet<string>): void;
  /** Notes it for this look, and says it, unless it was said about this file before. */
  say(file: string, cause: StuckCause, error?: unknown): void;
  /** What is wrong by this look. */
  stuck(): readonly StuckFile[];
}

export function createWarnings(log: Log): Warnings {
  const said = new Map<string, Set<StuckCause>>();
  const noted = new Map<string, StuckCause>();
  return {
    begin(files) {
      noted.clear();
      for (const file of said.keys()) if (!files.has(file)) said.delete(file);
    },
    say(file, cause, error) {
      noted.set(file, cause);
      const before = said.get(file) ?? new Set();
      if (before.has(cause)) return;
      said.set(file, before.add(cause));
      const fields = { file: shownName(file), ...(error === undefined ? {} : { err: error }) };
      if (cause === "stillMismatch") log.error(fields, stuckMessage(cause));
      else log.warn(fields, stuckMessage(cause));
    },
    stuck: () => Array.from(noted, ([file, cause]) => ({ file: shownName(file), cause })),
  };
}
