// The sandbox from outside its process, and what a person reads in the terminal.

import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ENDPOINTS } from "../../src/sandbox/endpoints.ts";
import { describeSandbox } from "../../src/sandbox/serve.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { applyChanges } from "../../src/sandbox/switch-check.ts";
import { defaultSwitches } from "../../src/sandbox/switches.ts";
import { VIOLATIONS } from "../../src/sandbox/violations.ts";
import { type Client, openSandbox, PERSON } from "./client.ts";

let client: Client;
beforeEach(async () => {
  client = await openSandbox({ members: 3, switches: { createStatus: 201, rateLimit: { max: 5 } } });
});
afterEach(() => client.sandbox.close());

test("the state tells the counts and never the secret, and looking does not count", async () => {
  await client.create(await client.appToken());
  const { json, text } = await client.call("GET", "/__sandbox/state");
  expect(json).toMatchObject({ members: 6, counts: { created: 1, requests: 2, answers: { createUser: { 201: 1 } } } });
  expect(text).not.toContain(client.sandbox.clientSecret);
  expect(text).not.toContain("requestTimesMs");
  expect((await client.call("GET", "/__sandbox/state?times")).json.counts.requestTimesMs).toHaveLength(2);
});

test("the members tell how often create wrote each address", async () => {
  await client.create(await client.appToken());
  const { json } = await client.call("GET", "/__sandbox/members");
  const creates = json.members.map(({ email, creates }: { email: string; creates: number }) => [email, creates]);
  expect(creates).toContainEqual([PERSON.email, 1]);
  expect(creates).toContainEqual(["member000003@sandbox.example", 0]);
});

test("switches change while it runs, nested ones in part", async () => {
  const changes = { takenAs: "409", rateLimit: { kind: "fixed" } };
  const { status, json } = await client.call("PATCH", "/__sandbox/switches", { body: changes });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    takenAs: "409",
    createStatus: 201,
    rateLimit: { kind: "fixed", max: 5, windowMs: 1000 },
  });
  expect(client.sandbox.switches.takenAs).toBe("409");
  expect((await client.call("GET", "/__sandbox/switches")).json).toEqual(client.sandbox.switches);
});

test.each([
  ["an unknown name", { takenAs: "409", takenAz: "409" }, "takenAz"],
  ["a name from the prototype", { constructor: 1 }, "constructor"],
  ["a wrong value", { takenAs: "409", failStatus: 200 }, "failStatus"],
  ["a share above one", { resetShare: 1.5 }, "resetShare"],
  ["an unknown part", { rateLimit: { maximum: 1 } }, "rateLimit"],
  ["a scripted answer without a status", { nextAnswers: [{ endpoint: "me" }] }, "nextAnswers"],
])("%s changes nothing and says why", async (_what, body, name) => {
  const before = structuredClone(client.sandbox.switches);
  const { status, json } = await client.call("PATCH", "/__sandbox/switches", { body });
  expect(status).toBe(400);
  expect(json.problems).toHaveLength(1);
  expect(json.problems[0]).toContain(`"${name}"`);
  expect(client.sandbox.switches).toEqual(before);
});

test("what is no JSON object changes nothing", async () => {
  for (const body of ["{", "[]", "null"]) {
    expect((await client.call("PATCH", "/__sandbox/switches", { body })).status).toBe(400);
  }
});

test("a reset goes back to the start, with its own switches; or clears the counts alone", async () => {
  const token = await client.appToken();
  await client.create(token);
  client.sandbox.switches.takenAs = "400";
  expect((await client.call("POST", "/__sandbox/reset?only=counts")).status).toBe(200);
  expect(client.sandbox.counts.created).toBe(0);
  expect((await client.create(token)).status).toBe(400);
  await client.call("POST", "/__sandbox/reset");
  expect(client.sandbox.switches).toMatchObject({ takenAs: "422", createStatus: 201 });
  expect(client.sandbox.state.members.size).toBe(5);
  expect((await client.create(token)).status).toBe(401);
  expect((await client.create(await client.appToken())).json.data.id).toBe(1006);
});

test("tokens can be revoked from outside", async () => {
  const token = await client.appToken();
  await client.call("POST", "/__sandbox/revoke?kind=user");
  expect((await client.create(token)).status).toBe(201);
  await client.call("POST", "/__sandbox/revoke");
  expect((await client.create(token)).status).toBe(401);
});

test("an unknown control path says so", async () => {
  expect((await client.call("GET", "/__sandbox/nothing")).status).toBe(404);
});

test("a switch that does not exist refuses the start", async () => {
  const switches = { takenAs: "nonsense" } as unknown as { takenAs: "409" };
  await expect(startSandbox({ switches })).rejects.toThrow("takenAs");
});

test("a taken port refuses the start", async () => {
  await expect(startSandbox({ port: client.sandbox.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("every default is a value that the checks accept", () => {
  expect(() => applyChanges(defaultSwitches(), defaultSwitches())).not.toThrow();
});

test("the README lists every switch with its default, every endpoint and every violation", async () => {
  const folder = new URL("../../src/sandbox/", import.meta.url);
  const readme = await readFile(new URL("README.md", folder), "utf8");
  const rows = readme.matchAll(/^\| `(\w+)`\s*\| `(.+?)`\s*\|/gm);
  const listed = [...rows].map(([, name, value]) => [name, JSON.parse(value ?? "")]);
  expect(Object.fromEntries(listed)).toEqual(defaultSwitches());
  for (const name of [...ENDPOINTS, ...VIOLATIONS]) expect(readme).toContain(`\`${name}\``);
});

test("the terminal text gives what to copy, quoted where a shell needs it", async () => {
  const text = describeSandbox(client.sandbox);
  expect(text).toContain(`listens on ${client.sandbox.url} with 5 members`);
  expect(text).toContain(`export TALLYFY_API_URL=${client.sandbox.apiUrl}\n`);
  expect(text).toContain("export TALLYFY_CLIENT_SECRET=sandbox+secret/with=signs\n");
  expect(text).toContain("export DATA_DIR=/tmp/tour\n");
  const other = await startSandbox({ clientSecret: "it's $ecret" });
  expect(describeSandbox(other)).toContain(`export TALLYFY_CLIENT_SECRET='it'\\''s $ecret'`);
  await other.close();
});
