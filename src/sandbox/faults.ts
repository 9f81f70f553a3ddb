// What goes wrong with one request: decided once, before it is carried out, by seeded chance and the fault switches.
// Decides only; server.ts acts on it.

import type { Endpoint } from "./endpoints.ts";
import type { SandboxSwitches } from "./switches.ts";

export interface Fate {
  readonly fault: "none" | "fail" | "reset" | "hang" | "truncate";
  /** Whether the request is carried out before the fault strikes. */
  readonly isAfterWrite: boolean;
  readonly latencyMs: number;
}

const NO_FAULT: Fate = { fault: "none", isAfterWrite: false, latencyMs: 0 };

/**
 * The shares are stacked, so that each fault strikes exactly its share of the requests and one request meets at most one.
 * Always draws three numbers: turning one switch does not move the luck of the others.
 */
export function decideFate(endpoint: Endpoint, switches: SandboxSwitches, random: () => number): Fate {
  if (switches.faultsOn !== "all" && !switches.faultsOn.includes(endpoint)) return NO_FAULT;
  const roll = random();
  const isLate = random() < 0.5;
  const { min, max } = switches.latencyMs;
  const latencyMs = min + random() * Math.max(0, max - min);

  const stack = [
    { share: switches.failBeforeWriteShare, fault: "fail", isAfterWrite: false },
    { share: switches.failAfterWriteShare, fault: "fail", isAfterWrite: true },
    { share: switches.resetShare, fault: "reset", isAfterWrite: isAfter(switches.resetWhen, isLate) },
    { share: switches.hangShare, fault: "hang", isAfterWrite: isAfter(switches.hangWhen, isLate) },
    { share: switches.truncatedBodyShare, fault: "truncate", isAfterWrite: true },
  ] as const;
  let upTo = 0;
  for (const { share, fault, isAfterWrite } of stack) {
    upTo += share;
    if (roll < upTo) return { fault, isAfterWrite, latencyMs };
  }
  return { ...NO_FAULT, latencyMs };
}

function isAfter(when: "before" | "after" | "either", isLate: boolean): boolean {
  return when === "either" ? isLate : when === "after";
}
