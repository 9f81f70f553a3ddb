// One source of configuration: which options it sets, to what, and where each was written. Layers lie on top of each other
// in load.ts.

import type { Problem } from "./problem.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Setting {
  readonly value: unknown;
  /** For people: "config/x.yaml line 12", "environment TALLYFY_ORG_ID", "file named by TALLYFY_CLIENT_SECRET_FILE". */
  readonly source: string;
}

export interface Layer {
  /** By the option's path. */
  readonly settings: ReadonlyMap<string, Setting>;
  readonly problems: readonly Problem[];
}
