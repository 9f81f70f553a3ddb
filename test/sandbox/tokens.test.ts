// What tokens open: the two kinds kept apart, expiry, revocation, headers and organisations (tallyfy-api.md 1.1 to 1.4, 2.3).

import { afterEach, beforeEach, expect, test } from "vitest";
import { SANDBOX_FOREIGN_ORG_ID } from "../../src/sandbox/state.ts";
import { type Client, openSandbox, PERSON } from "./client.ts";

let nowMs = 1_800_000_000_000;
let client: Client;
beforeEach(async () => {
  client = await openSandbox({
    now: () => nowMs,
    members: [
      { email: "Invited+tag@sandbox.example", status: "invited" },
      { email: "standard@sandbox.example", role: "standard" },
    ],
  });
});
afterEach(() => client.sandbox.close());

function mint(email: string, token: string) {
  return client.call("POST", `/applications/${client.sandbox.orgId}/users/${email}/token`, { token });
}

test("an app token creates and mints; the minted token reads", async () => {
  const token = await client.userToken();
  expect((await client.list(token)).status).toBe(200);
  expect((await client.create(await client.appToken())).status).toBe(200);
  expect(client.sandbox.counts.violations).toEqual([]);
  expect(client.sandbox.counts.mints).toEqual({ [client.sandbox.adminEmail]: 1 });
});

test("an app token on a user endpoint gets 401 and is noted, unless the switch allows it", async () => {
  const token = await client.appToken();
  expect((await client.list(token)).status).toBe(401);
  expect(client.sandbox.counts.violations).toEqual(["app-token-on-user-endpoint"]);
  client.sandbox.switches.appTokenOnUserEndpoints = "allowed";
  expect((await client.list(token)).status).toBe(200);
});

test("a user token cannot create", async () => {
  expect((await client.create(await client.userToken())).status).toBe(401);
  expect(client.sandbox.counts.violations).toEqual(["user-token-on-app-endpoint"]);
});

test("tokens run out when they said they would", async () => {
  client.sandbox.switches.tokenLifetimeS = 60;
  client.sandbox.switches.userTokenLifetimeS = 120;
  const [app, user] = [await client.appToken(), await client.userToken()];
  nowMs += 59_999;
  expect((await client.create(app)).status).toBe(200);
  nowMs += 1;
  expect((await client.create(app)).status).toBe(401);
  expect((await client.list(user)).status).toBe(200);
  nowMs += 60_000;
  expect((await client.list(user)).status).toBe(401);
});

test("revokeAll ends the tokens given out, of one kind or all, and later ones work", async () => {
  const [app, user] = [await client.appToken(), await client.userToken()];
  client.sandbox.revokeAll("app");
  expect((await client.create(app)).status).toBe(401);
  expect((await client.list(user)).status).toBe(200);
  client.sandbox.revokeAll();
  expect((await client.list(user)).status).toBe(401);
  expect((await client.create(await client.appToken())).status).toBe(200);
});

test("revokedTokens refuses fresh tokens too", async () => {
  client.sandbox.switches.revokedTokens = true;
  expect((await client.create(await client.appToken())).status).toBe(401);
});

test("a missing client header gets 401, or 404, or nothing", async () => {
  const token = await client.userToken();
  const withoutHeader = () => client.call("GET", client.org(), { token, headers: { "x-tallyfy-client": undefined } });
  expect((await withoutHeader()).status).toBe(401);
  client.sandbox.switches.requireClientHeader = "404";
  const notFound = await withoutHeader();
  expect(notFound).toMatchObject({ status: 404, json: { code: "ENDPOINT_NOT_FOUND" } });
  client.sandbox.switches.requireClientHeader = "off";
  expect((await withoutHeader()).status).toBe(200);
  expect(client.sandbox.counts.violations).toEqual(Array(3).fill("client-header-missing"));
});

test.each([
  ["no Authorization", { authorization: undefined }, "authorization-missing"],
  ["two spaces after Bearer", { authorization: "Bearer  abc" }, "authorization-malformed"],
  ["a lower-case scheme", { authorization: "bearer abc" }, "authorization-malformed"],
])("%s gets 401 and is noted", async (_what, headers, violation) => {
  expect((await client.call("GET", client.org(), { headers })).status).toBe(401);
  expect(client.sandbox.counts.violations).toEqual([violation]);
});

test("other Accept and Content-Type headers are refused and noted", async () => {
  const token = await client.appToken();
  const path = `/applications/${client.sandbox.orgId}/users`;
  await client.call("POST", path, { token, body: PERSON, headers: { accept: "text/html" } });
  await client.call("POST", path, { token, body: PERSON, headers: { "content-type": "text/plain" } });
  expect(client.sandbox.counts.violations).toEqual(["accept-missing", "content-type-not-json"]);
  expect(client.sandbox.counts.created).toBe(0);
});

test("minting finds members without regard to case, and a plus only when it is escaped", async () => {
  const token = await client.appToken();
  expect((await mint("invited%2Btag%40SANDBOX.example", token)).status).toBe(200);
  expect((await mint("Invited+tag%40sandbox.example", token)).status).toBe(404);
  expect(client.sandbox.counts.violations).toEqual(["email-not-encoded"]);
  client.sandbox.switches.mintIsCaseSensitive = true;
  expect((await mint("invited%2Btag%40sandbox.example", token)).status).toBe(404);
});

test("minting for a stranger gets 404, for somebody in another organisation 422", async () => {
  client.sandbox.switches.otherOrgEmails = ["elsewhere@sandbox.example"];
  const token = await client.appToken();
  expect((await mint("stranger%40sandbox.example", token)).status).toBe(404);
  expect((await mint("elsewhere%40sandbox.example", token)).status).toBe(422);
});

test("mintForInactive decides whether an invited member gets a token", async () => {
  const token = await client.appToken();
  client.sandbox.switches.mintForInactive = "422";
  expect((await mint("invited%2Btag%40sandbox.example", token)).status).toBe(422);
});

test("mintRevokesEarlier ends the earlier token of the same user only", async () => {
  client.sandbox.switches.mintRevokesEarlier = true;
  const first = await client.userToken();
  const other = await client.userToken("standard@sandbox.example");
  await client.userToken();
  expect((await client.list(first)).status).toBe(401);
  expect((await client.list(other)).status).toBe(200);
});

test("tokensSurviveDisable decides what a disabled member's token still opens", async () => {
  const token = await client.userToken("standard@sandbox.example");
  const { id } = client.sandbox.state.members.byEmail("standard@sandbox.example") ?? { id: 0 };
  await client.call("DELETE", client.org(`/users/${id}/disable`), { token: await client.userToken() });
  expect((await client.call("GET", "/me", { token })).status).toBe(200);
  client.sandbox.switches.tokensSurviveDisable = false;
  expect((await client.call("GET", "/me", { token })).status).toBe(401);
});

test("an organisation without our application gets 403, one that does not exist 404", async () => {
  const token = await client.appToken();
  const create = (org: string) => client.call("POST", `/applications/${org}/users`, { token, body: PERSON });
  expect((await create(SANDBOX_FOREIGN_ORG_ID)).status).toBe(403);
  expect((await create("nothing")).status).toBe(404);
  client.sandbox.switches.clientIsLinked = false;
  expect((await create(client.sandbox.orgId)).status).toBe(403);
});

test("a path or method that does not exist is refused and noted", async () => {
  const token = await client.appToken();
  expect((await client.call("GET", "/nothing", { token })).json.code).toBe("ENDPOINT_NOT_FOUND");
  expect((await client.call("DELETE", client.org("/users"), { token })).status).toBe(405);
  expect(client.sandbox.counts.violations).toEqual(["unknown-path", "wrong-method"]);
});

test("health needs no token and no header", async () => {
  expect((await fetch(`${client.sandbox.url}/health`)).status).toBe(200);
  expect(client.sandbox.counts.violations).toEqual([]);
});
