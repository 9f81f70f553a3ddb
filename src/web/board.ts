// Bull Board at /queues: both queues with names a person understands, our colours, no link or request to another site.
// Without a password it only shows. With one it does what cannot break a promise of the program, and refuses the rest.

import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import type { BeforeHookResult, HookContext, QueueJobJson, UIConfig } from "@bull-board/api/typings/app";
import { FastifyAdapter } from "@bull-board/fastify";
import type { FastifyInstance } from "fastify";
import type { Log } from "../app/ports.ts";
import { headersFor, pathOf } from "./headers.ts";
import type { OverviewSources } from "./overview-sources.ts";
import { isRedisUp, type WebQueues } from "./snapshot.ts";

export const BOARD_PATH = "/queues";

// Bull Board cuts off what does not fit on one line.
const SYNC_DESCRIPTION = "One job for each roster file, scheduled run and approval. One runs at a time.";
const PROVISION_DESCRIPTION = "One job per person. Failed is final: see the answer file; tonight's run tries again.";

export interface BoardOptions {
  readonly queues: WebQueues;
  readonly sources: OverviewSources;
  /** Whether jobs may be changed at all: only behind a password. */
  readonly isWritable: boolean;
  /** A short name of the organisation, shown as a badge. */
  readonly organisation: string;
  readonly log: Log;
}

export async function registerBoard(server: FastifyInstance, options: BoardOptions): Promise<void> {
  const { queues, sources, isWritable, log } = options;
  const readOnlyMode = !isWritable;
  const sync = new BullMQAdapter(queues.sync, {
    readOnlyMode,
    displayName: "Rosters and runs",
    description: SYNC_DESCRIPTION,
  });
  const provision = new BullMQAdapter(queues.provision, {
    readOnlyMode,
    allowRetries: false,
    displayName: "Create users",
    description: PROVISION_DESCRIPTION,
  });
  sync.setFormatter("name", runTitle);
  provision.setFormatter("name", changeTitle);

  async function before(context: HookContext): Promise<BeforeHookResult> {
    if (!(await isRedisUp(sources))) return { allow: false, status: 500, errorKey: "ERRORS.REDIS_UNAVAILABLE" };
    if (context.method === "get") return;
    const message = await refusal(context, queues.provision.name);
    return message === null ? undefined : { allow: false, status: 403, message };
  }

  const serverAdapter = new FastifyAdapter().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: [sync, provision],
    serverAdapter,
    options: { uiConfig: look(options.organisation), handlerHooks: { before } },
  });
  serverAdapter.setErrorHandler((error) => {
    const isTheirs = "statusCode" in error && Number(error.statusCode) < 500;
    if (isTheirs) return { status: 400, body: { error: { key: "ERRORS.INVALID_REQUEST_BODY" } } };
    log.error({ err: error }, "Bull Board broke");
    return { status: 500, body: { error: { key: "ERRORS.INTERNAL_SERVER_ERROR" } } };
  });

  await server.register(async (scope) => {
    // The page links a font at another site, which the policy in headers.ts would block: it is not even asked for.
    // And the file server has ideas of its own about keeping files.
    scope.addHook("onSend", async (request, reply, payload) => {
      reply.headers(headersFor(pathOf(request.url)));
      const isPage = String(reply.getHeader("content-type")).startsWith("text/html");
      return isPage && typeof payload === "string"
        ? payload.replace(/<link\b[^>]*\bhref="https?:[^>]*>/g, "")
        : payload;
    });
    await scope.register(serverAdapter.registerPlugin(), { prefix: BOARD_PATH });
  });
}

/** What Bull Board may do behind a password; all that it could do beyond is refused. */
const MAY_DO: ReadonlySet<string> = new Set([
  "/api/queues/pause",
  "/api/queues/resume",
  "/api/queues/:queueName/pause",
  "/api/queues/:queueName/resume",
  "/api/queues/:queueName/promote",
  "/api/queues/:queueName/:jobId/promote",
  "/api/queues/:queueName/rate-limit/release",
]);
const CLEAN_ALL = "/api/queues/:queueName/clean/:queueStatus";
const CLEAN_ONE = "/api/queues/:queueName/:jobId/clean";
const RETRY_ALL = "/api/queues/:queueName/retry/:queueStatus";
const RETRY_ONE = "/api/queues/:queueName/:jobId/retry";
const ENDED: ReadonlySet<unknown> = new Set(["completed", "failed"]);

/** Why this is not done, for a person; null when it is. */
async function refusal({ route, request }: HookContext, provisionQueue: string): Promise<string | null> {
  const { queueName, queueStatus, jobId } = request.params;
  if (MAY_DO.has(route)) return null;
  const isRetry = route === RETRY_ALL || route === RETRY_ONE;
  const isClean = route === CLEAN_ALL || route === CLEAN_ONE;
  if (isRetry && queueName === provisionQueue) {
    return "A settled change is not done again by a retry: the next scheduled run does it, or drop the roster again.";
  }
  if (isRetry || isClean) {
    const state = jobId === undefined ? queueStatus : await stateOf(request, queueName, jobId);
    if (state === null) return null; // No such job: Bull Board says so itself.
    if (isRetry && state === "completed") return "This job did its work; there is nothing to do again.";
    if (isClean && !ENDED.has(state)) return "A job that has not ended belongs to a run, and stays.";
    return null;
  }
  return "Jobs and their settings are made by Roster Sync alone; change its configuration instead.";
}

async function stateOf({ queues }: HookContext["request"], queueName: string, jobId: string): Promise<string | null> {
  const job = await queues.get(queueName)?.getJob(jobId);
  return job == null ? null : job.getState();
}

function runTitle(job: QueueJobJson): string {
  const { fileName, due, runId } = job.data ?? {};
  const about = [fileName, due].find((text) => typeof text === "string");
  return [about === undefined ? job.name : `${job.name} ${about}`, ofRun(runId)].filter(Boolean).join(" · ");
}

function changeTitle(job: QueueJobJson): string {
  const { key, runId } = job.data ?? {};
  return [typeof key === "string" ? `${job.name} ${key}` : job.name, ofRun(runId)].filter(Boolean).join(" · ");
}

function ofRun(runId: unknown): string | null {
  return typeof runId === "string" ? `run ${runId}` : null;
}

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
const SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const MONO = "ui-monospace, 'Cascadia Mono', 'Source Code Pro', Menlo, Consolas, monospace";

function look(organisation: string): UIConfig {
  return {
    boardTitle: "Roster Sync",
    boardLogo: { path: "/assets/mark.svg", width: 28, height: 28 },
    favIcon: { default: "/assets/mark.svg", alternative: "/assets/mark.svg" },
    environment: { label: organisation, color: "#0f5c6e", textColor: "#ffffff" },
    miscLinks: [{ text: "Overview", url: "/" }],
    hideDocsLink: true,
    locale: { lng: "en-US" },
    dateFormats: {
      short: CLOCK,
      common: { day: "numeric", month: "short", ...CLOCK },
      full: { day: "numeric", month: "short", year: "numeric", ...CLOCK },
    },
    pollingInterval: { showSetting: true },
    sortQueues: false,
    theme: {
      light: { "font-sans": SANS, "font-mono": MONO, primary: "#0f5c6e" },
      dark: { "font-sans": SANS, "font-mono": MONO },
    },
  };
}
