// Rows that the newest accepted roster says nothing certain with: what of it still needs a look, and where it is told line by line.

import { leftOut } from "./exit.ts";
import type { Run } from "./run.ts";

export interface StillLeftOut {
  readonly rows: number;
  /** The run whose page and answer file tell of them. */
  readonly run: Run;
}

/**
 * Null: nothing was left out. A night plans the same roster again, and may find less (the configuration was mended) or more (an account is
 * gone); a night that found what the roster's own run had found leaves no answer file of its own.
 * @param accepted the run of the newest accepted roster; null: it is forgotten
 * @param recent newest first
 */
export function stillLeftOut(accepted: Run | null, sha256: string, recent: readonly Run[]): StillLeftOut | null {
  const planned = recent.find((run) => run.sha256 === sha256 && (run.state === "applying" || run.state === "closed"));
  const newest = planned ?? accepted;
  const rows = newest === null ? 0 : leftOut(newest.counts.skipped);
  if (newest === null || rows === 0) return null;
  const isSame = accepted !== null && leftOut(accepted.counts.skipped) === rows;
  return { rows, run: isSame ? accepted : newest };
}
