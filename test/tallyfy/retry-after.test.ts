// How long to wait, from every form in which a server may say it.

import { describe, expect, test } from "vitest";
import { rateLimitResetMs, retryAfterMs, serverDateMs } from "../../src/tallyfy/retry-after.ts";

const NOW = Date.UTC(2026, 0, 5, 10, 0, 0);
const DATE = new Date(NOW).toUTCString();

describe("Retry-After", () => {
  test.each([
    ["0", 0],
    ["7", 7_000],
    ["1.5", 1_500],
    ["0.0004", 1],
    [" 3 ", 3_000],
    ["86400", 86_400_000],
    ["999999999", 86_400_000],
  ])("as seconds: %s", (value, expected) => {
    expect(retryAfterMs({ "retry-after": value }, NOW)).toBe(expected);
  });

  test.each([
    ["Mon, 05 Jan 2026 10:01:30 GMT", 90_000],
    ["Monday, 05-Jan-26 10:01:30 GMT", 90_000],
    ["Mon Jan  5 10:01:30 2026", 90_000],
    ["Mon, 05 Jan 2026 09:00:00 GMT", 0],
    ["Mon, 05 Jan 2036 09:00:00 GMT", 86_400_000],
  ])("as a date: %s", (value, expected) => {
    expect(retryAfterMs({ "retry-after": value }, NOW)).toBe(expected);
  });

  test("as a date is read against the server's clock, not ours", () => {
    const headers = { "retry-after": "Mon, 05 Jan 2026 10:00:20 GMT", date: DATE };
    expect(retryAfterMs(headers, NOW + 3_600_000)).toBe(20_000);
  });

  test.each(["", "-5", "soon", "5 minutes", "2026-01-05T10:01:30Z", "1e9", "Mon, 99 Foo 2026 10:01:30 GMT", "0x10"])(
    "malformed (%s) is as good as missing",
    (value) => {
      expect(retryAfterMs({ "retry-after": value }, NOW)).toBeNull();
    },
  );

  test("sent twice counts once", () => {
    expect(retryAfterMs({ "retry-after": ["4", "9"] }, NOW)).toBe(4_000);
    expect(retryAfterMs({}, NOW)).toBeNull();
  });
});

describe("reset headers", () => {
  test.each([
    ["x-ratelimit-reset", "30", 30_000],
    ["ratelimit-reset", "1.5", 1_500],
    ["x-ratelimit-reset", `${NOW / 1000 + 45}`, 45_000],
    ["x-ratelimit-reset", `${NOW + 2_500}`, 2_500],
    ["x-ratelimit-reset", `${NOW / 1000 - 45}`, null],
    ["x-ratelimit-reset", "0", null],
    ["x-ratelimit-reset", "7200", null],
    ["x-ratelimit-reset", "tomorrow", null],
  ])("%s: %s", (name, value, expected) => {
    expect(rateLimitResetMs({ [name]: value }, NOW)).toBe(expected);
  });
});

test("the server's clock is read where it is told", () => {
  expect(serverDateMs({ date: DATE })).toBe(NOW);
  expect(serverDateMs({ date: "now" })).toBeNull();
  expect(serverDateMs({})).toBeNull();
});
