// Putting Tallyfy's list of members away. Each listing is written under a name of its own, since a process that was suspended may
// still be at one while another lists everybody; what is whole is put in place in one step, unless a newer list is there.

import { randomUUID } from "node:crypto";
import type { AccountsInForce, BegunListing, ListedAccount } from "../app/ports.ts";
import { ListingLost } from "../domain/listing-lost.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { runScript } from "./script.ts";

const WRITE_CHUNK = 1000;
/** What a dead process left goes away by itself. A living one writes again within minutes, and that counts anew. */
const LEFT_MS = 3_600_000;

/** KEYS: accounts. Redis's clock (microseconds): those of two machines differ. */
const NOW = `
local time = redis.call('TIME')
return string.format('%.0f', time[1] * 1000000 + time[2])`;

/**
 * KEYS: the listing. ARGV: how many accounts it had, for how long it is kept, fingerprint, account, ... Answers how many it has by now; -1:
 * some of it is gone. Sent again, it changes nothing.
 */
const WRITE = `
if redis.call('HLEN', KEYS[1]) < tonumber(ARGV[1]) then return -1 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HLEN', KEYS[1])`;

/**
 * KEYS: the listing, accounts, meta. ARGV: its id, how many accounts it has, when it began by its machine's clock. Ids begin with when a
 * listing began. One that began later counts; but a moment that is still to come is that of a clock which was set back. Sent
 * again, it finds itself in place.
 */
const PUT_IN_PLACE = `
local function began(id) return tonumber(string.match(id, '^%d+')) or 0 end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local last = redis.call('HGET', KEYS[3], 'listing') or ''
if last ~= ARGV[1] then
  if began(last) > began(ARGV[1]) and began(last) <= now then
    redis.call('UNLINK', KEYS[1])
    return {'newer', redis.call('HLEN', KEYS[2])}
  end
  if redis.call('HLEN', KEYS[1]) ~= tonumber(ARGV[2]) then return {'lost', 0} end
  if ARGV[2] == '0' then
    redis.call('UNLINK', KEYS[2])
  else
    redis.call('PERSIST', KEYS[1])
    redis.call('RENAME', KEYS[1], KEYS[2])
  end
  redis.call('HSET', KEYS[3], 'listing', ARGV[1], 'listedAt', ARGV[3])
end
return {'replaced', redis.call('HLEN', KEYS[2])}`;

export async function beginListing(redis: RedisConnection, keys: Keys, atMs: number): Promise<BegunListing> {
  const now = (await runScript(redis, NOW, [keys.accounts], [])) as string;
  return { id: `${now}-${randomUUID()}`, atMs };
}

/** As the port says. @throws ListingLost */
export async function replaceAccounts(
  redis: RedisConnection,
  keys: Keys,
  { id, atMs }: BegunListing,
  pages: AsyncIterable<readonly ListedAccount[]>,
): Promise<AccountsInForce> {
  const own = keys.listing(id);
  try {
    const count = await write(redis, own, pages);
    const places = [own, keys.accounts, keys.meta];
    const [kind, inForce] = (await runScript(redis, PUT_IN_PLACE, places, [id, count, atMs])) as [string, number];
    if (kind === "lost") throw new ListingLost();
    // Older versions wrote all lists under one name, and what one left there has no end.
    await redis.unlink(`${keys.accounts}:next`);
    return { isReplaced: kind === "replaced", count: inForce };
  } catch (error) {
    // Where that fails as well, it goes away by itself.
    await redis.unlink(own).catch(() => undefined);
    throw error;
  }
}

/** Returns how many accounts were written. Where some of them are gone meanwhile it ends early: the rest is of no use. */
async function write(
  redis: RedisConnection,
  own: string,
  pages: AsyncIterable<readonly ListedAccount[]>,
): Promise<number> {
  let count = 0;
  for await (const page of pages) {
    for (let start = 0; start < page.length; start += WRITE_CHUNK) {
      const fields: string[] = [];
      for (const { emailHash, account } of page.slice(start, start + WRITE_CHUNK)) {
        fields.push(emailHash, JSON.stringify(account));
      }
      const written = (await runScript(redis, WRITE, [own], [count, LEFT_MS, ...fields])) as number;
      if (written < 0) return count;
      count = written;
    }
  }
  return count;
}
