// What the client's tests share: a client against a scripted server, and a look at failures that also proves they tell nothing.

import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { StoredToken, TokenVault } from "../../src/app/ports.ts";
import type { Profile } from "../../src/domain/profile.ts";
import { TallyfyError, type TallyfyFailure } from "../../src/domain/tallyfy-error.ts";
import { createTallyfyClient, type TallyfyClient } from "../../src/tallyfy/client.ts";
import type { TallyfyClientOptions } from "../../src/tallyfy/settings.ts";
import type { Reply, ScriptedServer } from "./scripted-server.ts";

export const ORG = "0123456789abcdef0123456789abcdef";
export const SECRET = "s3cret+/=with signs";
export const ADMIN = "boss@corp.example";

export const ADA: Profile = {
  email: "ada+work@corp.example",
  firstName: "Ada",
  lastName: "Lovelace",
  role: "standard",
  timeZone: "Europe/London",
};

export const TOKEN_PATH = "POST /oauth/token";
export const CREATE_PATH = `POST /api/applications/${ORG}/users`;
export const MINT_PATH = `POST /api/applications/${ORG}/users/`;
export const LIST_PATH = `GET /api/organizations/${ORG}/users`;

/** Words that no failure may repeat, although the servers of these tests put them into their answers. */
const PRIVATE = [SECRET, "s3cret", "Lovelace", "Ada", "ada+work", "corp.example", "boss", "token-", "SQLSTATE"];

export function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

export function optionsFor(
  server: ScriptedServer,
  overrides: Partial<TallyfyClientOptions> = {},
): TallyfyClientOptions {
  return {
    version: "1.2.3",
    connectTimeoutMs: 2_000,
    headersTimeoutMs: 10_000,
    callTimeoutMs: 10_000,
    maxBodyBytes: 1_000_000,
    ca: null,
    apiUrl: `${server.url}/api/`,
    tokenUrl: `${server.url}/oauth/token`,
    orgId: ORG,
    credentials: () => ({ clientId: "4711", clientSecret: SECRET }),
    adminEmail: ADMIN,
    vault: null,
    fingerprint,
    ...overrides,
  };
}

export function clientFor(server: ScriptedServer, overrides: Partial<TallyfyClientOptions> = {}): TallyfyClient {
  return createTallyfyClient(optionsFor(server, overrides));
}

/** App tokens `token-app-1`, `token-app-2`, …; user tokens `token-user-1`, … */
export function giveTokens(server: ScriptedServer): void {
  server.on(TOKEN_PATH, (_, nth) => tokenReply(`token-app-${nth}`));
  server.on(MINT_PATH, (_, nth) => tokenReply(`token-user-${nth}`));
}

export function tokenReply(token: string, expiresIn: unknown = 604_800): Reply {
  return { status: 200, body: { token_type: "Bearer", expires_in: expiresIn, access_token: token } };
}

export function created(email: string): Reply {
  const data = { id: 70001, email, first_name: "Ada", last_name: "Lovelace", role: "standard" };
  return { status: 201, body: { data } };
}

/** The failure of a call that must fail; proves that nothing of it, nor of its stack or cause, tells anything private. */
export async function failureOf(work: Promise<unknown>): Promise<TallyfyFailure> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TallyfyError)) throw new Error("a TallyfyError was expected", { cause: error });
  expectPrivate(`${JSON.stringify(error.failure)} ${error.message} ${String(error.cause)} ${error.stack ?? ""}`);
  return error.failure;
}

export function expectPrivate(text: string): void {
  const withoutPaths = text.replace(/\n\s+at .*/g, "");
  for (const word of PRIVATE) expect(withoutPaths).not.toContain(word);
}

/** Keeps tokens as Redis would, for several clients. */
export function memoryVault(): TokenVault & { readonly kept: Map<string, StoredToken> } {
  const kept = new Map<string, StoredToken>();
  const queues = new Map<string, Promise<unknown>>();
  return {
    kept,
    load: async (name) => kept.get(name) ?? null,
    save: async (name, token) => {
      kept.set(name, token);
    },
    forget: async (name) => {
      kept.delete(name);
    },
    exclusively(name, work) {
      const before = queues.get(name) ?? Promise.resolve();
      const result = before.then(work, work);
      queues.set(
        name,
        result.catch(() => {}),
      );
      return result;
    },
  };
}
