// A world's plan is its seed's alone, and worlds in a row leave no step and no disaster out.

import { expect, test } from "vitest";
import { planWorld } from "./plan.ts";
import { EFFECTS } from "./steps.ts";

const SEEDS = Array.from({ length: 500 }, (_, index) => index + 1);

test("the same seed plans the same world, another seed another", () => {
  expect(planWorld(7)).toEqual(planWorld(7));
  expect(planWorld(7)).not.toEqual(planWorld(8));
});

test("twenty worlds plan a death at every step, forty one before and one after each", () => {
  function deathsOf(worlds: number, withMoment: boolean): ReadonlySet<string> {
    const plans = SEEDS.slice(0, worlds).map(planWorld);
    const points = plans.flatMap(({ deaths, commandDeath }) => [...deaths.flat(), commandDeath]);
    return new Set(
      points.flatMap((point) => (point === null ? [] : withMoment ? `${point.step} ${point.when}` : point.step)),
    );
  }
  expect([...deathsOf(20, false)].sort()).toEqual(EFFECTS.map(({ name }) => name).sort());
  expect(deathsOf(40, true).size).toBe(EFFECTS.length * 2);
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
