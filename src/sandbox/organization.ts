// What a user token reads: the organisation, its members, oneself and one's tasks (tallyfy-api.md 2.4, 2.5, 2.14).
// The list with all its awkwardness lives in pageOf.

import { ok, type Refusal, refuse } from "./answers.ts";
import type { Call, Handler } from "./call.ts";
import { listItem, profileItem } from "./member-json.ts";
import type { Member } from "./members.ts";
import type { SandboxState } from "./state.ts";

/** The page size of the docs when none is asked for; also what `wrongTotalPages` computes with (2.4). */
const DEFAULT_PER_PAGE = 9999;

export const showOrganization: Handler = (state) => {
  // Counts only people who could sign in: smaller than the list's total (2.4).
  const users = state.members.ordered(null).filter((member) => member.status === "active" && !member.isBot);
  return ok({ data: { id: state.identity.orgId, name: "Sandbox Ltd", slug: "sandbox", users_count: users.length } });
};

export const listUsers: Handler = (state, { query }) => {
  const { switches } = state;
  const found = matching(inOrder(state, query.get("sort")), query.get("q")).filter((member) =>
    isVisible(state, member),
  );
  const perPage = pageSize(state, query.get("per_page"));
  const asked = wholeFrom1(query.get("page"), 1);
  const lastPage = Math.max(1, Math.ceil(found.length / perPage));
  const page = switches.beyondLastPage === "repeat" ? Math.min(asked, lastPage) : asked;

  const hasGroups = (query.get("with") ?? "").split(",").includes("groups");
  const items = found
    .slice((page - 1) * perPage, page * perPage)
    .map((member, index) => listItem(member, switches, switches.sparseItems && index % 2 === 1, hasGroups));

  const pagination: Record<string, unknown> = {
    total: Math.max(0, found.length + switches.totalOffBy),
    count: items.length,
    per_page: perPage,
    current_page: asked,
  };
  if (!switches.omitTotalPages) {
    pagination.total_pages = switches.wrongTotalPages ? Math.ceil(found.length / DEFAULT_PER_PAGE) : lastPage;
  }
  if (switches.linksShape === "array") pagination.links = [];
  if (switches.linksShape === "object") pagination.links = links(state, asked, lastPage);
  return ok({ data: items, meta: { pagination } });
};

function links(state: SandboxState, page: number, lastPage: number): Record<string, string> {
  const address = (to: number) => `/api/organizations/${state.identity.orgId}/users?page=${to}`;
  return {
    ...(page > 1 ? { previous: address(page - 1) } : {}),
    ...(page < lastPage ? { next: address(page + 1) } : {}),
  };
}

function inOrder(state: SandboxState, sort: string | null): readonly Member[] {
  const members = state.members.ordered(sort);
  if (sort !== null || !state.switches.unstableOrder || members.length < 2) return members;
  // Begins elsewhere on every request, by seeded chance: pages overlap, and leave people out.
  const random = state.chance.draw("order");
  const start = 1 + Math.floor(random() * (members.length - 1));
  return [...members.slice(start), ...members.slice(0, start)];
}

function matching(members: readonly Member[], q: string | null): readonly Member[] {
  if (q === null || q === "") return members;
  const wanted = q.toLowerCase();
  return members.filter(({ firstName, lastName, email }) =>
    [email, firstName, lastName].some((text) => text.toLowerCase().includes(wanted)),
  );
}

function pageSize({ switches }: SandboxState, asked: string | null): number {
  if (switches.ignorePerPage !== null) return switches.ignorePerPage;
  return Math.min(wholeFrom1(asked, DEFAULT_PER_PAGE), switches.listPerPageCap);
}

function isVisible({ switches, now }: SandboxState, member: Member): boolean {
  return switches.readAfterWriteDelayMs === 0 || member.createdAtMs + switches.readAfterWriteDelayMs <= now();
}

export const getUser: Handler = (state, call) => {
  const found = adminsTarget(state, call);
  if ("kind" in found) return found;
  if (!isVisible(state, found)) return refuse(404, "RESOURCE_NOT_FOUND", "member");
  const hasGroups = (call.query.get("with") ?? "").split(",").includes("groups");
  return ok({ data: listItem(found, state.switches, false, hasGroups) });
};

/** The member in the path, for calls that only an administrator may make (1.4); or why not. */
export function adminsTarget(state: SandboxState, call: Call): Member | Refusal {
  const { caller } = call;
  if (caller !== null && caller.role !== "admin") return refuse(403, "FORBIDDEN", "admin");
  const id = call.params.user ?? "";
  const member = /^\d+$/.test(id) ? state.members.byId(Number(id)) : undefined;
  return member ?? refuse(404, "RESOURCE_NOT_FOUND", "member");
}

/** `/me` and `/organizations/{org}/me`. */
export const showMe: Handler = (_state, { caller }) => {
  // Only with an app token, and then only where a switch lets it come this far.
  if (caller === null) return refuse(401, null, "unauthenticated", { shape: "bare" });
  return ok({ data: profileItem(caller) });
};

/** Everybody has the same two tasks. Ten a page unless asked otherwise (2.14). */
export const listMyTasks: Handler = (_state, { caller, query }) => {
  if (caller === null) return refuse(401, null, "unauthenticated", { shape: "bare" });
  const titles = ["Read the welcome page", "Fill in your profile"];
  const tasks = titles.map((title, index) => ({
    id: `${caller.id.toString(16)}${index}`.padStart(32, "0"),
    title,
    status: "not-started",
    deadline: "2030-01-31T17:00:00+00:00",
    owners: { users: [caller.id], guests: [], groups: [] },
  }));
  const [page, perPage] = [wholeFrom1(query.get("page"), 1), wholeFrom1(query.get("per_page"), 10)];
  const data = tasks.slice((page - 1) * perPage, page * perPage);
  const counted = { total: tasks.length, count: data.length, total_pages: Math.ceil(tasks.length / perPage) };
  return ok({ data, meta: { pagination: { ...counted, per_page: perPage, current_page: page } } });
};

/** A number of a query; `otherwise` where it is missing or no whole number from 1. */
function wholeFrom1(text: string | null, otherwise: number): number {
  const number = Number(text ?? otherwise);
  return Number.isInteger(number) && number >= 1 ? number : otherwise;
}
