// The web server: health, metrics, the overview, one page for each run, and Bull Board. It reads; what changes something
// is done by commands, or by Bull Board behind a password. Every request passes the same gate, in this order: the name
// under which we are called, the password, and, where it may change something, the page it comes from.

import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { type FastifyInstance, type FastifyReply, fastify } from "fastify";
import type { Log } from "../app/ports.ts";
import type { Invocation } from "../invocation.ts";
import { createGuessLimit, crossSiteReason, hostName, isAllowed, isLoopback } from "./access.ts";
import { registerBoard } from "./board.ts";
import { headersFor, pathOf } from "./headers.ts";
import { type Page, type PageContext, renderPage } from "./layout.ts";
import type { Metrics } from "./metrics.ts";
import { overviewPage } from "./overview-page.ts";
import type { OverviewSources } from "./overview-sources.ts";
import { registerProbes } from "./probes.ts";
import { runPage } from "./run-page.ts";
import { exposition } from "./scrape.ts";
import { isRedisUp, takeSnapshot, type WebQueues } from "./snapshot.ts";
import { momentFormat } from "./words.ts";

export interface WebOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly user: string;
  /** Null: no password is asked for, which is allowed on loopback hosts only. */
  readonly password: string | null;
  readonly version: string;
  /** A short name of the organisation, shown on every page. Not secret. */
  readonly organisation: string;
  /** IANA name; all times are shown in it. */
  readonly timeZone: string;
  /** How commands are typed here. */
  readonly invocation: Invocation;
  /** Stay the caller's. */
  readonly queues: WebQueues;
  readonly sources: OverviewSources;
  readonly metrics: Metrics;
  readonly log: Log;
}

export interface Web {
  /** Without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** The web server cannot start as configured. The message says why and what to do. */
export class WebRefused extends Error {
  override readonly name = "WebRefused";
}

const BODY_BYTES = 64 * 1024;
/** Whoever sends slower than this, or keeps more connections open, only wants the page to be away for others. */
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
const LOOK_MS = 1_000;
const CONNECTIONS = 500;
const OPEN_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);
const RUN_ID = /^[A-Za-z0-9_-]{1,80}$/;

/** @throws WebRefused when the host needs a password and has none, or the address cannot be listened on */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { host, port, password } = options;
  if (password === null && !isLoopback(host)) {
    throw new WebRefused(
      `The dashboard would listen on ${host}, where other machines can reach it, but has no password. ` +
        "Set DASHBOARD_PASSWORD, or HOST=127.0.0.1.",
    );
  }
  if (password === "") throw new WebRefused("DASHBOARD_PASSWORD is empty. Give it a value, or leave it out.");

  const server = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    forceCloseConnections: true,
    trustProxy: false,
    requestTimeout: REQUEST_MS,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: LOOK_MS },
  });
  server.server.maxConnections = CONNECTIONS;
  guard(server, options);
  answerErrors(server, options.log);
  registerProbes(server, options.sources, options.invocation);
  registerAssets(server);
  registerPages(server, options);
  await registerBoard(server, { ...options, isWritable: password !== null });
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    throw new WebRefused(whyNot(error, host, port), { cause: error });
  }
  return { url: urlOf(server.server.address() as AddressInfo, host), close: () => server.close() };
}

/** Headers, and the gate. */
function guard(server: FastifyInstance, { user, password, log }: WebOptions): void {
  const guesses = createGuessLimit();

  function refuse(reply: FastifyReply, status: number, reason: string): FastifyReply {
    return reply.code(status).type("text/plain; charset=utf-8").send(`${reason}\n`);
  }

  server.addHook("onRequest", async (request, reply) => {
    const path = pathOf(request.url);
    reply.headers(headersFor(path));
    const { host, authorization } = request.headers;
    const name = hostName(host);
    if (name === null) return refuse(reply, 400, "The Host header is missing or makes no sense.");
    if (password === null && !isLoopback(name)) {
      // A page of another site whose name was pointed at this machine: without a password it would be let in.
      return refuse(reply, 403, "Without a password this page answers only as localhost. Open it by that name.");
    }
    if (password !== null && !OPEN_PATHS.has(path)) {
      const now = Date.now();
      const waitMs = guesses.waitMs(request.ip, now);
      if (waitMs > 0) {
        reply.header("retry-after", Math.ceil(waitMs / 1000));
        return refuse(reply, 429, "Too many wrong passwords came from this address. Wait a minute, then try again.");
      }
      if (!isAllowed(authorization, { user, password })) {
        if (authorization !== undefined) {
          guesses.noteWrong(request.ip, now);
          log.warn({ address: request.ip }, "wrong user or password for the dashboard");
        }
        reply.header("www-authenticate", 'Basic realm="Roster Sync", charset="UTF-8"');
        return refuse(reply, 401, "Sign in with DASHBOARD_USER and DASHBOARD_PASSWORD.");
      }
      guesses.noteRight(request.ip);
    }
    const reason = crossSiteReason(request.method, request.headers);
    if (reason !== null) return refuse(reply, 403, `Refused: ${reason}.`);
    return undefined;
  });

  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    const durationMs = Math.round(reply.elapsedTime);
    log.debug({ method: request.method, route, status: reply.statusCode, durationMs }, "web request answered");
  });
}

function answerErrors(server: FastifyInstance, log: Log): void {
  server.setNotFoundHandler((_request, reply) => {
    reply.code(404).type("text/plain; charset=utf-8").send("There is no such page.\n");
  });
  server.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
    const isTheirs = status >= 400 && status < 500;
    if (!isTheirs) log.error({ route: request.routeOptions.url ?? "none", err: error }, "a web page broke");
    const text = isTheirs ? "This request makes no sense here." : "This page broke; the daemon's log says why.";
    reply
      .code(isTheirs ? status : 500)
      .type("text/plain; charset=utf-8")
      .send(`${text}\n`);
  });
}

const ASSETS = [
  { file: "overview.css", type: "text/css; charset=utf-8" },
  { file: "refresh.js", type: "text/javascript; charset=utf-8" },
  { file: "mark.svg", type: "image/svg+xml" },
] as const;

function registerAssets(server: FastifyInstance): void {
  for (const { file, type } of ASSETS) {
    const content = readFileSync(new URL(`static/${file}`, import.meta.url), "utf8");
    server.get(`/assets/${file}`, (_request, reply) => reply.type(type).send(content));
  }
}

function registerPages(server: FastifyInstance, options: WebOptions): void {
  const { sources, queues, metrics, version, organisation, timeZone, invocation } = options;
  const context: PageContext = { version, organisation, timeZone, moments: momentFormat(timeZone), invocation };

  function send(reply: FastifyReply, page: Page): FastifyReply {
    return reply.type("text/html; charset=utf-8").send(renderPage(page, context));
  }

  server.get("/", async (_request, reply) => {
    return send(reply, overviewPage(await takeSnapshot(sources, queues, Date.now()), context));
  });

  server.get<{ Params: { runId: string } }>("/runs/:runId", async (request, reply) => {
    const { runId } = request.params;
    if (!RUN_ID.test(runId)) return reply.callNotFound();
    if (!(await isRedisUp(sources))) return send(reply.code(503), overviewPage(null, context));
    const run = await sources.run(runId);
    return run === null ? reply.callNotFound() : send(reply, runPage(run, sources.answerFiles(run), context));
  });

  server.get("/metrics", async (_request, reply) => {
    const snapshot = await takeSnapshot(sources, queues, Date.now());
    return reply.type(metrics.registry.contentType).send(await exposition(metrics, snapshot, version));
  });
}

function urlOf({ port }: AddressInfo, host: string): string {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const name = isEverywhere ? "localhost" : host.replace(/^\[|\]$/g, "");
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function whyNot(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  const where = `port ${port} on ${host}`;
  if (code === "EADDRINUSE") return `Another program listens on ${where}. Set PORT to a free one, or stop the other.`;
  if (code === "EACCES") return `This user may not listen on ${where}. Set PORT to one above 1023.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return `${host} is not an address of this machine. Set HOST=127.0.0.1, or one of its own addresses.`;
  }
  return `The dashboard cannot listen on ${where} (${code}).`;
}
