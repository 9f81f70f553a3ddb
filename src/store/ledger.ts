// The ledger in Redis: entries by person key, owners by e-mail fingerprint, and the accounts that Tallyfy listed last.
// Holds no names and no addresses.

import type { Ledger } from "../app/ports.ts";
import { isListedSince, type KnownAccount, type LedgerEntry, type Standing } from "../domain/ledger.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";

const WRITE_CHUNK = 1000;

export function createLedger(redis: RedisConnection, keys: Keys): Ledger {
  async function entriesOf(people: readonly string[]): Promise<ReadonlyMap<string, LedgerEntry>> {
    const entries = new Map<string, LedgerEntry>();
    if (people.length === 0) return entries;
    const texts = await redis.hmget(keys.ledger, ...people);
    people.forEach((key, index) => {
      const text = texts[index] ?? null;
      if (text !== null) entries.set(key, JSON.parse(text) as LedgerEntry);
    });
    return entries;
  }

  return {
    async standings(people, listing) {
      if (people.length === 0) return [];
      const hashes = people.map((person) => person.emailHash);
      const [owners, stored, storedAt] = await Promise.all([
        redis.hmget(keys.emails, ...hashes),
        listing === undefined ? redis.hmget(keys.accounts, ...hashes) : [],
        redis.hget(keys.meta, "listedAt"),
      ]);
      const listedAtMs = listing?.atMs ?? (storedAt === null ? null : Number(storedAt));
      const accounts = people.map(({ emailHash }, index): KnownAccount | null => {
        if (listing !== undefined) return listing.accounts.get(emailHash) ?? null;
        const text = stored[index] ?? null;
        return text === null ? null : (JSON.parse(text) as KnownAccount);
      });
      // Most people stand under their own address and have their account: owner and entry are written in one transaction,
      // so that their entry need not be fetched to know what it says of the address.
      const isPlain = people.map(
        ({ key }, index) => owners[index] === key && (accounts[index] !== null || listedAtMs === null),
      );
      const entries = await entriesOf(people.filter((_, index) => isPlain[index] !== true).map(({ key }) => key));
      return people.map(({ key, emailHash }, index): Standing => {
        const full = entries.get(key) ?? null;
        return {
          entry: isPlain[index] === true ? { emailHash } : full,
          emailOwner: owners[index] ?? null,
          account: accounts[index] ?? null,
          isListed: isPlain[index] === true ? listedAtMs !== null : isListedSince(full, listedAtMs),
        };
      });
    },

    async size() {
      const [entries, accounts] = await Promise.all([redis.hlen(keys.ledger), redis.hlen(keys.accounts)]);
      return Math.max(entries, accounts);
    },

    async listedAt() {
      const at = await redis.hget(keys.meta, "listedAt");
      return at === null ? null : Number(at);
    },

    async replaceAccounts(accounts, at) {
      const next = `${keys.accounts}:next`;
      await redis.del(next);
      let count = 0;
      for await (const page of accounts) {
        for (let start = 0; start < page.length; start += WRITE_CHUNK) {
          const fields: string[] = [];
          for (const { emailHash, account } of page.slice(start, start + WRITE_CHUNK)) {
            fields.push(emailHash, JSON.stringify(account));
          }
          await redis.hset(next, ...fields);
        }
        count += page.length;
      }
      const swap = redis.multi().hset(keys.meta, "listedAt", at);
      if (count === 0) swap.del(keys.accounts);
      else swap.rename(next, keys.accounts);
      await swap.exec();
      return count;
    },

    async *entries() {
      for await (const fields of redis.hscanStream(keys.ledger, { count: WRITE_CHUNK })) {
        const page: LedgerEntry[] = [];
        for (let index = 1; index < fields.length; index += 2) page.push(JSON.parse(fields[index]) as LedgerEntry);
        yield page;
      }
    },
  };
}
