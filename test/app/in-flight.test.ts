// Not more under way than allowed, in the order in which it came, and no failure unheard.

import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { inFlight } from "../../src/app/in-flight.ts";

test.each([1, 2, 5])("starts what comes in order, at most %i at a time, and waits for all at the end", async (most) => {
  const flight = inFlight(most);
  const started: number[] = [];
  const ended: number[] = [];
  let underWay = 0;
  let highest = 0;
  for (let number = 0; number < 12; number += 1) {
    await flight.put(async () => {
      started.push(number);
      underWay += 1;
      highest = Math.max(highest, underWay);
      await delay(number % 3);
      underWay -= 1;
      ended.push(number);
    });
  }
  await flight.end();
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(ended).toHaveLength(12);
  expect(highest).toBe(most);
});

test("the first failure is thrown by whoever comes next, once nothing is under way, and nothing is started after it", async () => {
  const flight = inFlight(2);
  let isOver = false;
  await flight.put(() => Promise.reject(new Error("first")));
  await flight.put(async () => {
    await delay(20);
    isOver = true;
    throw new Error("second");
  });
  let isStarted = false;
  const third = flight.put(async () => {
    isStarted = true;
  });
  await expect(third).rejects.toThrow("first");
  expect(isOver).toBe(true);
  expect(isStarted).toBe(false);
  await flight.end();
});
