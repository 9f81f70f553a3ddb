// What headers say of a limit, in every spelling that is about, and that nonsense says nothing.

import fc from "fast-check";
import { expect, test } from "vitest";
import { toldLimits } from "../../src/tallyfy/rate-limit.ts";

const NOW = Date.UTC(2026, 0, 5, 10, 0, 0);

function asLimits(limits: readonly (readonly [number, number | null, number | null])[]) {
  return limits.map(([calls, windowMs, resetMs]) => ({ calls, windowMs, resetMs }));
}

test.each([
  [
    { "x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "x-ratelimit-reset": `${NOW / 1000 + 45}` },
    [[60, null, 45_000]],
  ],
  [{ "x-rate-limit-limit": "100" }, [[100, null, null]]],
  [{ "ratelimit-limit": "10", "ratelimit-policy": "10;w=60" }, [[10, 60_000, null]]],
  [{ ratelimit: "limit=100, remaining=50, reset=5", "ratelimit-policy": "100;w=10" }, [[100, 10_000, null]]],
  [{ ratelimit: "limit=100, remaining=50, reset=5" }, [[100, null, 5000]]],
  [{ ratelimit: '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60' }, [[100, 60_000, null]]],
  [{ ratelimit: '"default";r=50;t=30', "ratelimit-policy": '"default";q=100' }, [[100, null, 30_000]]],
  [{ "x-ratelimit-limit": ["40", "7"] }, [[40, null, null]]],
] as const)("one limit: %o", (headers, expected) => {
  expect(toldLimits(headers as Record<string, string>, NOW)).toEqual(asLimits(expected));
});

test.each([
  [{ "ratelimit-limit": "50, 50;w=1, 1000;w=3600", "ratelimit-reset": "1" }],
  [{ "ratelimit-limit": "50", "ratelimit-policy": "50;w=1, 1000;w=3600" }],
  [{ "ratelimit-limit": "1000", "ratelimit-policy": "50;w=1, 1000;w=3600" }],
  [{ ratelimit: '"burst";r=49;t=1', "ratelimit-policy": '"burst";q=50;w=1, "hour";q=1000;w=3600' }],
  [{ "ratelimit-policy": '"9, of 10;w=60";w=1;q=50, "100-in-1h";q=1000;pk=:b3Jn:;w=3600' }],
] as const)("a burst and an hour, each with its own window: %o", (headers) => {
  const both = asLimits([
    [50, 1000, null],
    [1000, 3_600_000, null],
  ]);
  expect(toldLimits(headers, NOW)).toEqual(both);
});

test("a limit without a window stands beside policies that do not name it", () => {
  const headers = { "ratelimit-limit": "50", "ratelimit-policy": "1000;w=3600", "ratelimit-reset": "7" };
  const expected = [
    [50, null, 7000],
    [1000, 3_600_000, null],
  ] as const;
  expect(toldLimits(headers, NOW)).toEqual(asLimits(expected));
});

test.each([
  {},
  { "x-ratelimit-limit": "" },
  { "x-ratelimit-limit": "many" },
  { "x-ratelimit-limit": "0" },
  { "x-ratelimit-limit": "-5" },
  { "x-ratelimit-limit": "99999999999" },
  { "x-ratelimit-remaining": "5" },
])("nothing is read from %o", (headers) => {
  expect(toldLimits(headers, NOW)).toEqual([]);
});

test("whatever the headers hold, the limit is a number one can work with, or none", () => {
  const value = fc.oneof(fc.string(), fc.stringMatching(/^[0-9;=wqrt, "a-z-]{0,30}$/));
  const names = ["x-ratelimit-limit", "ratelimit-limit", "ratelimit", "ratelimit-policy", "x-ratelimit-reset"];
  fc.assert(
    fc.property(fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] }), (headers) => {
      for (const told of toldLimits(headers, NOW)) {
        expect(told.calls).toBeGreaterThanOrEqual(1);
        expect(told.windowMs ?? 1).toBeGreaterThan(0);
        expect(told.resetMs ?? 0).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
