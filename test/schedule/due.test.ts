import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCron, latestDue, nextDue } from "../../src/schedule/due.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function latest(cron: string, zone: string, now: string): string {
  return new Date(latestDue(cron, zone, Date.parse(now))).toISOString();
}

function next(cron: string, zone: string, now: string): string {
  return new Date(nextDue(cron, zone, Date.parse(now))).toISOString();
}

describe("an ordinary day", () => {
  it("is due at the moment itself, and not a millisecond before", () => {
    expect(latest("0 2 * * *", "Europe/Berlin", "2026-11-23T01:00:00.000Z")).toBe("2026-11-23T01:00:00.000Z");
    expect(latest("0 2 * * *", "Europe/Berlin", "2026-11-23T00:59:59.999Z")).toBe("2026-11-22T01:00:00.000Z");
    expect(next("0 2 * * *", "Europe/Berlin", "2026-11-23T01:00:00.000Z")).toBe("2026-11-24T01:00:00.000Z");
    expect(next("0 2 * * *", "Europe/Berlin", "2026-11-23T00:59:59.999Z")).toBe("2026-11-23T01:00:00.000Z");
  });

  it("is read in the zone, half hours included", () => {
    expect(latest("0 2 * * *", "Asia/Kolkata", "2026-11-23T12:00:00Z")).toBe("2026-11-22T20:30:00.000Z");
    expect(latest("0 2 * * *", "UTC", "2026-11-23T12:00:00Z")).toBe("2026-11-23T02:00:00.000Z");
    expect(latest("0 2 * * 1", "America/New_York", "2026-11-25T12:00:00Z")).toBe("2026-11-23T07:00:00.000Z");
  });

  it("finds a day that comes once in eight years", () => {
    expect(latest("0 2 29 2 *", "UTC", "2103-01-01T00:00:00Z")).toBe("2096-02-29T02:00:00.000Z");
    expect(next("0 2 29 2 *", "UTC", "2097-01-01T00:00:00Z")).toBe("2104-02-29T02:00:00.000Z");
  });

  it("takes either day of month or day of week, as cron does", () => {
    expect(latest("0 2 1 * 1", "UTC", "2026-11-25T12:00:00Z")).toBe("2026-11-23T02:00:00.000Z");
    expect(latest("0 2 1 * 1", "UTC", "2026-11-01T12:00:00Z")).toBe("2026-11-01T02:00:00.000Z");
  });
});

describe("the hour that daylight saving skips", () => {
  it.each([
    ["Europe/Berlin", "30 2 * * *", "2027-03-28T01:30:00.000Z", "2027-03-27T01:30:00.000Z"],
    ["America/New_York", "30 2 * * *", "2027-03-14T07:30:00.000Z", "2027-03-13T07:30:00.000Z"],
    ["Australia/Lord_Howe", "15 2 * * *", "2026-10-03T15:45:00.000Z", "2026-10-02T15:45:00.000Z"],
  ])("is due once in %s, as much later as was skipped", (zone, cron, due, before) => {
    const justBefore = new Date(Date.parse(due) - 1).toISOString();
    expect(latest(cron, zone, due)).toBe(due);
    expect(latest(cron, zone, justBefore)).toBe(before);
    expect(next(cron, zone, justBefore)).toBe(due);
    expect(next(cron, zone, before)).toBe(due);
    const until = Date.parse(due) + 20 * HOUR_MS;
    expect(latest(cron, zone, new Date(until).toISOString())).toBe(due);
  });

  it("is due even where a whole day was skipped", () => {
    // Samoa went from 29 to 31 December 2011.
    expect(latest("0 2 30 12 *", "Pacific/Apia", "2012-01-15T00:00:00Z")).toBe("2011-12-30T12:00:00.000Z");
  });
});

describe("the hour that comes twice", () => {
  it.each([
    ["Europe/Berlin", "30 2 * * *", "2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"],
    ["America/New_York", "30 1 * * *", "2026-11-01T05:30:00.000Z", "2026-11-02T06:30:00.000Z"],
    ["Australia/Lord_Howe", "45 1 * * *", "2027-04-03T14:45:00.000Z", "2027-04-04T15:15:00.000Z"],
  ])("is due once in %s, the first time", (zone, cron, due, after) => {
    for (const laterMs of [0, 10 * MINUTE_MS, 50 * MINUTE_MS, 61 * MINUTE_MS, 5 * HOUR_MS]) {
      const now = new Date(Date.parse(due) + laterMs).toISOString();
      expect(latest(cron, zone, now)).toBe(due);
      expect(next(cron, zone, now)).toBe(after);
    }
  });
});

/** The moments as the promise words them: each day of the calendar once. Slow and simple. */
function dailyMoments(hour: number, minute: number, zone: string, fromMs: number, days: number): number[] {
  const shown = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    dateStyle: "short",
    timeStyle: "short",
  });
  const wanted = `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
  const moments: number[] = [];
  const seen = new Set<string>();
  for (let ms = fromMs; ms < fromMs + days * DAY_MS; ms += 15 * MINUTE_MS) {
    const [day = "", time = ""] = shown.format(ms).split(", ");
    if (time === wanted && !seen.has(day)) {
      seen.add(day);
      moments.push(ms);
    }
  }
  return moments;
}

const zones = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC");
const changes = ["2026-10-03", "2026-10-25", "2026-11-01", "2027-03-14", "2027-03-28", "2027-04-03"].map((day) =>
  Date.parse(`${day}T00:00:00Z`),
);
const around = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -2 * DAY_MS, max: 3 * DAY_MS }))
  .map(([change, shift]) => change + shift);
const times = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45));

describe("whatever the zone, the day and the time", () => {
  it("the latest due moment is the one a wall clock shows, each day once", () => {
    fc.assert(
      fc.property(zones, around, times, (zone, nowMs, [hour, minute]) => {
        const fromMs = Math.floor((nowMs - 3 * DAY_MS) / (15 * MINUTE_MS)) * 15 * MINUTE_MS;
        const moments = dailyMoments(hour, minute, zone, fromMs, 4).filter((ms) => ms <= nowMs);
        const due = latestDue(`${minute} ${hour} * * *`, zone, nowMs);
        // On the day that skips the time no wall clock shows it: there the due moment is later than the last one shown.
        expect(due).toBeGreaterThanOrEqual(moments.at(-1) ?? 0);
        expect(due).toBeLessThanOrEqual(nowMs);
        if (due !== moments.at(-1)) expect(dailyMoments(hour, minute, zone, due - 6 * HOUR_MS, 0.5)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("going from due to due visits every day exactly once", () => {
    fc.assert(
      fc.property(zones, around, times, (zone, startMs, [hour, minute]) => {
        const cron = `${minute} ${hour} * * *`;
        const days: string[] = [];
        for (let ms = nextDue(cron, zone, startMs), count = 0; count < 6; ms = nextDue(cron, zone, ms), count += 1) {
          expect(latestDue(cron, zone, ms)).toBe(ms);
          expect(latestDue(cron, zone, nextDue(cron, zone, ms) - 1)).toBe(ms);
          days.push(new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(ms));
        }
        const first = Date.parse(`${days[0]}T00:00:00Z`);
        expect(days).toEqual(days.map((_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10)));
      }),
      { numRuns: 60 },
    );
  });

  it("the latest due moment never goes back as time goes on, and the next one is always after it", () => {
    const crons = fc.constantFrom("*/20 * * * *", "15,40 1-3 * * *", "0 */2 * * *", "30 2 * * 0", "5 2 28 3 *");
    fc.assert(
      fc.property(zones, around, crons, fc.integer({ min: 0, max: 3 * HOUR_MS }), (zone, nowMs, cron, laterMs) => {
        const due = latestDue(cron, zone, nowMs);
        expect(latestDue(cron, zone, nowMs + laterMs)).toBeGreaterThanOrEqual(due);
        expect(nextDue(cron, zone, nowMs)).toBeGreaterThan(nowMs);
        expect(latestDue(cron, zone, nextDue(cron, zone, due) - 1)).toBe(due);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a schedule in the configuration", () => {
  it.each(["0 2 * * *", "*/5 * * * *", "0 2 * * MON-FRI", "0 2 L * *", "*/5 * * * * *", "0 2 * * 7", "0 2 ? * 1"])(
    "may be %s",
    (text) => expect(isCron(text)).toBe(true),
  );

  it.each(["", "daily", "@daily", "* * *", "60 2 * * *", "0 25 * * *", "0 2 31 2 *", "H 2 * * *", "0 2 * * * * *"])(
    "is refused when it is %j",
    (text) => expect(isCron(text)).toBe(false),
  );
});
