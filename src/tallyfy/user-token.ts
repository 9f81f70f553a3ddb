// Mints user tokens with the app token (tallyfy-api.md 2.3): for the acting admin, and for people who are known members.
// A user token may do everything its user may do: none is minted for an address that nobody vouches for.

import type { StoredToken } from "../app/ports.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import { readToken } from "./app-token.ts";
import type { Call } from "./call.ts";
import { isNotTheApi } from "./messages.ts";
import { apiHeaders, resourceUrl, type TallyfyClientOptions } from "./settings.ts";

/** Nobody vouches for this address: it is neither in the ledger nor in Tallyfy's member list. */
export class UnknownMember extends Error {
  override readonly name = "UnknownMember";

  constructor() {
    super(
      "No token was asked for: neither the ledger nor Tallyfy's member list knows this e-mail address as a member. " +
        "Check its spelling, or provision the person first.",
    );
  }
}

/** The code of the failure when Tallyfy does not know the acting admin. */
export const ACTING_ADMIN_UNKNOWN = "ACTING_ADMIN_UNKNOWN";

/** One attempt with this app token. @throws TallyfyError */
export function mint(
  call: Call,
  options: TallyfyClientOptions,
  appToken: string,
  email: string,
  now: () => number,
): Promise<StoredToken> {
  const askedAt = now();
  return call({
    endpoint: "mint",
    method: "POST",
    url: resourceUrl(options.apiUrl, "applications", options.orgId, "users", email, "token"),
    setting: "TALLYFY_API_URL",
    headers: apiHeaders(appToken),
    body: null,
    read: (json) => readToken(json, askedAt) ?? readToken(inner(json), askedAt),
  });
}

/**
 * A failed minting as it looks for the acting admin: an address that Tallyfy does not know (404) or not in this organisation
 * (422) is a mistake in the configuration. Its kind is `forbidden`: no repetition and no token heals it.
 */
export function aboutActingAdmin(error: unknown): unknown {
  if (!(error instanceof TallyfyError) || error.failure.status === null) return error;
  const { failure } = error;
  const isWrongAddress = failure.kind === "invalid" || (failure.kind === "not-found" && !isNotTheApi(failure.code));
  if (!isWrongAddress) return error;
  const message =
    `Tallyfy has no user token for the acting admin (${failure.status}): the address in TALLYFY_ADMIN_EMAIL is no member ` +
    "of the organisation in TALLYFY_ORG_ID. Name an administrator of that organisation there.";
  return new TallyfyError({ ...failure, kind: "forbidden", code: ACTING_ADMIN_UNKNOWN, message });
}

function inner(json: unknown): unknown {
  return typeof json === "object" && json !== null && "data" in json ? json.data : null;
}
