// What an HR system drops in a long day, in seeded order: mostly a roster with a few joiners and leavers, sometimes the same
// file again, changed names, a cut file, an empty one, a workbook, somebody else's list.

import { chanceFrom } from "../support/chance.ts";
import { rosterCsv } from "../support/program.ts";

const PEOPLE = 300;

/** @returns the next file */
export function rosters(seed: number): () => { readonly name: string; readonly text: string } {
  const chance = chanceFrom(seed);
  let first = 1;
  let number = 0;
  let last = rosterCsv(PEOPLE, first);

  return () => {
    number += 1;
    const name = `roster-${number}.csv`;
    const roll = chance();
    if (roll < 0.1) return { name, text: last };
    if (roll < 0.16) return { name, text: last.slice(0, Math.floor(last.length * chance())) };
    if (roll < 0.19) return { name, text: "" };
    if (roll < 0.22) return { name: `roster-${number}.xlsx`, text: "PK\u0003\u0004 not a roster" };
    if (roll < 0.25) return { name, text: rosterCsv(40, 900_000 + number * 100) };
    if (roll < 0.3) return { name, text: last.replaceAll(/,Active,/g, ",Aktiv?,") };
    // The window moves: those in front have left, those at the end joined.
    first += Math.floor(chance() * 5);
    last = changed(rosterCsv(PEOPLE, first), chance);
    return { name, text: last };
  };
}

/** A few people marry, a few are marked as gone. */
function changed(text: string, chance: () => number): string {
  const lines = text.trimEnd().split("\n");
  for (let times = 0; times < 4; times += 1) {
    const at = 1 + Math.floor(chance() * (lines.length - 1));
    const line = lines[at] ?? "";
    lines[at] = chance() < 0.5 ? line.replace(",Family", ",Married") : line.replace(",Active,", ",Terminated,");
  }
  return `${lines.join("\n")}\n`;
}
