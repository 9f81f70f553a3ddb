import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { Closers } from "../src/closers.ts";
import { repeat } from "../src/repeat.ts";
import { until } from "./support/program.ts";

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

test("work is repeated, survives its errors, and stops when it is told to, waiting for what is under way", async () => {
  let count = 0;
  const stop = repeat(
    "counting",
    1,
    async () => {
      count += 1;
      if (count === 2) throw new Error("once");
    },
    log,
  );
  await until(
    () => count > 5,
    5000,
    () => `${count}`,
  );
  await stop();
  const after = count;

  expect(log.error).toHaveBeenCalledTimes(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(count).toBe(after);
});

test("each pause leaves nothing behind on the signal that ends it", async () => {
  const signals = new Set<EventTarget>();
  const listen = vi.spyOn(AbortSignal.prototype, "addEventListener").mockImplementation(function (
    this: AbortSignal,
    ...args
  ) {
    signals.add(this);
    return EventTarget.prototype.addEventListener.apply(this, args as Parameters<EventTarget["addEventListener"]>);
  });
  let count = 0;
  const stop = repeat(
    "counting",
    0,
    async () => {
      count += 1;
    },
    log,
  );
  await until(
    () => count > 20,
    5000,
    () => `${count}`,
  );

  expect(signals.size).toBe(1);
  for (const signal of signals) expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1);
  await stop();
  listen.mockRestore();
});

test("closers close in reverse, all of them, once, and the first error is thrown at the end", async () => {
  const closed: string[] = [];
  const closers = new Closers();
  closers.add(async () => void closed.push("first opened"));
  closers.add(async () => {
    throw new Error("broken");
  });
  closers.add(async () => void closed.push("last opened"));

  await expect(closers.close()).rejects.toThrow("broken");
  expect(closed).toEqual(["last opened", "first opened"]);
  await closers.close();
  expect(closed).toHaveLength(2);
});
