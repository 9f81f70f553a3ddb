// Opening connections to Redis, whatever kind it is. Every connection carries a name, so that `CLIENT LIST` tells whose it is, and
// waits for Redis as long as it takes: BullMQ needs that. What a failure means is said in redis-trouble.ts.

import { connect as connectTls } from "node:tls";
import { type RedisOptions as AllRedisOptions, Cluster, Redis } from "ioredis";
import { type RedisAccess, type RedisAddress, redisAt } from "./address.ts";
import { explainTrouble, type RedisTrouble, SentinelError } from "./redis-trouble.ts";

type RedisOptions = Omit<AllRedisOptions, "replyMapping">;

/** A connection to one server, or to a cluster, where all our keys lie in one slot. */
export type RedisConnection = Redis | Cluster;

/** Redis cannot be used. The message names the address without its password and says what to do. */
export class RedisUnreachable extends Error {
  override readonly name = "RedisUnreachable";
}

/**
 * A server whose machine vanished says nothing more. BullMQ's longest wait is 10 seconds; whatever takes longer than this is
 * taken for dead, and another connection is tried.
 */
const SILENT_MS = 20_000;
const RETRY_CLUSTER_MS = 250;
/** A reason that has not come by then was not sent. */
const HANDSHAKE_MS = 1_000;
const DEFAULT_PORT = 6379;

/** The caller closes it. */
export function openConnection(address: RedisAddress, purpose: string): RedisConnection {
  const options: RedisOptions = {
    maxRetriesPerRequest: null,
    connectionName: `roster-sync:${process.pid}:${purpose}`,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
    // After a failover the connection may still lead to the old master, which is a replica now.
    reconnectOnError: (error) => (error.message.startsWith("READONLY") ? 2 : false),
  };
  if ("clusterNodes" in address) return openCluster(address, options);
  if ("sentinels" in address) return openBySentinels(address, options);
  if (address.url === null) return new Redis({ ...options, path: address.socketPath });
  return new Redis(address.url, { ...options, ...accessOptions(address.access), socketTimeout: SILENT_MS });
}

function openBySentinels(address: Extract<RedisAddress, { sentinels: unknown }>, options: RedisOptions): Redis {
  const { sentinels, masterName, sentinelUser, sentinelPassword, access } = address;
  return new Redis({
    ...options,
    ...accessOptions(access),
    socketTimeout: SILENT_MS,
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name: masterName,
    ...(sentinelUser === null ? {} : { sentinelUsername: sentinelUser }),
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
    ...(access.tls === null ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(access.tls) }),
    failoverDetector: true,
    sentinelRetryStrategy: (times: number) => Math.min(100 * times, 1000),
  });
}

function openCluster(address: Extract<RedisAddress, { clusterNodes: unknown }>, options: RedisOptions): Cluster {
  const { clusterNodes, access } = address;
  return new Cluster(
    clusterNodes.map(({ host, port }) => ({ host, port })),
    {
      redisOptions: { ...options, ...accessOptions(access), socketTimeout: SILENT_MS },
      clusterRetryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
      // With the check, a connect() while the cluster is down never settles, not even once it is up; BullMQ waits for one.
      enableReadyCheck: false,
      // A failover takes as long as it takes: commands wait for it and are not given up.
      maxRedirections: Number.POSITIVE_INFINITY,
      retryDelayOnFailover: RETRY_CLUSTER_MS,
      retryDelayOnClusterDown: RETRY_CLUSTER_MS,
      retryDelayOnTryAgain: RETRY_CLUSTER_MS,
      // Certificates are made out for names; ioredis would look them up first and then compare the address.
      ...(access.tls === null ? {} : { dnsLookup: (host, done) => done(null, host) }),
    },
  );
}

function accessOptions(access: RedisAccess | undefined): RedisOptions {
  if (access === undefined) return {};
  return {
    ...(access.user === null ? {} : { username: access.user }),
    ...(access.password === null ? {} : { password: access.password }),
    ...(access.tls === null ? {} : { tls: tlsOptions(access.tls) }),
  };
}

function tlsOptions({ ca, cert, key }: NonNullable<RedisAccess["tls"]>) {
  return {
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  };
}

/**
 * Waits until Redis answers, or until `work` with it is done. @throws RedisUnreachable after `withinMs`, or at once when waiting
 * cannot help
 */
export async function awaitRedis(
  redis: RedisConnection,
  address: RedisAddress,
  withinMs: number,
  work: () => Promise<unknown> = () => redis.ping(),
): Promise<void> {
  let last: Error | null = null;
  let giveUp: (error: Error) => void = () => undefined;
  function noteError(error: Error): void {
    last = innermost(error);
    if (explainTrouble(last)?.isLasting === true) giveUp(last);
  }
  const noteSentinelError = (error: Error) => noteError(new SentinelError(innermost(error).message));
  redis.on("error", noteError);
  redis.on("sentinelError", noteSentinelError);
  const timer = setTimeout(() => giveUp(new TooLate()), withinMs);
  try {
    const trouble = new Promise<never>((_, reject) => {
      giveUp = reject;
    });
    await Promise.race([work(), trouble]);
  } catch (caught) {
    const error = innermost(caught instanceof Error ? caught : new Error("unknown"));
    const isLate = error instanceof TooLate;
    throw unreachable(
      address,
      isLate ? ((await handshakeTrouble(address)) ?? last ?? (await stateOf(redis))) : error,
      isLate ? withinMs : null,
    );
  } finally {
    clearTimeout(timer);
    redis.off("error", noteError);
    redis.off("sentinelError", noteSentinelError);
  }
}

class TooLate extends Error {}

/**
 * What only a handshake by hand shows; null: nothing. ioredis keeps to itself why a Sentinel or a node of a cluster could not be
 * reached over TLS. And it speaks as soon as TLS 1.3 lets it, which is before Redis has looked at our certificate: Redis then closes
 * with our words unread, and that may wipe out its reason on the way. Nothing is said here, so the reason arrives.
 */
function handshakeTrouble(address: RedisAddress): Promise<Error | null> {
  const node = firstNode(address);
  const tls = "access" in address ? (address.access?.tls ?? null) : null;
  if (node === null || tls === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    const socket = connectTls({ ...node, timeout: HANDSHAKE_MS, ...tlsOptions(tls) });
    function end(error: Error | null): void {
      socket.destroy();
      resolve(error !== null && explainTrouble(error)?.isLasting === true ? error : null);
    }
    socket.once("timeout", () => end(null));
    socket.once("close", () => end(null));
    socket.once("error", end);
    socket.resume();
  });
}

function firstNode(address: RedisAddress): { readonly host: string; readonly port: number } | null {
  if ("sentinels" in address) return address.sentinels[0] ?? null;
  if ("clusterNodes" in address) return address.clusterNodes[0] ?? null;
  if (address.url === null) return null;
  const { hostname, port } = new URL(address.url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || DEFAULT_PORT) };
}

/** A cluster that is down, and a replica, let us wait, and say so only when they are asked. Null: there is nothing to say. */
async function stateOf(redis: RedisConnection): Promise<Error | null> {
  const asked = redis instanceof Cluster ? redis.cluster("INFO") : redis.info("replication");
  const silence = new Promise<string>((resolve) => setTimeout(resolve, 1_000, ""));
  const info = String(await Promise.race([asked.catch(() => ""), silence]));
  if (info.includes("cluster_state:fail")) return new Error("CLUSTERDOWN");
  return info.includes("role:slave") ? new Error("READONLY") : null;
}

/** What was not as it must be, as the person reads it. */
function unreachable(address: RedisAddress, error: Error | null, waitedMs: number | null): RedisUnreachable {
  const trouble = error === null ? null : explainTrouble(error);
  const { what, fix } = trouble ?? unexplained(error, waitedMs);
  return new RedisUnreachable(`${redisAt(address)} ${what}. ${fix}`, { cause: error });
}

function unexplained(error: Error | null, waitedMs: number | null): Pick<RedisTrouble, "what" | "fix"> {
  const fix =
    "Check the address, that Redis runs, and whether it speaks TLS there (rediss://) or not (redis://), then try again.";
  const code = error === null ? "no answer" : codeOf(error);
  if (waitedMs !== null) return { what: `did not answer within ${waitedMs / 1000} s (${code})`, fix };
  return { what: `does not let us in (${code})`, fix };
}

/** The first word of Redis's answer is its code, such as NOAUTH; the rest may quote what was sent. */
function codeOf(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  return /^[A-Z]{3,}/.exec(error.message)?.[0] ?? error.name;
}

/** A cluster's own error wraps that of the node that was asked last. */
function innermost(error: Error): Error {
  const inner = "lastNodeError" in error ? error.lastNodeError : undefined;
  return inner instanceof Error ? inner : error;
}
