// Names of everything kept in Redis, and how texts are fingerprinted. One hash tag for each organisation: in a Redis
// cluster all keys of one organisation live in one slot. Names and addresses never become part of a key.

import { hash } from "node:crypto";
import type { Fingerprint, PersonKey } from "../domain/profile.ts";

export interface Keys {
  /** What BullMQ puts before its own keys. */
  readonly queuePrefix: string;
  readonly ledger: string;
  readonly emails: string;
  readonly accounts: string;
  readonly meta: string;
  readonly runs: string;
  readonly unfinished: string;
  readonly closing: string;
  readonly halt: string;
  /** There while a pause of the queue is a halt's, and not a person's. */
  readonly pauseMark: string;
  readonly budget: string;
  readonly pace: string;
  /** Slots of the latest calls. */
  readonly calls: string;
  /** The latest of them by when they arrived at the latest, as far as their answers tell. */
  readonly arrivals: string;
  readonly refusals: string;
  readonly trouble: string;
  readonly alive: string;
  /** For trying what we may do. */
  readonly probe: string;
  /** The last moment that named a run. */
  readonly runClock: string;
  /** People whom Tallyfy may have created without our seeing its answer, whichever run asked, with the fingerprint of the address. */
  readonly tried: string;
  /** A list of accounts that is still being read. */
  listing(id: string): string;
  run(runId: string): string;
  changes(runId: string): string;
  /** By number of the plan's part: its jobs, in the order of the roster. */
  order(runId: string): string;
  /** By line: what stands instead of what was recorded for it. */
  withdrawn(runId: string): string;
  /** These lines in order, for reading what stands there page by page. */
  withdrawnLines(runId: string): string;
  outcomes(runId: string): string;
  skips(runId: string): string;
  adoptions(runId: string): string;
  portrait(runId: string): string;
  claim(key: PersonKey): string;
  vault(name: string): string;
  lock(name: string): string;
}

export function keysFor(orgId: string): Keys {
  const root = `{roster-sync:${orgId}}`;
  function named(name: string): string {
    return `${root}:${name}`;
  }
  return {
    queuePrefix: root,
    ledger: named("ledger"),
    emails: named("emails"),
    accounts: named("accounts"),
    meta: named("meta"),
    runs: named("runs"),
    unfinished: named("unfinished"),
    closing: named("closing"),
    halt: named("halt"),
    pauseMark: named("pause-mark"),
    budget: named("budget"),
    pace: named("pace"),
    calls: named("calls"),
    arrivals: named("arrivals"),
    refusals: named("refusals"),
    trouble: named("trouble"),
    alive: named("alive"),
    probe: named("probe"),
    runClock: named("run-clock"),
    listing: (id) => named(`accounts:${id}`),
    run: (runId) => named(`run:${runId}`),
    changes: (runId) => named(`run:${runId}:changes`),
    order: (runId) => named(`run:${runId}:order`),
    withdrawn: (runId) => named(`run:${runId}:withdrawn`),
    withdrawnLines: (runId) => named(`run:${runId}:withdrawn-lines`),
    tried: named("tried"),
    outcomes: (runId) => named(`run:${runId}:outcomes`),
    skips: (runId) => named(`run:${runId}:skips`),
    adoptions: (runId) => named(`run:${runId}:adoptions`),
    portrait: (runId) => named(`run:${runId}:portrait`),
    claim: (key) => named(`claim:${key}`),
    vault: (name) => named(`vault:${name}`),
    lock: (name) => named(`lock:${name}`),
  };
}

/** Fingerprints within one organisation: the same address in another organisation gives another fingerprint. */
export function fingerprintFor(orgId: string): Fingerprint {
  return (text) => hash("sha256", `${orgId}\n${text}`).slice(0, 32);
}
