// Creating: what is written, what is refused and every way of saying "taken" (tallyfy-api.md 2.2, 3.3, section 10).

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TakenAs } from "../../src/sandbox/switches.ts";
import { type Client, openSandbox, PERSON } from "./client.ts";

let client: Client;
let token: string;
beforeEach(async () => {
  client = await openSandbox();
  token = await client.appToken();
});
afterEach(() => client.sandbox.close());

test("a person is created once, and is the member that was asked for", async () => {
  const { status, json } = await client.create(token);
  expect(status).toBe(200);
  const { timezone: _notInTheAnswer, ...answered } = PERSON;
  expect(json.data).toMatchObject(answered);
  expect(json.data).not.toHaveProperty("status");
  expect(json.data.created_at).toMatch(/\.\d{3}Z$/);
  expect(client.sandbox.state.members.byEmail(PERSON.email)).toMatchObject({
    id: json.data.id,
    timezone: PERSON.timezone,
    status: "active",
  });
  expect(client.sandbox.counts).toMatchObject({ createsAttempted: 1, created: 1, createdTwice: 0, violations: [] });
});

test("the same address in other case is taken", async () => {
  await client.create(token);
  expect((await client.create(token, { email: PERSON.email.toUpperCase() })).status).toBe(422);
  expect(client.sandbox.counts).toMatchObject({ createsAttempted: 2, created: 1, taken: 1, createdTwice: 0 });
});

test("of many creates of one address at once, one succeeds", async () => {
  const replies = await Promise.all(Array.from({ length: 20 }, () => client.create(token)));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(client.sandbox.counts).toMatchObject({ created: 1, taken: 19, createdTwice: 0 });
});

test("createStatus, createdUserStatus and createAnswer shape the success", async () => {
  Object.assign(client.sandbox.switches, {
    createStatus: 201,
    createdUserStatus: "invited",
    createAnswer: "without-id",
  });
  const first = await client.create(token);
  expect(first.status).toBe(201);
  expect(first.json.data).not.toHaveProperty("id");
  expect(client.sandbox.state.members.byEmail(PERSON.email)?.status).toBe("invited");
  client.sandbox.switches.createAnswer = "empty";
  expect((await client.create(token, { email: "other@sandbox.example" })).text).toBe("");
  expect(client.sandbox.counts.created).toBe(2);
});

test("role and time zone may be missing", async () => {
  expect((await client.create(token, { role: undefined, timezone: undefined })).status).toBe(200);
  expect(client.sandbox.state.members.byEmail(PERSON.email)?.role).toBe("standard");
  expect(client.sandbox.counts.violations).toEqual([]);
});

test.each([
  ["an empty first name", { first_name: " " }, "first_name", "name-empty"],
  ["a last name of 33 characters", { last_name: "x".repeat(33) }, "last_name", "name-too-long"],
  ["an address without a domain", { email: "grace" }, "email", "email-invalid"],
  ["an address with a space", { email: "grace hopper@sandbox.example" }, "email", "email-invalid"],
  ["a role that does not exist", { role: "Standard" }, "role", "role-invalid"],
  ["an abbreviated time zone", { timezone: "CST" }, "timezone", "timezone-invalid"],
  ["a place that is no time zone", { timezone: "Europe/Atlantis" }, "timezone", "timezone-invalid"],
])("%s is refused for its field, and noted", async (_what, fields, field, violation) => {
  const { status, json } = await client.create(token, fields);
  expect(status).toBe(422);
  expect(Object.keys(json.errors)).toEqual([field]);
  expect(client.sandbox.counts).toMatchObject({ created: 0, violations: [violation] });
});

test("names of 32 characters pass, counted as characters and not as bytes", async () => {
  expect((await client.create(token, { first_name: "é".repeat(32), last_name: "𠮷".repeat(32) })).status).toBe(200);
});

test("hidden rules refuse without a violation: names on the list, names like addresses, domains without DNS", async () => {
  client.sandbox.switches.unknownDomains = ["nowhere.example"];
  const refused = [{ first_name: "Tallyfy" }, { last_name: "www.hopper.example" }, { email: "x@Nowhere.example" }];
  for (const fields of refused) expect((await client.create(token, fields)).status).toBe(422);
  expect(client.sandbox.counts.violations).toEqual([]);
});

test("unknown fields are dropped in silence and noted; what is no JSON is refused", async () => {
  expect((await client.create(token, { department: "x" })).status).toBe(200);
  const path = `/applications/${client.sandbox.orgId}/users`;
  expect((await client.call("POST", path, { token, body: "{" })).status).toBe(400);
  expect(client.sandbox.counts.violations).toEqual(["field-unknown", "body-not-json"]);
});

describe("taken", () => {
  const shapes: readonly (readonly [TakenAs, number, object])[] = [
    ["409", 409, { error: true, code: "CONFLICT" }],
    ["structured", 409, { error: { code: "EMAIL_TAKEN" } }],
    ["422", 422, { error: true, errors: { email: [expect.any(String)] } }],
    ["422-laravel", 422, { message: expect.any(String), errors: { email: [expect.any(String)] } }],
    ["422-string", 422, { errors: { email: expect.any(String) } }],
    ["422-nested", 422, { errors: { email: { unique: [expect.any(String)] } } }],
    ["400", 400, { error: expect.stringContaining("taken") }],
    ["200-existing", 200, { data: { email: PERSON.email } }],
  ];
  test.each(shapes)("as %s", async (takenAs, status, body) => {
    await client.create(token);
    client.sandbox.switches.takenAs = takenAs;
    const reply = await client.create(token, { first_name: "Other" });
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject(body);
    expect(client.sandbox.counts).toMatchObject({ created: 1, taken: 1 });
    expect(client.sandbox.state.members.byEmail(PERSON.email)?.firstName).toBe("Grace");
  });

  test("by a guest, and by a member of another organisation unless those are attached", async () => {
    client.sandbox.switches.guestEmails = ["guest@sandbox.example"];
    client.sandbox.switches.otherOrgEmails = ["elsewhere@sandbox.example"];
    expect((await client.create(token, { email: "Guest@sandbox.example" })).status).toBe(422);
    expect((await client.create(token, { email: "elsewhere@sandbox.example" })).status).toBe(422);
    client.sandbox.switches.otherOrgOnCreate = "attached";
    expect((await client.create(token, { email: "elsewhere@sandbox.example" })).status).toBe(200);
  });
});

describe("seats", () => {
  test("each pool has its own; a full one refuses with its name", async () => {
    // The admin holds a full seat, the bot none.
    client.sandbox.switches.seats = { full: 2, light: 1 };
    expect((await client.create(token)).status).toBe(200);
    const refused = await client.create(token, { email: "b@sandbox.example" });
    expect(refused.status).toBe(409);
    expect(refused.json.error).toMatchObject({ code: "SEAT_POOL_EXHAUSTED", details: { pool_type: "full" } });
    expect((await client.create(token, { email: "b@sandbox.example", role: "light" })).status).toBe(200);
    expect((await client.create(token, { email: "c@sandbox.example", role: "light" })).status).toBe(409);
  });

  test("the refusal may leave the pool out, or be a 402", async () => {
    client.sandbox.switches.seats.full = 1;
    client.sandbox.switches.seatRefusal = "409-bare";
    expect((await client.create(token)).json.error).not.toHaveProperty("details");
    client.sandbox.switches.seatRefusal = "402";
    expect(await client.create(token)).toMatchObject({ status: 402, json: { code: "TRIAL_LIMIT_REACHED_100_U" } });
  });
});

test("lightRoleEnabled off refuses the light role", async () => {
  client.sandbox.switches.lightRoleEnabled = false;
  expect((await client.create(token, { role: "light" })).json.errors).toHaveProperty("role");
  expect(client.sandbox.counts.violations).toEqual([]);
});

test("a read-only organisation refuses writes with a 403 without a code, and can be read", async () => {
  client.sandbox.switches.readOnlyOrg = true;
  const refused = await client.create(token);
  expect(refused.status).toBe(403);
  expect(refused.json).not.toHaveProperty("code");
  expect((await client.list(await client.userToken())).status).toBe(200);
});
