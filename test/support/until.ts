// Waiting for something to come true, with a deadline instead of a nap.

import { setTimeout as delay } from "node:timers/promises";

/** Asks again and again until the answer is neither false, null nor undefined. @throws Error after `withinMs` */
export async function until<T>(
  ask: () => T | Promise<T>,
  withinMs = 10_000,
  what = "it",
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`${what} did not come true within ${withinMs} ms`);
    await delay(10);
  }
}

export interface Gate<T> {
  readonly promise: Promise<T>;
  open(value: T): void;
}

/** A promise that the test resolves when it wants to. */
export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open: (value) => open(value) };
}
