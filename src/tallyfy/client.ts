// The way to Tallyfy: every call of one organisation, with the token it needs. Implements the port `TallyfyApi`.
// One attempt per call, apart from one repeat with a fresh token after a 401; waiting and retrying are the queue's.

import { z } from "zod";
import type { StoredToken, TallyfyApi } from "../app/ports.ts";
import { normaliseEmail, type Profile } from "../domain/profile.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import { askForAppToken } from "./app-token.ts";
import { type CallNote, createCall } from "./call.ts";
import { createHttp } from "./http.ts";
import { memberKey, readCreated, readMember } from "./members.ts";
import type { Endpoint } from "./messages.ts";
import { PAGE_SIZE, type Page, readPage, walkPages } from "./pages.ts";
import { probe } from "./probe.ts";
import { apiHeaders, resourceUrl, type TallyfyClientOptions, vaultNames } from "./settings.ts";
import { readTask, type Task } from "./tasks.ts";
import { createTokenCache, type TokenCache } from "./token-cache.ts";
import { aboutActingAdmin, mint, UnknownMember } from "./user-token.ts";

export interface TokenCheck {
  readonly expiresInS: number;
  /** The token host's clock, milliseconds since 1970; null when it did not say. */
  readonly serverDateMs: number | null;
  readonly latencyMs: number;
}

export interface TallyfyClient extends TallyfyApi {
  /** Asks for a new app token, past every cache, and throws it away. @throws TallyfyError */
  checkToken(): Promise<TokenCheck>;
  /**
   * A user token for a known member; it is not kept. `isKnownMember` gets the normalised address.
   * @throws UnknownMember when nobody vouches for the address @throws TallyfyError
   */
  mintFor(email: string, isKnownMember: (email: string) => Promise<boolean>): Promise<StoredToken>;
  /** The tasks of the user to whom this user token belongs. @throws TallyfyError */
  tasks(userToken: string): Promise<readonly Task[]>;
  /** Needs `canList`. @throws TallyfyError */
  organisation(): Promise<{ readonly name: string | null }>;
  /** Closes all connections; calls still in flight fail. */
  close(): Promise<void>;
}

export type { CallNote };

const organisationAnswer = z.object({ data: z.object({ name: z.string().nullable().catch(null).default(null) }) });

/** @throws Error when the CA file or a proxy address cannot be used */
export function createTallyfyClient(options: TallyfyClientOptions): TallyfyClient {
  const now = options.now ?? Date.now;
  const http = createHttp(options);
  const call = createCall({ http, now, onCall: options.onCall ?? (() => {}), gate: options.gate ?? null });
  const { vault, adminEmail, orgId, apiUrl } = options;

  const appToken = createTokenCache({
    name: vaultNames("app", options),
    ask: async () => (await askForAppToken(call, options, now)).token,
    vault,
    now,
  });
  const adminToken = createTokenCache({
    name: vaultNames("user", options, adminEmail ?? ""),
    ask: askForAdminToken,
    vault,
    now,
  });

  /**
   * No sort field is documented for the member list (tallyfy-api.md 12.7), and an undocumented one may be refused: lists are
   * read as they come. One that does not add up is next time asked for by id, in case its order was to blame.
   */
  let isSorted = false;

  const mintWith = (token: string, email: string) => mint(call, options, token, email, now);

  async function askForAdminToken(): Promise<StoredToken> {
    if (adminEmail === null) throw new Error("members can only be listed with an acting admin (TALLYFY_ADMIN_EMAIL)");
    try {
      return await withToken(appToken, (token) => mintWith(token, adminEmail));
    } catch (error) {
      throw aboutActingAdmin(error);
    }
  }

  function get<T>(endpoint: Endpoint, token: string, url: string, read: (json: unknown) => T | null): Promise<T> {
    return call({
      endpoint,
      method: "GET",
      url,
      setting: "TALLYFY_API_URL",
      headers: apiHeaders(token),
      body: null,
      read,
    });
  }

  function fetchMembers(
    endpoint: "list" | "find",
    page: number,
    extra: Readonly<Record<string, string>>,
  ): Promise<Page> {
    const query = new URLSearchParams({ ...extra, page: `${page}`, per_page: `${PAGE_SIZE}` });
    const url = `${resourceUrl(apiUrl, "organizations", orgId, "users")}?${query}`;
    return withToken(adminToken, (token) => get(endpoint, token, url, readPage));
  }

  return {
    canList: adminEmail !== null,

    async ensureAccess() {
      await appToken.get();
    },

    createUser(profile) {
      const body = JSON.stringify(creationBody(profile));
      return withToken(appToken, (token) =>
        call({
          endpoint: "create",
          method: "POST",
          url: resourceUrl(apiUrl, "applications", orgId, "users"),
          setting: "TALLYFY_API_URL",
          headers: { ...apiHeaders(token), "Content-Type": "application/json" },
          body,
          read: (json) => readCreated(json, profile),
        }),
      );
    },

    async findMember(email) {
      const wanted = normaliseEmail(email);
      const fetch = (page: number) => fetchMembers("find", page, { q: wanted });
      for await (const items of walkPages({ fetch, keyOf: memberKey, mode: "search", what: "The search result" })) {
        for (const item of items) {
          const account = readMember(item);
          if (account?.email === wanted) return account;
        }
      }
      return null;
    },

    async *listMembers() {
      const order = isSorted ? { sort: "id" } : {};
      const fetch = (page: number) => fetchMembers("list", page, order);
      try {
        for await (const items of walkPages({ fetch, keyOf: memberKey, mode: "complete", what: "The member list" })) {
          yield items.map(readMember).filter((account) => account !== null);
        }
      } catch (error) {
        if (mayBeTheOrder(error, isSorted)) isSorted = !isSorted;
        throw error;
      }
    },

    probe: () => probe(appToken, mintWith),

    async checkToken() {
      const startedAt = performance.now();
      const { token, serverDateMs } = await askForAppToken(call, options, now);
      const latencyMs = performance.now() - startedAt;
      return { expiresInS: (token.expiresAt - token.obtainedAt) / 1000, serverDateMs, latencyMs };
    },

    async mintFor(email, isKnownMember) {
      const wanted = normaliseEmail(email);
      const isActingAdmin = adminEmail !== null && wanted === normaliseEmail(adminEmail);
      if (!isActingAdmin && !(await isKnownMember(wanted))) throw new UnknownMember();
      return withToken(appToken, (token) => mintWith(token, wanted));
    },

    async tasks(userToken) {
      const base = resourceUrl(apiUrl, "organizations", orgId, "me", "tasks");
      const fetch = (page: number) => get("tasks", userToken, `${base}?page=${page}&per_page=${PAGE_SIZE}`, readPage);
      const tasks: Task[] = [];
      const keyOf = (item: unknown) => readTask(item)?.id ?? JSON.stringify(item);
      for await (const items of walkPages({ fetch, keyOf, mode: "search", what: "The task list" })) {
        tasks.push(...items.map(readTask).filter((task) => task !== null));
      }
      return tasks;
    },

    async organisation() {
      const url = resourceUrl(apiUrl, "organizations", orgId);
      return withToken(adminToken, (token) =>
        get("organisation", token, url, (json) => organisationAnswer.safeParse(json).data?.data ?? null),
      );
    },

    close: () => http.close(),
  };
}

/** tallyfy-api.md 2.2; a time zone that nobody chose is left to Tallyfy. */
function creationBody({ email, firstName, lastName, role, timeZone }: Profile): Record<string, string> {
  const body = { email, first_name: firstName, last_name: lastName, role };
  return timeZone === null ? body : { ...body, timezone: timeZone };
}

/** Whether another order may help: the list did not add up, or the order we asked for was refused. */
function mayBeTheOrder(error: unknown, isSorted: boolean): boolean {
  if (!(error instanceof TallyfyError)) return false;
  return error.kind === "protocol" || (isSorted && (error.kind === "invalid" || error.kind === "unavailable"));
}

/** Does a call with a token; a token that is refused (401) is replaced once, and the call repeated once. */
async function withToken<T>(tokens: TokenCache, work: (token: string) => Promise<T>): Promise<T> {
  const token = await beforeSending(tokens.get());
  try {
    return await work(token);
  } catch (error) {
    if (!(error instanceof TallyfyError) || error.kind !== "unauthorized") throw error;
  }
  return await work(await beforeSending(tokens.replace(token)));
}

/** Without a token the call itself was never made (or was refused with 401): Tallyfy has not acted on it. */
async function beforeSending(token: Promise<string>): Promise<string> {
  try {
    return await token;
  } catch (error) {
    if (error instanceof TallyfyError) throw new TallyfyError({ ...error.failure, wasSent: false });
    throw error;
  }
}
