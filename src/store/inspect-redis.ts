// What kind of Redis is in use, and whether it is set up so that nothing gets lost: version, persistence, eviction, replicas, and in a
// cluster all of that for every master. Managed services forbid some questions; what could not be asked is said.

import { Cluster, type Redis } from "ioredis";
import { nodeText } from "./address.ts";
import type { RedisConnection } from "./connection.ts";
import { infoField } from "./redis-process.ts";

export interface RedisInspection {
  readonly kind: "redis" | "valkey" | "dragonfly";
  readonly version: string;
  readonly persistence: "aof" | "rdb" | "none" | "unknown";
  /** Null: could not be asked. */
  readonly evictionPolicy: string | null;
  /** Masters that share the slots; 1 where it is no cluster. */
  readonly masters: number;
  /** For people, each with what to do. */
  readonly warnings: readonly string[];
}

/** @throws Error when Redis does not answer */
export async function inspectRedis(redis: RedisConnection): Promise<RedisInspection> {
  if (!(redis instanceof Cluster)) return inspectNode(redis);
  const nodes = redis.nodes("master");
  const found = await Promise.all(
    nodes.map(async (node) => {
      const inspection = await inspectNode(node);
      const { host = "?", port = 0 } = node.options;
      const warnings = inspection.warnings.map((warning) => `${nodeText({ host, port })}: ${warning}`);
      return { ...inspection, warnings };
    }),
  );
  const [first] = found;
  if (first === undefined) throw new Error("the cluster names no master");
  return { ...first, masters: nodes.length, warnings: found.flatMap(({ warnings }) => warnings) };
}

async function inspectNode(redis: Redis): Promise<RedisInspection> {
  const info = await redis.info();
  const compatible = infoField(info, "redis_version") ?? "0";
  const valkey = infoField(info, "valkey_version");
  const dragonfly = infoField(info, "dragonfly_version");
  const kind = valkey !== null ? "valkey" : dragonfly !== null ? "dragonfly" : "redis";
  const version = valkey ?? dragonfly ?? compatible;
  const evictionPolicy = (await setting(redis, "maxmemory-policy")) ?? infoField(info, "maxmemory_policy");
  const saves = await setting(redis, "save");
  const hasAof = infoField(info, "aof_enabled") === "1";
  const persistence = hasAof ? "aof" : saves === null ? "unknown" : saves === "" ? "none" : "rdb";

  const warnings: string[] = [];
  if (isOlderThan62(compatible)) {
    warnings.push(
      `Redis is ${kind} ${version}; 6.2 or newer is needed. Update it: older versions lose or repeat jobs.`,
    );
  }
  if (persistence === "none") {
    warnings.push(
      'Redis keeps nothing on disk: a restart forgets every run and the ledger. Set "appendonly yes" in its configuration.',
    );
  } else if (persistence === "rdb") {
    warnings.push(
      'Redis saves snapshots only: a crash forgets the last minutes. Set "appendonly yes" in its configuration.',
    );
  } else if (persistence === "unknown") {
    warnings.push(
      "Whether Redis keeps its data over a restart could not be asked. Make sure that persistence (AOF) is on.",
    );
  }
  if (evictionPolicy === null) {
    warnings.push("Redis's maxmemory-policy could not be asked. Make sure that it is noeviction.");
  } else if (evictionPolicy !== "noeviction") {
    warnings.push(
      `Redis's maxmemory-policy is ${evictionPolicy}: when memory runs out it throws jobs and ledger entries away. Set it to noeviction.`,
    );
  }
  return { kind, version, persistence, evictionPolicy, masters: 1, warnings };
}

/** Null where CONFIG is forbidden. */
async function setting(redis: Redis, name: string): Promise<string | null> {
  try {
    const answer = (await redis.config("GET", name)) as unknown;
    return Array.isArray(answer) && typeof answer[1] === "string" ? answer[1] : null;
  } catch {
    return null;
  }
}

function isOlderThan62(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 6 || (major === 6 && minor < 2);
}
