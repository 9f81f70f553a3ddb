// App and user tokens: asked for once, renewed in time, shared through the vault, given up when refused, minted for members only.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TallyfyClient } from "../../src/tallyfy/client.ts";
import type { TallyfyClientOptions } from "../../src/tallyfy/settings.ts";
import { ACTING_ADMIN_UNKNOWN, UnknownMember } from "../../src/tallyfy/user-token.ts";
import { type ScriptedServer, startServer } from "./scripted-server.ts";
import {
  ADA,
  ADMIN,
  CREATE_PATH,
  clientFor,
  created,
  expectPrivate,
  failureOf,
  giveTokens,
  LIST_PATH,
  MINT_PATH,
  memoryVault,
  ORG,
  SECRET,
  TOKEN_PATH,
  tokenReply,
} from "./subject.ts";

const LIFE_MS = 604_800_000;

let server: ScriptedServer;
let clients: TallyfyClient[];
let nowMs: number;

beforeEach(async () => {
  server = await startServer();
  giveTokens(server);
  server.on(CREATE_PATH, created(ADA.email));
  server.on(LIST_PATH, { status: 200, body: { data: [], meta: { pagination: { total: 0 } } } });
  clients = [];
  nowMs = 1_700_000_000_000;
});

afterEach(async () => {
  for (const client of clients) await client.close();
  await server.close();
});

function open(overrides: Partial<TallyfyClientOptions> = {}): TallyfyClient {
  const client = clientFor(server, { now: () => nowMs, ...overrides });
  clients.push(client);
  return client;
}

function times<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, work));
}

describe("the app token", () => {
  test("is asked for once by twenty calls at the same time", async () => {
    const client = open();
    await times(20, () => client.createUser(ADA));
    expect(server.count(TOKEN_PATH)).toBe(1);
  });

  test("is asked for once by two processes that share a vault", async () => {
    const vault = memoryVault();
    const [one, two] = [open({ vault }), open({ vault })];
    await Promise.all([times(10, () => one.ensureAccess()), times(10, () => two.ensureAccess())]);
    expect(server.count(TOKEN_PATH)).toBe(1);
  });

  test("is found again in the vault after a restart, under a name that tells nothing", async () => {
    const vault = memoryVault();
    await open({ vault }).ensureAccess();
    await open({ vault }).ensureAccess();
    expect(server.count(TOKEN_PATH)).toBe(1);
    const [name = ""] = vault.kept.keys();
    expect(name).toContain(ORG);
    expect(name).not.toContain("4711");
    expectPrivate(name.replace("app-token.", ""));
  });

  test.each<[string, Partial<TallyfyClientOptions>]>([
    ["secret", { credentials: () => ({ clientId: "4711", clientSecret: "another" }) }],
    ["client id", { credentials: () => ({ clientId: "4712", clientSecret: SECRET }) }],
    ["organisation", { orgId: "f".repeat(32) }],
  ])("of another %s is never reused", async (_, overrides) => {
    const vault = memoryVault();
    await open({ vault }).ensureAccess();
    await open({ vault, ...overrides }).ensureAccess();
    expect(server.count(TOKEN_PATH)).toBe(2);
    expect(vault.kept.size).toBe(2);
  });

  test("follows a secret that changes while we run", async () => {
    let clientSecret = "old";
    const client = open({ credentials: () => ({ clientId: "4711", clientSecret }) });
    await client.ensureAccess();
    clientSecret = "new";
    await client.ensureAccess();
    const secrets = server.seen.map(({ body }) => new URLSearchParams(body).get("client_secret"));
    expect(secrets).toEqual(["old", "new"]);
  });

  test("lives as long as the answer says and is renewed at four fifths of it", async () => {
    const client = open({ vault: memoryVault() });
    await client.ensureAccess();
    nowMs += LIFE_MS * 0.79;
    await client.ensureAccess();
    expect(server.count(TOKEN_PATH)).toBe(1);
    nowMs += LIFE_MS * 0.02;
    await client.ensureAccess();
    expect(server.count(TOKEN_PATH)).toBe(2);
  });

  test("goes on being used while it lives when the token host is away, which is asked again only after a rest", async () => {
    const client = open();
    await client.ensureAccess();
    server.on(TOKEN_PATH, { status: 503 });
    nowMs += LIFE_MS * 0.9;
    await times(5, () => client.createUser(ADA));
    await client.createUser(ADA);
    expect(server.count(TOKEN_PATH)).toBe(2);
    nowMs += 61_000;
    await client.createUser(ADA);
    expect(server.count(TOKEN_PATH)).toBe(3);
    nowMs += LIFE_MS;
    expect(await failureOf(client.createUser(ADA))).toMatchObject({ kind: "unavailable" });
  });

  test("is given up by nobody's quiet use when the credentials are refused at renewal", async () => {
    const client = open();
    await client.ensureAccess();
    server.on(TOKEN_PATH, { status: 401, body: { error: "invalid_client" } });
    nowMs += LIFE_MS * 0.9;
    expect(await failureOf(client.createUser(ADA))).toMatchObject({ kind: "unauthorized", code: "INVALID_CLIENT" });
  });

  test("that is refused is replaced once for all calls that met the refusal", async () => {
    const vault = memoryVault();
    const client = open({ vault });
    await client.ensureAccess();
    server.on(CREATE_PATH, ({ headers }) =>
      headers.authorization === "Bearer token-app-1" ? { status: 401, body: "Unauthorized." } : created(ADA.email),
    );
    await times(20, () => client.createUser(ADA));
    expect(server.count(TOKEN_PATH)).toBe(2);
    expect([...vault.kept.values()].map(({ token }) => token)).toEqual(["token-app-2"]);
  });

  test("that another process has replaced meanwhile is taken from the vault", async () => {
    const vault = memoryVault();
    const [one, two] = [open({ vault }), open({ vault })];
    await Promise.all([one.ensureAccess(), two.ensureAccess()]);
    server.on(CREATE_PATH, ({ headers }) =>
      headers.authorization === "Bearer token-app-1" ? { status: 401 } : created(ADA.email),
    );
    await one.createUser(ADA);
    await two.createUser(ADA);
    expect(server.count(TOKEN_PATH)).toBe(2);
  });

  test("that was asked for in vain fails all who waited, and the next call asks again", async () => {
    server.on(TOKEN_PATH, (_, nth) => (nth === 1 ? { status: 500 } : tokenReply("token-later")));
    const client = open();
    const failed = await times(5, () =>
      client.ensureAccess().then(
        () => "had",
        () => "failed",
      ),
    );
    expect(failed).toEqual(Array(5).fill("failed"));
    await client.ensureAccess();
    expect(server.count(TOKEN_PATH)).toBe(2);
  });

  test("can be checked past every cache, with the host's clock", async () => {
    const client = open({ vault: memoryVault() });
    await client.ensureAccess();
    server.on(TOKEN_PATH, { ...tokenReply("token-checked"), headers: { Date: "Mon, 05 Jan 2026 10:00:00 GMT" } });
    const check = await client.checkToken();
    expect(check).toMatchObject({ expiresInS: 604_800, serverDateMs: Date.UTC(2026, 0, 5, 10) });
    expect(check.latencyMs).toBeGreaterThan(0);
    expect(server.count(TOKEN_PATH)).toBe(2);
  });
});

describe("the acting admin's token", () => {
  const list = async (client: TallyfyClient) => {
    for await (const _ of client.listMembers());
  };

  test("is minted once, kept in the vault, and renewed at four fifths of its life", async () => {
    const vault = memoryVault();
    const client = open({ vault });
    await times(5, () => list(client));
    await list(open({ vault }));
    expect(server.count(MINT_PATH)).toBe(1);
    expect(vault.kept.size).toBe(2);
    nowMs += LIFE_MS * 0.81;
    await list(client);
    expect(server.count(MINT_PATH)).toBe(2);
  });

  test("is asked for with the address encoded in the path and no body", async () => {
    const client = open({ adminEmail: "the.boss+api@corp.example" });
    await list(client);
    const asked = server.seen.find(({ path }) => path.includes("/token") && path.startsWith("/api"));
    expect(asked?.path).toBe(`/api/applications/${ORG}/users/the.boss%2Bapi%40corp.example/token`);
    expect(asked?.body).toBe("");
    expect(asked?.headers["content-type"]).toBeUndefined();
  });

  test("that is refused gets one fresh mint and one repeat", async () => {
    server.on(LIST_PATH, { status: 401, body: "Unauthorized." });
    const failure = await failureOf(list(open()));
    expect(failure).toMatchObject({ kind: "unauthorized", status: 401 });
    expect(failure.message).toContain("TALLYFY_ADMIN_EMAIL");
    expect(server.count(MINT_PATH)).toBe(2);
    expect(server.count(LIST_PATH)).toBe(2);
  });

  test.each([404, 422])("for an address that is no member (%d) names the setting", async (status) => {
    server.on(MINT_PATH, { status, body: { error: true, message: ADMIN } });
    const failure = await failureOf(list(open()));
    expect(failure).toMatchObject({ kind: "forbidden", status, code: ACTING_ADMIN_UNKNOWN, wasSent: false });
    expect(failure.message).toContain("TALLYFY_ADMIN_EMAIL");
  });

  test("is not needed where no admin is configured, and listing says so", async () => {
    const client = open({ adminEmail: null });
    expect(client.canList).toBe(false);
    await expect(list(client)).rejects.toThrow("TALLYFY_ADMIN_EMAIL");
  });
});

describe("a user token for somebody else", () => {
  test("is minted for a known member and kept nowhere", async () => {
    const vault = memoryVault();
    const asked: string[] = [];
    const token = await open({ vault }).mintFor(" Ada+Work@Corp.Example", async (email) => asked.push(email) > 0);
    expect(token).toEqual({ token: "token-user-1", obtainedAt: nowMs, expiresAt: nowMs + LIFE_MS });
    expect(asked).toEqual([ADA.email]);
    expect(vault.kept.size).toBe(1);
    expect(server.seen.at(-1)?.path).toBe(`/api/applications/${ORG}/users/ada%2Bwork%40corp.example/token`);
  });

  test("is not asked for when nobody knows the address", async () => {
    const refused = await open()
      .mintFor(ADA.email, async () => false)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnknownMember);
    expectPrivate(String(refused));
    expect(server.seen).toHaveLength(0);
  });

  test("needs nobody's word for the configured admin", async () => {
    await open().mintFor(ADMIN.toUpperCase(), async () => false);
    expect(server.count(MINT_PATH)).toBe(1);
  });

  test.each([
    [404, "not-found"],
    [422, "invalid"],
    [403, "forbidden"],
    [401, "unauthorized"],
  ])("that Tallyfy refuses (%d) is %s", async (status, kind) => {
    server.on(MINT_PATH, { status, body: { error: "no" } });
    expect(await failureOf(open().mintFor(ADA.email, async () => true))).toMatchObject({ kind, status });
  });

  test("makes no sense without a lifetime", async () => {
    server.on(MINT_PATH, { status: 200, body: { access_token: "token-x", token_type: "Bearer" } });
    expect(await failureOf(open().mintFor(ADA.email, async () => true))).toMatchObject({ kind: "protocol" });
  });
});

describe("the probe", () => {
  test.each([404, 422, 400, 200])("takes %d for an impossible address as being accepted", async (status) => {
    server.on(MINT_PATH, status === 200 ? tokenReply("token-odd") : { status, body: { error: true, message: "none" } });
    expect(await open().probe()).toBeNull();
    expect(decodeURIComponent(server.seen.at(-1)?.path ?? "")).toMatch(/@[a-z.-]+\.invalid\/token$/);
  });

  test.each<[number, unknown, string]>([
    [401, "Unauthorized.", "TALLYFY_CLIENT_ID"],
    [403, { message: "no permission" }, "TALLYFY_ORG_ID"],
    [404, { error: true, code: "ENDPOINT_NOT_FOUND" }, "TALLYFY_API_URL"],
    [404, "<!doctype html><h1>Not here</h1>", "TALLYFY_"],
  ])("takes %d %j as a refusal and says what to check", async (status, body, setting) => {
    server.on(MINT_PATH, { status, body });
    const refusal = await open().probe();
    expect(refusal?.status).toBe(status);
    expect(refusal?.message).toContain(setting);
  });

  test("tries a fresh token before it takes a 401 seriously", async () => {
    server.on(MINT_PATH, (_, nth) => ({ status: nth === 1 ? 401 : 404 }));
    expect(await open().probe()).toBeNull();
    expect(server.count(TOKEN_PATH)).toBe(2);
  });

  test.each([400, 401, 404])("is refused where the token host says %d", async (status) => {
    server.on(TOKEN_PATH, { status, body: { error: "invalid_client" } });
    expect(await open().probe()).toMatchObject({ status });
    expect(server.count("POST /api")).toBe(0);
  });

  test("is refused where the fresh token's request meets a wrong token URL", async () => {
    server.on(TOKEN_PATH, (_, nth) => (nth === 1 ? tokenReply("token-a") : { status: 404 }));
    server.on(MINT_PATH, { status: 401 });
    expect((await open().probe())?.message).toContain("TALLYFY_TOKEN_URL");
  });

  test.each([429, 500, 302])("throws what says nothing about our credentials (%d)", async (status) => {
    server.on(MINT_PATH, { status });
    expect(await failureOf(open().probe())).toMatchObject({ status });
    server.on(TOKEN_PATH, { status });
    expect(await failureOf(open().probe())).toMatchObject({ status });
  });
});
