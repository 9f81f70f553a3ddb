// The pace that all processes share, in a real Redis: slots, the hourly budget, pauses and what is remembered.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PaceMemory, SlotAnswer } from "../../src/app/ports.ts";
import { type PaceRules, paceOf } from "../../src/domain/pace-state.ts";
import { ask, giveBack, isAhead, leaveAtOnce, MOST_AHEAD_US, newSlots, stretchCalls } from "../../src/domain/slots.ts";
import { keysFor } from "../../src/store/keys.ts";
import { createPaceMemory } from "../../src/store/pace.ts";
import { KEYS, redisForTests } from "../support/store.ts";

const { redis, server } = redisForTests();

const RULES: PaceRules = { startPerSecond: 50, maxPerSecond: 100, share: 1, longestPauseMs: 60_000, hourlyBudget: 0 };
const NOW = Date.parse("2026-06-01T08:00:30.000Z");
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A memory whose clock stands until it is moved. */
function memoryAt(startMs = NOW, rules: Partial<PaceRules> = {}) {
  const clock = { ms: startMs };
  const memory = createPaceMemory(redis(), KEYS, { ...RULES, ...rules }, () => Math.round(clock.ms * 1000));
  return { memory, clock };
}

async function slotsOf(memory: PaceMemory, clock: { ms: number }, count: number): Promise<number[]> {
  const slots: number[] = [];
  while (slots.length < count) {
    const answer = await memory.ask("create", 0);
    if (answer.kind === "slot") slots.push(answer.slotUs);
    else clock.ms += answer.waitMs;
  }
  return slots;
}

async function slotAt(memory: PaceMemory, clock?: { ms: number }): Promise<Extract<SlotAnswer, { kind: "slot" }>> {
  let answer = await memory.ask("create", 0);
  for (; clock !== undefined && answer.kind === "wait"; answer = await memory.ask("create", 0))
    clock.ms += answer.waitMs;
  if (answer.kind !== "slot") throw new Error(`told to wait: ${answer.because}`);
  return answer;
}

describe("slots", () => {
  test("are forgotten in time, also those of a minute that was begun before", async () => {
    const { memory, clock } = memoryAt();
    const keys = [KEYS.calls, KEYS.arrivals, KEYS.budget];
    const lifetimes = () => Promise.all(keys.map((key) => redis().pttl(key)));
    // Refused, the only slot is gone, and its keys with it.
    await memory.refused((await slotAt(memory, clock)).slotUs, null);
    await slotAt(memory, clock);
    for (const ms of await lifetimes()) expect(ms).toBeGreaterThan(HOUR_MS);
    clock.ms -= 20_000;
    await slotAt(memory, clock);
    for (const ms of await lifetimes()) expect(ms).toBeGreaterThan(HOUR_MS);
  });

  test("follow one another at the pace, whichever process asks", async () => {
    const { memory, clock } = memoryAt();
    const other = createPaceMemory(server().connect(), KEYS, RULES, () => Math.round(clock.ms * 1000));
    const slots = [...(await slotsOf(memory, clock, 5)), ...(await slotsOf(other, clock, 5))];
    for (const [index, slot] of slots.slice(1).entries()) expect(slot - (slots[index] ?? 0)).toBe(20_000);
  });

  test("several processes at once, on Redis's own clock, never get two closer than the interval", async () => {
    const processes = Array.from({ length: 4 }, () => createPaceMemory(server().connect(), KEYS, RULES));
    const slots: number[] = [];
    await Promise.all(
      processes.map(async (memory) => {
        while (slots.length < 24) {
          const answer = await memory.ask("create", 0);
          if (answer.kind === "slot") slots.push(answer.slotUs);
        }
      }),
    );
    const sorted = slots.sort((a, b) => a - b);
    for (const [index, slot] of sorted.slice(1).entries())
      expect(slot - (sorted[index] ?? 0)).toBeGreaterThanOrEqual(20_000);
  });

  test.each([200, 20_000, 1_000_000])(
    "are those of the rule in domain/, whatever happens (%i us)",
    async (intervalUs) => {
      const { memory, clock } = memoryAt();
      const backwards = fc.integer({ min: -5_000_000, max: 0 });
      const steps = fc.sample(fc.tuple(backwards, fc.nat(60_000), fc.nat(700_000), fc.nat(19)), {
        numRuns: 1500,
        seed: 7,
      });
      const first = await memory.configure();
      expect(first.after.perSecond).toBe(50);
      await redis().hset(KEYS.pace, { intervalUs });
      let slots = newSlots(intervalUs);
      let given: number[] = [];
      const arrivals = new Map<number, number>();
      for (const [backUs, onUs, waitedUs, dice] of steps) {
        // Mostly forwards; now and then everybody stands still, and the clock steps back.
        clock.ms += (dice === 0 ? backUs : ((dice === 1 ? 10 : 1) * onUs * intervalUs) / 30_000) / 1000;
        clock.ms = Math.round(clock.ms * 1000) / 1000;
        if (dice === 2) {
          const pauseUs = Math.min(70_000, 4 * intervalUs);
          const pausedUntilUs = Math.round(clock.ms * 1000) + pauseUs;
          slots = { ...slots, pausedUntilUs, pauseUs, isProbing: !slots.isProbing };
          const fields = { pausedUntilUs, pauseUs, isProbing: slots.isProbing ? "1" : "0" };
          await redis().hset(KEYS.pace, fields);
        }
        const [late, back] = [dice === 3 ? given.at(-3) : undefined, dice === 4 ? given.pop() : undefined];
        if (late !== undefined) {
          await memory.arrivedLate(late, 35);
          if (arrivals.has(late)) arrivals.set(late, late + 35_000);
        }
        if (back !== undefined) {
          arrivals.delete(back);
          slots = giveBack(slots);
        }
        const nowUs = Math.round(clock.ms * 1000);
        if (isAhead(slots, nowUs))
          for (const [slot, at] of arrivals) if (at > nowUs + MOST_AHEAD_US) arrivals.delete(slot);
        if (dice === 5) {
          expect(await memory.ask("token", 0)).toMatchObject({ slotUs: nowUs });
          slots = leaveAtOnce(slots, nowUs);
          arrivals.set(nowUs, nowUs);
          continue;
        }
        const sorted = [...arrivals.values()].sort((a, b) => a - b);
        const earlierUs = sorted[sorted.length - stretchCalls(intervalUs)] ?? 0;
        const [expected, next] = ask(slots, { waitedUs, earlierUs }, nowUs);
        slots = next;
        const answer = await memory.ask("create", waitedUs / 1000, back ?? null);
        if (expected.kind === "wait") {
          const { waitUs, because } = expected;
          expect(answer).toMatchObject({ kind: "wait", waitMs: waitUs / 1000, because });
          continue;
        }
        expect(answer).toMatchObject({ kind: "slot", slotUs: expected.atUs, isProbe: expected.isProbe });
        given = [...given, expected.atUs].filter((each, at, all) => all.indexOf(each) === at);
        arrivals.set(expected.atUs, expected.atUs);
      }
      expect(given.length).toBeGreaterThan(200);
    },
  );

  test("asked for at the same moment, they are given out one after another, and each asker has his own answer", async () => {
    const { memory, clock } = memoryAt();
    const answers = await Promise.all([
      memory.ask("create", 0),
      memory.ask("token", 0),
      memory.ask("read", 0),
      memory.ask("create", 0),
      memory.ask("create", 0),
    ]);
    const us = Math.round(clock.ms * 1000);
    expect(answers).toMatchObject([
      { kind: "slot", slotUs: us, isProbe: false },
      { kind: "slot", slotUs: us },
      { kind: "slot", slotUs: us + 20_000 },
      { kind: "wait", because: "pace" },
      { kind: "wait", because: "pace" },
    ]);
  });

  test("asked for at the same moment or one by one: the same answers, and Redis remembers the same", async () => {
    const [together, oneByOne] = [KEYS, keysFor("b".repeat(32))];
    const asker = fc.record({
      purpose: fc.constantFrom("create" as const, "create" as const, "read" as const, "token" as const),
      waitedMs: fc.nat(400),
      givesBack: fc.boolean(),
    });
    const step = fc.record({
      askers: fc.array(asker, { minLength: 1, maxLength: 7 }),
      onUs: fc.oneof(fc.integer({ min: -30_000, max: 120_000 }), fc.constantFrom(60_000_000, 3_600_000_000)),
      isProbing: fc.boolean(),
      pauseUs: fc.constantFrom(0, 0, 50_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.constantFrom(0, 9), async (steps, hourlyBudget) => {
        await redis().flushdb();
        let us = NOW * 1000;
        const memories = [together, oneByOne].map((keys) =>
          createPaceMemory(redis(), keys, { ...RULES, hourlyBudget }, () => us),
        );
        const given: number[] = [];
        for (const [number, { askers, onUs, isProbing, pauseUs }] of steps.entries()) {
          us += onUs;
          // No slot is at the very microsecond of one from another step: Redis would not know which of the two is given back.
          us += number + 1 - (us % 1000);
          const fields = { isProbing: isProbing ? "1" : "0", pauseUs, pausedUntilUs: pauseUs === 0 ? 0 : us + pauseUs };
          for (const keys of [together, oneByOne]) await redis().hset(keys.pace, fields);
          const asked = askers.map((each) => ({ ...each, back: each.givesBack ? (given.pop() ?? null) : null }));
          const [first, second] = memories.map((memory) =>
            asked.map((each) => () => memory.ask(each.purpose, each.waitedMs, each.back)),
          );
          const answers = await Promise.all((first ?? []).map((ask) => ask()));
          const alone: SlotAnswer[] = [];
          for (const ask of second ?? []) alone.push(await ask());
          expect(answers).toEqual(alone);
          for (const answer of answers) if (answer.kind === "slot") given.push(answer.slotUs);
          expect(await redis().hgetall(together.pace)).toEqual(await redis().hgetall(oneByOne.pace));
          expect(await redis().hgetall(together.budget)).toEqual(await redis().hgetall(oneByOne.budget));
          for (const name of ["calls", "arrivals"] as const) {
            const range = (keys: typeof KEYS) => redis().zrange(keys[name], 0, "-1", "WITHSCORES");
            expect(await range(together)).toEqual(await range(oneByOne));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a call that arrived late counts into its second for longer; one that was given back or refused does not count", async () => {
    const { memory, clock } = memoryAt(NOW, { startPerSecond: 2 });
    const [first = 0] = await slotsOf(memory, clock, 3);
    await memory.arrivedLate(first, 300);
    await memory.arrivedLate(first + 1, 300);
    expect(await redis().zscore(KEYS.arrivals, `${first}`)).toBe(`${first + 300_000}`);
    expect(await redis().zcard(KEYS.arrivals)).toBe(3);
    await memory.ask("create", 0, first);
    expect(await redis().zscore(KEYS.arrivals, `${first}`)).toBeNull();
    await memory.refused((await slotAt(memory, clock)).slotUs, null);
    expect(await redis().zcard(KEYS.arrivals)).toBe(await redis().zcard(KEYS.calls));
  });
});

describe("a clock that stepped back", () => {
  test.each(["token", "create"] as const)("makes nobody wait for it, whoever asks first (%s)", async (purpose) => {
    const { memory, clock } = memoryAt();
    await slotsOf(memory, clock, 5);
    clock.ms -= 10 * MINUTE_MS;
    await memory.ask(purpose, 0);
    const began = clock.ms;
    await slotsOf(memory, clock, 5);
    expect(clock.ms - began).toBeLessThanOrEqual(120);
  });

  test.each([0, 5, 9, 12])("does not slow the pace, however many calls lie in its future (%i)", async (calls) => {
    const { memory, clock } = memoryAt(NOW, { startPerSecond: 10 });
    await slotsOf(memory, clock, calls);
    clock.ms -= 30 * MINUTE_MS;
    const began = clock.ms;
    await slotsOf(memory, clock, 40);
    expect(clock.ms - began).toBeLessThanOrEqual(4_000);
  });
});

test("in a halt no create gets a slot, not even one that waited already; reads and tokens do", async () => {
  const { memory } = memoryAt();
  await redis().set(KEYS.halt, "{}");
  expect(await memory.ask("create", 100)).toMatchObject({ kind: "wait", because: "halt" });
  expect(await memory.ask("read", 0)).toMatchObject({ kind: "slot" });
  expect(await memory.ask("token", 0)).toMatchObject({ kind: "slot" });
  await redis().del(KEYS.halt);
  expect(await memory.ask("create", 100)).toMatchObject({ kind: "slot" });
});

test("a token goes at once, and the next slot still follows the one that is out already", async () => {
  const { memory, clock } = memoryAt();
  const [, , last = 0] = await slotsOf(memory, clock, 3);
  expect(last).toBeGreaterThan(clock.ms * 1000);
  expect(await memory.ask("token", 0)).toMatchObject({ slotUs: clock.ms * 1000 });
  expect((await slotAt(memory, clock)).slotUs).toBe(last + 20_000);
});

test("a member's token is a call as any other, and goes at once", async () => {
  const { memory, clock } = memoryAt();
  await slotsOf(memory, clock, 3);
  clock.ms += 1;
  expect(await memory.ask("mint", 0)).toMatchObject({ kind: "slot", slotUs: clock.ms * 1000 });
  expect(await redis().zcard(KEYS.calls)).toBe(4);
});

test("tokens say nothing of a limit, which counts those who have one", async () => {
  const { memory, clock } = memoryAt(NOW, { startPerSecond: 100, maxPerSecond: 100 });
  for (let process = 0; process < 3; process += 1) {
    expect(await memory.ask("token", 0)).toMatchObject({ slotUs: clock.ms * 1000 });
    clock.ms += 1;
  }
  const slots = await slotsOf(memory, clock, 21);
  clock.ms = (slots.at(-1) ?? 0) / 1000 + 1;
  await memory.refused(slots.at(-1) ?? 0, 1000);
  clock.ms += 1_001;
  const { after } = await memory.admitted((await slotAt(memory, clock)).slotUs);
  expect(after.limits.second?.calls).toBe(20);
});

test("calls that were refused are none of the hour's, however often it is told", async () => {
  const { memory, clock } = memoryAt();
  const slots = await slotsOf(memory, clock, 5);
  const last = slots.at(-1) ?? 0;
  clock.ms = last / 1000 + 1;
  await memory.refused(last, null);
  await memory.refused(last, null);
  expect((await memory.read()).usedThisHour).toBe(4);
  for (let probe = 0; probe < 20; probe += 1) await memory.refused((await slotAt(memory, clock)).slotUs, null);
  expect((await memory.read()).usedThisHour).toBe(4);
});

test("what came through since the last congestion was over is counted, whatever its window", async () => {
  const { memory, clock } = memoryAt();
  const refuse = async () => {
    const { slotUs } = await slotAt(memory, clock);
    clock.ms += 1;
    return memory.refused(slotUs, null);
  };
  await slotsOf(memory, clock, 3);
  expect((await refuse()).after.congestion?.counts.sinceCleared).toBe(0);
  await memory.admitted((await slotAt(memory, clock)).slotUs);
  clock.ms += 2 * MINUTE_MS;
  await slotsOf(memory, clock, 7);
  expect((await refuse()).after.congestion?.counts).toMatchObject({ sinceCleared: 7 });
});

describe("a refusal", () => {
  test("pauses everybody as long as Tallyfy says, then one call goes alone, and its success lets the others follow", async () => {
    const { memory, clock } = memoryAt();
    const other = createPaceMemory(server().connect(), KEYS, RULES, () => Math.round(clock.ms * 1000));
    const [, , slotUs = 0] = await slotsOf(memory, clock, 3);
    await memory.refused(slotUs, 3000);
    clock.ms += 2999;
    expect(await other.ask("create", 0)).toMatchObject({ kind: "wait", because: "pause" });
    expect(await other.ask("read", 0)).toMatchObject({ kind: "wait", because: "pause" });
    clock.ms += 1;
    const probe = await slotAt(other);
    expect(probe.isProbe).toBe(true);
    expect(await memory.ask("create", 0)).toMatchObject({ kind: "wait", because: "probe" });
    const { after } = await other.admitted(probe.slotUs);
    expect(after.congestion).toBeNull();
    expect(after.limits.tenSeconds?.calls).toBe(2);
    clock.ms += 10_000;
    expect((await slotAt(memory)).isProbe).toBe(false);
  });

  test("is no admitted call: what was let through is counted without it", async () => {
    const { memory, clock } = memoryAt();
    const slots = await slotsOf(memory, clock, 11);
    const { after } = await memory.refused(slots.at(-1) ?? 0, null);
    expect(after.congestion?.counts).toMatchObject({ second: 10, tenSeconds: 10, minute: 10 });
  });

  test("noticed by four processes at the same moment is one congestion, and none of what they saw is lost", async () => {
    const { memory, clock } = memoryAt();
    const slots = await slotsOf(memory, clock, 12);
    const processes = Array.from({ length: 4 }, () =>
      createPaceMemory(server().connect(), KEYS, RULES, () => clock.ms * 1000),
    );
    await Promise.all(processes.map((each, index) => each.refused(slots[11 - index] ?? 0, 1000 + index * 1000)));
    const { state } = await memory.read();
    expect(state.congestion).toMatchObject({
      probes: 0,
      toldMs: 4000,
      untilMs: clock.ms + 4000,
      counts: { second: 8 },
    });
    expect(await redis().zcard(KEYS.calls)).toBe(8);
  });

  test("ends with its probe also when the clock steps back meanwhile, but not with a probe from before another refusal", async () => {
    const { memory, clock } = memoryAt();
    await memory.refused((await slotAt(memory)).slotUs, 1000);
    clock.ms -= 10 * MINUTE_MS;
    expect(await memory.ask("create", 0)).toMatchObject({ kind: "wait", waitMs: 1000, because: "pause" });
    clock.ms += 1000;
    const first = await slotAt(memory);
    clock.ms += 5000;
    const second = await slotAt(memory);
    expect([first.isProbe, second.isProbe]).toEqual([true, true]);
    await memory.refused(second.slotUs, 2000);
    expect((await memory.admitted(first.slotUs)).after.congestion).not.toBeNull();
    clock.ms += 2000;
    const third = await slotAt(memory);
    clock.ms -= MINUTE_MS;
    expect((await memory.admitted(third.slotUs)).after.congestion).toBeNull();
  });

  test("a probe whose process died is followed by another one", async () => {
    const { memory, clock } = memoryAt();
    await memory.refused((await slotAt(memory)).slotUs, 1000);
    clock.ms += 1000;
    expect((await slotAt(memory)).isProbe).toBe(true);
    clock.ms += 5000;
    expect((await slotAt(memory)).isProbe).toBe(true);
  });
});

describe("what was learned", () => {
  test("is there for the next process, and for the next night", async () => {
    const { memory, clock } = memoryAt();
    await memory.told([{ calls: 30, windowMs: 1000, resetMs: null }]);
    clock.ms += 20 * HOUR_MS;
    const tomorrow = createPaceMemory(server().connect(), KEYS, RULES, () => Math.round(clock.ms * 1000));
    const { state } = await tomorrow.read();
    expect(paceOf(state, RULES)).toBeCloseTo(29.4);
    const [first = 0, second = 0] = await slotsOf(tomorrow, clock, 2);
    expect(second - first).toBe(Math.round(1_000_000 / 29.4));
  });

  test("by another version is not understood, and learned anew", async () => {
    await redis().hset(KEYS.pace, { version: 7, state: JSON.stringify({ version: 999, perSecond: 3 }) });
    const { memory } = memoryAt();
    expect((await memory.configure()).after).toMatchObject({ perSecond: 50, congestion: null });
  });

  test("a lower ceiling in the configuration is in force from the start", async () => {
    const { memory } = memoryAt();
    await memory.configure();
    const careful = createPaceMemory(redis(), KEYS, { ...RULES, startPerSecond: 1, maxPerSecond: 2 }, () => NOW * 1000);
    await careful.configure();
    expect(await redis().hget(KEYS.pace, "intervalUs")).toBe("500000");
  });
});

describe("the hourly budget", () => {
  async function take(memory: PaceMemory, clock: { ms: number }, times: number): Promise<number[]> {
    const waits: number[] = [];
    for (let time = 0; time < times; time++) {
      clock.ms += 20;
      const answer = await memory.ask("create", 0);
      waits.push(answer.kind === "slot" ? 0 : answer.waitMs);
    }
    return waits;
  }

  test("calls go ahead until it is used up, then wait until all of the oldest minute is an hour old", async () => {
    const { memory, clock } = memoryAt(NOW, { hourlyBudget: 10 });
    expect(await take(memory, clock, 10)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(await memory.ask("create", 0)).toMatchObject({ waitMs: HOUR_MS + 30_000 - 200, because: "budget" });
    clock.ms += HOUR_MS + 30_000 - 200 - 1;
    expect(await memory.ask("create", 0)).toMatchObject({ kind: "wait", because: "budget" });
    clock.ms += 1;
    expect(await memory.ask("create", 0)).toMatchObject({ kind: "slot" });
  });

  test("those who ask at the same moment share what is left of it", async () => {
    const { memory, clock } = memoryAt(NOW, { hourlyBudget: 10 });
    await take(memory, clock, 9);
    clock.ms += 20;
    const [last, none] = await Promise.all([memory.ask("create", 0), memory.ask("create", 0)]);
    expect([last, none]).toMatchObject([{ kind: "slot" }, { kind: "wait", because: "budget" }]);
    clock.ms += 20;
    const slotUs = last?.kind === "slot" ? last.slotUs : null;
    const again = await Promise.all([memory.ask("create", 0, slotUs), memory.ask("create", 0)]);
    expect(again).toMatchObject([{ kind: "slot" }, { kind: "wait", because: "budget" }]);
  });

  test("the hour slides: no sixty minutes hold more calls than the budget", async () => {
    const { memory, clock } = memoryAt(NOW, { hourlyBudget: 12 });
    const taken: number[] = [];
    for (; clock.ms < NOW + 3 * HOUR_MS; clock.ms += 97_000)
      if ((await memory.ask("create", 0)).kind === "slot") taken.push(clock.ms);
    for (const at of taken)
      expect(taken.filter((other) => other >= at && other < at + HOUR_MS).length).toBeLessThanOrEqual(12);
    expect(taken.length).toBeGreaterThanOrEqual(30);
  });

  test("reads and tokens count, also beyond the budget; a wait takes nothing from it", async () => {
    const { memory, clock } = memoryAt(NOW, { hourlyBudget: 2 });
    for (const purpose of ["read", "token", "read", "create", "create"] as const) {
      clock.ms += 20;
      await memory.ask(purpose, 0);
    }
    expect(await memory.read()).toMatchObject({ usedThisHour: 3, budget: 2 });
  });

  test("many processes at once do not take more than there is", async () => {
    const rules = { ...RULES, startPerSecond: 5000, maxPerSecond: 5000, hourlyBudget: 10 };
    const others = Array.from({ length: 4 }, () => createPaceMemory(server().connect(), KEYS, rules));
    let taken = 0;
    await Promise.all(
      others.map(async (other) => {
        for (
          let answer = await other.ask("create", 0);
          answer.kind === "slot" || answer.because !== "budget";
          answer = await other.ask("create", 0)
        )
          if (answer.kind === "slot") taken += 1;
      }),
    );
    expect(taken).toBe(10);
  });

  test("a slot that is given back over the turn of a minute is not counted any more", async () => {
    for (const startMs of [NOW + 29_990, NOW + 29_999.5, NOW + 30_005]) {
      await redis().del(KEYS.pace, KEYS.calls, KEYS.arrivals, KEYS.budget);
      const { memory, clock } = memoryAt(startMs, { hourlyBudget: 10 });
      await memory.ask("create", 0);
      const { slotUs } = await slotAt(memory);
      clock.ms = slotUs / 1000 + MINUTE_MS;
      await memory.ask("create", 0, slotUs);
      expect((await memory.read()).usedThisHour).toBe(2);
      expect(Object.values(await redis().hgetall(KEYS.budget)).filter((calls) => calls !== "0")).toEqual(["1", "1"]);
    }
  });

  test("what was counted while the clock was ahead counts for one hour more, not until the clock is there again", async () => {
    const { memory, clock } = memoryAt(NOW + 24 * HOUR_MS, { hourlyBudget: 10 });
    await take(memory, clock, 10);
    clock.ms -= 24 * HOUR_MS;
    expect(await memory.ask("create", 0)).toMatchObject({ kind: "wait", because: "budget" });
    for (clock.ms += 1; clock.ms < NOW + HOUR_MS; clock.ms += 10 * MINUTE_MS) await memory.ask("read", 0);
    expect(await memory.ask("create", 0)).toMatchObject({ kind: "wait", because: "budget" });
    clock.ms = NOW + HOUR_MS + MINUTE_MS;
    expect(await memory.ask("create", 0)).toMatchObject({ kind: "slot" });
    expect(await redis().pttl(KEYS.budget)).toBeGreaterThan(0);
  });

  test("what is enforced of a learned cap is what is shown, also days later", async () => {
    const { memory, clock } = memoryAt(NOW, { startPerSecond: 100 });
    await memory.configure();
    const { state } = await memory.read();
    // Met again a millisecond after it was found, and met once.
    for (const [metForMs, hours, expected] of [
      [1, 0, 19],
      [1, 48, 21],
      [1, 144, 26],
      [0, 0, 19],
      [0, 5, 19],
      [0, 8, 39],
    ] as const) {
      const foundMs = clock.ms + 2 * HOUR_MS;
      const hour = { calls: 20, sinceMs: foundMs - metForMs, checkedMs: foundMs, from: "refusals" } as const;
      await redis().hset(KEYS.pace, { state: JSON.stringify({ ...state, limits: { ...state.limits, hour } }) });
      await memory.configure();
      clock.ms = foundMs + hours * HOUR_MS;
      let taken = 0;
      while ((await memory.ask("create", 0)).kind === "slot") {
        taken += 1;
        clock.ms += 20;
      }
      expect(taken).toBe((await memory.read()).budget);
      expect(taken).toBe(expected);
    }
  });

  test("what is over does not stay in Redis", async () => {
    const { memory, clock } = memoryAt(NOW, { hourlyBudget: 1000 });
    for (let minute = 0; minute < 200; minute++) {
      clock.ms = NOW + minute * MINUTE_MS;
      await memory.ask("create", 0);
    }
    expect(await redis().hlen(KEYS.budget)).toBe(61);
    expect(await redis().pttl(KEYS.budget)).toBeGreaterThan(HOUR_MS);
  });
});

test("calls beyond what is kept one by one are counted as if they had gone on at the same speed", async () => {
  const rules = { startPerSecond: 10_000, maxPerSecond: 10_000 };
  const { memory, clock } = memoryAt(NOW, rules);
  const pipeline = redis().pipeline();
  for (let call = 0; call < 10_000; call++)
    pipeline.zadd(KEYS.calls, NOW * 1000 + call * 1000, `${NOW * 1000 + call * 1000}`);
  await pipeline.exec();
  clock.ms = NOW + 10_000;
  const slot = await slotAt(memory);
  const { after } = await memory.admitted(slot.slotUs);
  expect(after.most.tenSeconds).toBeGreaterThan(9_900);
  expect(after.most.minute).toBeGreaterThan(59_000);
});
