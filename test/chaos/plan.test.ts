// A world's plan is its seed's alone, and worlds in a row leave no step and no disaster out.

import { expect, test } from "vitest";
import { NEEDED_BY, placesOf, planWorld } from "./plan.ts";
import { EFFECTS, sidesOf } from "./steps.ts";

const SEEDS = Array.from({ length: 500 }, (_, index) => index + 1);

test("the same seed plans the same world, another seed another", () => {
  expect(planWorld(7)).toEqual(planWorld(7));
  expect(planWorld(7)).not.toEqual(planWorld(8));
});

/** How often each step and side is planned to be died at, in so many worlds from this seed on. */
function plannedDeaths(first: number, worlds: number): ReadonlyMap<string, number> {
  const planned = new Map<string, number>(EFFECTS.flatMap(({ name }) => sidesOf(name)).map((side) => [side, 0]));
  for (let seed = first; seed < first + worlds; seed += 1) {
    for (const side of placesOf(planWorld(seed))) planned.set(side, (planned.get(side) ?? Number.NaN) + 1);
  }
  return planned;
}

test("twenty worlds plan a death at every step, forty one before and one after each", () => {
  for (const first of [1, 2, 77, 30_001]) {
    const inTwenty = [...plannedDeaths(first, 20)].flatMap(([side, count]) => (count > 0 ? [side.split(":")[0]] : []));
    expect(new Set(inTwenty).size).toBe(EFFECTS.length);
    expect(Math.min(...plannedDeaths(first, 40).values())).toBeGreaterThan(0);
  }
});

test("five hundred worlds plan as many deaths before and after every step, wherever they begin", () => {
  for (const first of [1, 2, 77, 1001, 30_001]) {
    const counts = [...plannedDeaths(first, 500).values()];
    expect(counts).toHaveLength(EFFECTS.length * 2);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(14);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
});

test("what a death needs is in its world: its act, before what nothing needs, and how Tallyfy behaves", () => {
  const sceneOf = new Map(EFFECTS.map(({ name, scene }) => [name, scene]));
  for (const { seed, deaths, commandDeaths, moments, switches, settings, isHeld } of SEEDS.map(planWorld)) {
    const patient = moments.findIndex(({ patienceMs }) => patienceMs < 8_000);
    for (const { step } of [...deaths.flat(), ...commandDeaths]) {
      const scene = sceneOf.get(step) ?? "always";
      const needed = NEEDED_BY[scene];
      const at = moments.findIndex(({ act }) => act.kind === needed);
      const said = `seed ${seed}, ${step}`;
      if (needed !== undefined) expect(at, said).toBeGreaterThanOrEqual(0);
      if (needed !== undefined) expect(at, said).toBeLessThan(patient === -1 ? moments.length : patient);
      if (needed !== undefined || scene === "held") expect(isHeld, said).toBe(scene === "held");
      if (scene === "seats") expect(switches.errorBodyShape, said).toBe("json");
      if (scene === "limits" || scene === "refusals") expect(switches.rateLimit?.max, said).toBe(10);
      if (scene === "refusals") expect(switches.rateLimit?.headers, said).toBe(false);
      if (step === "pace.told") expect(switches.rateLimit?.headers, said).toBe(true);
      if (scene === "faults") expect(switches.failBeforeWriteShare, said).toBeGreaterThanOrEqual(0.1);
      if (scene === "revoked") expect(settings.TOKEN_ENCRYPTION_KEY, said).toBeDefined();
    }
  }
});

test("five hundred worlds meet every disaster", () => {
  const met = new Map<string, number>();
  for (const { moments } of SEEDS.map(planWorld)) {
    for (const { act } of moments) {
      const name = act.kind === "weather" ? act.weather : act.kind;
      met.set(name, (met.get(name) ?? 0) + 1);
    }
  }
  expect(met.size).toBe(22);
  expect(Math.min(...met.values())).toBeGreaterThan(10);
});

test("of the failovers some lose nothing, and most up to a second", () => {
  const acts = SEEDS.flatMap((seed) => planWorld(seed).moments.map(({ act }) => act));
  const lags = acts.flatMap((act) => (act.kind === "redis-fails-over" ? [act.lagMs] : []));
  expect(lags.filter((ms) => ms === 0).length).toBeGreaterThan(lags.length / 5);
  expect(lags.filter((ms) => ms > 500).length).toBeGreaterThan(lags.length / 5);
  expect(Math.max(...lags)).toBeLessThanOrEqual(1000);
});
