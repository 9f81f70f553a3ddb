// What the ledger answers about people, and that the list of accounts is replaced whole or not at all.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ListedAccount } from "../../src/app/ports.ts";
import { type KnownAccount, plainStanding } from "../../src/domain/ledger.ts";
import { decide } from "../../src/domain/situation.ts";
import { fingerprintFor, keysFor } from "../../src/store/keys.ts";
import { createLedger } from "../../src/store/ledger.ts";
import { account, entryOf, person } from "../support/people.ts";
import { all, KEYS, redisForTests } from "../support/store.ts";

const { redis } = redisForTests();

const [ADA, BOB, CYD] = [person(1), person(2), person(3)];

/** Long after the entries of `entryOf` were made. */
const LATER = Date.parse("2026-02-01T00:00:00.000Z");

function ledger() {
  return createLedger(redis(), KEYS);
}

async function replace(accounts: AsyncIterable<readonly ListedAccount[]>, atMs: number) {
  return ledger().replaceAccounts(await ledger().beginListing(atMs), accounts);
}

async function* pages(...given: readonly (readonly ListedAccount[])[]) {
  yield* given;
}

async function* breaking(first: readonly ListedAccount[]) {
  yield first;
  throw new Error("Tallyfy stopped answering");
}

function listed(someone = ADA, fields: Partial<KnownAccount> = {}): ListedAccount {
  return { emailHash: someone.emailHash, account: account(fields) };
}

async function remember(someone = ADA) {
  await redis().hset(KEYS.ledger, someone.key, JSON.stringify(entryOf(someone)));
  await redis().hset(KEYS.emails, someone.emailHash, someone.key);
}

test("nothing is known at first, and a list never read proves nobody's absence", async () => {
  expect(await ledger().standings([])).toEqual([]);
  expect(await ledger().standings([ADA])).toEqual([{ entry: null, emailOwner: null, account: null, isListed: false }]);
  expect([await ledger().size(), await ledger().listedAt()]).toEqual([0, null]);
});

test("standings come in the order in which they were asked for, also twice for one person", async () => {
  await remember(BOB);
  await replace(pages([listed(CYD, { accountId: 3 })]), LATER);
  const [ada, bob, cyd, again] = await ledger().standings([ADA, BOB, CYD, BOB]);
  expect(ada).toEqual({ entry: null, emailOwner: null, account: null, isListed: true });
  expect(bob).toEqual({ entry: entryOf(BOB), emailOwner: BOB.key, account: null, isListed: true });
  expect(cyd).toEqual({ entry: null, emailOwner: null, account: account({ accountId: 3 }), isListed: true });
  expect(again).toEqual(bob);
});

test("a list that is not clearly younger than an entry proves nothing about its account", async () => {
  await remember(ADA);
  const madeMs = Date.parse(entryOf(ADA).at);
  for (const [listedMs, isListed] of [
    [madeMs - 1, false],
    [madeMs + 60_000, false],
    [madeMs + 3_600_000, true],
  ] as const) {
    await replace(pages([]), listedMs);
    expect((await ledger().standings([ADA]))[0]?.isListed).toBe(isListed);
  }
});

test("the size is that of the ledger or of the list, whichever knows more people", async () => {
  await remember(ADA);
  expect(await ledger().size()).toBe(1);
  await replace(pages([listed(ADA), listed(BOB)], [listed(CYD)]), 1000);
  expect(await ledger().size()).toBe(3);
});

test("a new list replaces the old one with its date", async () => {
  await replace(pages([listed(ADA), listed(BOB)]), 1000);
  expect(await replace(pages([], [listed(CYD)]), 2000)).toEqual({ isReplaced: true, count: 1 });
  const [ada, , cyd] = await ledger().standings([ADA, BOB, CYD]);
  expect([ada?.account, cyd?.account]).toEqual([null, account()]);
  expect(await ledger().listedAt()).toBe(2000);
});

test("a list that breaks off leaves the old one as it was, and the next one is not mixed with what it left", async () => {
  await replace(pages([listed(ADA)]), 1000);
  await expect(replace(breaking([listed(BOB)]), 2000)).rejects.toThrow("stopped answering");
  const [ada, bob] = await ledger().standings([ADA, BOB]);
  expect([ada?.account, bob?.account]).toEqual([account(), null]);
  expect(await ledger().listedAt()).toBe(1000);
  await replace(pages([listed(CYD)]), 3000);
  expect((await ledger().standings([BOB]))[0]?.account).toBeNull();
});

test("nobody sees a list that is half read", async () => {
  await replace(pages([listed(ADA)]), 1000);
  async function* watched() {
    yield [listed(BOB)];
    const [ada, bob] = await ledger().standings([ADA, BOB]);
    expect([ada?.account, bob?.account]).toEqual([account(), null]);
    yield [listed(CYD)];
  }
  await replace(watched(), 2000);
  expect((await ledger().standings([BOB]))[0]?.account).toEqual(account());
});

test("an organisation without members is a list, too", async () => {
  await replace(pages([listed(ADA)]), 1000);
  expect(await replace(pages(), 2000)).toEqual({ isReplaced: true, count: 0 });
  expect((await ledger().standings([ADA]))[0]).toMatchObject({ account: null, isListed: true });
});

test("a page of thousands is kept whole", async () => {
  const many = Array.from({ length: 2500 }, (_, number) => listed(person(number), { accountId: number }));
  expect(await replace(pages(many), 1000)).toEqual({ isReplaced: true, count: 2500 });
  const [last] = await ledger().standings([person(2499)]);
  expect(last?.account?.accountId).toBe(2499);
});

test("every entry of the ledger can be read", async () => {
  const people = Array.from({ length: 1500 }, (_, number) => person(number));
  await redis().hset(KEYS.ledger, ...people.flatMap((someone) => [someone.key, JSON.stringify(entryOf(someone))]));
  const keys = new Set((await all(ledger().entries())).map((entry) => entry.key));
  expect(keys.size).toBe(1500);
});

test("two organisations on one Redis share nothing, not even a fingerprint", async () => {
  await remember(ADA);
  const other = createLedger(redis(), keysFor("other"));
  expect((await other.standings([ADA]))[0]?.entry).toBeNull();
  expect(fingerprintFor("acme")("a@example.test")).not.toBe(fingerprintFor("other")("a@example.test"));
  expect(fingerprintFor("acme")("a@example.test")).toMatch(/^[0-9a-f]{32}$/);
});

test("who stands under their own address and has an account is known without fetching the whole entry", async () => {
  await remember(BOB);
  await replace(pages([listed(BOB, { accountId: 2 })]), LATER);
  const [bob] = await ledger().standings([BOB]);
  expect(bob).toMatchObject({ entry: { emailHash: BOB.emailHash }, emailOwner: BOB.key, isListed: true });
});

test("a listing read just now stands in for the one that is kept", async () => {
  await remember(BOB);
  await replace(pages([listed(BOB)]), LATER);
  const [bob, cyd] = await ledger().standings([BOB, CYD], {
    atMs: LATER + 3_600_000,
    accounts: new Map([[CYD.emailHash, account({ accountId: 3 })]]),
  });
  expect(bob).toMatchObject({ entry: entryOf(BOB), account: null, isListed: true });
  expect(cyd).toMatchObject({ entry: null, account: { accountId: 3 } });
});

const accountArb = fc.option(
  fc.record({ status: fc.constantFrom("active", "invited", "disabled", "unknown"), isBot: fc.boolean() }),
);
const worldArb = fc.record({
  isListed: fc.boolean(),
  people: fc.array(
    fc.record({
      ledger: fc.constantFrom("none", "theirs", "by address", "another's", "another address"),
      account: accountArb,
      isWorking: fc.boolean(),
      startsOn: fc.constantFrom(null, "2026-06-01", "2026-07-01"),
    }),
    { minLength: 1, maxLength: 12, size: "max" },
  ),
});

test("the quick answer decides as the full one does, for everybody for whom there is one", async () => {
  let quick = 0;
  await fc.assert(
    fc.asyncProperty(worldArb, async ({ isListed, people }) => {
      await redis().flushall();
      const employees = people.map(({ isWorking, startsOn }, number) => person(number, { isWorking, startsOn }));
      for (const [number, employee] of employees.entries()) {
        const how = people[number]?.ledger;
        if (how === "theirs") await remember(employee);
        if (how === "by address") await remember({ ...employee, key: employee.emailHash });
        if (how === "another's") await remember({ ...employee, key: `X${number}` });
        if (how === "another address") await remember({ ...employee, emailHash: `other ${number}` });
      }
      const members = employees.flatMap((employee, number) => {
        const known = people[number]?.account ?? null;
        return known === null ? [] : [listed(employee, known)];
      });
      if (isListed) await replace(pages(members), LATER);
      const terms = { asOf: "2026-06-10", leadDays: 0 };
      const full = await ledger().standings(employees);
      for (const [number, plain] of (await ledger().plainStandings(employees)).entries()) {
        const [employee, standing] = [employees[number], full[number]];
        if (plain === null || employee === undefined || standing === undefined) continue;
        quick += 1;
        expect(decide(employee, plain, terms)).toEqual(decide(employee, standing, terms));
      }
    }),
    { numRuns: 150 },
  );
  expect(quick).toBeGreaterThan(100);
  expect(await ledger().plainStandings([])).toEqual([]);
});

test("whoever is plainly known, or not at all, needs no further question", async () => {
  await remember(BOB);
  await replace(pages([listed(BOB), listed(CYD)]), LATER);
  const [ada, bob, cyd] = await ledger().plainStandings([ADA, BOB, CYD]);
  expect(ada).toEqual({ entry: null, emailOwner: null, account: null, isListed: true });
  expect(bob).toEqual(plainStanding(BOB));
  expect(cyd).toBeNull();
});
