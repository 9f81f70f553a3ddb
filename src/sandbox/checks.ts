// Whether a request is what the documentation asks for: headers, token, organisation (tallyfy-api.md 1.2 to 1.4).
// Notes what the client did wrong as a violation; a token that merely ran out is none.

import { type Refusal, refuse } from "./answers.ts";
import { noteViolation } from "./counts.ts";
import type { Member } from "./members.ts";
import { SANDBOX_FOREIGN_ORG_ID, type SandboxState } from "./state.ts";
import type { TokenOwner } from "./tokens.ts";

type Headers = Readonly<Record<string, string | undefined>>;

/** The four headers of 1.3. Null: as they should be, or let pass by a switch. */
export function checkHeaders(state: SandboxState, method: string, headers: Headers, body: string): Refusal | null {
  const { switches, counts } = state;
  let refusal: Refusal | null = null;
  if (
    (method === "POST" || method === "PUT") &&
    body !== "" &&
    !/^application\/json\b/i.test(headers["content-type"] ?? "")
  ) {
    noteViolation(counts, "content-type-not-json");
    refusal = refuse(400, "BAD_REQUEST", "body");
  }
  if (!/\bapplication\/json\b/i.test(headers.accept ?? "")) {
    noteViolation(counts, "accept-missing");
    refusal = refuse(400, "BAD_REQUEST", "accept");
  }
  if (!headers["x-tallyfy-client"]) {
    noteViolation(counts, "client-header-missing");
    if (switches.requireClientHeader === "401") refusal = refuse(401, null, "unauthenticated", { shape: "bare" });
    if (switches.requireClientHeader === "404") refusal = refuse(404, "ENDPOINT_NOT_FOUND", "endpoint");
  }
  return refusal;
}

/** Whose token came with the request, however `revokedTokens` stands; null for none, an unknown or an expired one. */
export function tokenOwner(state: SandboxState, headers: Headers): TokenOwner | null {
  const token = /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];
  return token === undefined ? null : state.tokens.ownerOf(token, state.now());
}

/** Who is calling: `caller` is null for an application. */
export function authenticate(
  state: SandboxState,
  headers: Headers,
  needs: "app" | "user",
): { readonly caller: Member | null } | Refusal {
  const unauthenticated = refuse(401, null, "unauthenticated", { shape: "bare" });
  if (headers.authorization === undefined) {
    noteViolation(state.counts, "authorization-missing");
    return unauthenticated;
  }
  if (!/^Bearer \S+$/.test(headers.authorization)) {
    noteViolation(state.counts, "authorization-malformed");
    return unauthenticated;
  }
  const owner = tokenOwner(state, headers);
  if (owner === null || state.switches.revokedTokens) return unauthenticated;

  if (owner.kind === "app") {
    if (needs === "app" || state.switches.appTokenOnUserEndpoints === "allowed") return { caller: null };
    noteViolation(state.counts, "app-token-on-user-endpoint");
    return unauthenticated;
  }
  if (needs === "app") {
    noteViolation(state.counts, "user-token-on-app-endpoint");
    return unauthenticated;
  }
  const caller = state.members.byId(owner.memberId);
  if (caller === undefined) return unauthenticated;
  if (caller.status === "disabled" && !state.switches.tokensSurviveDisable) return unauthenticated;
  return { caller };
}

/** The organisation in the path. 403 where it exists without us, 404 where it does not exist (2.2). */
export function checkOrganization(state: SandboxState, orgId: string, needs: "app" | "user"): Refusal | null {
  const isForeign = orgId === SANDBOX_FOREIGN_ORG_ID;
  if (orgId !== state.identity.orgId && !isForeign) return refuse(404, "RESOURCE_NOT_FOUND", "organization");
  if (isForeign || (needs === "app" && !state.switches.clientIsLinked)) return refuse(403, "FORBIDDEN", "permission");
  return null;
}
