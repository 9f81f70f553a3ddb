// What Prometheus is told of this process: counted here as things happen. What all processes share is asked for at each
// scrape (scrape.ts). Labels come from short fixed lists: never a person, a file, a run or an address.

import { Counter, Histogram, Registry } from "prom-client";
import type { OutcomeStatus } from "../domain/outcome.ts";
import { FINAL_STATES, noCounts, type RunState } from "../domain/run.ts";
import type { Endpoint } from "../tallyfy/messages.ts";

/** Seconds; Tallyfy answers in tenths, and the whole-call timeout is tens of seconds. */
const CALL_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface Metrics {
  readonly registry: Registry;
  /** One call to Tallyfy has ended. `status`: of HTTP; null when no answer came. */
  tallyfyCalled(endpoint: Endpoint, status: number | null, durationMs: number): void;
  /** Everybody had to wait: Tallyfy said so, or the hourly budget is used up. */
  paused(because: "rate-limited" | "budget"): void;
  /** One change has its outcome. */
  settled(status: OutcomeStatus): void;
  /** One run has reached a final state. */
  runEnded(state: RunState): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const calls = new Counter({
    name: "roster_sync_tallyfy_calls_total",
    help: "Calls to Tallyfy made by this process, by endpoint and HTTP status (none: no answer).",
    labelNames: ["endpoint", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "roster_sync_tallyfy_call_duration_seconds",
    help: "How long calls to Tallyfy took.",
    labelNames: ["endpoint"],
    buckets: CALL_BUCKETS_S,
    registers,
  });
  const pauses = new Counter({
    name: "roster_sync_pauses_total",
    help: "How often this process made everybody wait, by reason.",
    labelNames: ["because"],
    registers,
  });
  const outcomes = new Counter({
    name: "roster_sync_outcomes_total",
    help: "Changes settled by this process, by outcome.",
    labelNames: ["status"],
    registers,
  });
  const runs = new Counter({
    name: "roster_sync_runs_total",
    help: "Runs ended by this process, by final state.",
    labelNames: ["state"],
    registers,
  });
  // Known from the start: a rate over a series that appears with its first failure misses that failure.
  for (const status of Object.keys(noCounts().outcomes)) outcomes.inc({ status }, 0);
  for (const state of FINAL_STATES) runs.inc({ state }, 0);
  for (const because of ["rate-limited", "budget"]) pauses.inc({ because }, 0);

  return {
    registry,
    tallyfyCalled(endpoint, status, durationMs) {
      calls.inc({ endpoint, status: status ?? "none" });
      durations.observe({ endpoint }, durationMs / 1000);
    },
    paused: (because) => pauses.inc({ because }),
    settled: (status) => outcomes.inc({ status }),
    runEnded: (state) => runs.inc({ state }),
  };
}
