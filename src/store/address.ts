// Where Redis is: a socket, one server, a master that Sentinels name, or a cluster; how to be let in; and the same in words for
// people, without user and password. Opening connections is connection.ts's part.

import { readFileSync } from "node:fs";

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** How to be let in, where the URL does not say it. */
export interface RedisAccess {
  readonly user: string | null;
  readonly password: string | null;
  /** Null: no TLS, unless the URL says rediss://. PEM texts. */
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null } | null;
}

export type RedisAddress =
  | { readonly url: null; readonly socketPath: string }
  | { readonly url: string; readonly socketPath: null; readonly access?: RedisAccess }
  | {
      readonly sentinels: readonly RedisNode[];
      readonly masterName: string;
      readonly sentinelUser: string | null;
      readonly sentinelPassword: string | null;
      readonly access: RedisAccess;
    }
  | { readonly clusterNodes: readonly RedisNode[]; readonly access: RedisAccess };

/** The part of the configuration that says where Redis is. Paths are absolute. */
export interface RedisSettings {
  readonly url: string | null;
  readonly user: string | null;
  readonly password: string | null;
  readonly sentinels: readonly RedisNode[];
  readonly sentinelName: string;
  readonly sentinelUser: string | null;
  readonly sentinelPassword: string | null;
  readonly cluster: readonly RedisNode[];
  readonly isTls: boolean;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

/** Null: nothing is configured, so the program starts its own. @throws Error of the file system for an unreadable PEM file */
export function addressFrom(settings: RedisSettings): RedisAddress | null {
  const { url, user, password, sentinels, cluster } = settings;
  const isTls = settings.isTls || url?.startsWith("rediss:") === true;
  const { caFile, certFile, keyFile } = settings;
  const tls = isTls ? { ca: readPem(caFile), cert: readPem(certFile), key: readPem(keyFile) } : null;
  const access: RedisAccess = { user, password, tls };
  if (sentinels.length > 0) {
    const { sentinelName: masterName, sentinelUser, sentinelPassword } = settings;
    return { sentinels, masterName, sentinelUser, sentinelPassword, access };
  }
  if (cluster.length > 0) return { clusterNodes: cluster, access };
  return url === null ? null : { url, socketPath: null, access };
}

function readPem(path: string | null): string | null {
  return path === null ? null : readFileSync(path, "utf8");
}

/** The address for people: without user and password. */
export function describeAddress(address: RedisAddress): string {
  if ("sentinels" in address) {
    const nodes = address.sentinels.map(nodeText).join(", ");
    return `the master "${address.masterName}" of the Sentinels ${nodes}${tlsText(address.access)}`;
  }
  if ("clusterNodes" in address) {
    return `the cluster at ${address.clusterNodes.map(nodeText).join(", ")}${tlsText(address.access)}`;
  }
  if (address.url === null) return `socket ${address.socketPath}`;
  const url = new URL(address.url);
  return `${url.protocol}//${url.hostname}:${url.port || "6379"}${url.pathname === "/" ? "" : url.pathname}`;
}

/** How a sentence about it begins. */
export function redisAt(address: RedisAddress): string {
  const description = describeAddress(address);
  return "url" in address ? `Redis at ${description}` : `T${description.slice(1)}`;
}

/** Which Redis a data folder remembers its ledger to be in. Null: the program's own. */
export function ledgerPlace(address: RedisAddress | null): string {
  if (address === null) return "its private Redis (without REDIS_URL)";
  return "url" in address ? `Redis at ${describeAddress(address)}` : describeAddress(address);
}

export function nodeText({ host, port }: RedisNode): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function tlsText({ tls }: RedisAccess): string {
  return tls === null ? "" : ", over TLS";
}
