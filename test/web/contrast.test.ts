// Text on the pages can be read by people who see less well: WCAG 2.2 AA, in light and in dark.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync(new URL("../../src/web/static/overview.css", import.meta.url), "utf8");
const [light = "", dark = ""] = [...css.matchAll(/:root \{([^}]*)\}/g)].map((match) => match[1] ?? "");

function colours(block: string): ReadonlyMap<string, string> {
  return new Map(
    [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

/** Relative luminance as WCAG defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const PAIRS = [
  ...["ink", "soft", "accent"].flatMap((text) => [`${text} on ground`, `${text} on card`]),
  ...["good", "busy", "wait", "bad"].flatMap((tone) => [`${tone} on ${tone}-ground`, `ink on ${tone}-ground`]),
  "ink on quiet-ground",
  "soft on quiet-ground",
  "soft on wait-ground",
  "accent on wait-ground",
  "bad on card",
];

for (const [scheme, block] of [
  ["light", light],
  ["dark", dark],
] as const) {
  test(`text stands out from what is behind it (${scheme})`, () => {
    const named = colours(block);
    for (const pair of PAIRS) {
      const [text = "", ground = ""] = pair.split(" on ");
      expect(contrast(named.get(text) ?? "", named.get(ground) ?? ""), pair).toBeGreaterThanOrEqual(4.5);
    }
  });
}
