// The rule of the pace as the simulator drives it, and what its tests begin with.

import * as arrival from "../../src/domain/arrival.ts";
import * as congestion from "../../src/domain/congestion.ts";
import * as hourly from "../../src/domain/hourly-cap.ts";
import * as rule from "../../src/domain/pace.ts";
import * as limits from "../../src/domain/pace-limits.ts";
import * as paceState from "../../src/domain/pace-state.ts";
import * as slots from "../../src/domain/slots.ts";
import * as told from "../../src/domain/told-limit.ts";

export const pace = { ...rule, ...paceState, ...congestion };
export const RULE = { ...pace, ...hourly, ...told, ...limits, ...slots, ...arrival };
/** As configured where nothing is. */
export const USUAL: paceState.PaceRules = {
  startPerSecond: 1,
  maxPerSecond: 10,
  share: 0.8,
  longestPauseMs: 60_000,
  hourlyBudget: 900,
};
export const START = Date.parse("2026-06-01T08:00:00.240Z");
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const NO_LIMITS = { second: null, tenSeconds: null, minute: null, hour: null };
export const NOTHING: limits.Counts = { second: 0, tenSeconds: 0, minute: 0, hour: 0, clockSecond: 0, sinceCleared: 0 };
