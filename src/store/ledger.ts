// The ledger in Redis: entries by person key, owners by e-mail fingerprint, and the accounts that Tallyfy listed last.
// Holds no names and no addresses.

import type { Ledger } from "../app/ports.ts";
import { isListedSince, type KnownAccount, type LedgerEntry, plainStanding, type Standing } from "../domain/ledger.ts";
import { answersOf } from "./answers.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { beginListing, replaceAccounts } from "./member-list.ts";
import { runScript } from "./script.ts";

const SCAN_CHUNK = 1000;

type Texts = readonly (string | null)[];

/**
 * KEYS: emails, accounts, ledger, meta. ARGV: address fingerprints, person keys (JSON, of the same people). Answers whether the
 * members were ever listed, then a letter each: p plainly known, s a stranger, o other. A letter instead of two answers and an
 * entry: most people of most rosters are one or the other.
 */
const PLAINLY = `
local hashes, people = cjson.decode(ARGV[1]), cjson.decode(ARGV[2])
local owners = redis.call('HMGET', KEYS[1], unpack(hashes))
local accounts = redis.call('HMGET', KEYS[2], unpack(hashes))
local isListed = redis.call('HEXISTS', KEYS[4], 'listedAt') == 1
local marks = {}
local unowned, places = {}, {}
for index = 1, #people do
  local owner, account, mark = owners[index], accounts[index], 'o'
  if owner == people[index] then
    if account then
      if not string.find(account, '"status":"disabled"', 1, true) then mark = 'p' end
    elseif not isListed then mark = 'p' end
  elseif not owner and not account then
    unowned[#unowned + 1] = people[index]
    places[#unowned] = index
  end
  marks[index] = mark
end
if #unowned > 0 then
  for at, entry in ipairs(redis.call('HMGET', KEYS[3], unpack(unowned))) do
    if not entry then marks[places[at]] = 's' end
  end
end
return (isListed and 'listed ' or 'never ') .. table.concat(marks)`;

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
      // At one moment: the list may be replaced between two of them.
      const reads = redis
        .multi()
        .hmget(keys.emails, ...hashes)
        .hget(keys.meta, "listedAt");
      if (listing === undefined) reads.hmget(keys.accounts, ...hashes);
      const [owners, storedAt, stored = []] = answersOf(await reads.exec()) as [Texts, string | null, Texts?];
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

    async plainStandings(people) {
      if (people.length === 0) return [];
      const found = (await runScript(
        redis,
        PLAINLY,
        [keys.emails, keys.accounts, keys.ledger, keys.meta],
        [JSON.stringify(people.map(({ emailHash }) => emailHash)), JSON.stringify(people.map(({ key }) => key))],
      )) as string;
      const stranger: Standing = { entry: null, emailOwner: null, account: null, isListed: found.startsWith("listed") };
      const from = found.indexOf(" ") + 1;
      return people.map((person, index) => {
        const mark = found[from + index];
        return mark === "p" ? plainStanding(person) : mark === "s" ? stranger : null;
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

    beginListing: (atMs) => beginListing(redis, keys, atMs),

    replaceAccounts: (begun, pages) => replaceAccounts(redis, keys, begun, pages),

    async *entries() {
      for await (const fields of redis.hscanStream(keys.ledger, { count: SCAN_CHUNK })) {
        const page: LedgerEntry[] = [];
        for (let index = 1; index < fields.length; index += 2) page.push(JSON.parse(fields[index]) as LedgerEntry);
        yield page;
      }
    },
  };
}
