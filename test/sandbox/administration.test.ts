// What administrators change: profile, role, disable, enable (tallyfy-api.md 2.6, 2.7, 2.9, 2.10).

import { afterEach, beforeEach, expect, test } from "vitest";
import { BOT_EMAIL } from "../../src/sandbox/seed.ts";
import { type Client, openSandbox } from "./client.ts";

let client: Client;
let admin: string;
beforeEach(async () => {
  client = await openSandbox({
    members: [{ email: "s@sandbox.example" }, { email: "l@sandbox.example", role: "light" }],
  });
  admin = await client.userToken();
});
afterEach(() => client.sandbox.close());

function idOf(email: string): number {
  return client.sandbox.state.members.byEmail(email)?.id ?? 0;
}

function change(method: string, email: string, path: string, body?: unknown, token = admin) {
  return client.call(method, client.org(`/users/${idOf(email)}${path}`), { token, body });
}

const FIELDS = { first_name: "New", last_name: "Name", timezone: "Europe/London" };

test("a profile changes as a whole: names and zone every time, unknown keys dropped", async () => {
  const { status, json } = await change("PUT", "s@sandbox.example", "", {
    ...FIELDS,
    job_title: "Clerk",
    shoe_size: 44,
  });
  expect(status).toBe(200);
  expect(json.data).toMatchObject({
    first_name: "New",
    job_title: "Clerk",
    timezone: "Europe/London",
    role: "standard",
  });
  const partial = await change("PUT", "s@sandbox.example", "", { job_title: "Boss" });
  expect(Object.keys(partial.json.errors).sort()).toEqual(["first_name", "last_name", "timezone"]);
});

test("bots, and people of other organisations too, cannot be edited", async () => {
  client.sandbox.switches.otherOrgEmails = ["s@sandbox.example"];
  expect((await change("PUT", BOT_EMAIL, "", FIELDS)).status).toBe(403);
  expect((await change("PUT", "s@sandbox.example", "", FIELDS)).status).toBe(403);
});

test("moving up needs a full seat, moving down never", async () => {
  client.sandbox.switches.seats = { full: 2, light: 0 };
  expect((await change("PUT", "l@sandbox.example", "/role", { role: "standard" })).status).toBe(409);
  expect((await change("PUT", "s@sandbox.example", "/role", { role: "light" })).json.data.role).toBe("light");
  expect((await change("PUT", "l@sandbox.example", "/role", { role: "admin" })).json.data.role).toBe("admin");
  expect((await change("PUT", "l@sandbox.example", "/role", { role: "chief" })).status).toBe(422);
});

test("the default administrator keeps their role and place, the bot its place", async () => {
  const { adminEmail } = client.sandbox;
  expect((await change("PUT", adminEmail, "/role", { role: "light" })).status).toBe(400);
  expect((await change("DELETE", adminEmail, "/disable")).status).toBe(400);
  expect((await change("DELETE", BOT_EMAIL, "/disable")).status).toBe(400);
});

test("disabling frees a seat, enabling takes one, and both may be repeated", async () => {
  client.sandbox.switches.seats.full = 2;
  for (const _twice of [1, 2]) {
    expect((await change("DELETE", "s@sandbox.example", "/disable")).json.data).toMatchObject({ status: "disabled" });
  }
  expect(client.sandbox.state.members.seatsHeld("full")).toBe(1);
  for (const _twice of [1, 2]) {
    expect((await change("PUT", "s@sandbox.example", "/enable")).json.data.status).toBe("active");
  }
  client.sandbox.switches.seats.full = 1;
  await change("DELETE", "s@sandbox.example", "/disable");
  expect((await change("PUT", "s@sandbox.example", "/enable")).json.error.code).toBe("SEAT_POOL_EXHAUSTED");
});

test("others than administrators change nothing", async () => {
  const token = await client.userToken("s@sandbox.example");
  expect((await change("PUT", "l@sandbox.example", "", FIELDS, token)).status).toBe(403);
  expect((await change("PUT", "l@sandbox.example", "/role", { role: "admin" }, token)).status).toBe(403);
  expect((await change("DELETE", "l@sandbox.example", "/disable", undefined, token)).status).toBe(403);
  expect((await change("PUT", "l@sandbox.example", "/enable", undefined, token)).status).toBe(403);
});
