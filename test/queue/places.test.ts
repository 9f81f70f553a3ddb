// How many creates are under way at once in one process, and that a slot does not grow old while one waits for a place.

import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import type { CallEnd, PaceMemory, SlotAnswer } from "../../src/app/ports.ts";
import { newPace } from "../../src/domain/pace-state.ts";
import { createPacer, type Pacer } from "../../src/queue/pacer.ts";
import { atMost } from "../../src/queue/places.ts";
import { keepLog } from "../support/quiet-log.ts";

const FINE: CallEnd = { isAnswered: true, isTooMany: false, retryAfterMs: null, told: [] };
const REFUSED: CallEnd = { ...FINE, isTooMany: true };
const RULES = { startPerSecond: 1000, maxPerSecond: 1000, share: 1, longestPauseMs: 60_000, hourlyBudget: 0 };

let pacer: Pacer | null = null;
afterEach(() => pacer?.stop());

/** A pacer on a memory that gives everybody a slot at once, or what it was told to, and knows what it was asked. */
function pacerOf(creates: number) {
  const seen: string[] = [];
  const asked: { givenBackUs: number | null }[] = [];
  const gives: { isProbe: boolean; instead: SlotAnswer | null } = { isProbe: false, instead: null };
  const state = newPace(RULES, 0);
  const news = { before: state, after: state, version: "0" };
  const memory: PaceMemory = {
    async ask(purpose, _waitedMs, givenBackUs = null) {
      seen.push(purpose);
      asked.push({ givenBackUs });
      const slotUs = Math.round(performance.now() * 1000);
      return gives.instead ?? { kind: "slot", version: "0", slotUs, aheadUs: 0, isProbe: gives.isProbe };
    },
    async refused() {
      await new Promise(setImmediate);
      seen.push("refused");
      return news;
    },
    arrivedLate: async () => undefined,
    admitted: async () => news,
    told: async () => news,
    configure: async () => news,
    read: async () => ({ state, version: "0", nowMs: 0 }) as never,
  };
  const made = createPacer({ memory, creates, log: keepLog().log });
  pacer = made;
  return { pacer: made, seen, asked, gives };
}

async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

/** One call that came back at once: the next place will come soon. */
async function quickly({ pacer: gate, seen, asked }: ReturnType<typeof pacerOf>): Promise<void> {
  await (await gate.enter("create")).ended(FINE);
  for (const list of [seen, asked]) list.length = 0;
}

test.each([true, false])(
  "no more creates than places, the others in the order they came (quick calls: %s)",
  async (isQuick) => {
    const made = pacerOf(2);
    if (isQuick) await quickly(made);
    const gate = made.pacer;
    const [first] = await Promise.all([gate.enter("create"), gate.enter("create")]);
    const order: number[] = [];
    const [third, fourth] = [3, 4].map((number) => gate.enter("create").finally(() => order.push(number)));
    fourth?.catch(() => undefined);
    await turns();
    expect(order).toEqual([]);
    await first.ended(FINE);
    await third;
    await turns();
    expect(order).toEqual([3]);
  },
);

test("while all places are taken, as many again have asked for their slots where calls are quick; elsewhere nobody asks without a place", async () => {
  for (const [isQuick, asks] of [
    [true, 4],
    [false, 2],
  ] as const) {
    const made = pacerOf(2);
    if (isQuick) await quickly(made);
    await Promise.all([made.pacer.enter("create"), made.pacer.enter("create")]);
    for (let more = 0; more < 5; more += 1) made.pacer.enter("create").catch(() => undefined);
    await turns();
    expect(made.seen).toHaveLength(asks);
    made.pacer.stop();
  }
});

test("a refusal is known to all before its place is given on, and slots from before it are given back", async () => {
  const made = pacerOf(1);
  await quickly(made);
  const first = await made.pacer.enter("create");
  const next = made.pacer.enter("create");
  await turns();
  await first.ended(REFUSED);
  await next;
  expect(made.seen).toEqual(["create", "create", "refused", "create"]);
  expect(made.asked.map(({ givenBackUs }) => givenBackUs !== null)).toEqual([false, false, true]);
});

test("whoever had to wait for a place for long gives the slot back, and takes another one with the place", async () => {
  const made = pacerOf(1);
  await quickly(made);
  const first = await made.pacer.enter("create");
  const next = made.pacer.enter("create");
  await delay(30);
  await first.ended(FINE);
  await next;
  expect(made.asked.map(({ givenBackUs }) => givenBackUs !== null)).toEqual([false, false, true]);
});

test.each([true, false])(
  "a place that came, and for which there is no slot any more, goes to the next one (quick calls: %s)",
  async (isQuick) => {
    const made = pacerOf(1);
    if (isQuick) await quickly(made);
    const { pacer: gate, gives } = made;
    const first = await gate.enter("create");
    const late = gate.enter("create");
    await delay(30);
    gives.instead = { kind: "wait", version: "0", waitMs: 1_000_000, because: "halt" };
    await first.ended(FINE);
    await expect(late).rejects.toMatchObject({ failure: { kind: "rate-limited", wasSent: false } });
    gives.instead = null;
    await gate.enter("create");
  },
);

test("reads and tokens need no place, and neither does one probe that everybody waits for", async () => {
  const made = pacerOf(1);
  await quickly(made);
  const { pacer: gate, gives } = made;
  const first = await gate.enter("create");
  for (const purpose of ["token", "mint", "read"] as const) await gate.enter(purpose);
  gives.isProbe = true;
  const probe = await gate.enter("create");
  const order: string[] = [];
  const others = [1, 2].map(async (number) => {
    const permit = await gate.enter("create");
    order.push(`probe ${number}`);
    await permit.ended(FINE);
  });
  await delay(30);
  expect(order).toEqual([]);
  for (const permit of [probe, first]) await permit.ended(FINE);
  await Promise.all(others);
});

test("whoever is sent back leaves the line", async () => {
  const { pacer: gate, gives } = pacerOf(1);
  gives.instead = { kind: "wait", version: "0", waitMs: 60_000, because: "budget" };
  for (let tried = 0; tried < 3; tried += 1)
    await expect(gate.enter("create")).rejects.toMatchObject({ failure: { kind: "rate-limited", wasSent: false } });
  gives.instead = null;
  await gate.enter("create");
});

test("stopped, it sends back whoever waits and whoever comes; the call under way ends as it would", async () => {
  const { pacer: gate } = pacerOf(1);
  const first = await gate.enter("create");
  const waiting = [gate.enter("create"), gate.enter("create")];
  const sentBack = waiting.map((one) =>
    expect(one).rejects.toMatchObject({ failure: { kind: "rate-limited", wasSent: false } }),
  );
  await turns();
  gate.stop();
  await Promise.all(sentBack);
  await expect(gate.enter("create")).rejects.toMatchObject({ failure: { wasSent: false } });
  await first.ended(FINE);
});

test("whoever waited so long that a person would be held past its time is sent back, and the next one gets in", async () => {
  const places = atMost(1);
  const leave = await places.take();
  const clock = vi.spyOn(performance, "now");
  try {
    const at = performance.now();
    clock.mockReturnValue(at);
    const tooLong = expect(places.take()).rejects.toMatchObject({
      failure: { kind: "rate-limited", wasSent: false, retryAfterMs: 250 },
    });
    clock.mockReturnValue(at + 10_000);
    const next = places.take();
    clock.mockReturnValue(at + 16_000);
    leave();
    await tooLong;
    await next;
  } finally {
    clock.mockRestore();
  }
});
