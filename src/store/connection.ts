// Opening connections to Redis. Every connection carries a name, so that `CLIENT LIST` tells whose it is.

import { Redis } from "ioredis";

/** Where Redis is: a URL (redis:// or rediss://) or the path of a Unix socket. */
export interface RedisAddress {
  readonly url: string | null;
  readonly socketPath: string | null;
}

/** Redis did not answer in time. The message names the address without its password. */
export class RedisUnreachable extends Error {
  override readonly name = "RedisUnreachable";
}

/** The address for people: without user and password. */
export function describeAddress(address: RedisAddress): string {
  if (address.url === null) return `socket ${address.socketPath}`;
  const url = new URL(address.url);
  return `${url.protocol}//${url.hostname}:${url.port || "6379"}${url.pathname === "/" ? "" : url.pathname}`;
}

/** A connection that waits for Redis as long as it takes (BullMQ needs that). The caller closes it. */
export function openConnection(address: RedisAddress, purpose: string): Redis {
  const options = {
    maxRetriesPerRequest: null,
    connectionName: `roster-sync:${process.pid}:${purpose}`,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
  };
  return address.url !== null
    ? new Redis(address.url, options)
    : new Redis({ ...options, path: address.socketPath ?? "" });
}

/** Waits until Redis answers. @throws RedisUnreachable after `withinMs` */
export async function awaitRedis(redis: Redis, address: RedisAddress, withinMs: number): Promise<void> {
  let lastError = "no answer";
  function noteError(error: Error): void {
    lastError = "code" in error && typeof error.code === "string" ? error.code : error.message;
  }
  redis.on("error", noteError);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const where = describeAddress(address);
      reject(new RedisUnreachable(`Redis at ${where} did not answer within ${withinMs / 1000} s (${lastError}).`));
    }, withinMs);
  });
  try {
    await Promise.race([redis.ping(), timeout]);
  } catch (error) {
    if (error instanceof RedisUnreachable) throw error;
    // The first word of Redis's answer is its code, such as WRONGPASS; the rest may quote what was sent.
    const word = error instanceof Error ? (/^[A-Z]+/.exec(error.message)?.[0] ?? error.name) : "unknown";
    throw new RedisUnreachable(`Redis at ${describeAddress(address)} does not let us in (${word}).`, { cause: error });
  } finally {
    clearTimeout(timer);
    redis.off("error", noteError);
  }
}
