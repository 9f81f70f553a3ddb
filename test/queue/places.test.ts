// How many creates are under way at once in one process.

import { expect, test, vi } from "vitest";
import type { CallEnd, CallPurpose, Gate } from "../../src/app/ports.ts";
import { atMost } from "../../src/queue/places.ts";

const FINE: CallEnd = { isAnswered: true, isTooMany: false, retryAfterMs: null, told: null };

/** A gate that lets everybody through, or nobody, and knows who was there. */
function gateOf(): { gate: Gate; seen: string[]; closed: { because: Error | null } } {
  const seen: string[] = [];
  const closed: { because: Error | null } = { because: null };
  const gate: Gate = {
    async enter(purpose: CallPurpose) {
      if (closed.because !== null) throw closed.because;
      seen.push(purpose);
      return {
        async ended() {
          await new Promise(setImmediate);
          seen.push("ended");
        },
      };
    },
  };
  return { gate, seen, closed };
}

test("no more than so many, the others in the order they came, as soon as one has ended", async () => {
  const { gate, seen } = gateOf();
  const places = atMost(2, gate);
  const [first] = await Promise.all([places.enter("create"), places.enter("create")]);
  const order: number[] = [];
  const [third] = [3, 4].map((number) => places.enter("create").finally(() => order.push(number)));
  await new Promise(setImmediate);
  expect([seen, order]).toEqual([["create", "create"], []]);

  await first.ended(FINE);
  await third;
  // What the call's end says is known to all before the gate is asked again.
  expect([seen, order]).toEqual([["create", "create", "ended", "create"], [3]]);
});

test("stopped, it sends back whoever waits and whoever comes; the call under way ends as it would", async () => {
  const { gate, seen } = gateOf();
  const places = atMost(1, gate);
  const first = await places.enter("create");
  const waits = places.enter("create");
  places.stop();
  for (const sentBack of [waits, places.enter("create")])
    await expect(sentBack).rejects.toMatchObject({ failure: { kind: "rate-limited", wasSent: false } });
  await first.ended(FINE);
  expect(seen).toEqual(["create", "ended"]);
});

test("reads and tokens pass", async () => {
  const { gate, seen } = gateOf();
  const places = atMost(1, gate);
  await places.enter("create");
  await places.enter("token");
  await places.enter("read");
  expect(seen).toEqual(["create", "token", "read"]);
});

test("whoever the gate sends back leaves his place", async () => {
  const { gate, closed } = gateOf();
  const places = atMost(1, gate);
  closed.because = new Error("not now");
  for (let tried = 0; tried < 3; tried += 1) await expect(places.enter("create")).rejects.toThrow("not now");
  closed.because = null;
  await places.enter("create");
});

test("whoever waited so long that a person would be held past its time is sent back, and the next one gets in", async () => {
  const { gate, seen } = gateOf();
  const places = atMost(1, gate);
  const first = await places.enter("create");
  const clock = vi.spyOn(performance, "now");
  try {
    const at = performance.now();
    clock.mockReturnValue(at);
    const tooLong = expect(places.enter("create")).rejects.toMatchObject({
      failure: { kind: "rate-limited", wasSent: false, retryAfterMs: 250 },
    });
    clock.mockReturnValue(at + 10_000);
    const next = places.enter("create");
    clock.mockReturnValue(at + 16_000);
    await first.ended(FINE);
    await tooLong;
    await next;
    expect(seen).toEqual(["create", "ended", "create"]);
  } finally {
    clock.mockRestore();
  }
});
