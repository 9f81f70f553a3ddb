// Keeps one token: in memory, in the vault for all processes, renewed when most of its life is gone, asked for only once
// however many need it. What kind of token it is and how one is asked for is passed in.

import type { StoredToken, TokenVault } from "../app/ports.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";

export interface TokenCache {
  /** A token that is good for use now. @throws TallyfyError when one had to be asked for in vain */
  get(): Promise<string>;
  /** Another token than the one Tallyfy has just refused. One that was renewed meanwhile is taken. @throws TallyfyError */
  replace(refused: string): Promise<string>;
}

export interface TokenCacheOptions {
  /** The name in the vault. It changes with the credentials, so that new ones never use an old token. */
  readonly name: () => string;
  readonly ask: () => Promise<StoredToken>;
  /** Null: memory only. */
  readonly vault: TokenVault | null;
  readonly now: () => number;
}

/** A token is renewed once this part of its life is over. */
const RENEW_AFTER = 0.8;
/** After a renewal that failed for want of an answer, the old token serves so long before the next attempt. */
const RENEWAL_REST_MS = 60_000;
/** A token this close to its end may be over before the request arrives. */
const LAST_MOMENT_MS = 5_000;

interface Held {
  readonly name: string;
  readonly stored: StoredToken;
}

export function createTokenCache({ name, ask, vault, now }: TokenCacheOptions): TokenCache {
  let held: Held | null = null;
  let flight: { readonly name: string; readonly result: Promise<StoredToken> } | null = null;
  let restUntil = 0;

  function isFresh({ obtainedAt, expiresAt }: StoredToken): boolean {
    return now() < obtainedAt + (expiresAt - obtainedAt) * RENEW_AFTER;
  }

  function isUsable(stored: StoredToken): boolean {
    return isFresh(stored) || (now() < restUntil && now() < stored.expiresAt - LAST_MOMENT_MS);
  }

  /** Under the lock of all processes: another one may have renewed it while we waited. */
  async function renew(current: string, refused: string | null): Promise<StoredToken> {
    const kept = vault === null ? null : await vault.load(current);
    if (kept !== null && kept.token !== refused && isFresh(kept)) return kept;
    if (kept !== null && kept.token === refused) await vault?.forget(current);
    const asked = await ask();
    held = { name: current, stored: asked };
    await vault?.save(current, asked);
    return asked;
  }

  function takeOff(current: string, refused: string | null): Promise<StoredToken> {
    async function run(): Promise<StoredToken> {
      try {
        const work = () => renew(current, refused);
        const stored = vault === null ? await work() : await vault.exclusively(current, work);
        held = { name: current, stored };
        return stored;
      } finally {
        if (flight === mine) flight = null;
      }
    }
    const mine = { name: current, result: Promise.resolve().then(run) };
    flight = mine;
    return mine.result;
  }

  async function obtain(refused: string | null): Promise<string> {
    const current = name();
    while (flight !== null && flight.name === current) {
      const joined = await flight.result;
      if (joined.token !== refused) return joined.token;
    }
    return (await takeOff(current, refused)).token;
  }

  function ready(refused: string | null): string | null {
    if (held === null || held.name !== name() || held.stored.token === refused) return null;
    return isUsable(held.stored) ? held.stored.token : null;
  }

  return {
    async get() {
      const token = ready(null);
      if (token !== null) return token;
      try {
        return await obtain(null);
      } catch (error) {
        // The old token still lives for a fifth of its time: use it rather than stop because the token host is away.
        if (!isPassing(error)) throw error;
        restUntil = now() + RENEWAL_REST_MS;
        const old = ready(null);
        if (old === null) throw error;
        return old;
      }
    },

    async replace(refused) {
      if (held?.stored.token === refused) held = null;
      return ready(refused) ?? (await obtain(refused));
    },
  };
}

function isPassing(error: unknown): boolean {
  return error instanceof TallyfyError && ["unavailable", "timeout", "rate-limited", "protocol"].includes(error.kind);
}
