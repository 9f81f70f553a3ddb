// Which path and method is which endpoint, what each needs, and the one way from a request to its answer.
// Faults, limits and latency are not here: this is the API on a good day.

import { changeRole, disableUser, enableUser, updateUser } from "./administration.ts";
import { type Answer, ok, refuse } from "./answers.ts";
import type { Call, Handler } from "./call.ts";
import { authenticate, checkHeaders, checkOrganization } from "./checks.ts";
import { noteViolation } from "./counts.ts";
import type { Endpoint } from "./endpoints.ts";
import { getUser, listMyTasks, listUsers, showMe, showOrganization } from "./organization.ts";
import { createUser, mintUserToken } from "./provisioning.ts";
import type { SandboxState } from "./state.ts";
import { issueAppToken } from "./token-endpoint.ts";

interface Route {
  readonly endpoint: Endpoint;
  readonly method: string;
  /** Segments; those in braces are parameters. */
  readonly path: string;
  /** Which token it needs; `open` needs none, nor any header. */
  readonly needs: "app" | "user" | "open";
  readonly handler: Handler;
}

export interface Match {
  readonly endpoint: Endpoint;
  /** Null: no such endpoint, or not with this method. */
  readonly route: Route | null;
  readonly isWrongMethod: boolean;
  readonly params: Readonly<Record<string, string>>;
}

const health: Handler = () => ok({ status: "ok" });

const ROUTES: readonly Route[] = [
  { endpoint: "token", method: "POST", path: "/oauth/token", needs: "open", handler: issueAppToken },
  { endpoint: "token", method: "POST", path: "/api/oauth/token", needs: "open", handler: issueAppToken },
  { endpoint: "health", method: "GET", path: "/health", needs: "open", handler: health },
  { endpoint: "health", method: "GET", path: "/api/health", needs: "open", handler: health },
  { endpoint: "createUser", method: "POST", path: "/api/applications/{org}/users", needs: "app", handler: createUser },
  {
    endpoint: "mintToken",
    method: "POST",
    path: "/api/applications/{org}/users/{email}/token",
    needs: "app",
    handler: mintUserToken,
  },
  { endpoint: "me", method: "GET", path: "/api/me", needs: "user", handler: showMe },
  ...userRoute("organization", "GET", "", showOrganization),
  ...userRoute("listUsers", "GET", "/users", listUsers),
  ...userRoute("orgMe", "GET", "/me", showMe),
  ...userRoute("myTasks", "GET", "/me/tasks", listMyTasks),
  ...userRoute("getUser", "GET", "/users/{user}", getUser),
  ...userRoute("updateUser", "PUT", "/users/{user}", updateUser),
  ...userRoute("changeRole", "PUT", "/users/{user}/role", changeRole),
  ...userRoute("disableUser", "DELETE", "/users/{user}/disable", disableUser),
  ...userRoute("enableUser", "PUT", "/users/{user}/enable", enableUser),
];

function userRoute(endpoint: Endpoint, method: string, path: string, handler: Handler): readonly Route[] {
  return [{ endpoint, method, path: `/api/organizations/{org}${path}`, needs: "user", handler }];
}

/** @param path without the query, still percent-encoded */
export function findRoute(method: string, path: string): Match {
  let isWrongMethod = false;
  for (const route of ROUTES) {
    const params = paramsOf(route.path, path);
    if (params === null) continue;
    if (route.method === method) return { endpoint: route.endpoint, route, isWrongMethod: false, params };
    isWrongMethod = true;
  }
  return { endpoint: "unknown", route: null, isWrongMethod, params: {} };
}

function paramsOf(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith("{") && value !== "") params[segment.slice(1, -1)] = value;
    else if (segment !== value) return null;
  }
  return params;
}

/** Checks and carries out one request. Synchronous: requests never interleave inside it. */
export function perform(state: SandboxState, match: Match, method: string, call: Omit<Call, "caller">): Answer {
  const { route, isWrongMethod } = match;
  if (route === null) {
    noteViolation(state.counts, isWrongMethod ? "wrong-method" : "unknown-path");
    return isWrongMethod ? refuse(405, "METHOD_NOT_ALLOWED", "method") : refuse(404, "ENDPOINT_NOT_FOUND", "endpoint");
  }
  if (route.needs === "open") return route.handler(state, { ...call, caller: null });

  const badHeaders = checkHeaders(state, method, call.headers, call.body);
  if (badHeaders !== null) return badHeaders;
  const who = authenticate(state, call.headers, route.needs);
  if ("kind" in who) return who;
  const org = call.params.org;
  const badOrganization = org === undefined ? null : checkOrganization(state, org, route.needs);
  return badOrganization ?? route.handler(state, { ...call, caller: who.caller });
}
