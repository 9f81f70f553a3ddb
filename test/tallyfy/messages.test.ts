// What people read: distinct for each call and each status of the error table, and never without saying what to do.

import { expect, test } from "vitest";
import type { TallyfyErrorKind } from "../../src/domain/tallyfy-error.ts";
import { judge } from "../../src/tallyfy/judge.ts";
import type { Endpoint } from "../../src/tallyfy/messages.ts";

const ENDPOINTS: readonly Endpoint[] = ["token", "create", "mint", "list", "find", "tasks", "organisation"];
const STATUSES = [400, 401, 402, 403, 404, 409, 422, 429, 500, 302];

function failure(endpoint: Endpoint, status: number) {
  const found = judge(endpoint, { status, headers: {}, body: "" }, 0);
  if (found === null) throw new Error("a failure was expected");
  return found;
}

test("every call and every status has a message of its own", () => {
  const messages = ENDPOINTS.flatMap((endpoint) => STATUSES.map((status) => failure(endpoint, status).message));
  expect(new Set(messages).size).toBe(ENDPOINTS.length * STATUSES.length);
});

test("the error table of the third-party page keeps its wording for a creation", () => {
  const texts = [401, 403, 404, 422, 429].map((status) => failure("create", status).message);
  expect(texts).toEqual([
    "Tallyfy refused creating a user (401). A fresh app token was refused as well. Check TALLYFY_ORG_ID, TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET: they belong together.",
    "Tallyfy refused creating a user (403). These client credentials may not create users in this organisation, or a rule of the organisation forbids this one. Check that TALLYFY_ORG_ID is the organisation the credentials were issued for.",
    "Tallyfy refused creating a user (404). Tallyfy does not know the organisation. Check TALLYFY_ORG_ID (32 characters, 0-9 and a-f).",
    "Tallyfy refused creating a user (422). Correct this person's values in the roster; sending the same again would be refused again.",
    "Tallyfy refused creating a user (429). It asks for fewer calls; nobody calls for a while. Nothing needs to be done.",
  ]);
});

test("the same table for a user token tells an unknown address from one of another organisation", () => {
  const texts = [401, 403, 404, 422].map((status) => failure("mint", status).message);
  expect(new Set(texts).size).toBe(4);
  expect(texts[2]).toContain("no user with this e-mail address");
  expect(texts[3]).toContain("not in this organisation");
});

test.each<[number, TallyfyErrorKind]>([
  [400, "invalid"],
  [401, "unauthorized"],
  [402, "no-seat"],
  [403, "forbidden"],
  [404, "not-found"],
  [405, "invalid"],
  [408, "timeout"],
  [409, "invalid"],
  [410, "not-found"],
  [413, "invalid"],
  [422, "invalid"],
  [429, "rate-limited"],
  [500, "unavailable"],
  [502, "unavailable"],
  [520, "unavailable"],
  [301, "protocol"],
])("%d on a list is %s", (status, kind) => {
  expect(failure("list", status).kind).toBe(kind);
});

test("a 2xx is no failure", () => {
  for (const status of [200, 201, 204]) expect(judge("create", { status, headers: {}, body: null }, 0)).toBeNull();
});

test("a 429 without Retry-After falls back to the reset header, other statuses do not", () => {
  const headers = { "x-ratelimit-reset": "12" };
  expect(judge("list", { status: 429, headers, body: null }, 0)).toMatchObject({ retryAfterMs: 12_000 });
  expect(judge("list", { status: 500, headers, body: null }, 0)).toMatchObject({ retryAfterMs: null });
});
