// Creating a user: what is sent, what comes back, and what every refusal means.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallNote, TallyfyClient } from "../../src/tallyfy/client.ts";
import { type Reply, type ScriptedServer, startServer } from "./scripted-server.ts";
import {
  ADA,
  CREATE_PATH,
  clientFor,
  created,
  failureOf,
  giveTokens,
  SECRET,
  TOKEN_PATH,
  tokenReply,
} from "./subject.ts";

let server: ScriptedServer;
let client: TallyfyClient;
let notes: CallNote[];

beforeEach(async () => {
  server = await startServer();
  giveTokens(server);
  notes = [];
  client = clientFor(server, { onCall: (note) => notes.push(note) });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

async function refusedWith(reply: Reply) {
  server.on(CREATE_PATH, reply);
  return failureOf(client.createUser(ADA));
}

describe("a creation that succeeds", () => {
  test("sends the four headers, the program's name and exactly the profile", async () => {
    server.on(CREATE_PATH, created(ADA.email));
    await client.createUser(ADA);
    const [, create] = server.seen;
    expect(create?.headers).toMatchObject({
      authorization: "Bearer token-app-1",
      accept: "application/json",
      "x-tallyfy-client": "APIClient",
      "content-type": "application/json",
      "user-agent": "tallyfy-roster-sync/1.2.3",
    });
    expect(JSON.parse(create?.body ?? "")).toEqual({
      email: ADA.email,
      first_name: "Ada",
      last_name: "Lovelace",
      role: "standard",
      timezone: "Europe/London",
    });
  });

  test("leaves an unknown time zone to Tallyfy", async () => {
    server.on(CREATE_PATH, created(ADA.email));
    await client.createUser({ ...ADA, timeZone: null });
    expect(JSON.parse(server.seen[1]?.body ?? "")).not.toHaveProperty("timezone");
  });

  test("asks for the app token with an escaped form and nothing else", async () => {
    server.on(CREATE_PATH, created(ADA.email));
    await client.createUser(ADA);
    const [token] = server.seen;
    expect(token?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(token?.headers.authorization).toBeUndefined();
    expect(token?.body).not.toContain(SECRET);
    expect(Object.fromEntries(new URLSearchParams(token?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: "4711",
      client_secret: SECRET,
      scope: "*",
    });
  });

  test.each([200, 201, 202])("is one with status %d", async (status) => {
    server.on(CREATE_PATH, { ...created(ADA.email), status });
    const account = await client.createUser(ADA);
    expect(account).toMatchObject({ accountId: 70001, email: ADA.email, role: "standard", status: "unknown" });
  });

  test("takes what the answer leaves out from what was sent, and an id written as text", async () => {
    server.on(CREATE_PATH, { status: 200, body: { id: "70002", role: "Standard", groups: [] } });
    const account = await client.createUser(ADA);
    expect(account).toMatchObject({ accountId: 70002, firstName: "Ada", role: "standard" });
  });

  test("is told to the counter without naming anybody", async () => {
    server.on(CREATE_PATH, created(ADA.email));
    await client.createUser(ADA);
    expect(notes.map(({ endpoint, status, kind }) => ({ endpoint, status, kind }))).toEqual([
      { endpoint: "token", status: 200, kind: null },
      { endpoint: "create", status: 201, kind: null },
    ]);
  });
});

describe("an answer that makes no sense", () => {
  test.each<[string, Reply]>([
    ["HTML", { status: 200, body: "<!doctype html><title>Log in</title>", headers: { "Content-Type": "text/html" } }],
    ["nothing at all", { status: 204 }],
    ["an empty body", { status: 201 }],
    ["a list", { status: 200, body: [] }],
    ["JSON without a user", { status: 200, body: { data: {} } }],
    ["somebody else", created("eve@corp.example")],
    ["a redirect", { status: 302, headers: { Location: "/login" } }],
  ])("%s is a protocol failure, and nothing is followed or repeated", async (_, reply) => {
    expect(await refusedWith(reply)).toMatchObject({ kind: "protocol", status: reply.status, wasSent: true });
    expect(server.count("POST /api")).toBe(1);
    expect(server.count("GET /login")).toBe(0);
    expect(notes.at(-1)).toMatchObject({ endpoint: "create", status: reply.status, kind: "protocol" });
  });
});

const LEAK = "ada+work@corp.example Ada Lovelace SQLSTATE[23000]";

describe("a refusal", () => {
  test.each<[string, Reply, object]>([
    [
      "400 generic",
      { status: 400, body: { error: true, message: LEAK, code: "BAD_REQUEST" } },
      { kind: "invalid", code: "BAD_REQUEST" },
    ],
    [
      "422 with fields",
      { status: 422, body: { error: true, errors: { first_name: [LEAK], last_name: LEAK } } },
      { kind: "invalid", fields: ["first_name", "last_name"] },
    ],
    [
      "422 Laravel",
      { status: 422, body: { message: LEAK, errors: { "user.role": ["bad"] } } },
      { kind: "invalid", fields: ["user.role"] },
    ],
    [
      "422 nested",
      { status: 422, body: { errors: { user: { timezone: ["bad"] } } } },
      { kind: "invalid", fields: ["user.timezone"] },
    ],
    [
      "422 list of errors",
      { status: 422, body: { errors: [{ field: "role", message: LEAK }] } },
      { kind: "invalid", fields: ["role"] },
    ],
    [
      "422 structured",
      { status: 422, body: { error: { code: "VALIDATION", message: LEAK, details: { role: ["bad"] } } } },
      { kind: "invalid", code: "VALIDATION", fields: ["role"] },
    ],
    [
      "422 with an address for a field",
      { status: 422, body: { errors: { "ada+work@corp.example": ["bad"] } } },
      { kind: "invalid", fields: [] },
    ],
    [
      "402",
      { status: 402, body: { code: "TRIAL_LIMIT_REACHED_100_U", message: LEAK } },
      { kind: "no-seat", code: "TRIAL_LIMIT_REACHED_100_U" },
    ],
    ["403", { status: 403, body: { error: true, message: LEAK } }, { kind: "forbidden", code: null }],
    ["404", { status: 404, body: { error: true, message: LEAK, code: "RESOURCE_NOT_FOUND" } }, { kind: "not-found" }],
    [
      "404 wrong path",
      { status: 404, body: { error: true, code: "ENDPOINT_NOT_FOUND" } },
      { kind: "not-found", code: "ENDPOINT_NOT_FOUND" },
    ],
    [
      "409 seats",
      { status: 409, body: { error: { code: "SEAT_POOL_EXHAUSTED", message: LEAK, details: { pool_type: "light" } } } },
      { kind: "no-seat", code: "SEAT_POOL_EXHAUSTED", fields: [] },
    ],
    ["409 without a code", { status: 409, body: { error: LEAK } }, { kind: "conflict", code: null }],
    [
      "429",
      { status: 429, body: { message: LEAK, code: "RATE_LIMIT_EXCEEDED" }, headers: { "Retry-After": "7" } },
      { kind: "rate-limited", retryAfterMs: 7000, code: "RATE_LIMIT_EXCEEDED" },
    ],
    ["429 without a header", { status: 429, body: "Slow down" }, { kind: "rate-limited", retryAfterMs: null }],
    ["500 HTML", { status: 500, body: `<html>${LEAK}</html>` }, { kind: "unavailable", wasSent: true }],
    [
      "503 with a wait",
      { status: 503, body: "", headers: { "Retry-After": "2" } },
      { kind: "unavailable", retryAfterMs: 2000 },
    ],
    ["418", { status: 418, body: LEAK }, { kind: "invalid" }],
  ])("%s is described without a word of the server's", async (_, reply, expected) => {
    expect(await refusedWith(reply)).toMatchObject({ status: reply.status, ...expected });
    expect(server.count("POST /api")).toBe(1);
  });

  test.each<[string, Reply]>([
    ["409 alone", { status: 409, body: {} }],
    ["422 by code", { status: 422, body: { error: true, code: "EMAIL_TAKEN", message: "x" } }],
    ["422 by structured code", { status: 422, body: { error: { code: "user-already-exists" } } }],
    [
      "422 by Laravel's wording",
      { status: 422, body: { message: "x", errors: { email: ["The email has already been taken."] } } },
    ],
    ["422 by the rule's name", { status: 422, body: { errors: { email: "validation.unique" } } }],
    ["422 nested", { status: 422, body: { errors: { user: { email: [{ message: "must be unique" }] } } } }],
    [
      "422 in details",
      { status: 422, body: { error: { code: "VALIDATION_FAILED", details: { email: ["already exists"] } } } },
    ],
    ["422 in a list", { status: 422, body: { errors: [{ field: "email", code: "unique" }] } }],
    ["422 in French", { status: 422, body: { errors: { email: ["Cette adresse est déjà utilisée."] } } }],
    ["422 in German", { status: 422, body: { errors: { email: ["E-Mail ist bereits vergeben."] } } }],
    ["400 by message", { status: 400, body: { error: true, message: "A user with this email already exists" } }],
    ["400 by plain text", { status: 400, body: "User already exists" }],
    ["400 by old error text", { status: 400, body: { error: "Email is already in use" } }],
  ])("taken, as %s, is a conflict", async (_, reply) => {
    expect(await refusedWith(reply)).toMatchObject({ kind: "conflict", status: reply.status });
  });

  test.each<[string, Reply]>([
    ["the domain does not exist", { status: 422, body: { errors: { email: ["No domain of this name exists."] } } }],
    ["an unknown user by code", { status: 400, body: { code: "USER_NOT_EXISTS" } }],
    ["a name that is taken", { status: 422, body: { code: "TAKEN", errors: { first_name: ["already taken"] } } }],
    ["an address of wrong form", { status: 422, body: { errors: { email: ["must be a valid email address"] } } }],
    ["a message about nobody", { status: 400, body: { message: "already processed" } }],
  ])("%s is not taken", async (_, reply) => {
    expect(await refusedWith(reply)).toMatchObject({ kind: "invalid" });
  });

  test("names the pool of seats that is used up", async () => {
    const details = { pool_type: "full" };
    const { message } = await refusedWith({ status: 409, body: { error: { code: "SEAT_POOL_EXHAUSTED", details } } });
    expect(message).toContain("All full seats");
  });

  test("keeps the request id for Tallyfy's support, if it looks like one", async () => {
    const withId = await refusedWith({ status: 500, headers: { "X-Request-Id": "req-1/2" } });
    expect(withId.requestId).toBe("req-1/2");
    const withAddress = await refusedWith({ status: 500, headers: { "X-Request-Id": ADA.email } });
    expect(withAddress.requestId).toBeNull();
  });

  test("drops a code that may be something else", async () => {
    expect((await refusedWith({ status: 400, body: { code: ADA.email } })).code).toBeNull();
    expect((await refusedWith({ status: 400, body: { code: { deep: 1 } } })).code).toBeNull();
  });
});

describe("a 401", () => {
  test("gets one fresh token and one repeat", async () => {
    server.on(CREATE_PATH, (_, nth) => (nth === 1 ? { status: 401, body: "Unauthorized." } : created(ADA.email)));
    await client.createUser(ADA);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      "Bearer token-app-1",
      undefined,
      "Bearer token-app-2",
    ]);
  });

  test.each<[string, Reply, string | null]>([
    ["plain text", { status: 401, body: "Unauthorized." }, null],
    [
      "the edge",
      { status: 401, body: { error: "x y", message: "Permission denied. Error code: APSH213." } },
      "APSH213",
    ],
    [
      "JSON",
      { status: 401, body: { error: true, message: "Unauthenticated.", code: "UNAUTHENTICATED" } },
      "UNAUTHENTICATED",
    ],
  ])("that stays one is final (%s)", async (_, reply, code) => {
    expect(await refusedWith(reply)).toMatchObject({ kind: "unauthorized", status: 401, code });
    expect(server.count("POST /api")).toBe(2);
    expect(server.count(TOKEN_PATH)).toBe(2);
  });

  test("whose fresh token cannot be had has not been carried out", async () => {
    server.on(TOKEN_PATH, (_, nth) => (nth === 1 ? tokenReply("token-app-1") : { status: 503 }));
    expect(await refusedWith({ status: 401 })).toMatchObject({ kind: "unavailable", wasSent: false });
  });
});

describe("without an app token", () => {
  test.each([401, 400, 403])(
    "refused credentials (%d) name the settings, and the creation was not sent",
    async (status) => {
      server.on(TOKEN_PATH, { status, body: { error: "invalid_client", message: SECRET } });
      const failure = await failureOf(client.createUser(ADA));
      expect(failure).toMatchObject({ kind: "unauthorized", status, code: "INVALID_CLIENT", wasSent: false });
      expect(failure.message).toContain("TALLYFY_CLIENT_ID");
      expect(failure.message).toContain("TALLYFY_CLIENT_SECRET");
      expect(server.count("POST /api")).toBe(0);
    },
  );

  test("a token host in trouble means that the creation was not sent", async () => {
    server.on(TOKEN_PATH, { status: 502 });
    expect(await failureOf(client.createUser(ADA))).toMatchObject({ kind: "unavailable", wasSent: false });
  });

  test("a 404 names the token URL", async () => {
    server.on(TOKEN_PATH, { status: 404, body: "nothing here" });
    expect((await failureOf(client.createUser(ADA))).message).toContain("TALLYFY_TOKEN_URL");
  });

  test.each([undefined, null, 0, -1, "soon", "604800s"])(
    "a lifetime of %s is a protocol failure",
    async (expiresIn) => {
      server.on(TOKEN_PATH, {
        status: 200,
        body: { token_type: "Bearer", access_token: "token-x", expires_in: expiresIn },
      });
      expect(await failureOf(client.createUser(ADA))).toMatchObject({ kind: "protocol", wasSent: false });
    },
  );

  test("a token that would break the header is a protocol failure", async () => {
    server.on(TOKEN_PATH, tokenReply("token-x\r\nX-Evil: 1"));
    expect(await failureOf(client.createUser(ADA))).toMatchObject({ kind: "protocol" });
  });
});
