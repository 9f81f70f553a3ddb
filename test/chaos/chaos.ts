// `npm run chaos -- [WORLDS] [FIRST SEED] [AT A TIME]`: worlds one after the other from 500 and seed 1 on, three at a time. Prints
// what goes wrong with the seed that does it again, and where to read what was said. Exit code 1 when anything did, or when so many
// worlds never died at one of the places that they are told to die at.

import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coverageOf } from "./coverage.ts";
import { placesOf } from "./plan.ts";
import { runWorlds } from "./worlds.ts";

export async function main(args: readonly string[]): Promise<number> {
  const [worlds = 500, first = 1, atATime = 3] = args.map(Number);
  if (![worlds, first, atATime].every((number) => Number.isInteger(number) && number >= 0) || atATime === 0) {
    console.error("usage: npm run chaos -- [WORLDS] [FIRST SEED] [AT A TIME]");
    return 2;
  }
  const startedMs = Date.now();
  const folder = join(tmpdir(), "roster-sync-chaos");
  const [fired, planned] = [new Set<string>(), new Set<string>()];
  let [done, failed] = [0, 0];
  await runWorlds({ first, worlds, atATime }, async (result) => {
    done += 1;
    for (const place of result.fired) fired.add(place);
    for (const place of placesOf(result.plan)) planned.add(place);
    if (result.problems.length > 0) failed += 1;
    if (result.problems.length > 0 || process.env.CHAOS_KEEP !== undefined) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, `world-${result.seed}.log`);
      await writeFile(
        path,
        `${JSON.stringify(result.plan, null, 2)}\n${result.problems.join("\n")}\n\n${result.said}\n`,
      );
      console.log(
        `World ${result.seed} ${result.problems.length > 0 ? "FAILED" : "is kept"} (${(result.tookMs / 1000).toFixed(1)} s):`,
      );
      for (const problem of result.problems) console.log(`  ${problem}`);
      console.log(`  what was said: ${path}\n  again: npm run chaos -- 1 ${result.seed}`);
    }
    if (worlds <= 25 || done % 25 === 0) {
      const minutes = ((Date.now() - startedMs) / 60_000).toFixed(1);
      console.log(
        `${done} of ${worlds} worlds, ${failed} failed, ${minutes} min; last: ${result.seed} in ${(result.tookMs / 1000).toFixed(1)} s`,
      );
    }
  });
  const { said, isTooFew } = coverageOf(fired, planned, worlds);
  console.log(`${done} worlds from seed ${first} on, ${failed} failed. ${said}`);
  return failed === 0 && !isTooFew ? 0 : 1;
}
