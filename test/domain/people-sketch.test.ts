// How many people of one roster are in the next, from two small pictures.

import fc from "fast-check";
import { expect, test } from "vitest";
import { draftSketch, type PeopleSketch, peopleKept } from "../../src/domain/people-sketch.ts";

function sketchOf(keys: Iterable<string>): PeopleSketch {
  const draft = draftSketch();
  for (const key of keys) draft.add(key);
  return draft.finish();
}

/** Keys as they are: numbered one after the other. */
function* keys(from: number, to: number): Generator<string> {
  for (let number = from; number < to; number += 1) yield `E${String(number).padStart(7, "0")}`;
}

const keySets = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 200 });

test("small rosters are compared exactly", () => {
  fc.assert(
    fc.property(keySets, keySets, (before, now) => {
      const found = before.filter((key) => now.includes(key)).length;
      const expected = { sampled: before.length, found, isSample: false };
      expect(peopleKept(sketchOf(before), sketchOf(now))).toEqual(expected);
    }),
  );
});

test("neither order nor repetition changes a sketch", () => {
  const numbers = [...keys(0, 20_000)];
  const shuffled = numbers.map((key, at) => [(at * 7919) % 20_000, key] as const).sort(([a], [b]) => a - b);
  const again = [...shuffled.map(([, key]) => key), ...numbers.slice(0, 9000)];
  expect(sketchOf(again)).toEqual(sketchOf(numbers));
});

test("4096 people are all in it; of 4097 some are not, and it says so", () => {
  expect(sketchOf(keys(0, 4096))).toMatchObject({ isWhole: true, hashes: { length: 4096 } });
  expect(sketchOf(keys(0, 4097))).toMatchObject({ isWhole: false, hashes: { length: 4096 } });
  expect(sketchOf([...keys(0, 4096), ...keys(0, 4096)])).toMatchObject({ isWhole: true, hashes: { length: 4096 } });
});

test.each([
  [0, 1],
  [0.1, 0.9],
  [0.5, 0.5],
  [0.98, 0.02],
])("of 200,000 people, a share of %d that left is told to three points in a hundred", (gone, kept) => {
  const before = sketchOf(keys(0, 200_000));
  const now = sketchOf(keys(200_000 * gone, 200_000));
  const told = peopleKept(before, now);
  expect(told?.isSample).toBe(true);
  expect(Math.abs((told?.found ?? 0) / (told?.sampled ?? 1) - kept)).toBeLessThan(0.03);
});

test("nothing is said about two rosters of which one is a hundred times the other", () => {
  expect(peopleKept(sketchOf(keys(0, 3000)), sketchOf(keys(0, 300_000)))).toBeNull();
});

test("a million people take no more room than a few thousand", () => {
  const { hashes } = sketchOf(keys(0, 1_000_000));
  expect(hashes).toHaveLength(4096);
  expect(JSON.stringify(hashes).length).toBeLessThan(100_000);
});
