// The use cases at work: a real store, the stand-ins of fakes.ts, and queues that are played by hand, one bell or job after
// the other on a clock of their own. A crash can be planted before or after any call that a use case makes.

import type { Redis } from "ioredis";
import { answerBell } from "../../src/app/answer-bell.ts";
import type { App, Settings } from "../../src/app/app.ts";
import { emailHashOf } from "../../src/app/planning.ts";
import type { Bell, ProvisioningJob } from "../../src/app/ports.ts";
import { provision } from "../../src/app/provision.ts";
import { recover } from "../../src/app/recover.ts";
import type { Employee } from "../../src/domain/employee.ts";
import { makeRunId } from "../../src/domain/run-id.ts";
import { TRUST_DEFAULTS } from "../../src/domain/trust-limits.ts";
import { fingerprintFor } from "../../src/store/keys.ts";
import { createLedger } from "../../src/store/ledger.ts";
import { createRunStore } from "../../src/store/runs.ts";
import { createSignals } from "../../src/store/signals.ts";
import { type FakeFiles, type FakeRoster, type FakeTallyfy, fakeFiles, fakeReader, fakeTallyfy } from "./fakes.ts";
import { person, rowOf } from "./people.ts";
import { keepLog, type Line } from "./quiet-log.ts";
import { KEYS } from "./store.ts";

export const START = Date.parse("2026-06-01T08:00:00.000Z");
const MAX_STEPS = 2_000;
const ATTEMPTS = 3;

/** Thrown where a crash was planted. Nothing in src/ may swallow it. */
export class Crash extends Error {
  override readonly name = "Crash";
}

export interface World {
  readonly app: App;
  readonly tallyfy: FakeTallyfy;
  readonly files: FakeFiles;
  readonly lines: readonly Line[];
  readonly clock: { now(): number; random(): number; advance(ms: number): void };
  readonly queue: {
    readonly isPaused: boolean;
    readonly jobs: ReadonlyMap<string, Waiting<ProvisioningJob>>;
    lose(): void;
  };
  readonly bells: ReadonlyMap<string, Waiting<Bell>>;
  /** Puts a roster into `processing/` as the inbox does, and rings. */
  drop(runId: string, roster: FakeRoster, isForced?: boolean): Promise<void>;
  /** Answers bells and works on jobs until there is nothing to do, everybody is halted, or so long has passed. Crashes come out of it. */
  drive(forMs?: number): Promise<void>;
  /** What a new process does first; a minute has passed. */
  restart(): Promise<void>;
  /** Plants a crash at the call of this number, counted from now, from 1. Null: none. */
  crashAt(call: { readonly number: number; readonly when: "before" | "after" } | null): void;
  /** Calls made since `crashAt`. */
  calls(): number;
}

interface Waiting<T> {
  readonly data: T;
  dueMs: number;
  /** Attempts made (jobs) or starts (bells). */
  begun: number;
}

export function makeWorld(redis: Redis, settings: Partial<Settings> = {}): World {
  let nowMs = START;
  const clock = {
    now: () => nowMs,
    random: () => 0.5,
    advance(ms: number) {
      nowMs += ms;
    },
  };
  const tallyfy = fakeTallyfy();
  const files = fakeFiles();
  const { log, lines } = keepLog();
  const jobs = new Map<string, Waiting<ProvisioningJob>>();
  const ended = new Set<string>();
  const bells = new Map<string, Waiting<Bell>>();
  const answered = new Set<string>();
  let isPaused = false;
  let pausedUntilMs = 0;
  let planted: { readonly number: number; readonly when: "before" | "after" } | null = null;
  let calls = 0;

  /** Counts every call of every method, and crashes where it was planted. */
  function fragile<T extends object>(port: T): T {
    return new Proxy(port, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== "function" || name === "absolute") return value;
        return (...given: unknown[]) => {
          calls += 1;
          const isHere = planted?.number === calls ? planted.when : null;
          if (isHere === "before") throw new Crash(`before ${String(name)}`);
          const result: unknown = value.apply(target, given);
          if (isHere === null) return result;
          if (result instanceof Promise) return result.then(() => Promise.reject(new Crash(`after ${String(name)}`)));
          return crashingAfterFirst(result as AsyncIterable<unknown>, String(name));
        };
      },
    });
  }

  const app: App = {
    tallyfy: fragile(tallyfy),
    reader: fakeReader(files),
    files: fragile(files),
    ledger: fragile(createLedger(redis, KEYS)),
    runs: fragile(createRunStore(redis, KEYS, 50)),
    signals: fragile(createSignals(redis, KEYS)),
    provisioning: fragile({
      async enqueue(added: readonly ProvisioningJob[]) {
        for (const job of added) if (!ended.has(idOf(job)) && !jobs.has(idOf(job))) put(job);
      },
      async revive(added: readonly ProvisioningJob[]) {
        for (const job of added) if (!jobs.has(idOf(job))) put(job);
      },
      outstanding: async () => jobs.size,
      async withdraw(taken: readonly ProvisioningJob[]) {
        for (const job of taken) jobs.delete(idOf(job));
      },
      async pause() {
        isPaused = true;
      },
      isPaused: async () => isPaused,
      async resume() {
        isPaused = false;
      },
    }),
    bell: fragile({
      async ring(bell: Bell) {
        const id = bell.kind === "nightly" ? bell.due : `${bell.kind} ${bell.runId}`;
        if (bells.has(id) || (bell.kind === "nightly" && answered.has(id))) return;
        bells.set(id, { data: bell, dueMs: nowMs, begun: 0 });
      },
    }),
    fingerprint: fingerprintFor("acme"),
    clock,
    newRunId: async () => makeRunId(clock.now(), clock.random),
    log,
    settings: {
      leadDays: 0,
      limits: { createCount: 100, createPercent: 10 },
      trust: TRUST_DEFAULTS,
      timeZone: "UTC",
      retry: { baseMs: 1000, capMs: 60_000 },
      probeMs: 10_000,
      seatsProbeMs: 60_000,
      identicalRefusals: 3,
      planPartSize: 2,
      ...settings,
    },
  };

  function put(job: ProvisioningJob): void {
    jobs.set(idOf(job), { data: job, dueMs: nowMs, begun: 0 });
  }

  async function answer(id: string, bell: Waiting<Bell>): Promise<void> {
    const later = await answerBell(bell.data, { startsBefore: bell.begun, isLast: false }, app);
    bell.begun += 1;
    if (later !== null) {
      bell.dueMs = nowMs + later.delayMs;
      return;
    }
    bells.delete(id);
    answered.add(id);
  }

  async function work(id: string, job: Waiting<ProvisioningJob>): Promise<void> {
    const number = job.begun + 1;
    const step = await provision(job.data, { jobId: id, number, isLast: number >= ATTEMPTS }, app);
    if (step.next === "pause") pausedUntilMs = nowMs + step.delayMs;
    if (step.next === "retry") job.begun += 1;
    if (step.next === "retry" || step.next === "wait") job.dueMs = nowMs + step.delayMs;
    if (step.next !== "settle") return;
    jobs.delete(id);
    ended.add(id);
  }

  async function drive(forMs = Number.MAX_SAFE_INTEGER): Promise<void> {
    const endMs = nowMs + forMs;
    for (let step = 0; step < MAX_STEPS; step++) {
      const bell = nextOf(bells);
      const job = isPaused ? null : nextOf(jobs);
      const jobDueMs = job === null ? Number.POSITIVE_INFINITY : Math.max(job[1].dueMs, pausedUntilMs);
      const dueMs = Math.min(bell?.[1].dueMs ?? Number.POSITIVE_INFINITY, jobDueMs);
      // While everybody is halted, what waits for longer than the moment waits for the halt to end.
      if (dueMs > endMs || (isPaused && dueMs > nowMs)) return;
      nowMs = Math.max(nowMs, dueMs);
      if (bell !== null && bell[1].dueMs === dueMs) await answer(...bell);
      else if (job !== null) await work(...job);
    }
    throw new Error("the world does not come to rest");
  }

  return {
    app,
    tallyfy,
    files,
    lines,
    clock,
    bells,
    queue: {
      get isPaused() {
        return isPaused;
      },
      jobs,
      lose: () => jobs.clear(),
    },
    drive,
    async drop(runId, roster, isForced = false) {
      const filePath = `processing/${runId}.monday.csv`;
      files.contents.set(filePath, roster);
      const file = { fileName: "monday.csv", filePath, trigger: "inbox", isForced } as const;
      await app.bell.ring({ kind: "roster", runId, dataId: files.dataId, ...file });
    },
    async restart() {
      clock.advance(60_000);
      await recover(app);
    },
    crashAt(call) {
      planted = call;
      calls = 0;
    },
    calls: () => calls,
  };
}

function idOf(job: ProvisioningJob): string {
  return `${job.runId}-${job.key}`;
}

/** The one that is due first. */
function nextOf<T>(waiting: ReadonlyMap<string, Waiting<T>>): [string, Waiting<T>] | null {
  let first: [string, Waiting<T>] | null = null;
  for (const each of waiting) if (first === null || each[1].dueMs < first[1].dueMs) first = each;
  return first;
}

async function* crashingAfterFirst(items: AsyncIterable<unknown>, name: string): AsyncGenerator<unknown> {
  for await (const item of items) {
    yield item;
    break;
  }
  throw new Crash(`in ${name}`);
}

/** Person `number` as the reader would make them: with the fingerprint that the use cases compute. */
export function someone(number: number, fields: Partial<Employee> = {}): Employee {
  const made = person(number, fields);
  return { ...made, emailHash: emailHashOf(made.profile.email, fingerprintFor("acme")) };
}

export function rosterOf(sha256: string, ...people: readonly Employee[]): FakeRoster {
  return { sha256, rows: people.map(rowOf) };
}
