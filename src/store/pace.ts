// The pace that all processes share: slots, the hourly budget, and what was learned of Tallyfy's limits. Kept for each organisation,
// so that tonight starts where last night ended. What follows from an observation is decided in domain/pace.ts; here it is made one.

import type { CallPurpose, PaceMemory, PaceNews, SlotAnswer } from "../app/ports.ts";
import { hourlyBudgetOf, hourlyCapOf } from "../domain/hourly-cap.ts";
import { learn } from "../domain/pace.ts";
import { type Counts, WINDOW_MS } from "../domain/pace-limits.ts";
import { newPace, PACE_VERSION, type PaceRules, type PaceState, paceOf, type Seen } from "../domain/pace-state.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { ASK, CALLS_KEPT, LOOK, WRITE } from "./pace-scripts.ts";
import { runScript, together } from "./script.ts";

const TRIES = 100;

/** @param nowUs for tests: a clock in place of Redis's, in microseconds since 1970 */
export function createPaceMemory(
  redis: RedisConnection,
  keys: Keys,
  rules: PaceRules,
  nowUs?: () => number,
): PaceMemory {
  const all = [keys.pace, keys.calls, keys.budget, keys.arrivals] as const;
  const firstIntervalUs = whole(1_000_000 / paceOf(newPace(rules, 0), rules));
  const ask = together(redis, ASK);
  const common = { keys: [...all, keys.halt], args: [firstIntervalUs, rules.hourlyBudget] };
  const time = () => (nowUs === undefined ? "" : `${nowUs()}`);

  interface Look {
    readonly version: string;
    readonly state: PaceState;
    readonly nowMs: number;
    readonly counts: Counts;
    readonly isProbe: boolean;
  }

  async function look(slotUs: number | null, isRefused: boolean): Promise<Look> {
    const slot = slotUs === null ? "" : `${slotUs}`;
    const answer = await runScript(redis, LOOK, all, [slot, isRefused ? "1" : "0", time()]);
    const [version, text, now, second, tenSeconds, minute, clockSecond, hour, kept, oldest, sinceCleared, isProbe] =
      answer as [...[string, string, number, number, number, number, number, number, number, string, number, number]];
    const atUs = slotUs ?? now;
    const counted = (count: number, windowMs: number) => {
      // Beyond what is kept: as many as there would be at the same speed.
      const coveredMs = (atUs - Number(oldest)) / 1000;
      return kept < CALLS_KEPT || coveredMs >= windowMs
        ? count
        : Math.round((kept * windowMs) / Math.max(1, coveredMs));
    };
    const counts: Counts = {
      second: counted(second, WINDOW_MS.second),
      tenSeconds: counted(tenSeconds, WINDOW_MS.tenSeconds),
      minute: counted(minute, WINDOW_MS.minute),
      hour,
      clockSecond,
      sinceCleared,
    };
    const [state, nowMs] = [stateFrom(text) ?? newPace(rules, now / 1000), now / 1000];
    return { version, state, nowMs, counts, isProbe: isProbe === 1 };
  }

  function fieldsOf(state: PaceState, nowMs: number): Record<string, string> {
    const cap = hourlyCapOf(state, rules);
    const pausedUntilMs = state.congestion?.untilMs ?? state.restUntilMs;
    return {
      state: JSON.stringify(state),
      intervalUs: whole(1_000_000 / paceOf(state, rules)),
      pausedUntilUs: whole(pausedUntilMs * 1000),
      pauseUs: whole(Math.max(0, pausedUntilMs - nowMs) * 1000),
      clearedUs: whole(state.clearedMs * 1000),
      isProbing: state.congestion === null ? "0" : "1",
      budget: whole(rules.hourlyBudget),
      capCalls: `${cap?.calls ?? ""}`,
      capAtMs: `${cap?.atMs ?? ""}`,
      capPerDay: `${cap?.perDay ?? ""}`,
    };
  }

  /** Compare and set: whoever comes second looks again. */
  async function change(
    slotUs: number | null,
    isRefused: boolean,
    rule: (seen: Look) => PaceState,
    isForced = false,
  ): Promise<PaceNews> {
    for (let tried = 0; tried < TRIES; tried++) {
      let seen = await look(slotUs, isRefused);
      const latestUs = Math.round((seen.state.congestion?.latestMs ?? 0) * 1000);
      // One that lies ahead was before the clock was set back.
      const isKnown = latestUs <= seen.nowMs * 1000;
      if (isRefused && slotUs !== null && latestUs > slotUs && isKnown) seen = await look(latestUs, false);
      const after = rule(seen);
      const news = { before: seen.state, after, version: seen.version };
      if (after === seen.state && !isForced) return news;
      const [was, is] = [seen.state.congestion, after.congestion];
      const keepsProbe = is !== null && is.probes === was?.probes && is.untilMs === was.untilMs;
      const fields = Object.entries(fieldsOf(after, seen.nowMs)).flat();
      const written = await runScript(redis, WRITE, [keys.pace], [seen.version, keepsProbe ? "1" : "0", ...fields]);
      if (written === 1) return { ...news, version: `${Number(seen.version) + 1}` };
    }
    throw new Error("the pace is changed by others again and again");
  }

  return {
    async ask(purpose: CallPurpose, waitedMs: number, givenBackUs: number | null = null): Promise<SlotAnswer> {
      const givenBack = givenBackUs === null ? "" : `${givenBackUs}`;
      const answer = await ask(common, [], [purpose, time(), whole(waitedMs * 1000), givenBack]);
      const [version, kind, us, last, isProbe] = answer as [string, "slot" | "wait", number, never, number];
      if (kind === "slot") return { kind, version, slotUs: us, aheadUs: last, isProbe: isProbe === 1 };
      return { kind, version, waitMs: us / 1000, because: last };
    },

    async arrivedLate(slotUs, byMs) {
      await redis.zadd(keys.arrivals, "XX", "GT", slotUs + Math.round(byMs * 1000), `${slotUs}`);
    },

    refused: (slotUs, retryAfterMs) =>
      change(slotUs, true, (seen) =>
        learned(seen, { kind: "refused", atMs: slotUs / 1000, retryAfterMs, counts: seen.counts }),
      ),
    admitted: (slotUs) =>
      change(slotUs, false, (seen) =>
        learned(seen, { kind: "admitted", atMs: slotUs / 1000, counts: seen.counts, isProbe: seen.isProbe }),
      ),
    told: (limits) => change(null, false, (seen) => learned(seen, { kind: "told", limits, counts: seen.counts })),
    configure: () => change(null, false, ({ state }) => state, true),

    async read() {
      const { state, version, nowMs, counts } = await look(null, false);
      return { state, version, usedThisHour: counts.hour, budget: hourlyBudgetOf(state, rules, nowMs) };
    },
  };

  function learned({ state, nowMs }: Look, seen: Seen): PaceState {
    return learn(state, seen, rules, nowMs);
  }
}

/** Null where there is none, or another version wrote it. */
function stateFrom(text: string): PaceState | null {
  if (text === "") return null;
  const state = JSON.parse(text) as PaceState;
  return state.version === PACE_VERSION ? state : null;
}

function whole(value: number): string {
  return `${Math.max(0, Math.round(value))}`;
}
