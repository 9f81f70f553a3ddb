// Real Redis of every kind for tests: over TLS with an ACL user, a master with a replica and Sentinels, a cluster. Only the
// redis-server program is needed, which is all of them. Gone when the test process is gone.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { until } from "./program.ts";
import { freePort, guardAgainstOrphans } from "./redis.ts";

export const TLS_FOLDER = fileURLToPath(new URL("./tls", import.meta.url));
/** A cluster node listens on its port and on the one 10,000 above it. */
const BUS_OFFSET = 10_000;
const SLOTS = 16_384;
const READY = /Ready to accept connections|Running mode=sentinel|Sentinel ID is/;
const DURABLE = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"];

interface Access {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

export interface Server {
  readonly port: number;
  readonly child: ChildProcess;
  connect(options?: Access): Redis;
  kill(signal?: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

/** @throws Error with the end of Redis's log when it does not start: no such program, or one that was built without TLS */
async function serve(port: number, settings: readonly string[], sentinelConfig: string | null = null): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "roster-sync-redis-"));
  const program = 'exec "$(command -v redis-server || command -v valkey-server || echo redis-server)" "$@"';
  let args = ["--bind", "127.0.0.1", "--dir", folder, ...settings];
  if (sentinelConfig !== null) {
    await writeFile(join(folder, "sentinel.conf"), sentinelConfig);
    args = [join(folder, "sentinel.conf"), "--sentinel", "--bind", "127.0.0.1", ...settings];
  }
  const child = spawn("sh", ["-c", program, "redis", ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-20_000);
    });
  }
  const guard = guardAgainstOrphans(child, folder);
  const connections = new Set<Redis>();
  async function kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
  await until(
    () => READY.test(said) || child.exitCode !== null,
    10_000,
    () => said,
  );
  if (child.exitCode !== null) {
    guard.kill("SIGKILL");
    const end = said.split("\n").slice(-8).join("\n");
    const isWithoutTls = settings.includes("--tls-port") && /Bad directive|unsupported|TLS/i.test(end);
    throw new Error(`redis-server did not start${isWithoutTls ? " (was it built without TLS?)" : ""}: ${end}`);
  }
  return {
    port,
    child,
    connect(options = {}) {
      const redis = new Redis({ port, host: "127.0.0.1", maxRetriesPerRequest: 0, ...options });
      redis.on("error", () => {});
      connections.add(redis);
      return redis;
    },
    kill,
    async stop() {
      for (const redis of connections) redis.disconnect();
      await kill();
      guard.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface TlsRedis extends Server {
  /** The PEM texts that a client needs. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

/**
 * A server that speaks TLS only, also at 127.0.0.2 (where there is one), which is not in its certificate.
 * @param wantsCertificate whether it asks clients for one
 */
export async function startTlsRedis(
  wantsCertificate: boolean,
  settings: readonly string[] = DURABLE,
  sentinelConfig: string | null = null,
): Promise<TlsRedis> {
  const port = await freeClusterPort();
  const [ca, cert, key] = await Promise.all(["ca.pem", "client.pem", "client-key.pem"].map(readTlsFile));
  const tls = { ca: ca ?? "", cert: cert ?? "", key: key ?? "" };
  const files = ["--tls-cert-file", tlsFile("server.pem"), "--tls-key-file", tlsFile("server-key.pem")];
  const clients = ["--tls-ca-cert-file", tlsFile("ca.pem"), "--tls-auth-clients", wantsCertificate ? "yes" : "no"];
  const listening = ["--port", "0", "--tls-port", `${port}`];
  const bind = sentinelConfig === null ? ["--bind", "127.0.0.1", "-127.0.0.2"] : [];
  const server = await serve(port, [...listening, ...bind, ...files, ...clients, ...settings], sentinelConfig);
  return { ...server, tls, connect: (options = {}) => server.connect({ tls, ...options }) };
}

/** A cluster of one node, over TLS. */
export async function startTlsCluster(): Promise<TlsRedis> {
  const cluster = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--tls-cluster", "yes"];
  const server = await startTlsRedis(false, [...cluster, "--cluster-announce-ip", "127.0.0.1", ...DURABLE]);
  const redis = server.connect();
  await redis.call("CLUSTER", "ADDSLOTS", ...Array.from({ length: SLOTS }, (_, slot) => slot));
  await until(
    async () => String(await redis.call("CLUSTER", "INFO")).includes("cluster_state:ok"),
    10_000,
    () => "the cluster to be whole",
  );
  return server;
}

/** A Sentinel that speaks TLS, over a master that does. */
export function startTlsSentinel(masterName: string, master: Server): Promise<TlsRedis> {
  const config = `sentinel monitor ${masterName} 127.0.0.1 ${master.port} 1\n`;
  return startTlsRedis(false, ["--tls-replication", "yes"], config);
}

export function tlsFile(name: string): string {
  return join(TLS_FOLDER, name);
}

function readTlsFile(name: string): Promise<string> {
  return readFile(tlsFile(name), "utf8");
}

export interface Sentinels {
  readonly master: Server;
  readonly replica: Server;
  readonly sentinels: readonly Server[];
  /** `host:port` of each Sentinel. */
  readonly addresses: string;
  stop(): Promise<void>;
}

/** A master that asks for a password, one replica, and three Sentinels that have a password of their own. */
export async function startSentinels(
  masterName: string,
  password: string,
  sentinelPassword: string,
): Promise<Sentinels> {
  const secret = ["--requirepass", password, "--masterauth", password];
  const quick = ["--repl-ping-replica-period", "1", "--repl-diskless-sync-delay", "0"];
  const started: Server[] = [];
  async function stop(): Promise<void> {
    await Promise.all(started.map((server) => server.stop()));
  }
  try {
    const masterPort = await freePort();
    const master = await serve(masterPort, ["--port", `${masterPort}`, ...secret, ...quick, ...DURABLE]);
    started.push(master);
    const replicaPort = await freePort();
    const follow = ["--replicaof", "127.0.0.1", `${masterPort}`];
    const replica = await serve(replicaPort, ["--port", `${replicaPort}`, ...follow, ...secret, ...quick, ...DURABLE]);
    started.push(replica);
    await until(
      async () => (await replica.connect({ password }).info("replication")).includes("master_link_status:up"),
      10_000,
      () => "the replica to follow",
    );
    const config = [
      `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 2`,
      `sentinel auth-pass ${masterName} ${password}`,
      `sentinel down-after-milliseconds ${masterName} 1500`,
      `sentinel failover-timeout ${masterName} 5000`,
      `requirepass ${sentinelPassword}`,
      `sentinel sentinel-pass ${sentinelPassword}`,
    ].join("\n");
    const sentinels: Server[] = [];
    for (let number = 0; number < 3; number += 1) {
      const port = await freePort();
      sentinels.push(await serve(port, ["--port", `${port}`], `${config}\n`));
    }
    started.push(...sentinels);
    await until(
      async () => {
        const [first] = sentinels;
        const info = (await first?.connect({ password: sentinelPassword }).info("sentinel")) ?? "";
        return /slaves=1,sentinels=3/.test(info);
      },
      15_000,
      () => "the Sentinels to know each other and the replica",
    );
    return { master, replica, sentinels, addresses: sentinels.map(({ port }) => `127.0.0.1:${port}`).join(","), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface ClusterOfTests {
  readonly masters: readonly Server[];
  readonly replicas: readonly Server[];
  readonly addresses: string;
  /** The master that holds this key's slot. */
  masterOf(key: string): Promise<Server>;
  stop(): Promise<void>;
}

/** Three masters that share the slots, and a replica of each. */
export async function startCluster(): Promise<ClusterOfTests> {
  const started: Server[] = [];
  async function stop(): Promise<void> {
    await Promise.all(started.map((server) => server.stop()));
  }
  async function node(): Promise<Server> {
    const port = await freeClusterPort();
    const cluster = [
      "--cluster-enabled",
      "yes",
      "--cluster-node-timeout",
      "2000",
      "--cluster-config-file",
      "nodes.conf",
    ];
    const quick = ["--repl-diskless-sync-delay", "0", "--cluster-replica-validity-factor", "0"];
    const server = await serve(port, ["--port", `${port}`, ...cluster, ...quick, ...DURABLE]);
    started.push(server);
    return server;
  }
  try {
    const masters = [await node(), await node(), await node()];
    const replicas = [await node(), await node(), await node()];
    const all = [...masters, ...replicas];
    const connections = new Map(all.map((server) => [server, server.connect()]));
    const ids = new Map<Server, string>();
    for (const [server, redis] of connections) ids.set(server, String(await redis.call("CLUSTER", "MYID")));
    for (const [index, server] of masters.entries()) {
      const from = Math.floor((index * SLOTS) / 3);
      const to = Math.floor(((index + 1) * SLOTS) / 3);
      const slots = Array.from({ length: to - from }, (_, slot) => from + slot);
      await connections.get(server)?.call("CLUSTER", "ADDSLOTS", ...slots);
      await connections.get(server)?.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    }
    const [first] = masters;
    for (const server of all.slice(1)) {
      if (first !== undefined) await connections.get(first)?.call("CLUSTER", "MEET", "127.0.0.1", server.port);
    }
    const knows = async (redis: Redis, pattern: RegExp) => pattern.test(String(await redis.call("CLUSTER", "INFO")));
    for (const redis of connections.values()) {
      await until(
        () => knows(redis, /cluster_known_nodes:6/),
        15_000,
        () => "all nodes to meet",
      );
    }
    for (const [index, server] of replicas.entries()) {
      const master = masters[index];
      const id = master === undefined ? "" : (ids.get(master) ?? "");
      await until(
        () =>
          connections
            .get(server)
            ?.call("CLUSTER", "REPLICATE", id)
            .then(
              () => true,
              () => false,
            ),
        10_000,
        () => "a replica to know its master",
      );
    }
    for (const redis of connections.values()) {
      await until(
        async () => (await knows(redis, /cluster_state:ok/)) && (await redis.info("replication")).includes("slave"),
        15_000,
        () => "a whole cluster",
      );
    }
    for (const server of replicas) {
      await until(
        async () => (await connections.get(server)?.info("replication"))?.includes("master_link_status:up"),
        15_000,
        () => "the replicas to follow",
      );
    }
    return {
      masters,
      replicas,
      addresses: masters.map(({ port }) => `127.0.0.1:${port}`).join(","),
      async masterOf(key) {
        const slot = Number(await masters[0]?.connect().call("CLUSTER", "KEYSLOT", key));
        const index = Math.floor((slot * 3) / SLOTS);
        const server = masters[index];
        if (server === undefined) throw new Error("no such slot");
        return server;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A free port whose bus port exists and is free, too. */
async function freeClusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + BUS_OFFSET <= 65_535 && !(await isTaken(port + BUS_OFFSET))) return port;
  }
}

async function isTaken(port: number): Promise<boolean> {
  const socket = createConnection(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
