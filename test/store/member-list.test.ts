// Two processes that list Tallyfy's members at once, and one that does not come back for long: the list that counts is always whole,
// and always the one that began last.

import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { BegunListing, ListedAccount } from "../../src/app/ports.ts";
import { ListingLost } from "../../src/domain/listing-lost.ts";
import { createLedger } from "../../src/store/ledger.ts";
import { account, person } from "../support/people.ts";
import { KEYS, redisForTests } from "../support/store.ts";

const { redis, server } = redisForTests();

const PAGES = 10;
const PAGE = 100;
const ALL = PAGES * PAGE;
const [EARLIER, LATER] = [1000, 2000];

function ledger(connection = redis()) {
  return createLedger(connection, KEYS);
}

function page(number: number): readonly ListedAccount[] {
  return Array.from({ length: PAGE }, (_, index) => {
    const accountId = number * PAGE + index + 1;
    return { emailHash: person(accountId).emailHash, account: account({ accountId }) };
  });
}

/** All pages, and before the page of this number something else happens. */
async function* listing(pauseAt = -1, meanwhile: () => Promise<unknown> = async () => undefined) {
  for (let number = 0; number < PAGES; number += 1) {
    if (number === pauseAt) await meanwhile();
    yield page(number);
  }
}

/** Names of lists that are not in place. */
async function unfinished(): Promise<readonly string[]> {
  return redis().keys(`${KEYS.accounts}:*`);
}

async function inForce() {
  return { count: await redis().hlen(KEYS.accounts), listedAt: await ledger().listedAt() };
}

test("a process that was suspended while it listed does not replace the list of the one that took over", async () => {
  const [slow, other] = [ledger(), ledger(server().connect())];
  const begun = await slow.beginListing(EARLIER);
  const takeOver = async () => {
    const answer = await other.replaceAccounts(await other.beginListing(LATER), listing());
    expect(answer).toEqual({ isReplaced: true, count: ALL });
  };
  expect(await slow.replaceAccounts(begun, listing(5, takeOver))).toEqual({ isReplaced: false, count: ALL });
  expect(await inForce()).toEqual({ count: ALL, listedAt: LATER });
  expect(await unfinished()).toEqual([]);
});

test("of two that list at once the one that began later counts, also where it is done last", async () => {
  const first = await ledger().beginListing(EARLIER);
  const second = await ledger().beginListing(LATER);
  const other = async () => {
    expect(await ledger().replaceAccounts(first, listing())).toEqual({ isReplaced: true, count: ALL });
  };
  expect(await ledger().replaceAccounts(second, listing(5, other))).toEqual({ isReplaced: true, count: ALL });
  expect(await inForce()).toEqual({ count: ALL, listedAt: LATER });
});

test("a list that was read before another one began does not replace it, however late it is brought", async () => {
  const old = await ledger().beginListing(EARLIER);
  const young = await ledger().beginListing(LATER);
  await ledger().replaceAccounts(young, listing());
  async function* nobody() {}
  expect(await ledger().replaceAccounts(old, nobody())).toEqual({ isReplaced: false, count: ALL });
  expect(await inForce()).toEqual({ count: ALL, listedAt: LATER });
});

test("however many list at once, whole lists only are in force, and at the end the one that began last", async () => {
  const turns = fc.array(fc.nat({ max: 2 }), { minLength: 20, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(turns, async (order) => {
      await redis().flushall();
      const waiting: (() => void)[][] = [[], [], []];
      const ended = [false, false, false];
      /** A list whose size and date tell whose it is; each page waits for its turn. */
      async function* taken(who: number) {
        for (let number = 0; number <= who + 1; number += 1) {
          await new Promise<void>((resolve) => waiting[who]?.push(resolve));
          yield page(number);
        }
      }
      let newest: number | null = null;
      const begun: BegunListing[] = [];
      for (const who of [0, 1, 2]) begun.push(await ledger().beginListing(who));
      const works = begun.map(async (one, who) => {
        await ledger().replaceAccounts(one, taken(who));
        ended[who] = true;
      });
      for (const who of [...order, ...Array.from({ length: 15 }, (_, number) => number % 3)]) {
        while (ended[who] === false && waiting[who]?.length === 0) await new Promise(setImmediate);
        waiting[who]?.shift()?.();
        const { count, listedAt } = await inForceAtOnce();
        expect(listedAt ?? -1).toBeGreaterThanOrEqual(newest ?? -1);
        newest = listedAt;
        expect(count).toBe(listedAt === null ? 0 : (listedAt + 2) * PAGE);
      }
      await Promise.all(works);
      expect(await inForceAtOnce()).toEqual({ count: 4 * PAGE, listedAt: 2 });
      expect(await unfinished()).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

async function inForceAtOnce() {
  const [count, listedAt] = ((await redis().multi().hlen(KEYS.accounts).hget(KEYS.meta, "listedAt").exec()) ?? []).map(
    ([, value]) => value,
  );
  return { count, listedAt: listedAt === null ? null : Number(listedAt) };
}

test("what a dead process left goes away by itself; a living one keeps its own, and what is in place stays", async () => {
  async function* dying() {
    yield* listing(5, async () => {
      const [own = ""] = await unfinished();
      expect(await redis().pttl(own)).toBeGreaterThan(600_000);
      await redis().pexpire(own, 1000);
    });
    const [own = ""] = await unfinished();
    expect(await redis().pttl(own)).toBeGreaterThan(600_000);
  }
  await ledger().replaceAccounts(await ledger().beginListing(EARLIER), dying());
  expect(await redis().pttl(KEYS.accounts)).toBe(-1);
  expect(await inForce()).toEqual({ count: ALL, listedAt: EARLIER });
});

test.each([
  ["in the middle", 5],
  ["with its last page to come", PAGES - 1],
] as const)("a list that ran out %s is told of, and the one before it stays", async (_, pauseAt) => {
  await ledger().replaceAccounts(await ledger().beginListing(EARLIER), listing());
  const begun = await ledger().beginListing(LATER);
  const runOut = async () => {
    for (const own of await unfinished()) await redis().pexpire(own, 1);
    while ((await unfinished()).length > 0) await new Promise(setImmediate);
  };
  await expect(ledger().replaceAccounts(begun, listing(pauseAt, runOut))).rejects.toThrow(ListingLost);
  expect(await inForce()).toEqual({ count: ALL, listedAt: EARLIER });
  expect(await unfinished()).toEqual([]);
});

test("a list that lost its last page before it is put in place, or all of it, is told of", async () => {
  async function* robbed(isWhole: boolean) {
    yield* listing();
    const [own = ""] = await unfinished();
    if (isWhole) await redis().del(own);
    else await redis().hdel(own, ...page(PAGES - 1).map(({ emailHash }) => emailHash));
  }
  for (const isWhole of [true, false]) {
    const begun = await ledger().beginListing(EARLIER);
    await expect(ledger().replaceAccounts(begun, robbed(isWhole))).rejects.toThrow(ListingLost);
    expect(await inForce()).toEqual({ count: 0, listedAt: null });
    expect(await unfinished()).toEqual([]);
  }
});

test("who slept until the own list ran out goes on with the newer one that is there", async () => {
  const begun = await ledger().beginListing(EARLIER);
  const takeOver = async () => {
    for (const own of await unfinished()) await redis().del(own);
    await ledger().replaceAccounts(await ledger().beginListing(LATER), listing());
  };
  expect(await ledger().replaceAccounts(begun, listing(5, takeOver))).toEqual({ isReplaced: false, count: ALL });
  expect(await inForce()).toEqual({ count: ALL, listedAt: LATER });
});

test("a swap that Redis refuses is told, and leaves the list and its date as they were", async () => {
  await ledger().replaceAccounts(await ledger().beginListing(EARLIER), listing());
  await redis().call("ACL", "SETUSER", "limited", "on", "nopass", "~*", "+@all", "-rename");
  onTestFinished(async () => {
    await redis().call("ACL", "DELUSER", "limited");
  });
  const connection = server().connect();
  await connection.auth("limited", "any");
  const limited = ledger(connection);
  const begun = await limited.beginListing(LATER);
  async function* one() {
    yield page(0);
  }
  await expect(limited.replaceAccounts(begun, one())).rejects.toMatchObject({ name: "ReplyError" });
  expect(await inForce()).toEqual({ count: ALL, listedAt: EARLIER });
  expect(await unfinished()).toEqual([]);
});

test("a swap whose answer was lost and that is sent again finds itself in place", async () => {
  const begun = await ledger().beginListing(EARLIER);
  await ledger().replaceAccounts(begun, listing());
  async function* nobody() {}
  expect(await ledger().replaceAccounts(begun, nobody())).toEqual({ isReplaced: true, count: ALL });
  expect(await inForce()).toEqual({ count: ALL, listedAt: EARLIER });
});

test("machines whose clocks differ do not keep each other's lists out, nor does a Redis whose clock was set back", async () => {
  const tomorrow = Date.now() + 86_400_000;
  await ledger().replaceAccounts(await ledger().beginListing(tomorrow), listing());
  const next = await ledger().beginListing(LATER);
  expect(await ledger().replaceAccounts(next, listing())).toMatchObject({ isReplaced: true });
  await redis().hset(KEYS.meta, "listing", `${tomorrow * 1000}-of-a-clock-that-was-ahead`);
  const last = await ledger().beginListing(LATER + 1);
  expect(await ledger().replaceAccounts(last, listing())).toMatchObject({ isReplaced: true });
  expect(await inForce()).toEqual({ count: ALL, listedAt: LATER + 1 });
});

test("lists that are being read lie in the slot of everything else", () => {
  expect(KEYS.listing("1-a").startsWith("{roster-sync:acme}:")).toBe(true);
});
