// Tokens at rest: AES-256-GCM under TOKEN_ENCRYPTION_KEY. Without a key nothing is stored. Also the lock that lets one
// process at a time ask for a token.

import { createCipheriv, createDecipheriv, randomBytes, randomUUID, scryptSync } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { StoredToken, TokenVault } from "../app/ports.ts";
import type { RedisConnection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { runScript } from "./script.ts";

/** What a process that died leaves locked; one that lives renews its lock for as long as it works. */
const LOCK_MS = 5_000;
const LOCK_POLL_MS = 50;
const IV_BYTES = 12;
const TAG_BYTES = 16;

const RENEW = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * @param encryptionKey 32 bytes as 64 hex digits or as base64, or a passphrase; null: tokens are kept nowhere
 */
export function createTokenVault(
  redis: RedisConnection,
  keys: Keys,
  encryptionKey: string | null,
  lockMs = LOCK_MS,
): TokenVault {
  const cipherKey = encryptionKey === null ? null : deriveKey(encryptionKey);

  return {
    async load(name) {
      if (cipherKey === null) return null;
      const sealed = await redis.getBuffer(keys.vault(name));
      return sealed === null ? null : open(sealed, cipherKey, name);
    },

    async save(name, token) {
      if (cipherKey === null) return;
      const livesMs = token.expiresAt - Date.now();
      if (livesMs <= 0) return;
      await redis.set(keys.vault(name), seal(token, cipherKey, name), "PX", Math.ceil(livesMs));
    },

    async forget(name) {
      await redis.del(keys.vault(name));
    },

    async exclusively(name, work) {
      const lock = keys.lock(name);
      const mine = randomUUID();
      while ((await redis.set(lock, mine, "PX", lockMs, "NX")) === null) await delay(LOCK_POLL_MS);
      // Where it cannot be renewed it lapses, and two ask for a token at once: that costs one call.
      const renew = () => runScript(redis, RENEW, [lock], [mine, lockMs]).catch(() => undefined);
      const renewing = setInterval(renew, lockMs / 3).unref();
      try {
        return await work();
      } finally {
        clearInterval(renewing);
        await runScript(redis, RELEASE, [lock], [mine]);
      }
    },
  };
}

function deriveKey(text: string): Buffer {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  const decoded = Buffer.from(text, "base64");
  if (decoded.length === 32 && decoded.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, ""))
    return decoded;
  return scryptSync(text, "roster-sync token vault", 32);
}

function seal(token: StoredToken, key: Buffer, name: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(name));
  const body = Buffer.concat([cipher.update(JSON.stringify(token), "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** Null where it was sealed under another key or for another name, or was tampered with: a new token is asked for. */
function open(sealed: Buffer, key: Buffer, name: string): StoredToken | null {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES)).setAAD(Buffer.from(name));
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const body = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(body.toString("utf8")) as StoredToken;
  } catch {
    return null;
  }
}
