import type * as arrival from "../src/domain/arrival.ts";
import type * as hourly from "../src/domain/hourly-cap.ts";
import type * as pace from "../src/domain/pace.ts";
import type * as limits from "../src/domain/pace-limits.ts";
import type * as state from "../src/domain/pace-state.ts";
import type * as slots from "../src/domain/slots.ts";
import type * as told from "../src/domain/told-limit.ts";

export type Rule = Pick<typeof pace, "learn" | "reportEveryMs"> &
  Pick<typeof state, "newPace" | "paceOf" | "countsArrivals"> &
  Pick<typeof hourly, "hourlyBudgetOf"> &
  Pick<typeof told, "toldKey" | "isHeld" | "TELL_AGAIN_MS"> &
  Pick<typeof limits, "WINDOW_MS"> &
  Pick<typeof arrival, "usualTime" | "LATE_ARRIVAL_MS"> &
  Pick<typeof slots, "newSlots" | "ask" | "giveBack" | "stretchCalls" | "MOST_LATE_MS" | "MOST_GIVEN_BACK">;

export interface SimulatedLimit {
  readonly calls: number;
  readonly windowMs: number;
  readonly kind: "clock" | "first" | "sliding" | "bucket";
  /** Of a bucket: how many it holds; where it is absent, as many as in a window. */
  readonly burst?: number;
  readonly retryAfter?: boolean;
  /** Whether they tell the limit; or what they tell. */
  readonly headers?: boolean | ((random: () => number, resetMs: number) => readonly told.ToldLimit[]);
  /** In force from and until; milliseconds since 1970. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface SimulationOptions {
  readonly rules: state.PaceRules;
  readonly limits?: readonly SimulatedLimit[];
  readonly startMs?: number;
  /** One of the two: until so many are created, or for so long. */
  readonly people?: number;
  readonly forMs?: number;
  readonly processes?: number;
  /** Calls that one process makes at the same time. */
  readonly concurrency?: number;
  readonly seed?: number;
  readonly latencyMs?: readonly [number, number];
  /** How late timers may be. */
  readonly lateMs?: number;
  readonly redisMs?: number;
  /** How long processes and the server stand still, and how long they run in between on average. */
  readonly stalls?: { readonly everyMs: number; readonly lastMs: readonly [number, number] };
  /** From an earlier simulation. */
  readonly state?: state.PaceState;
  readonly log?: number[];
}

export interface Simulated {
  readonly admittedMs: readonly number[];
  readonly refusedMs: readonly number[];
  /** Calls that arrived before the time that an earlier refusal had told. */
  readonly early: number;
  readonly state: state.PaceState;
  readonly log: number[];
  /** Calls per second. */
  readonly fastest: number;
  readonly perProcess: readonly number[];
  readonly timeline: readonly { readonly atMs: number; readonly phase: string; readonly perSecond: number }[];
  readonly lastMs: number;
}

export function simulate(rule: Rule, options: SimulationOptions): Simulated;
/** The share of what the limit would have admitted after its first window that was used. */
export function shareUsed(
  run: Pick<Simulated, "admittedMs">,
  limit: Pick<SimulatedLimit, "calls" | "windowMs">,
): number;
