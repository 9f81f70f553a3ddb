// Writes the table of options into README.md, between its two markers, from the built program. A test compares the two.

import { readFileSync, writeFileSync } from "node:fs";

const readme = new URL("../README.md", import.meta.url);
const BEGIN = "<!-- options -->";
const END = "<!-- /options -->";

const { optionTable } = await import("../dist/config/describe.js").catch(() => {
  console.error("The program is not built. Type: npm run build");
  process.exit(1);
});
const text = readFileSync(readme, "utf8");
const from = text.indexOf(BEGIN);
const to = text.indexOf(END);
if (from === -1 || to < from) {
  console.error(`README.md has no place for the table: put ${BEGIN} and ${END} where it belongs.`);
  process.exit(1);
}
const updated = `${text.slice(0, from + BEGIN.length)}\n\n${optionTable()}\n\n${text.slice(to)}`;
if (updated !== text) writeFileSync(readme, updated);
