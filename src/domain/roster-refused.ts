// The file as a whole cannot be taken for a roster. Nothing of it is used; every reason is said at once.

import type { Issue } from "./employee.ts";

export class RosterRefused extends Error {
  override readonly name = "RosterRefused";
  readonly issues: readonly Issue[];

  /** `issues`: at least one, each with what is wrong and what to do. The error's own message carries only their codes. */
  constructor(issues: readonly Issue[], options?: { cause?: unknown }) {
    super(`the roster was refused: ${issues.map((issue) => issue.code).join(", ")}`, options);
    this.issues = issues;
  }
}
