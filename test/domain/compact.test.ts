// What is kept compactly comes back as it was.

import fc from "fast-check";
import { expect, test } from "vitest";
import { finder, numbers, prints, texts } from "../../src/domain/compact.ts";

const hex = fc.stringMatching(/^[0-9a-f]{31,33}$/);

const anyText = fc.oneof(
  hex,
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "binary", minLength: 200 }),
);

test("texts of any kind come back, and are told from all others", () => {
  fc.assert(
    fc.property(fc.array(anyText), (given) => {
      const kept = texts();
      const addresses = given.map((text) => kept.keep(text));
      expect(addresses.map(kept.read)).toEqual(given);
      expect(addresses.includes(0)).toBe(false);
      addresses.forEach((address, at) => {
        given.forEach((other) => {
          expect(kept.is(address, other)).toBe(other === given[at]);
        });
      });
    }),
  );
});

test("texts come back from behind the first megabytes, and so does one that is longer than that", () => {
  const kept = texts();
  const given = Array.from({ length: 300 }, (_, at) => `${at} `.repeat(4_000));
  const long = "ä€".repeat(2 ** 20);
  const address = kept.keep(long);
  const addresses = given.map((text) => kept.keep(text));
  expect(addresses.every((each, at) => kept.is(each, given[at] ?? ""))).toBe(true);
  expect(kept.is(address, long)).toBe(true);
  expect(kept.is(address, `${long.slice(0, -1)}x`)).toBe(false);
});

test("two texts come back from under one address, and are told from all others", () => {
  const pair = fc.tuple(anyText, anyText);
  const isSame = ([one, other]: [string, string], [third, fourth]: [string, string]) =>
    one === third && other === fourth;
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 20 }), (given) => {
      const kept = texts();
      kept.keep("x".repeat(2 ** 20 - 200));
      const addresses = given.map(([one, other]) => kept.keepBoth(one, other));
      expect(addresses.map(kept.readBoth)).toEqual(given);
      addresses.forEach((address, at) => {
        for (const other of given) {
          expect(kept.areBoth(address, ...other)).toBe(isSame(other, given[at] ?? ["", ""]));
        }
      });
    }),
  );
  const kept = texts();
  const long = "ä€".repeat(2 ** 20);
  expect(kept.readBoth(kept.keepBoth(long, "x"))).toEqual([long, "x"]);
});

test("numbers come back, wherever they were put", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(100_000), fc.nat(2 ** 32 - 1))), (given) => {
      const kept = numbers();
      for (const [place, value] of given) kept.set(place, value);
      for (const [place, value] of new Map(given)) expect(kept.get(place)).toBe(value);
      expect(kept.get(200_000)).toBe(0);
    }),
  );
});

test("a finder finds what was added under a text, and nothing else", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyText, { maxLength: 3_000, size: "max" }), fc.array(anyText), (given, others) => {
      const found = finder((place, text) => given[place] === text);
      given.forEach((text, place) => {
        expect(found.find(text)).toBe(-1);
        found.add(text, place);
      });
      expect(given.map(found.find)).toEqual(given.map((_, place) => place));
      for (const other of others) expect(found.find(other)).toBe(given.indexOf(other));
    }),
    { numRuns: 30 },
  );
});

test("fingerprints are found by the number that they are", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyText, { maxLength: 500, size: "max" }), fc.array(anyText), (given, others) => {
      const kept = prints();
      const found = finder(kept.is, kept.hash);
      given.forEach((text, place) => {
        expect(found.find(text)).toBe(-1);
        kept.set(place, text);
        found.add(text, place);
      });
      for (const text of [...given, ...others]) expect(found.find(text)).toBe(given.indexOf(text));
    }),
    { numRuns: 50 },
  );
});

test("fingerprints come back by place, and so do texts that are none", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(hex, anyText)), (given) => {
      const kept = prints();
      given.forEach((text, place) => {
        kept.set(place, text);
      });
      expect(given.map((_, place) => kept.read(place))).toEqual(given);
      given.forEach((_, place) => {
        given.forEach((other) => {
          expect(kept.is(place, other)).toBe(other === given[place]);
        });
      });
    }),
  );
});
