// The sandbox as an HTTP server: every request on its way from arrival to answer, with limits and faults on the way.
// Listens on loopback. What the API means is in routes.ts and the files behind it.

import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { admit } from "./admission.ts";
import { type Answer, type Rendered, refuse, render } from "./answers.ts";
import { decoded, jsonBody } from "./call.ts";
import { answerControl, CONTROL_PREFIX } from "./control.ts";
import { noteAnswer, noteArrival, noteViolation, type SandboxCounts } from "./counts.ts";
import { decideFate, type Fate } from "./faults.ts";
import type { SeedMember } from "./members.ts";
import { findRoute, type Match, perform } from "./routes.ts";
import {
  createState,
  SANDBOX_ADMIN_EMAIL,
  SANDBOX_CLIENT_ID,
  SANDBOX_CLIENT_SECRET,
  SANDBOX_ORG_ID,
  type SandboxState,
} from "./state.ts";
import type { SandboxSwitches, SwitchChanges } from "./switches.ts";

const BODY_MAX_BYTES = 1024 * 1024;

export interface SandboxOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly orgId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly adminEmail: string;
  /** So many active members besides the admin and a bot, or exactly these besides the two. */
  readonly members: number | readonly SeedMember[];
  readonly switches: SwitchChanges;
  /** Of all chance: the same seed strikes the same requests. */
  readonly seed: number;
  /** Milliseconds since 1970: the clock of tokens, limits and time stamps. Latency runs on the real one. */
  readonly now: () => number;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly tokenUrl: string;
  /** Ends in `/api`. */
  readonly apiUrl: string;
  readonly orgId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly adminEmail: string;
  readonly port: number;
  /** Live: write to it, and the next request meets it. */
  readonly switches: SandboxSwitches;
  readonly counts: SandboxCounts;
  readonly state: SandboxState;
  /** Ends all tokens given out so far, or those of one kind. */
  revokeAll(kind?: "app" | "user"): void;
  /** Stops listening and drops every connection, hanging ones too. Repeating it is harmless. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for the Tallyfy API on loopback. Resolves when it listens.
 *
 * @throws TypeError when a switch is wrong; Error with code EADDRINUSE when the port is taken
 */
export async function startSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const state = createState({
    orgId: options.orgId ?? SANDBOX_ORG_ID,
    clientId: options.clientId ?? SANDBOX_CLIENT_ID,
    clientSecret: options.clientSecret ?? SANDBOX_CLIENT_SECRET,
    adminEmail: options.adminEmail ?? SANDBOX_ADMIN_EMAIL,
    members: options.members ?? 0,
    switches: options.switches ?? {},
    seed: options.seed ?? 1,
    now: options.now ?? Date.now,
  });
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const server = createServer((req, res) => {
    serve(state, req, res, closing.signal).catch((error: unknown) => answerBug(state, res, error));
  });
  // Longer than any client keeps an idle connection, so that no request meets one that is just being closed.
  server.keepAliveTimeout = 120_000;

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    tokenUrl: `${url}/oauth/token`,
    apiUrl: `${url}/api`,
    ...state.identity,
    port,
    switches: state.switches,
    counts: state.counts,
    state,
    revokeAll: (kind) => state.tokens.revokeAll(kind),
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        // The callback's error only says that it was closed before.
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Counts a request as gone, once: before its answer leaves, so that a client's next request never meets it. */
function leaving(counts: SandboxCounts): () => void {
  let isInside = true;
  return () => {
    if (isInside) counts.inFlight--;
    isInside = false;
  };
}

interface Arrived {
  readonly method: string;
  readonly match: Match;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  readonly body: string;
  /** The address that the request is about, or null. */
  readonly subject: string | null;
}

async function serve(
  state: SandboxState,
  req: IncomingMessage,
  res: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const { method = "", url = "/" } = req;
  if (url.startsWith(CONTROL_PREFIX)) {
    const answer = answerControl(state, method, url, (await readBody(req)) ?? "");
    send(res, render(answer, { ...state.switches, paddingBytes: 0 }, null), {});
    return;
  }

  const [path = "/", search] = url.split("?", 2);
  const match = findRoute(method, path);
  const { endpoint } = match;
  noteArrival(state.counts, endpoint, state.now());
  const leave = leaving(state.counts);
  res.once("close", leave);

  const headers = plainHeaders(req);
  const address = req.socket.remoteAddress ?? "";
  const entry = admit(state, { endpoint, headers, address, nowMs: state.now() });
  const reply = (rendered: Rendered) => {
    if (res.destroyed) return;
    leave();
    noteAnswer(state.counts, endpoint, rendered.status);
    send(res, rendered, { ...commonHeaders(state), ...entry.headers });
  };

  const body = await readBody(req);
  if (body === null) return reply(render(refuse(413, null, "request", { shape: "bare" }), state.switches, null));
  if (entry.refusal !== null) return reply(entry.refusal);

  const subject = subjectOf(match, body);
  const arrived: Arrived = { method, match, headers, query: new URLSearchParams(search), body, subject };
  const fate = decideFate(endpoint, state.switches, state.chance.draw(`${method} ${url} ${subject}`));
  if (fate.latencyMs > 0 && !(await isStillOpen(fate.latencyMs, closing))) return;
  meetFate(state, arrived, fate, res, reply);
}

/** Carries the request out, or not, and answers, or not. */
function meetFate(
  state: SandboxState,
  arrived: Arrived,
  fate: Fate,
  res: ServerResponse,
  reply: (rendered: Rendered) => void,
): void {
  const { switches, counts } = state;
  const { fault, isAfterWrite } = fate;
  const answer = fault === "none" || isAfterWrite ? carryOut(state, arrived) : null;
  const rendered = answer === null ? null : render(answer, switches, arrived.subject);
  switch (fault) {
    case "none":
      if (rendered !== null) reply(rendered);
      return;
    case "fail":
      counts.faults[isAfterWrite ? "failedAfter" : "failedBefore"]++;
      reply(render(refuse(switches.failStatus, null, "server", { shape: "bare" }), switches, arrived.subject));
      return;
    case "reset":
      counts.faults.resets++;
      res.socket?.resetAndDestroy();
      return;
    case "hang":
      counts.faults.hangs++;
      return;
    case "truncate":
      counts.faults.truncated++;
      if (rendered !== null) cutShort(state, rendered, res, reply);
      return;
  }
}

function carryOut(state: SandboxState, { method, match, headers, query, body }: Arrived): Answer {
  const { nextAnswers } = state.switches;
  const at = nextAnswers.findIndex(({ endpoint }) => endpoint === undefined || endpoint === match.endpoint);
  const scripted = at < 0 ? undefined : nextAnswers.splice(at, 1)[0];
  if (scripted !== undefined && scripted.isAfterWrite !== true) return { kind: "scripted", answer: scripted };
  const answer = perform(state, match, method, {
    endpoint: match.endpoint,
    headers,
    params: match.params,
    query,
    body,
  });
  return scripted === undefined ? answer : { kind: "scripted", answer: scripted };
}

function cutShort(
  state: SandboxState,
  rendered: Rendered,
  res: ServerResponse,
  reply: (rendered: Rendered) => void,
): void {
  const half = rendered.body.subarray(0, Math.floor(rendered.body.length / 2));
  if (state.switches.truncatedBody === "json") {
    reply({ ...rendered, body: half });
    return;
  }
  res.writeHead(rendered.status, { ...rendered.headers, "content-length": rendered.body.length });
  // Only once the half has left: destroying at once would drop it.
  res.write(half, () => res.socket?.destroy());
}

/** False when the sandbox was closed meanwhile. */
async function isStillOpen(latencyMs: number, closing: AbortSignal): Promise<boolean> {
  try {
    await wait(latencyMs, undefined, { signal: closing });
    return true;
  } catch {
    return false;
  }
}

function subjectOf(match: Match, body: string): string | null {
  if (match.endpoint === "mintToken") return decoded(match.params.email).toLowerCase();
  if (match.endpoint !== "createUser") return null;
  const email = jsonBody({ body })?.email;
  return typeof email === "string" ? email.toLowerCase() : null;
}

function plainHeaders(req: IncomingMessage): Record<string, string | undefined> {
  const entries = Object.entries(req.headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
}

/** The body as text; null when it is larger than anything the API takes. Reads to the end either way. */
async function readBody(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req) {
    const part = chunk as Buffer;
    bytes += part.length;
    if (bytes <= BODY_MAX_BYTES) chunks.push(part);
  }
  return bytes > BODY_MAX_BYTES ? null : Buffer.concat(chunks).toString("utf8");
}

function commonHeaders({ switches, counts, now }: SandboxState): Record<string, string> {
  return {
    date: new Date(now() + switches.clockSkewMs).toUTCString(),
    ...(switches.requestIds ? { "x-request-id": `sandbox-${counts.requests}` } : {}),
  };
}

function send(res: ServerResponse, { status, headers, body }: Rendered, more: Readonly<Record<string, string>>): void {
  res.writeHead(status, { ...more, ...headers, "content-length": body.length });
  res.end(body);
}

/** A mistake in the sandbox itself must not look like an injected fault: it shows as a violation. */
function answerBug(state: SandboxState, res: ServerResponse, error: unknown): void {
  // A client that went away while sending its body is no mistake.
  if (res.destroyed || res.req.destroyed) return;
  noteViolation(state.counts, "sandbox-bug");
  const body = Buffer.from(String(error instanceof Error ? error.stack : error));
  send(res, { status: 500, headers: { "content-type": "text/plain" }, body }, {});
}
