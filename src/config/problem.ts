// What is wrong with a configuration, for the person who has to correct it. Secrets never get into these texts.

import { closest, distance } from "fastest-levenshtein";

export interface Problem {
  /** The option and where it was set. */
  readonly name: string;
  /** What is wrong. One sentence. */
  readonly message: string;
  /** What would be right. One sentence. */
  readonly fix: string;
}

/** Everything that is wrong with the configuration, at once. */
export class ConfigProblems extends Error {
  override readonly name = "ConfigProblems";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ name, message, fix }) => `${name}: ${message} ${fix}`).join("\n"));
    this.problems = problems;
  }
}

/** What commands say that list members, where nobody may list them. */
export const ACTING_ADMIN_MISSING: Problem = {
  name: "TALLYFY_ADMIN_EMAIL",
  message: "It is not set, and Tallyfy lists its members only to an administrator.",
  fix: "Name the administrator on whose behalf this program acts.",
};

/** "Did you mean ...?", or where all names are told. */
export function suggest(wrong: string, known: readonly string[]): string {
  const near = nearest(wrong, known);
  return near === null ? "config/default.yaml lists every option." : `Did you mean ${near}?`;
}

/** The known name that differs by a slip of the hand, `most` letters; null: none does. */
export function nearest(wrong: string, known: readonly string[], most = Math.max(2, wrong.length / 4)): string | null {
  if (known.length === 0) return null;
  const candidate = closest(wrong, [...known]);
  return distance(wrong, candidate) <= most ? candidate : null;
}

/** A value for a message, not longer than a line, and without what an address may carry of user and password. */
export function abridged(value: unknown): string {
  const text = (JSON.stringify(value) ?? String(value)).replace(/\/\/[^/@]*@/g, "//***@");
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
