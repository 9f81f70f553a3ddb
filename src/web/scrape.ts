// /metrics: what this process counted, and gauges made anew from a snapshot at each scrape. While Redis is away the
// gauges that come from it are missing rather than repeated, so that nobody draws a flat line over an outage.

import { Gauge, Registry } from "prom-client";
import type { HaltKind } from "../domain/outcome.ts";
import { WINDOW_MS } from "../domain/pace-limits.ts";
import type { Metrics } from "./metrics.ts";
import { JOB_STATES, type Snapshot } from "./snapshot.ts";

const HEALTH = ["ok", "warning", "red"] as const;
const HALT_KINDS: readonly HaltKind[] = ["credentials", "seats", "organisation"];

/**
 * The text exposition, ending with a newline.
 * @param snapshot null when Redis did not answer
 * @param version of this program, as `roster-sync --version` says it
 */
export async function exposition(metrics: Metrics, snapshot: Snapshot | null, version: string): Promise<string> {
  const registry = new Registry();
  addProcess(registry, version);
  add(
    registry,
    "redis_up",
    "1 when Redis answers; what is kept there is missing when it does not.",
    flag(snapshot !== null),
  );
  if (snapshot !== null) addShared(registry, snapshot);
  const texts = [await metrics.registry.metrics(), await registry.metrics()];
  return `${texts.map((text) => text.trimEnd()).join("\n\n")}\n`;
}

function addProcess(registry: Registry, version: string): void {
  const build = { version, node: process.version };
  addLabelled(registry, "build_info", "Always 1; the version is in the label.", ["version", "node"], [[build, 1]]);
  const startedAt = Math.round(Date.now() / 1000 - process.uptime());
  add(registry, "process_start_timestamp_seconds", "When this process was started.", startedAt);
  const bytes = process.memoryUsage.rss();
  add(registry, "process_resident_memory_bytes", "Memory that this process holds.", bytes);
}

function addShared(registry: Registry, snapshot: Snapshot): void {
  const { health, pace, unfinished, directory, nights } = snapshot;
  const queues = [snapshot.queues.sync, snapshot.queues.provision];
  const held = unfinished.filter((run) => run.state === "held");
  const open = unfinished.filter((run) => run.state === "applying").map((run) => run.counts.open);

  addLabelled(
    registry,
    "health",
    "1 for the present state of health.",
    ["status"],
    HEALTH.map((status) => [{ status }, flag(health.status === status)]),
  );
  addLabelled(
    registry,
    "instances",
    "Processes that play a role, over all machines.",
    ["role"],
    health.roles.map(({ role, instances }) => [{ role }, instances]),
  );
  addLabelled(
    registry,
    "queue_jobs",
    "Jobs in a queue, by state.",
    ["queue", "state"],
    queues.flatMap(({ name, jobs }) => JOB_STATES.map((state) => [{ queue: name, state }, jobs[state]] as const)),
  );
  addLabelled(
    registry,
    "queue_paused",
    "1 when a queue hands out no jobs.",
    ["queue"],
    queues.map(({ name, isPaused }) => [{ queue: name }, flag(isPaused)]),
  );
  addLabelled(
    registry,
    "halt",
    "1 for the reason why nobody calls Tallyfy.",
    ["kind"],
    HALT_KINDS.map((kind) => [{ kind }, flag(pace.halt?.kind === kind)]),
  );

  add(registry, "held_runs", "Runs that wait for a person.", held.length);
  add(
    registry,
    "open_changes",
    "Planned changes of released runs that have no outcome yet.",
    open.reduce((sum, count) => sum + count, 0),
  );
  add(registry, "ledger_people", "People who are known to have an account.", directory.people);
  add(registry, "pace_calls_per_second", "The pace at this moment, over all processes.", pace.perSecond);
  add(registry, "pace_ceiling_calls_per_second", "What the pace never exceeds.", pace.maxPerSecond);
  if (pace.limit !== null) {
    const { window, limit } = pace.limit;
    const perSecond = limit.calls / (WINDOW_MS[window] / 1000);
    add(registry, "limit_calls_per_second", "Tallyfy's limit as it was found; missing while none is known.", perSecond);
    addMoment(registry, "limit_found_timestamp_seconds", "When Tallyfy's limit was found.", limit.sinceMs);
  }
  add(
    registry,
    "hourly_budget_calls",
    "Calls that one hour may have, by configuration or by Tallyfy's cap as it was found; 0: no limit.",
    pace.hourlyBudget,
  );
  add(
    registry,
    "hourly_budget_used_calls",
    "Calls made in the last sixty minutes, by all processes.",
    pace.usedThisHour,
  );
  addMoment(
    registry,
    "members_listed_timestamp_seconds",
    "When Tallyfy's member list was last read completely.",
    directory.listedAt,
  );
  addMoment(
    registry,
    "nightly_last_timestamp_seconds",
    "The due moment of the last scheduled run that was made.",
    nights.lastAt,
  );
  addMoment(registry, "nightly_next_timestamp_seconds", "When the next scheduled run is due.", nights.nextAt);
}

function add(registry: Registry, name: string, help: string, value: number): void {
  new Gauge({ name: `roster_sync_${name}`, help, registers: [registry] }).set(value);
}

function addMoment(registry: Registry, name: string, help: string, atMs: number | null): void {
  if (atMs !== null) add(registry, name, help, Math.floor(atMs / 1000));
}

function addLabelled<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  series: readonly (readonly [Record<Label, string>, number])[],
): void {
  const gauge = new Gauge({ name: `roster_sync_${name}`, help, labelNames, registers: [registry] });
  for (const [labels, value] of series) gauge.set(labels, value);
}

function flag(isTrue: boolean): number {
  return isTrue ? 1 : 0;
}
