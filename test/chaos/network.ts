// The way between the program and the sandbox: an HTTP proxy that loses, delays, doubles and cuts what goes through it. Portable,
// and on loopback alone. Which request is struck is drawn from seeded chance.

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export type Weather =
  | "calm"
  /** The request never arrives; the connection is cut. */
  | "lose-requests"
  /** The request arrives; its answer never does. */
  | "lose-answers"
  /** The answer comes late, often too late. */
  | "delay"
  /** The request arrives twice; one of the two answers comes back. */
  | "duplicate"
  /** The answer ends half-way. */
  | "truncate"
  /** Nobody is there. */
  | "away";

export const BAD_WEATHERS = ["lose-requests", "lose-answers", "delay", "duplicate", "truncate"] as const;

export interface Network {
  readonly url: string;
  /** Strikes this share of the requests from now on. */
  set(weather: Weather, share: number): void;
  close(): Promise<void>;
}

const LATE_MS = 500;

/** @param target such as `http://127.0.0.1:1234` */
export async function startNetwork(target: string, chance: () => number): Promise<Network> {
  let weather: Weather = "calm";
  let share = 0;

  async function pass(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const strikes = chance() < share ? weather : "calm";
    const body = await bodyOf(req);
    if (strikes === "away" || strikes === "lose-requests") return void res.socket?.destroy();
    const first = forward(target, req, body);
    const answers = strikes === "duplicate" ? [first, forward(target, req, body)] : [first];
    const settled = await Promise.allSettled(answers);
    const arrived = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const answer = arrived[Math.floor(chance() * arrived.length)];
    if (answer === undefined || strikes === "lose-answers") return void res.socket?.destroy();
    if (strikes === "delay") await delay(LATE_MS * chance() * 2);
    res.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length });
    if (strikes !== "truncate") return void res.end(answer.body);
    res.write(answer.body.subarray(0, Math.floor(answer.body.length * chance())));
    await delay(5);
    res.socket?.destroy();
  }

  const server = createServer((req, res) => void pass(req, res).catch(() => res.socket?.destroy()));
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set(next, nextShare) {
      weather = next;
      share = nextShare;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answered {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Resolves with the whole answer; rejects when the sandbox cuts it or never answers. */
function forward(target: string, req: IncomingMessage, body: Buffer): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { connection: _, ...headers } = req.headers;
    const onward = request(new URL(req.url ?? "/", target), { method: req.method, headers, agent: false });
    onward.setTimeout(2_000, () => onward.destroy(new Error("no answer")));
    onward.on("error", reject);
    onward.on("response", (res) => {
      bodyOf(res).then(
        (answer) => resolve({ status: res.statusCode ?? 502, headers: passedOn(res), body: answer }),
        reject,
      );
    });
    onward.end(body);
  });
}

function passedOn({ headers }: IncomingMessage): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" && !["connection", "keep-alive", "transfer-encoding"].includes(name))
      kept[name] = value;
  }
  return kept;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
