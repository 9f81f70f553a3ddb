// Calendar days: only those that exist, and arithmetic that a calendar would agree with.

import fc from "fast-check";
import { expect, test } from "vitest";
import { addDays, dayAt, dayFrom, isDay } from "../../src/domain/day.ts";

const dayArb = fc
  .integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2150, 0, 1) })
  .map((ms) => new Date(ms).toISOString().slice(0, 10));

test.each(["2026-02-28", "2028-02-29", "2000-02-29", "0001-01-01", "9999-12-31"])("%s is a day", (text) => {
  expect(isDay(text)).toBe(true);
});

test.each([
  "2026-02-29",
  "1900-02-29",
  "2026-04-31",
  "2026-13-01",
  "2026-00-10",
  "2026-01-00",
  "0000-01-01",
  "2026-1-1",
  "20260101",
  "2026-01-01T00:00:00",
  " 2026-01-01",
  "2026-01-01\n",
  "",
])("%j is not a day", (text) => {
  expect(isDay(text)).toBe(false);
});

test("a day is made from its numbers, or not at all", () => {
  expect(dayFrom(31, 1, 2)).toBe("0031-01-02");
  expect(dayFrom(2026, 2, 30)).toBeNull();
  expect(dayFrom(2026, 1.5, 1)).toBeNull();
  fc.assert(
    fc.property(dayArb, (day) => {
      const [year, month, dayOfMonth] = day.split("-").map(Number);
      expect(dayFrom(year ?? 0, month ?? 0, dayOfMonth ?? 0)).toBe(day);
    }),
  );
});

test("days added and taken away again lead back, and later days compare as later", () => {
  fc.assert(
    fc.property(dayArb, fc.integer({ min: 1, max: 4000 }), (day, days) => {
      const later = addDays(day, days);
      expect(isDay(later)).toBe(true);
      expect(later > day).toBe(true);
      expect(addDays(later, -days)).toBe(day);
    }),
  );
});

test("adding days in two steps is adding them in one", () => {
  fc.assert(
    fc.property(dayArb, fc.integer({ min: -900, max: 900 }), fc.integer({ min: -900, max: 900 }), (day, one, two) => {
      expect(addDays(addDays(day, one), two)).toBe(addDays(day, one + two));
    }),
  );
});

test("months and leap years are crossed", () => {
  expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
  expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
});

test("the same moment is another day elsewhere", () => {
  const moment = Date.parse("2026-06-01T23:30:00Z");
  expect(dayAt(moment, "UTC")).toBe("2026-06-01");
  expect(dayAt(moment, "Europe/Berlin")).toBe("2026-06-02");
  expect(dayAt(moment, "America/Los_Angeles")).toBe("2026-06-01");
  expect(dayAt(Date.parse("2026-01-01T00:00:00Z"), "Pacific/Kiritimati")).toBe("2026-01-01");
  expect(dayAt(Date.parse("2025-12-31T12:00:00Z"), "Pacific/Kiritimati")).toBe("2026-01-01");
});

test("in UTC the day is that of the ISO date", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2150, 0, 1) }), (ms) => {
      expect(dayAt(ms, "UTC")).toBe(new Date(ms).toISOString().slice(0, 10));
    }),
  );
});
