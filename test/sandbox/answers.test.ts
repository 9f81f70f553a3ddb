// How errors and answers look: every body shape, language, leak and header (tallyfy-api.md 3.1).

import { afterEach, beforeEach, expect, test } from "vitest";
import { type Client, openSandbox, PERSON } from "./client.ts";

let client: Client;
let token: string;
beforeEach(async () => {
  client = await openSandbox();
  token = await client.appToken();
});
afterEach(() => client.sandbox.close());

function unauthenticated() {
  return client.create("nonsense");
}

test("by itself, each error has its own shape", async () => {
  expect((await unauthenticated()).json).toEqual({ message: "Unauthenticated." });
  const path = `/applications/${client.sandbox.orgId}/users/nobody%40sandbox.example/token`;
  expect((await client.call("POST", path, { token })).json).toMatchObject({ error: true, code: "RESOURCE_NOT_FOUND" });
});

test("plain text is not JSON", async () => {
  client.sandbox.switches.errorBodyShape = "plain-text";
  expect((await unauthenticated()).text).toBe("Unauthorized.");
});

test("an HTML page is not JSON", async () => {
  client.sandbox.switches.errorBodyShape = "html";
  const reply = await unauthenticated();
  expect(reply.headers.get("content-type")).toContain("text/html");
  expect(reply.text).toContain("<html>");
});

test("the edge answers 401 without a code and 5xx as a page, and leaves the rest alone", async () => {
  client.sandbox.switches.errorBodyShape = "cloudflare";
  const refused = await unauthenticated();
  expect(refused.json.message).toBe("Permission denied. Error code: APSH213.");
  expect(refused.json).not.toHaveProperty("code");
  expect((await client.create(token, { role: "x" })).json.errors).toHaveProperty("role");
  client.sandbox.switches.failBeforeWriteShare = 1;
  client.sandbox.switches.failStatus = 502;
  expect(await client.create(token)).toMatchObject({ status: 502, text: expect.stringContaining("<html>") });
});

test("structured, laravel, legacy and empty bodies", async () => {
  const { switches } = client.sandbox;
  switches.errorBodyShape = "structured";
  expect((await unauthenticated()).json.error).toMatchObject({ code: "HTTP_401" });
  switches.errorBodyShape = "laravel";
  expect((await client.create(token, { role: "x" })).json).toMatchObject({
    message: expect.any(String),
    errors: { role: [expect.any(String)] },
  });
  switches.errorBodyShape = "legacy";
  expect((await unauthenticated()).json).toEqual({ error: "Unauthenticated." });
  switches.errorBodyShape = "empty";
  expect(await unauthenticated()).toMatchObject({ status: 401, text: "" });
});

test("messages may come in French", async () => {
  client.sandbox.switches.localisedMessages = true;
  expect((await unauthenticated()).json.message).toBe("Non authentifié.");
});

test("messages may leak the person's address", async () => {
  client.sandbox.switches.leakyMessages = true;
  await client.create(token);
  const { text } = await client.create(token);
  expect(text).toContain("SQLSTATE");
  expect(text).toContain(PERSON.email);
});

test("answers carry a request id, or none", async () => {
  expect((await unauthenticated()).headers.get("x-request-id")).toMatch(/^sandbox-\d+$/);
  client.sandbox.switches.requestIds = false;
  expect((await unauthenticated()).headers.get("x-request-id")).toBeNull();
});

test("the server's clock may be wrong", async () => {
  client.sandbox.switches.clockSkewMs = -3_600_000;
  const date = (await unauthenticated()).headers.get("date") ?? "";
  expect(Date.now() - Date.parse(date)).toBeGreaterThan(3_500_000);
});

test("answers may be very large", async () => {
  client.sandbox.switches.paddingBytes = 3_000_000;
  const reply = await client.create(token);
  expect(reply.text.length).toBeGreaterThan(3_000_000);
  expect(reply.json.data.email).toBe(PERSON.email);
});

test("scripted answers come once each, for their endpoint, with or without carrying the request out", async () => {
  client.sandbox.switches.nextAnswers.push(
    { endpoint: "createUser", status: 429, headers: { "Retry-After": "7" }, body: "slow down" },
    { endpoint: "createUser", status: 504, isAfterWrite: true },
    { status: 418, body: { odd: true } },
  );
  const first = await client.create(token);
  expect(first).toMatchObject({ status: 429, text: "slow down" });
  expect(first.headers.get("retry-after")).toBe("7");
  expect(client.sandbox.counts.created).toBe(0);
  expect((await client.create(token)).status).toBe(504);
  expect(client.sandbox.counts.created).toBe(1);
  expect(await client.requestToken()).toMatchObject({ status: 418, json: { odd: true } });
  expect((await client.requestToken()).status).toBe(200);
});
