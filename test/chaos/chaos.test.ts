// Twenty worlds of disasters: whatever dies, nobody is created twice, nobody is lost, every run ends or is held with its reason, every
// file is in its place, and the ledger equals Tallyfy. `npm run chaos` makes as many as you like.

import { expect, test } from "vitest";
import { placesOf } from "./plan.ts";
import type { WorldResult } from "./world.ts";
import { runWorlds } from "./worlds.ts";

const WORLDS = 20;

test("twenty worlds come to their right end, dying at nearly every named step", { timeout: 900_000 }, async () => {
  const results: WorldResult[] = [];
  await runWorlds({ first: 1, worlds: WORLDS, atATime: 3 }, (result) => void results.push(result));

  const failed = results.filter(({ problems }) => problems.length > 0);
  const said = failed.map(({ seed, problems }) => `npm run chaos -- 1 ${seed}\n  ${problems.join("\n  ")}`);
  expect(said, said.join("\n")).toEqual([]);
  expect(results).toHaveLength(WORLDS);

  // Every step is planned, before or after it; how processes interleave decides whether they come to all of them.
  const planned = results.flatMap(({ plan }) => placesOf(plan));
  const fired = new Set(results.flatMap((result) => result.fired));
  const missed = planned.filter((place) => !fired.has(place));
  expect(missed.length, `never died at ${missed.join(", ")}`).toBeLessThan(planned.length / 4);
});
