// `npm run bench [NAMES...] [-- --sizes=1000,10000]`: runs all comparisons or the named ones and prints one table.
// Ratios compare both sides in the same run on the same machine; README.md in this folder says how each is measured.

import { COMPARISONS } from "./comparisons.mjs";

/** Comparisons with a table of their own. */
const OWN_TABLES = { pace: async () => (await import("./pace.mjs")).paceTable([]) };

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith("--"));
const sizes = words
  .find((word) => word.startsWith("--sizes="))
  ?.slice(8)
  .split(",")
  .map(Number);
const unknown = names.filter((name) => !Object.hasOwn(COMPARISONS, name) && !Object.hasOwn(OWN_TABLES, name));
if (unknown.length > 0) {
  console.error(`There is no comparison ${unknown.join(", ")}. There are:`);
  for (const [name, { about }] of Object.entries(COMPARISONS)) console.error(`  ${name.padEnd(12)}${about}`);
  console.error(`  ${"pace".padEnd(12)}limits that nobody told : three usual ways`);
  process.exit(2);
}

console.log(
  "| comparison | people | seconds | bare | ratio | of processor time | aim | peak MB | aim | bare MB | Redis MB (most) | |",
);
console.log("|---|---:|---:|---:|---:|---:|---|---:|---|---:|---:|---|");
for (const name of names.length === 0 ? Object.keys(COMPARISONS) : names.filter((each) => each in COMPARISONS)) {
  const comparison = COMPARISONS[name];
  // What has one size only is no matter of people.
  for (const size of comparison.sizes.length > 1 ? (sizes ?? comparison.sizes) : comparison.sizes) {
    for await (const row of comparison.run(size)) {
      const cells = [
        name,
        size.toLocaleString("en"),
        row.seconds.toFixed(3),
        row.bareSeconds?.toFixed(3),
        row.ratio?.toFixed(2),
        row.cpuRatio?.toFixed(2),
        row.aim,
        row.peakMb?.toFixed(0),
        row.aimMb === undefined ? undefined : `< ${row.aimMb}`,
        row.barePeakMb?.toFixed(0),
        row.redisMb === undefined ? undefined : `${row.redisMb.toFixed(0)} (${row.redisPeakMb.toFixed(0)})`,
        row.note,
      ];
      console.log(`| ${cells.map((cell) => cell ?? "").join(" | ")} |`);
    }
  }
}
for (const [name, table] of Object.entries(OWN_TABLES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log("");
  await table();
}
