// The pace at work: jobs of several workers leave one after the other, reads among them, and pauses hold for everybody.

import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { CallEnd, PaceMemory } from "../../src/app/ports.ts";
import type { PaceRules } from "../../src/domain/pace-state.ts";
import { TallyfyError } from "../../src/domain/tallyfy-error.ts";
import { createPacer, type Pacer } from "../../src/queue/pacer.ts";
import { createProvisionQueue } from "../../src/queue/provision-queue.ts";
import { type RunningWorker, setPace, startProvisionWorker } from "../../src/queue/provision-worker.ts";
import { openQueues, type Queues } from "../../src/queue/queues.ts";
import { fingerprintFor } from "../../src/store/keys.ts";
import { createPaceMemory } from "../../src/store/pace.ts";
import { keepLog } from "../support/quiet-log.ts";
import { KEYS, redisForTests } from "../support/store.ts";
import { until } from "../support/until.ts";

const { redis, server } = redisForTests();

const RULES: PaceRules = { startPerSecond: 20, maxPerSecond: 20, share: 1, longestPauseMs: 60_000, hourlyBudget: 0 };
const FINE: CallEnd = { isAnswered: true, isTooMany: false, retryAfterMs: null, told: [] };

let queues: Queues;
let workers: RunningWorker[];
let pacers: Pacer[];
beforeEach(() => {
  queues = openQueues(redis(), KEYS.queuePrefix, { count: 1000, ageS: 3600 }, keepLog().log);
  workers = [];
  pacers = [];
});
afterEach(async () => {
  for (const pacer of pacers) pacer.stop();
  await Promise.all(workers.map((worker) => worker.stop(0)));
  await queues.close();
});

function pacerOf(rules: Partial<PaceRules> = {}): { readonly pacer: Pacer; readonly memory: PaceMemory } {
  const memory = createPaceMemory(server().connect(), KEYS, { ...RULES, ...rules });
  const pacer = createPacer({ memory, creates: 100, log: keepLog().log });
  pacers.push(pacer);
  return { pacer, memory };
}

/** When `jobs` jobs on two workers were let through, in order. */
async function starts(jobs: number, perSecond: number): Promise<number[]> {
  const atMs: number[] = [];
  await setPace(queues.provision, perSecond);
  for (let number = 0; number < 2; number++) {
    const { pacer } = pacerOf({ startPerSecond: perSecond, maxPerSecond: perSecond });
    workers.push(
      startProvisionWorker({
        redis: server().connect(),
        prefix: KEYS.queuePrefix,
        queue: queues.provision,
        inHand: 5,
        log: keepLog().log,
        async work() {
          const permit = await pacer.enter("create");
          atMs.push(performance.now());
          await permit.ended(FINE);
          return { next: "settle", outcome: { status: "applied", accountId: 1 } };
        },
      }),
    );
  }
  const provisioning = createProvisionQueue(queues.provision, { fingerprint: fingerprintFor("acme"), attempts: 3 });
  const keys = Array.from({ length: jobs }, (_, number) => `E${number}`);
  await provisioning.enqueue(keys.map((key) => ({ runId: "20260601-080000-aaaaaa", key, op: "create" })));
  await until(() => atMs.length === jobs, 20_000);
  return atMs.sort((a, b) => a - b);
}

test.each([
  [31, 20],
  [800, 400],
])(
  "two workers together let %i jobs through at %i a second: no second sees more, and little is missed",
  async (jobs, perSecond) => {
    const atMs = await starts(jobs, perSecond);
    const slots = (await redis().zrange(KEYS.calls, 0, "-1")).map(Number);
    expect(slots).toHaveLength(jobs);
    const lasted = slots.slice(perSecond).map((slot, index) => slot - (slots[index] ?? 0));
    expect(Math.min(...lasted)).toBeGreaterThanOrEqual(1_000_000);
    const lastedMs = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0);
    expect(lastedMs).toBeGreaterThanOrEqual(((jobs - 1) / perSecond) * 1000 * 0.9);
    expect(lastedMs).toBeLessThanOrEqual((jobs / perSecond) * 1000 * 1.5);
  },
);

function standStill(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

describe("the gate", () => {
  test("lets calls through in the order they came, reads among creates, and tokens without waiting", async () => {
    const { pacer } = pacerOf();
    const order: string[] = [];
    const enter = async (name: string, purpose: "create" | "read" | "token") => {
      await pacer.enter(purpose);
      order.push(name);
    };
    await enter("first", "create");
    const all = [enter("a", "create")];
    await new Promise(setImmediate);
    all.push(enter("b", "read"));
    await new Promise(setImmediate);
    all.push(enter("c", "create"));
    await enter("token", "token");
    await Promise.all(all);
    expect(order).toEqual(["first", "token", "a", "b", "c"]);
  });

  test("sends creates back when a pause is long, and says how long; what was not sent is not counted as sent", async () => {
    const { pacer } = pacerOf();
    const permit = await pacer.enter("create");
    await permit.ended({ ...FINE, isTooMany: true, retryAfterMs: 60_000 });
    const error: unknown = await pacerOf()
      .pacer.enter("create")
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof TallyfyError)) throw new Error("it went through");
    expect(error.failure).toMatchObject({ kind: "rate-limited", wasSent: false, status: null });
    expect(error.failure.retryAfterMs).toBeGreaterThan(50_000);
  });

  test("waits out a short pause, lets one call probe, and the others after its success", async () => {
    const { pacer } = pacerOf();
    const other = pacerOf().pacer;
    await (await pacer.enter("create")).ended({ ...FINE, isTooMany: true, retryAfterMs: 300 });
    const toldAt = performance.now();
    const events: string[] = [];
    const calls = [pacer, other, pacer, other].map(async (each) => {
      const permit = await each.enter("create");
      events.push(performance.now() - toldAt >= 295 ? "leaves" : "leaves early");
      await redis().ping();
      events.push("is answered");
      await permit.ended(FINE);
    });
    await Promise.all(calls);
    expect(events.slice(0, 2)).toEqual(["leaves", "is answered"]);
    expect(events.filter((event) => event === "leaves")).toHaveLength(4);
  });

  test("whoever holds a slot when its process is refused gives it back, and takes another after the pause", async () => {
    const { pacer, memory } = pacerOf();
    const first = await pacer.enter("create");
    const held = pacer.enter("create");
    await first.ended({ ...FINE, isTooMany: true, retryAfterMs: 300 });
    const toldAt = performance.now();
    const permit = await held;
    expect(performance.now() - toldAt).toBeGreaterThanOrEqual(295);
    await permit.ended(FINE);
    const { state } = await memory.read();
    expect(state.congestion).toBeNull();
    expect(await redis().zcard(KEYS.calls)).toBe(1);
  });

  test("whoever could not leave in time, since its process stood still, gives its slot back and takes another", async () => {
    const { pacer } = pacerOf();
    await (await pacer.enter("create")).ended({ ...FINE, told: [{ calls: 20, windowMs: 1000, resetMs: null }] });
    // Calls that went faster before are made up for first.
    await pacer.enter("create");
    const held = pacer.enter("create");
    await until(async () => (await redis().zcard(KEYS.calls)) === 3, 5_000);
    const slots = await redis().zrange(KEYS.calls, 0, "-1");
    standStill(100);
    await held;
    const after = await redis().zrange(KEYS.calls, 0, "-1");
    expect(after.slice(0, 2)).toEqual(slots.slice(0, 2));
    expect(Number(after[2]) - Number(slots[2])).toBeGreaterThan(50_000);
  });

  test("a call that took longer than usual is noted as one that may have arrived late", async () => {
    const { pacer } = pacerOf();
    await (await pacer.enter("create")).ended({ ...FINE, told: [{ calls: 20, windowMs: 1000, resetMs: null }] });
    await (await pacer.enter("create")).ended(FINE);
    const slow = await pacer.enter("create");
    await delay(80);
    await slow.ended(FINE);
    await until(async () => {
      const [slots, arrivals] = [
        await redis().zrange(KEYS.calls, 0, "-1"),
        await redis().zrange(KEYS.arrivals, 0, "-1", "WITHSCORES"),
      ];
      const [last] = slots.slice(-1);
      return Number(arrivals[arrivals.indexOf(last ?? "") + 1]) - Number(last) > 50_000;
    }, 5_000);
  });

  test("many who wait at the same moment are nothing to warn of", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    const slot = { kind: "slot", version: "0", slotUs: Date.now() * 1000, aheadUs: 20_000, isProbe: false } as const;
    const memory = { ...pacerOf().memory, ask: async () => slot };
    const pacer = createPacer({ memory, creates: 40, log: keepLog().log });
    pacers.push(pacer);
    await Promise.all(Array.from({ length: 40 }, () => pacer.enter("create")));
    expect(warnings.map(({ name }) => name)).toEqual([]);
  });

  test("stopped, it sends back whoever waits and whoever comes", async () => {
    const { pacer } = pacerOf({ startPerSecond: 0.5, maxPerSecond: 0.5 });
    await pacer.enter("create");
    const waits = pacer.enter("create");
    pacer.stop();
    await expect(waits).rejects.toBeInstanceOf(TallyfyError);
    await expect(pacer.enter("read")).rejects.toBeInstanceOf(TallyfyError);
  });

  test("tells whoever listens what another process found, and both keep to it", async () => {
    const { pacer } = pacerOf();
    const { pacer: other } = pacerOf();
    const heard: number[] = [];
    other.onPace((state) => heard.push(state.perSecond));
    const told = { calls: 10, windowMs: 1000, resetMs: null };
    await (await pacer.enter("create")).ended({ ...FINE, told: [told] });
    await other.enter("create");
    await until(() => heard.at(-1) === 9.8);
  });

  test("a memory that fails does not lose the answer of a call that was made", async () => {
    const { memory } = pacerOf();
    const refused = async () => Promise.reject(new Error("OOM"));
    const { log, lines } = keepLog();
    const pacer = createPacer({ memory: { ...memory, refused }, creates: 1, log });
    await (await pacer.enter("create")).ended({ ...FINE, isTooMany: true });
    expect(lines.map((line) => line.message)).toEqual(["what a call said of the pace could not be kept"]);
  });
});
