// A real HTTP server that answers as a test tells it to, keeps what it was asked, and can treat the socket badly.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export interface Seen {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Takes the socket over instead of answering. */
  readonly raw?: (socket: Socket) => void;
}

/** `nth` counts the requests of this route from 1. */
export type Answer = Reply | ((seen: Seen, nth: number) => Reply | Promise<Reply>);

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  readonly seen: Seen[];
  /** How many requests began with this, such as `POST /oauth/token`. */
  count(start: string): number;
  /** Answers requests whose "METHOD /path" begins with `start`; the longest start wins. */
  on(start: string, answer: Answer): void;
  close(): Promise<void>;
}

export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

export async function startServer(tls: TlsFiles | null = null): Promise<ScriptedServer> {
  const routes = new Map<string, Answer>();
  const counts = new Map<string, number>();
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const entry: Seen = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks).toString("utf8"),
    };
    seen.push(entry);
    const asked = `${entry.method} ${entry.path}`;
    const route = [...routes.keys()].filter((start) => asked.startsWith(start)).sort((a, b) => b.length - a.length)[0];
    const answer = route === undefined ? undefined : routes.get(route);
    if (route === undefined || answer === undefined) throw new Error("no answer was scripted for this request");
    const nth = (counts.get(route) ?? 0) + 1;
    counts.set(route, nth);
    const reply = typeof answer === "function" ? await answer(entry, nth) : answer;
    if (reply.raw !== undefined) {
      reply.raw(request.socket);
      return;
    }
    const isText = typeof reply.body === "string";
    response.writeHead(reply.status, {
      "Content-Type": isText ? "text/plain" : "application/json",
      ...reply.headers,
    });
    response.end(reply.body === undefined ? "" : isText ? reply.body : JSON.stringify(reply.body));
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => request.socket.destroy());
  };
  const server = tls === null ? createServer(listener) : createTlsServer(tls, listener);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `${tls === null ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    seen,
    count: (start) => seen.filter(({ method, path }) => `${method} ${path}`.startsWith(start)).length,
    on: (start, answer) => {
      routes.set(start, answer);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
