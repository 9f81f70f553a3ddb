// Listing and finding members: every awkward shape is read, every list that does not add up is refused.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Account } from "../../src/domain/ledger.ts";
import type { TallyfyClient } from "../../src/tallyfy/client.ts";
import { readMember } from "../../src/tallyfy/members.ts";
import { type ScriptedServer, startServer } from "./scripted-server.ts";
import { clientFor, failureOf, giveTokens, LIST_PATH, ORG } from "./subject.ts";

let server: ScriptedServer;
let client: TallyfyClient;

beforeEach(async () => {
  server = await startServer();
  giveTokens(server);
  client = clientFor(server);
});

afterEach(async () => {
  await client.close();
  await server.close();
});

function member(id: number): object {
  return { id, email: `p${id}@corp.example`, first_name: "P", last_name: `${id}`, status: "active", role: "Standard" };
}

function range(from: number, to: number): object[] {
  return Array.from({ length: to - from + 1 }, (_, index) => member(from + index));
}

/** Pages as given, then empty ones. */
function servePages(pages: readonly (readonly unknown[])[], pagination: (page: number) => unknown): void {
  server.on(LIST_PATH, ({ path }) => {
    const page = Number(new URL(path, server.url).searchParams.get("page"));
    return { status: 200, body: { data: pages[page - 1] ?? [], meta: { pagination: pagination(page) } } };
  });
}

async function listed(): Promise<Account[]> {
  const accounts: Account[] = [];
  for await (const page of client.listMembers()) accounts.push(...page);
  return accounts;
}

describe("the member list", () => {
  test("is complete although pages are capped and total_pages is wrong", async () => {
    servePages([range(1, 10), range(11, 20), range(21, 23)], () => ({
      total: 23,
      per_page: 100,
      total_pages: 1,
      links: [],
    }));
    expect((await listed()).map(({ accountId }) => accountId)).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
    expect(server.count(LIST_PATH)).toBe(3);
  });

  test("is asked for page by page, 100 at a time, unsorted", async () => {
    servePages([range(1, 2)], () => ({ total: 2 }));
    await listed();
    expect(server.seen.at(-1)?.path).toBe(`/api/organizations/${ORG}/users?page=1&per_page=100`);
  });

  test("may come on one page although 100 were asked for, with the total as text", async () => {
    servePages([range(1, 250)], () => ({ total: "250" }));
    expect(await listed()).toHaveLength(250);
  });

  test("counts somebody without an address but gives no account for them", async () => {
    servePages([[...range(1, 2), { id: 3, email: null }]], () => ({ total: 3 }));
    expect(await listed()).toHaveLength(2);
  });

  test("may overlap between pages: people are counted, not lines", async () => {
    servePages([range(1, 10), range(8, 12)], () => ({ total: 12 }));
    expect(await listed()).toHaveLength(12);
  });

  test("of nobody is empty", async () => {
    servePages([], () => ({ total: 0 }));
    expect(await listed()).toEqual([]);
  });

  test.each<[string, (readonly unknown[])[], (page: number) => unknown, string]>([
    ["ends early", [range(1, 10)], () => ({ total: 12 }), "ends after 10 of 12"],
    ["repeats a page", [range(1, 10), range(1, 10)], () => ({ total: 12 }), "repeats itself after 10 of 12"],
    ["has more than it says", [range(1, 10), range(11, 20)], () => ({ total: 15 }), "more entries"],
    ["changes meanwhile", [range(1, 10), range(11, 12)], (page) => ({ total: 10 + page }), "changed while"],
    ["has no total", [range(1, 10)], () => ({ count: 10, per_page: 100, total_pages: 1 }), "does not say how many"],
    ["has no pagination", [range(1, 10)], () => null, "does not say how many"],
    ["has people but a total of 0", [range(1, 10)], () => ({ total: 0 }), "more entries"],
  ])("that %s is not believed", async (_, pages, pagination, words) => {
    servePages(pages, pagination);
    const failure = await failureOf(listed());
    expect(failure).toMatchObject({ kind: "protocol" });
    expect(failure.message).toContain(words);
  });

  test("that did not add up is next time asked for by id, and unsorted again where that is refused", async () => {
    const sorts: (string | null)[] = [];
    let isSortRefused = false;
    server.on(LIST_PATH, ({ path }) => {
      const { searchParams } = new URL(path, server.url);
      const sort = searchParams.get("sort");
      sorts.push(sort);
      if (sort !== null && isSortRefused) return { status: 500 };
      const isFirst = searchParams.get("page") === "1" || sort === null;
      return {
        status: 200,
        body: { data: isFirst ? range(1, 10) : range(11, 20), meta: { pagination: { total: 20 } } },
      };
    });
    expect(await failureOf(listed())).toMatchObject({ kind: "protocol" });
    expect(await listed()).toHaveLength(20);
    isSortRefused = true;
    expect(await failureOf(listed())).toMatchObject({ kind: "unavailable" });
    expect(await failureOf(listed())).toMatchObject({ kind: "protocol" });
    expect(sorts).toEqual([null, null, "id", "id", "id", null, null]);
  });

  test("that is no list is a protocol failure", async () => {
    server.on(LIST_PATH, { status: 200, body: { data: { 1: member(1) } } });
    expect(await failureOf(listed())).toMatchObject({ kind: "protocol", status: 200 });
  });

  test("fails with the page that fails", async () => {
    server.on(LIST_PATH, (_, nth) =>
      nth === 1 ? { status: 200, body: { data: range(1, 10), meta: { pagination: { total: 20 } } } } : { status: 429 },
    );
    expect(await failureOf(listed())).toMatchObject({ kind: "rate-limited" });
  });
});

describe("one member", () => {
  test("is found by the exact address, whatever its case, on whichever page", async () => {
    servePages(
      [[{ id: 1, email: "xada+work@corp.example" }], [{ id: 2, email: "Ada+Work@Corp.Example", role: "Light" }]],
      () => ({
        total: 2,
      }),
    );
    const found = await client.findMember("ada+work@corp.example");
    expect(found).toMatchObject({ accountId: 2, email: "ada+work@corp.example", role: "light" });
    const { searchParams } = new URL(server.seen.at(-1)?.path ?? "", server.url);
    expect(searchParams.get("q")).toBe("ada+work@corp.example");
  });

  test.each<[string, (readonly unknown[])[], unknown]>([
    ["the search is empty", [], { total: 0 }],
    ["only similar ones come", [range(1, 3)], { total: 3 }],
    ["no total is told and an empty page ends it", [range(1, 3)], {}],
    ["the total is that of all members", [range(1, 3)], { total: 500 }],
  ])("is null when %s", async (_, pages, pagination) => {
    servePages(pages, () => pagination);
    expect(await client.findMember("ada@corp.example")).toBeNull();
  });

  test("is null when a server without pages repeats its only one", async () => {
    server.on(LIST_PATH, { status: 200, body: { data: range(1, 3) } });
    expect(await client.findMember("ada@corp.example")).toBeNull();
    expect(server.count(LIST_PATH)).toBe(2);
  });

  test("is not declared absent while a search that has more repeats itself", async () => {
    servePages([range(1, 3), range(1, 3)], () => ({ total: 9 }));
    expect(await failureOf(client.findMember("ada@corp.example"))).toMatchObject({ kind: "protocol" });
  });
});

describe("a member as Tallyfy writes it", () => {
  test("is read in full", () => {
    const full = {
      id: 1001,
      email: "A@X.test",
      first_name: "A",
      last_name: "B",
      type: "standard",
      role: "Admin",
      status: "active",
      is_default_admin: true,
      groups: { data: [{ id: "x", members: [1001] }] },
    };
    expect(readMember(full)).toEqual({
      accountId: 1001,
      email: "a@x.test",
      firstName: "A",
      lastName: "B",
      role: "admin",
      status: "active",
      isBot: false,
      isDefaultAdmin: true,
    });
  });

  test.each<[object, Partial<Account>]>([
    [{ role: "LIGHT", groups: [] }, { role: "light" }],
    [{ user_role: "Standard" }, { role: "standard" }],
    [{ role: "owner" }, { role: null }],
    [{ role: { name: "Admin" } }, { role: null }],
    [{ id: "77" }, { accountId: 77 }],
    [{ id: "x7" }, { accountId: null }],
    [{ status: "Invited" }, { status: "invited" }],
    [{ status: "disabled" }, { status: "disabled" }],
    [{ status: "frozen" }, { status: "unknown" }],
    [{ is_active: true }, { status: "active" }],
    [{ active: 1 }, { status: "active" }],
    [{ is_active: false, activated_at: null }, { status: "unknown" }],
    [{ active: true, is_suspended: "1" }, { status: "disabled" }],
    [{ type: "bot" }, { isBot: true }],
    [{ type: "Support User" }, { isBot: true }],
    [{ support_user: 1 }, { isBot: true }],
    [{ role: "Bot" }, { isBot: true, role: null }],
    [{ type: null, support_user: false }, { isBot: false }],
    [
      { first_name: null, last_name: 5 },
      { firstName: "", lastName: "" },
    ],
  ])("%j is tolerated", (fields, expected) => {
    expect(readMember({ id: 1, email: "a@x.test", ...fields })).toMatchObject(expected);
  });

  test.each([null, 7, "x", [], {}, { id: 1, email: " " }])("%j is nobody's account", (item) => {
    expect(readMember(item)).toBeNull();
  });
});

describe("as somebody", () => {
  test("tasks are listed with that user's token, page by page", async () => {
    const path = `GET /api/organizations/${ORG}/me/tasks`;
    server.on(path, ({ path: asked }) => {
      const page = new URL(asked, server.url).searchParams.get("page");
      const data =
        page === "1"
          ? [{ id: "a1", title: "Sign", status: "active", deadline: "2026-01-05T10:00:00Z" }, { nothing: 1 }]
          : [{ id: 2, name: "Read" }];
      return { status: 200, body: { data, meta: { pagination: { total: 3 } } } };
    });
    expect(await client.tasks("token-of-ada")).toEqual([
      { id: "a1", title: "Sign", status: "active", deadline: "2026-01-05T10:00:00Z" },
      { id: "2", title: "Read", status: null, deadline: null },
    ]);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill("Bearer token-of-ada"));
  });

  test("a user token that is refused is not repeated: it is the caller's", async () => {
    server.on(`GET /api/organizations/${ORG}/me/tasks`, { status: 401, body: "Unauthorized." });
    expect(await failureOf(client.tasks("token-old"))).toMatchObject({ kind: "unauthorized" });
    expect(server.seen).toHaveLength(1);
  });

  test("the organisation's name is read with the acting admin's token", async () => {
    server.on(`GET /api/organizations/${ORG}`, { status: 200, body: { data: { name: "Corp", users_count: 3 } } });
    expect(await client.organisation()).toEqual({ name: "Corp" });
    expect(server.seen.at(-1)?.headers.authorization).toBe("Bearer token-user-1");
    server.on(`GET /api/organizations/${ORG}`, { status: 200, body: { data: {} } });
    expect(await client.organisation()).toEqual({ name: null });
  });
});
