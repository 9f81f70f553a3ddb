// What an hour may see, as far as refusals and headers tell. An hourly cap says nothing of the pace: it lowers the budget. Pure.

import { isGuess } from "./pace-limits.ts";
import { MARGIN, type PaceRules, type PaceState } from "./pace-state.ts";
import { TOLD_LASTS_MS } from "./told-limit.ts";

const DAY_MS = 24 * 3_600_000;
/** An hourly cap that refusals showed again is believed a little less each day. */
const HOURLY_DRIFT_A_DAY = 1.05;
/** One that they showed once is a guess, and doubles every other hour after some: if it is true, it is soon met again. */
const GUESS_LASTS_MS = 6 * 3_600_000;
const GUESS_DRIFT_A_DAY = 2 ** 12;
/** As many as can be configured. */
const ANY_NUMBER = 10_000_000;

/** What was learned of an hour: so many calls at `atMs`, times `perDay` for each day since. */
export interface HourlyCap {
  readonly calls: number;
  readonly atMs: number;
  readonly perDay: number;
}

export function hourlyCapOf({ limits: { hour } }: PaceState, { share }: PaceRules): HourlyCap | null {
  if (hour === null) return null;
  const isMetAgain = hour.from === "refusals" && !isGuess(hour);
  const lastsMs = isMetAgain ? 0 : hour.from === "headers" ? TOLD_LASTS_MS : GUESS_LASTS_MS;
  const perDay = isMetAgain ? HOURLY_DRIFT_A_DAY : GUESS_DRIFT_A_DAY;
  return { calls: hour.calls * MARGIN.hour * share, atMs: hour.checkedMs + lastsMs, perDay };
}

/** Calls that one hour may see, by configuration and by what was learned; 0: any number. store/pace-scripts.ts does the same. */
export function hourlyBudgetOf(state: PaceState, rules: PaceRules, nowMs: number): number {
  const cap = hourlyCapOf(state, rules);
  if (cap === null) return rules.hourlyBudget;
  const drift = cap.perDay ** Math.max(0, (nowMs - cap.atMs) / DAY_MS);
  const learned = Math.max(1, Math.floor(Math.min(cap.calls * drift, ANY_NUMBER)));
  return rules.hourlyBudget > 0 ? Math.min(rules.hourlyBudget, learned) : learned;
}
