import { afterEach, expect, it, vi } from "vitest";
import type { Log } from "../../src/app/ports.ts";
import { type Schedule, type ScheduleOptions, startSchedule } from "../../src/schedule/schedule.ts";

const EVERY_SECOND = "* * * * * *";
const NEW_YEAR = "0 0 1 1 *";
const LONG_MS = 3_600_000;
let started: Schedule | null = null;

afterEach(async () => {
  await started?.close();
  started = null;
});

function start(options: Partial<ScheduleOptions> & Pick<ScheduleOptions, "onTick">): {
  schedule: Schedule;
  errors: string[];
} {
  const errors: string[] = [];
  const quiet = () => undefined;
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: (_fields, message) => errors.push(message) };
  started = startSchedule({ cron: NEW_YEAR, timeZone: "Europe/Berlin", tickMs: LONG_MS, log, ...options });
  return { schedule: started, errors };
}

it("asks at the start, so that a run missed while the daemon was down is made up", async () => {
  const onTick = vi.fn(async () => undefined);
  start({ onTick });
  await vi.waitFor(() => expect(onTick).toHaveBeenCalledTimes(1));
});

it("asks at the scheduled time without waiting for the tick", async () => {
  const onTick = vi.fn(async () => undefined);
  start({ cron: EVERY_SECOND, onTick });
  await vi.waitFor(() => expect(onTick.mock.calls.length).toBeGreaterThanOrEqual(2), { timeout: 5_000 });
});

it("asks on every tick, for what the scheduled time missed", async () => {
  const onTick = vi.fn(async () => undefined);
  start({ tickMs: 20, onTick });
  await vi.waitFor(() => expect(onTick.mock.calls.length).toBeGreaterThanOrEqual(4));
});

it("never asks twice at once, and asks once more when it rang meanwhile", async () => {
  let running = 0;
  let most = 0;
  let asked = 0;
  const gates: (() => void)[] = [];
  start({
    tickMs: 5,
    onTick: async () => {
      asked += 1;
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running -= 1;
    },
  });
  for (let round = 1; round <= 3; round += 1) {
    await vi.waitFor(() => expect(asked).toBe(round));
    gates.shift()?.();
  }
  await vi.waitFor(() => expect(asked).toBe(4));
  gates.shift()?.();
  expect(most).toBe(1);
  const closing = started?.close();
  for (const open of gates) open();
  await closing;
});

it("logs a failure and asks again", async () => {
  let asked = 0;
  const { errors } = start({
    tickMs: 20,
    onTick: async () => {
      asked += 1;
      if (asked === 1) throw new Error("Redis is away");
    },
  });
  await vi.waitFor(() => expect(asked).toBeGreaterThanOrEqual(2));
  expect(errors).toHaveLength(1);
});

it("waits on closing for what is under way, and is silent afterwards", async () => {
  let asked = 0;
  let isDone = false;
  let open: () => void = () => undefined;
  const { schedule } = start({
    cron: EVERY_SECOND,
    tickMs: 5,
    onTick: async () => {
      asked += 1;
      await new Promise<void>((resolve) => {
        open = resolve;
      });
      isDone = true;
    },
  });
  await vi.waitFor(() => expect(asked).toBe(1));
  const closing = schedule.close();
  open();
  await closing;
  expect(isDone).toBe(true);
  expect(asked).toBe(1);
});

it("refuses a zone that does not exist", () => {
  expect(() => start({ timeZone: "Europe/Nowhere", onTick: async () => undefined })).toThrow();
});
