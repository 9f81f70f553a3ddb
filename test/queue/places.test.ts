// How many creates are under way at once in one process, and that a slot does not grow old while one waits for a place.

import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import type { CallEnd, PaceMemory, SlotAnswer } from "../../src/app/ports.ts";
import { newPace } from "../../src/domain/pace.ts";
import { createPacer, type Pacer } from "../../src/queue/pacer.ts";
import { atMost } from "../../src/queue/places.ts";
import { keepLog } from "../support/quiet-log.ts";

const FINE: CallEnd = { isAnswered: true, isTooMany: false, retryAfterMs: null, told: null };
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
    giveBack: async () => void seen.push("given back"),
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

test("no more creates than places, the others in the order they came, as soon as one has ended", async () => {
  const { pacer: gate } = pacerOf(2);
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
});

test("while all places are taken, as many again have asked for their slots, and no more", async () => {
  const { pacer: gate, seen } = pacerOf(2);
  await Promise.all([gate.enter("create"), gate.enter("create")]);
  for (let more = 0; more < 5; more += 1) gate.enter("create").catch(() => undefined);
  await turns();
  expect(seen).toHaveLength(4);
});

test("a refusal is known to all before its place is given on, and slots from before it are given back", async () => {
  const { pacer: gate, seen, asked } = pacerOf(1);
  const first = await gate.enter("create");
  const next = gate.enter("create");
  await turns();
  await first.ended(REFUSED);
  await next;
  expect(seen).toEqual(["create", "create", "refused", "create"]);
  expect(asked.map(({ givenBackUs }) => givenBackUs !== null)).toEqual([false, false, true]);
});

test("where no place comes soon the slot is given back, and another one is taken with the place", async () => {
  const { pacer: gate, seen } = pacerOf(1);
  const first = await gate.enter("create");
  const next = gate.enter("create");
  await delay(30);
  expect(seen).toEqual(["create", "create", "given back"]);
  await first.ended(FINE);
  await next;
  expect(seen).toEqual(["create", "create", "given back", "create"]);
});

test("a place that came, and for which there is no slot any more, goes to the next one", async () => {
  const { pacer: gate, gives } = pacerOf(1);
  const first = await gate.enter("create");
  const late = gate.enter("create");
  await delay(30);
  gives.instead = { kind: "wait", version: "0", waitMs: 1_000_000, because: "halt" };
  await first.ended(FINE);
  await expect(late).rejects.toMatchObject({ failure: { kind: "rate-limited", wasSent: false } });
  gives.instead = null;
  await gate.enter("create");
});

test("reads and tokens need no place, and neither does one probe that everybody waits for", async () => {
  const { pacer: gate, gives } = pacerOf(1);
  const first = await gate.enter("create");
  await gate.enter("token");
  await gate.enter("read");
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
  const { pacer: gate, seen } = pacerOf(1);
  const first = await gate.enter("create");
  const waiting = [gate.enter("create"), gate.enter("create")];
  const sentBack = waiting.map((one) =>
    expect(one).rejects.toMatchObject({ failure: { kind: "rate-limited", wasSent: false } }),
  );
  await turns();
  gate.stop();
  await Promise.all(sentBack);
  // One of them had its slot, and waited for a place.
  expect(seen).toEqual(["create", "create", "given back"]);
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
