// Reading: the list with its wrong page counts and odd shapes, one member, oneself (tallyfy-api.md 2.4, 2.5, 2.14).

import { afterEach, expect, test } from "vitest";
import type { SandboxOptions } from "../../src/sandbox/server.ts";
import { type Client, openSandbox } from "./client.ts";

let client: Client;
afterEach(() => client.sandbox.close());

async function open(options: Partial<SandboxOptions> = {}): Promise<string> {
  client = await openSandbox(options);
  return client.userToken();
}

async function idsOf(token: string, query: string): Promise<number[]> {
  const { json } = await client.list(token, query);
  return json.data.map(({ id }: { id: number }) => id);
}

test("pages are capped at 100, and walking them finds everybody once", async () => {
  const token = await open({ members: 250 });
  const first = await client.list(token, "?per_page=9999");
  expect(first.json.meta.pagination).toMatchObject({ total: 252, count: 100, per_page: 100, current_page: 1 });
  const ids: number[] = [];
  for (const page of [1, 2, 3]) ids.push(...(await idsOf(token, `?per_page=100&page=${page}`)));
  expect(new Set(ids).size).toBe(252);
  expect(await idsOf(token, "?page=4")).toEqual([]);
});

test("listPerPageCap and ignorePerPage set the size whatever is asked", async () => {
  const token = await open({ members: 30, switches: { listPerPageCap: 20 } });
  expect((await idsOf(token, "?per_page=25")).length).toBe(20);
  client.sandbox.switches.ignorePerPage = 7;
  const { json } = await client.list(token, "?per_page=25");
  expect(json.meta.pagination).toMatchObject({ per_page: 7, count: 7, total: 32 });
});

test("total_pages reads 1, or the truth, or is missing", async () => {
  const token = await open({ members: 250 });
  expect((await client.list(token)).json.meta.pagination.total_pages).toBe(1);
  client.sandbox.switches.wrongTotalPages = false;
  expect((await client.list(token)).json.meta.pagination.total_pages).toBe(3);
  client.sandbox.switches.omitTotalPages = true;
  expect((await client.list(token)).json.meta.pagination).not.toHaveProperty("total_pages");
});

test("totalOffBy makes the count not add up", async () => {
  const token = await open({ switches: { totalOffBy: 5 } });
  expect((await client.list(token)).json.meta.pagination).toMatchObject({ total: 7, count: 2 });
});

test("beyondLastPage repeats the last page", async () => {
  const token = await open({ members: 148, switches: { beyondLastPage: "repeat" } });
  expect(await idsOf(token, "?page=9")).toEqual(await idsOf(token, "?page=2"));
});

test("unstableOrder makes pages overlap, unless a sort is asked for", async () => {
  const token = await open({ members: 250, switches: { unstableOrder: true } });
  const collect = async (sort: string) => {
    const ids: number[] = [];
    for (const page of [1, 2, 3]) ids.push(...(await idsOf(token, `?page=${page}${sort}`)));
    return new Set(ids).size;
  };
  expect(await collect("")).toBeLessThan(252);
  expect(await collect("&sort=id")).toBe(252);
});

test("sort orders by a field, both ways, and unknown fields change nothing", async () => {
  const token = await open({
    members: [
      { email: "b@sandbox.example", createdAtMs: 2 },
      { email: "a@sandbox.example", createdAtMs: 3 },
      { email: "c@sandbox.example", createdAtMs: 1 },
    ],
  });
  const firstThree = async (sort: string) => (await idsOf(token, `?sort=${sort}`)).slice(0, 3);
  expect(await firstThree("created_at")).toEqual([1003, 1001, 1002]);
  expect((await idsOf(token, "?sort=-created_at")).slice(-3)).toEqual([1002, 1001, 1003]);
  expect(await firstThree("email")).toEqual([1002, 1004, 1001]);
  expect(await firstThree("constructor")).toEqual([1001, 1002, 1003]);
});

test("q finds parts of names and addresses, without regard to case", async () => {
  const token = await open({ members: [{ email: "grace+x@sandbox.example", firstName: "Grace", lastName: "Hopper" }] });
  for (const q of ["hopp", "GRACE", "grace%2Bx%40sandbox.example"]) {
    expect(await idsOf(token, `?q=${q}`)).toEqual([1001]);
  }
  expect(await idsOf(token, "?q=nobody")).toEqual([]);
});

test("the list holds invited, disabled and bot members, the head-count only those who could sign in", async () => {
  const token = await open({
    members: [
      { email: "i@sandbox.example", status: "invited" },
      { email: "d@sandbox.example", status: "disabled" },
    ],
  });
  const { json } = await client.list(token);
  expect(json.data.map(({ status }: { status: string }) => status)).toEqual([
    "invited",
    "disabled",
    "active",
    "active",
  ]);
  expect(json.data[0]).toMatchObject({ is_active: false, activated_at: null, type: null });
  expect((await client.call("GET", client.org(), { token })).json.data.users_count).toBe(1);
});

test("roles are capitalised in the list, or not", async () => {
  const token = await open();
  expect((await client.list(token)).json.data[0].role).toBe("Admin");
  client.sandbox.switches.capitalisedRoles = false;
  expect((await client.list(token)).json.data[0].role).toBe("admin");
});

test("every second item can be sparse", async () => {
  const token = await open({ switches: { sparseItems: true } });
  const [full, sparse] = (await client.list(token)).json.data;
  expect(full).toHaveProperty("is_default_admin");
  expect(Object.keys(sparse).sort()).toEqual(["email", "first_name", "id", "last_name", "role", "status"]);
});

test("links are absent, an object or an empty array", async () => {
  const token = await open({ members: 150 });
  const links = async () => (await client.list(token)).json.meta.pagination.links;
  expect(await links()).toBeUndefined();
  client.sandbox.switches.linksShape = "array";
  expect(await links()).toEqual([]);
  client.sandbox.switches.linksShape = "object";
  expect(await links()).toHaveProperty("next");
});

test("groups come as an object or a bare array, and only when asked for", async () => {
  const token = await open();
  expect((await client.list(token)).json.data[0]).not.toHaveProperty("groups");
  expect((await client.list(token, "?with=groups")).json.data[0].groups).toEqual({ data: [] });
  client.sandbox.switches.groupsShape = "array";
  expect((await client.list(token, "?with=stats,groups")).json.data[0].groups).toEqual([]);
});

test("bots show by type, by support_user or not at all", async () => {
  const token = await open();
  const bot = async () => (await client.list(token, "?q=bot@")).json.data[0];
  expect(await bot()).toMatchObject({ type: "bot" });
  client.sandbox.switches.botMark = "support_user";
  expect(await bot()).toMatchObject({ type: "standard", support_user: true });
  client.sandbox.switches.botMark = "none";
  expect(await bot()).not.toHaveProperty("support_user");
});

test("a new member is missing from list and get for as long as the delay says", async () => {
  let nowMs = 1_800_000_000_000;
  const token = await open({ now: () => nowMs, switches: { readAfterWriteDelayMs: 5000 } });
  const { id } = (await client.create(await client.appToken())).json.data;
  const seen = async () => [
    (await client.list(token, "?q=grace")).json.data.length,
    (await client.call("GET", client.org(`/users/${id}`), { token })).status,
  ];
  expect(await seen()).toEqual([0, 404]);
  nowMs += 5000;
  expect(await seen()).toEqual([1, 200]);
});

test("one member is for administrators only, and unknown ones get 404", async () => {
  const admin = await open({ members: [{ email: "s@sandbox.example" }] });
  const standard = await client.userToken("s@sandbox.example");
  const get = (id: string, token: string) => client.call("GET", client.org(`/users/${id}`), { token });
  expect((await get("1001", admin)).json.data).toMatchObject({
    id: 1001,
    email: "s@sandbox.example",
    role: "Standard",
  });
  expect((await get("1001", standard)).status).toBe(403);
  expect((await get("999", admin)).json.code).toBe("RESOURCE_NOT_FOUND");
  expect((await get("abc", admin)).status).toBe(404);
});

test("everybody sees themselves and their tasks", async () => {
  await open({ members: [{ email: "s@sandbox.example" }] });
  const token = await client.userToken("s@sandbox.example");
  for (const path of ["/me", client.org("/me")]) {
    expect((await client.call("GET", path, { token })).json.data.email).toBe("s@sandbox.example");
  }
  const tasks = await client.call("GET", client.org("/me/tasks"), { token });
  expect(tasks.json.data).toHaveLength(2);
  expect(tasks.json.data[0].id).toMatch(/^[0-9a-f]{32}$/);
  expect((await client.call("GET", client.org("/me/tasks?page=2"), { token })).json.data).toEqual([]);
  expect((await client.call("GET", client.org("/me/tasks?page=2&per_page=1"), { token })).json.data).toHaveLength(1);
});

test("an invitation that runs out takes the member off the list", async () => {
  const token = await open({ members: [{ email: "i@sandbox.example", status: "invited" }] });
  client.sandbox.state.members.remove("I@sandbox.example");
  expect(await idsOf(token, "?q=i@")).toEqual([]);
});

test("a hundred thousand members list quickly", async () => {
  const token = await open({ members: 100_000 });
  const startedAt = performance.now();
  const ids = await idsOf(token, "?sort=id&page=1001&per_page=100");
  await idsOf(token, "?sort=id&page=500&per_page=100");
  await idsOf(token, "?q=member099999%40sandbox.example");
  expect(ids).toHaveLength(2);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
