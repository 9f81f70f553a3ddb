// `npm run build && node bench/pace-day.mjs`: the rule of the pace in virtual time against limiters of many kinds, an hour to a day each.
// Prints for each what was admitted, how much of the limit was used, and how often it was refused.

import * as arrival from "../dist/domain/arrival.js";
import * as hourly from "../dist/domain/hourly-cap.js";
import * as pace from "../dist/domain/pace.js";
import * as limits from "../dist/domain/pace-limits.js";
import * as state from "../dist/domain/pace-state.js";
import * as slots from "../dist/domain/slots.js";
import * as told from "../dist/domain/told-limit.js";
import { shareUsed, simulate } from "./pace-simulator.mjs";

const RULE = { ...arrival, ...pace, ...state, ...hourly, ...told, ...limits, ...slots };
const CAREFUL = { startPerSecond: 1, maxPerSecond: 10, share: 1, longestPauseMs: 60_000, hourlyBudget: 0 };
const FAST = { ...CAREFUL, startPerSecond: 20, maxPerSecond: 400 };
const START = Date.parse("2026-06-01T08:00:00.240Z");
const HOUR_MS = 3_600_000;
const SECOND = { windowMs: 1000 };
const MINUTE = { windowMs: 60_000 };
const CHANGE = START + 60_000;

function* worlds() {
  for (const kind of ["clock", "first", "sliding"]) {
    for (const retryAfter of [true, false]) {
      const how = { kind, retryAfter };
      const hourly = { calls: 1000, windowMs: HOUR_MS, ...how };
      yield ["100 a minute", CAREFUL, [{ calls: 100, ...MINUTE, ...how }], HOUR_MS];
      yield ["600 a minute", FAST, [{ calls: 600, ...MINUTE, ...how }], HOUR_MS];
      yield ["1,000 an hour", CAREFUL, [hourly], 12 * HOUR_MS];
      yield ["100 a minute, 1,000 an hour", CAREFUL, [hourly, { calls: 100, ...MINUTE, ...how }], 8 * HOUR_MS];
      const [before, after] = [
        { ...SECOND, ...how, toMs: CHANGE },
        { ...SECOND, ...how, fromMs: CHANGE },
      ];
      yield [
        "50 a second, then 20",
        FAST,
        [
          { calls: 20, ...after },
          { calls: 50, ...before },
        ],
        120_000,
      ];
      yield [
        "20 a second, then 50",
        FAST,
        [
          { calls: 50, ...after },
          { calls: 20, ...before },
        ],
        600_000,
      ];
    }
  }
  for (const retryAfter of [true, false]) {
    const how = { kind: "bucket", retryAfter };
    yield ["50 a second, 10 at once", FAST, [{ calls: 50, burst: 10, ...SECOND, ...how }], HOUR_MS / 4];
    yield ["50 a second, 500 at once", FAST, [{ calls: 50, burst: 500, ...SECOND, ...how }], HOUR_MS / 4];
    yield ["100 a minute, 100 at once", CAREFUL, [{ calls: 100, burst: 100, ...MINUTE, ...how }], 8 * HOUR_MS];
    const badly = { ...SECOND, calls: 0, kind: "clock", retryAfter, fromMs: START + 3_000, toMs: START + 93_000 };
    yield [
      "900 an hour by configuration, ninety seconds refused",
      { ...CAREFUL, hourlyBudget: 900 },
      [badly],
      24 * HOUR_MS,
    ];
  }
  for (const retryAfter of [true, false]) {
    const [minutes, hour] = [
      { calls: 1000, windowMs: 5 * MINUTE.windowMs, kind: "clock", retryAfter },
      { calls: 300, windowMs: HOUR_MS, kind: "sliding", retryAfter },
    ];
    yield ["1,000 in five minutes", FAST, [minutes], 12 * HOUR_MS];
    yield ["300 an hour, 900 by configuration", { ...CAREFUL, share: 0.8, hourlyBudget: 900 }, [hour], 96 * HOUR_MS];
  }
  for (const startPerSecond of [1, 10, 50, 200]) {
    const limit = { calls: 50, ...SECOND, kind: "sliding", retryAfter: true };
    yield [`50 a second, begun at ${startPerSecond}`, { ...FAST, startPerSecond }, [limit], 40_000];
  }
  yield ["60 a minute, in headers", CAREFUL, [{ calls: 60, ...MINUTE, kind: "sliding", headers: true }], 24 * HOUR_MS];
  yield ["no limit", CAREFUL, [], HOUR_MS];
}

console.log(
  "| limit | kind | Retry-After | hours | admitted | used % of the first | refused per 100 | simulated in ms |",
);
console.log("|---|---|---|---:|---:|---:|---:|---:|");
for (const [name, rules, all, forMs] of worlds()) {
  const began = performance.now();
  const simulated = simulate(RULE, { rules, limits: all, startMs: START, forMs, latencyMs: [20, 120] });
  const tookMs = performance.now() - began;
  const { admittedMs, refusedMs } = simulated;
  const [first] = all;
  const used = first === undefined || first.fromMs !== undefined ? "" : (100 * shareUsed(simulated, first)).toFixed(1);
  const refused = ((100 * refusedMs.length) / admittedMs.length).toFixed(2);
  const told = first?.retryAfter === true ? "seconds" : "none";
  const cells = [
    name,
    first?.kind ?? "",
    told,
    (forMs / HOUR_MS).toFixed(2),
    admittedMs.length,
    used,
    refused,
    tookMs.toFixed(0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
