// The ledger in Redis: entries by person key, owners by e-mail fingerprint, and the accounts that Tallyfy listed last.
// Holds no names and no addresses.

import type { Redis } from "ioredis";
import type { Ledger } from "../app/ports.ts";
import { isListedSince, type KnownAccount, type LedgerEntry, type Standing } from "../domain/ledger.ts";
import type { Keys } from "./keys.ts";

const WRITE_CHUNK = 1000;

export function createLedger(redis: Redis, keys: Keys): Ledger {
  return {
    async standings(people) {
      if (people.length === 0) return [];
      const hashes = people.map((person) => person.emailHash);
      const [entries, owners, accounts, listedAt] = await Promise.all([
        redis.hmget(keys.ledger, ...people.map((person) => person.key)),
        redis.hmget(keys.emails, ...hashes),
        redis.hmget(keys.accounts, ...hashes),
        redis.hget(keys.meta, "listedAt"),
      ]);
      return people.map((_, index): Standing => {
        const text = entries[index] ?? null;
        const entry = text === null ? null : (JSON.parse(text) as LedgerEntry);
        const account = accounts[index] ?? null;
        return {
          entry,
          emailOwner: owners[index] ?? null,
          account: account === null ? null : (JSON.parse(account) as KnownAccount),
          isListed: isListedSince(entry, listedAt === null ? null : Number(listedAt)),
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
