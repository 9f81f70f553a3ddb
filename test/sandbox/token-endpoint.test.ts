// The token endpoint over real HTTP: forms only, numeric ids, escaped secrets (tallyfy-api.md 2.1).

import { afterEach, beforeEach, expect, test } from "vitest";
import { type Client, openSandbox } from "./client.ts";

let client: Client;
beforeEach(async () => {
  client = await openSandbox();
});
afterEach(() => client.sandbox.close());

function post(path: string, body: string, headers: Record<string, string>) {
  return fetch(client.sandbox.url + path, { method: "POST", body, headers });
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };

test("the right form gets an app token for seven days, on both addresses", async () => {
  const { status, json } = await client.requestToken();
  expect(status).toBe(200);
  expect(json).toMatchObject({ token_type: "Bearer", expires_in: 604_800 });
  const body = "grant_type=client_credentials&client_id=1001&client_secret=sandbox%2Bsecret%2Fwith%3Dsigns";
  expect((await post("/api/oauth/token", body, FORM)).status).toBe(200);
  expect(client.sandbox.counts).toMatchObject({ tokensIssued: 2, violations: [] });
});

test("a JSON body is refused with 400 and noted", async () => {
  const body = JSON.stringify({ grant_type: "client_credentials", client_id: "1001", client_secret: "x" });
  expect((await post("/oauth/token", body, { "content-type": "application/json" })).status).toBe(400);
  expect(client.sandbox.counts.violations).toEqual(["token-not-form"]);
});

test.each([
  ["a missing field", { grant_type: "client_credentials", client_id: "1001" }, 400, "token-field-missing"],
  ["another grant", { grant_type: "password", client_id: "1001", client_secret: "x" }, 400, "token-grant-type"],
  [
    "a client id that is no number",
    { grant_type: "client_credentials", client_id: "abc", client_secret: "x" },
    401,
    "token-client-id-not-numeric",
  ],
])("%s is refused and noted", async (_what, form, status, violation) => {
  expect((await client.requestToken(form)).status).toBe(status);
  expect(client.sandbox.counts.violations).toEqual([violation]);
});

test("a wrong secret is refused as invalid_client, which is no violation", async () => {
  const form = { grant_type: "client_credentials", client_id: "1001", client_secret: "wrong" };
  const { status, json } = await client.requestToken(form);
  expect(status).toBe(401);
  expect(json.error).toBe("invalid_client");
  expect(client.sandbox.counts.violations).toEqual([]);
});

test("a secret that was not escaped does not work, and is noted", async () => {
  const body = "grant_type=client_credentials&client_id=1001&client_secret=sandbox+secret/with=signs";
  expect((await post("/oauth/token", body, FORM)).status).toBe(401);
  expect(client.sandbox.counts.violations).toEqual(["token-secret-not-escaped"]);
});

test("an Authorization header has no place at the token endpoint", async () => {
  const body = "grant_type=client_credentials&client_id=1001&client_secret=sandbox%2Bsecret%2Fwith%3Dsigns";
  await post("/oauth/token", body, { ...FORM, authorization: "Bearer x" });
  expect(client.sandbox.counts.violations).toEqual(["token-authorization-header"]);
});

test("rejectCredentials refuses even the right secret", async () => {
  client.sandbox.switches.rejectCredentials = true;
  expect((await client.requestToken()).json.error).toBe("invalid_client");
});

test("tokenEndpointDown answers 503", async () => {
  client.sandbox.switches.tokenEndpointDown = true;
  expect((await client.requestToken()).status).toBe(503);
});
