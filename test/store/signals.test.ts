// What processes tell each other: refusals in a row, halts, and who is alive.

import { describe, expect, test } from "vitest";
import { createSignals } from "../../src/store/signals.ts";
import { KEYS, redisForTests } from "../support/store.ts";

const { redis, server } = redisForTests();

const NOW = Date.parse("2026-06-01T08:00:30.000Z");

function signals() {
  return createSignals(redis(), KEYS);
}

describe("refusals in a row", () => {
  test("the same refusal counts up, another one starts anew, a success ends it", async () => {
    const counts: number[] = [];
    for (const code of ["403 X", "403 X", "403 X", "404 Y", "403 X", null, "403 X"])
      counts.push(await signals().noteRefusal(code));
    expect(counts).toEqual([1, 2, 3, 1, 1, 0, 1]);
  });
});

describe("a halt", () => {
  const halt = { kind: "seats", message: "No seats.", since: NOW, probeAt: NOW + 1000 } as const;

  test("is seen by everybody until it is taken back", async () => {
    expect(await signals().halt()).toBeNull();
    await signals().setHalt(halt);
    expect(await createSignals(server().connect(), KEYS).halt()).toEqual(halt);
    expect(await signals().clearHalt(halt)).toBe(true);
    expect(await signals().halt()).toBeNull();
  });

  test("marks its pause; a mark that was made since is not taken back with the one before", async () => {
    expect(await signals().pauseMark()).toBeNull();
    await signals().markPause(NOW);
    const first = await signals().pauseMark();
    await signals().markPause(NOW);
    if (first !== null) await signals().unmarkPause(first);
    const second = await signals().pauseMark();
    expect(second).toMatchObject({ at: NOW });
    if (second !== null) await signals().unmarkPause(second);
    expect(await signals().pauseMark()).toBeNull();
  });

  test("that was set since is not taken back with the one before", async () => {
    await signals().setHalt(halt);
    const newer = { ...halt, probeAt: NOW + 9000 };
    await signals().setHalt(newer);
    expect(await signals().clearHalt(halt)).toBe(false);
    expect(await signals().halt()).toEqual(newer);
  });
});
