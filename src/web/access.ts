// Who may ask for what: the name under which we are called, the password, and where a change comes from.
// Pure decisions on request headers; server.ts acts on them. Nothing here logs or keeps what was typed.

import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** Whether only programs on this machine can reach a server that listens on this host. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return isIP(name) === 4 ? name.startsWith("127.") : name === "::1";
}

/** The host name of a Host header, without its port; null when the header is missing or makes no sense. */
export function hostName(header: string | undefined): string | null {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:/?#@\s[\]]+)(?::\d{1,5})?$/.exec(header ?? "");
  return match?.[1] ?? null;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Compares in a time that does not depend on how much of the guess is right. */
export function isAllowed(authorization: string | undefined, expected: Credentials): boolean {
  const given = readBasic(authorization) ?? { user: "", password: "" };
  const isUser = isSame(given.user, expected.user);
  const isPassword = isSame(given.password, expected.password);
  return isUser && isPassword;
}

function readBasic(authorization: string | undefined): Credentials | null {
  const match = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? "");
  if (match?.[1] === undefined) return null;
  const text = Buffer.from(match[1], "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function isSame(given: string, expected: string): boolean {
  // Hashing first makes both sides equally long, which the comparison needs, and hides the length.
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Why a request that may change something is refused; null when it comes from our own pages. */
export function crossSiteReason(method: string, headers: IncomingHttpHeaders): string | null {
  if (method === "GET" || method === "HEAD") return null;
  const site = headers["sec-fetch-site"];
  if (site === "same-origin") return null;
  if (site !== undefined) return "this request was made by another site";
  // Browsers leave Sec-Fetch-Site out where the page came over plain http from another machine; Origin is there always.
  const { origin, host } = headers;
  if (origin === undefined) return "this request does not say which page it was made by";
  const originHost = URL.canParse(origin) ? new URL(origin).host : null;
  const ownHost = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).host : null;
  const ownTlsHost = URL.canParse(`https://${host}`) ? new URL(`https://${host}`).host : null;
  const isOwn = originHost !== null && (originHost === ownHost || originHost === ownTlsHost);
  return isOwn ? null : "this request was made by another site";
}

/** Slows down whoever guesses passwords: after too many wrong ones an address is not listened to for a while. */
export interface GuessLimit {
  /** Milliseconds until this address is listened to again; 0: now. */
  waitMs(address: string, nowMs: number): number;
  noteWrong(address: string, nowMs: number): void;
  noteRight(address: string): void;
}

const WINDOW_MS = 60_000;
const WRONG_GUESSES = 20;
const ADDRESSES = 1000;

export function createGuessLimit(): GuessLimit {
  const wrong = new Map<string, { count: number; since: number }>();
  return {
    waitMs(address, nowMs) {
      const guesses = wrong.get(address);
      if (guesses === undefined || nowMs - guesses.since >= WINDOW_MS) return 0;
      return guesses.count < WRONG_GUESSES ? 0 : guesses.since + WINDOW_MS - nowMs;
    },
    noteWrong(address, nowMs) {
      const guesses = wrong.get(address);
      if (guesses !== undefined && nowMs - guesses.since < WINDOW_MS) {
        guesses.count += 1;
        return;
      }
      wrong.delete(address);
      const [oldest] = wrong.keys();
      if (wrong.size >= ADDRESSES && oldest !== undefined) wrong.delete(oldest);
      wrong.set(address, { count: 1, since: nowMs });
    },
    noteRight(address) {
      wrong.delete(address);
    },
  };
}
