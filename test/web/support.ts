// What the web tests share: real queues on a real Redis, a web server on a free port, and answers to what it asks for
// that a test can change. No assertions here.

import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { noCounts, type Run } from "../../src/domain/run.ts";
import { createMetrics, type Metrics } from "../../src/web/metrics.ts";
import type { Directory, Health, Inbox, Nights, OverviewSources, Pace } from "../../src/web/overview-sources.ts";
import { startWeb, type Web, type WebOptions } from "../../src/web/server.ts";

/** Changeable answers; `redis` is asked for real. */
export interface Scene {
  health: Health;
  pace: Pace;
  runs: readonly Run[];
  directory: Directory;
  nights: Nights;
  inbox: Inbox;
}

export const NOW_MS = Date.UTC(2026, 10, 23, 20, 45, 44);

export function quietScene(): Scene {
  return {
    health: {
      status: "ok",
      isTallyfyTroubled: false,
      problems: [],
      roles: [
        { role: "intake", instances: 1 },
        { role: "worker", instances: 2 },
        { role: "web", instances: 1 },
      ],
    },
    pace: {
      perSecond: 1,
      maxPerSecond: 10,
      sharePercent: 80,
      phase: "growing",
      limit: null,
      hourlyCap: null,
      hourlyBudget: 900,
      usedThisHour: 312,
      pausedUntil: null,
      halt: null,
    },
    runs: [],
    directory: { people: 4812, listedAt: NOW_MS - 3_600_000 },
    nights: { nextAt: NOW_MS + 4 * 3_600_000, lastAt: NOW_MS - 20 * 3_600_000 },
    inbox: { path: "/srv/roster-sync/data/inbox", waiting: 0, intakes: 1 },
  };
}

export function aRun(fields: Partial<Run> = {}): Run {
  return {
    runId: "20261123-204544-3f9a",
    state: "closed",
    trigger: "inbox",
    fileName: "monday.csv",
    dataId: "d1",
    filePath: "archive/2026/11/monday.csv",
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    asOf: "2026-11-23",
    planHash: "5e884898da28",
    breaches: [],
    comparison: null,
    counts: noCounts(),
    because: null,
    waitingFor: null,
    supersededBy: null,
    decidedBy: null,
    isCarriedOut: false,
    reason: null,
    startedAt: new Date(NOW_MS - 900_000).toISOString(),
    plannedAt: new Date(NOW_MS - 895_000).toISOString(),
    endedAt: new Date(NOW_MS - 600_000).toISOString(),
    ...fields,
  };
}

export function aHeldRun(fields: Partial<Run> = {}): Run {
  return aRun({
    runId: "20261123-210011-77b0",
    state: "held",
    counts: { ...noCounts(), rows: 5120, planned: 731, unchanged: 4380, skipped: { unreadable: 9 }, open: 731 },
    breaches: [
      {
        limit: "create",
        counted: 731,
        allowed: 481,
        message:
          "The plan creates 731 people; the limit is 481 (the larger of 100 and 10 % of the 4812 people already known).",
      },
    ],
    because: null,
    endedAt: null,
    ...fields,
  });
}

export interface Stage {
  readonly web: Web;
  readonly scene: Scene;
  readonly metrics: Metrics;
  readonly sync: Queue;
  readonly provision: Queue;
  close(): Promise<void>;
}

/** Opens two queues of their own (by prefix) on this Redis and starts the web server on a free port. */
export async function setStage(redis: Redis, options: Partial<WebOptions> = {}): Promise<Stage> {
  const prefix = `{test-${Math.random().toString(36).slice(2)}}`;
  const sync = new Queue("roster-sync", { connection: redis, prefix });
  const provision = new Queue("provision", { connection: redis, prefix });
  for (const queue of [sync, provision]) queue.on("error", () => {}); // A test may stop Redis.
  const scene = quietScene();
  const metrics = options.metrics ?? createMetrics();
  const web = await startWeb({
    host: "127.0.0.1",
    port: 0,
    user: "admin",
    password: null,
    version: "1.2.3",
    organisation: "acme",
    timeZone: "Europe/Berlin",
    invocation: { program: "scripts/roster-sync", options: " --config acme.yaml" },
    queues: { sync, provision },
    sources: sourcesOf(scene, redis),
    metrics,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  });
  return {
    web,
    scene,
    metrics,
    sync,
    provision,
    async close() {
      await web.close();
      await Promise.all([sync.close(), provision.close()]);
    },
  };
}

export function sourcesOf(scene: Scene, redis: Redis): OverviewSources {
  return {
    async pingRedis() {
      await redis.ping();
    },
    health: async () => scene.health,
    pace: async () => scene.pace,
    runs: async (limit) => scene.runs.slice(0, limit),
    run: async (runId) => scene.runs.find((run) => run.runId === runId) ?? null,
    unfinished: async () => scene.runs.filter((run) => run.state === "held" || run.state === "applying"),
    directory: async () => scene.directory,
    nights: async () => scene.nights,
    inbox: async () => scene.inbox,
    answerFiles: (run) => [`/srv/roster-sync/data/outbox/${run.fileName}.${run.runId}.result.csv`],
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request with exactly these headers; `fetch` would not let a test choose Host or Origin. */
export async function ask(web: Web, path: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<Answer> {
  const sent = httpRequest(web.url, { path, method, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, "response");
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

export function basic(user: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}
