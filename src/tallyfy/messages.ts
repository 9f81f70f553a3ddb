// What a person reads when Tallyfy says no: one text for each call and each meaning. Pure texts: what, where, what to do.
// Never a server text, an address, a name or a secret; the only values are statuses, codes, field names and seconds.

import type { TallyfyErrorKind } from "../domain/tallyfy-error.ts";

/** What a call is for; also the label of metrics. */
export type Endpoint = "token" | "create" | "mint" | "list" | "find" | "tasks" | "organisation";

/** The code given to a 404 whose body is a web page: nothing of Tallyfy's API answered there. */
export const NOT_THE_API = "NOT_THE_API";

/** Whether a 404 says that there is no such path, and not that there is no such thing (tallyfy-api.md 3.1). */
export function isNotTheApi(code: string | null): boolean {
  return code === "ENDPOINT_NOT_FOUND" || code === NOT_THE_API;
}

export interface Refusal {
  readonly endpoint: Endpoint;
  readonly kind: TallyfyErrorKind;
  readonly status: number;
  readonly code: string | null;
  readonly fields: readonly string[];
  readonly pool: "full" | "light" | null;
  readonly retryAfterMs: number | null;
}

const DOING: Readonly<Record<Endpoint, string>> = {
  token: "giving out an app token",
  create: "creating a user",
  mint: "giving out a user token",
  list: "listing the members",
  find: "looking a member up",
  tasks: "listing this user's tasks",
  organisation: "reading the organisation",
};

const UNAUTHORIZED: Readonly<Record<Endpoint, string>> = {
  token:
    "Check TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET; if they are right, Tallyfy's support has withdrawn or replaced them.",
  create:
    "A fresh app token was refused as well. Check TALLYFY_ORG_ID, TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET: they belong together.",
  mint: "A fresh app token was refused as well. Check that TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET were issued for the organisation in TALLYFY_ORG_ID.",
  list: "A fresh token for the acting admin was refused as well. Check in Tallyfy that the user in TALLYFY_ADMIN_EMAIL is active and an administrator.",
  find: "A fresh token for the acting admin was refused as well. Check in Tallyfy that the user in TALLYFY_ADMIN_EMAIL is active.",
  tasks: "The user token has expired or was revoked. Ask for a new one; a disabled user gets none that works.",
  organisation:
    "A fresh token for the acting admin was refused as well. Check that the user in TALLYFY_ADMIN_EMAIL belongs to the organisation in TALLYFY_ORG_ID.",
};

const FORBIDDEN: Readonly<Record<Endpoint, string>> = {
  token: "Check TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET.",
  create:
    "These client credentials may not create users in this organisation, or a rule of the organisation forbids this one. Check that TALLYFY_ORG_ID is the organisation the credentials were issued for.",
  mint: "These client credentials may not act for users of this organisation. Check that TALLYFY_ORG_ID is the organisation the credentials were issued for.",
  list: "The acting admin may not see the members. Make the user in TALLYFY_ADMIN_EMAIL an administrator of the organisation in TALLYFY_ORG_ID.",
  find: "The acting admin may not search the members. Make the user in TALLYFY_ADMIN_EMAIL an administrator of the organisation in TALLYFY_ORG_ID.",
  tasks: "This user may not see tasks in the organisation in TALLYFY_ORG_ID.",
  organisation: "The user in TALLYFY_ADMIN_EMAIL may not see the organisation in TALLYFY_ORG_ID.",
};

const NOT_FOUND: Readonly<Record<Endpoint, string>> = {
  token: "There is no token service at this address. Check TALLYFY_TOKEN_URL.",
  create: "Tallyfy does not know the organisation. Check TALLYFY_ORG_ID (32 characters, 0-9 and a-f).",
  mint: "Tallyfy has no user with this e-mail address. Check its spelling, and whether the user was removed.",
  list: "Tallyfy does not know the organisation for the acting admin. Check TALLYFY_ORG_ID and TALLYFY_ADMIN_EMAIL.",
  find: "Tallyfy does not know the organisation in which to search. Check TALLYFY_ORG_ID and TALLYFY_ADMIN_EMAIL.",
  tasks: "Tallyfy does not know the organisation for this user. Check TALLYFY_ORG_ID.",
  organisation: "Tallyfy does not know this organisation. Check TALLYFY_ORG_ID.",
};

const INVALID: Readonly<Record<Endpoint, string>> = {
  token: "The request for a token was not accepted. Check TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET.",
  create: "Correct this person's values in the roster; sending the same again would be refused again.",
  mint: "The address exists in Tallyfy but not in this organisation, or it is no valid address. Only members can be given a token.",
  list: "The request for the member list was not accepted. Check TALLYFY_API_URL; if it is right, this program needs an update.",
  find: "The search for a member was not accepted. Check TALLYFY_API_URL; if it is right, this program needs an update.",
  tasks:
    "The request for the tasks was not accepted. Check TALLYFY_API_URL; if it is right, this program needs an update.",
  organisation: "The request was not accepted. Check TALLYFY_ORG_ID and TALLYFY_API_URL.",
};

/** The one text for a refusal. Contains no value that came from the server beyond status, code and field names. */
export function refusalMessage(refusal: Refusal): string {
  return `${start(refusal)} ${advice(refusal)}`;
}

function start({ endpoint, status, code, fields }: Refusal): string {
  const named = code === null ? `${status}` : `${status} ${code}`;
  const about = fields.length === 0 ? "" : ` because of ${fields.join(", ")}`;
  return `Tallyfy refused ${DOING[endpoint]}${about} (${named}).`;
}

function advice(refusal: Refusal): string {
  const { endpoint, kind, status } = refusal;
  switch (kind) {
    case "unauthorized":
      return UNAUTHORIZED[endpoint];
    case "forbidden":
      return FORBIDDEN[endpoint];
    case "not-found":
      return isNotTheApi(refusal.code) ? noSuchEndpoint(endpoint) : NOT_FOUND[endpoint];
    case "invalid":
      return INVALID[endpoint];
    case "conflict":
      return "It says that the e-mail address is taken: this user exists already, here or in another organisation.";
    case "no-seat":
      return noSeat(status, refusal.pool);
    case "rate-limited":
      return waiting(refusal.retryAfterMs);
    case "unavailable":
      return "Tallyfy itself has trouble at the moment; whether the request was carried out is not known. It is tried again later; see status.tallyfy.com if it lasts.";
    case "timeout":
      return "Tallyfy gave up waiting for the request; it is tried again later.";
    case "protocol":
      return `This is no answer of Tallyfy's API. Check ${endpoint === "token" ? "TALLYFY_TOKEN_URL" : "TALLYFY_API_URL"} and the proxy: redirects are not followed.`;
  }
}

function noSuchEndpoint(endpoint: Endpoint): string {
  return endpoint === "token"
    ? NOT_FOUND.token
    : "The API has no such path. Check TALLYFY_API_URL (such as https://go.tallyfy.com/api) and TALLYFY_ORG_ID.";
}

function noSeat(status: number, pool: "full" | "light" | null): string {
  if (status === 402) {
    return "The organisation's plan allows no more. Ask whoever manages the Tallyfy subscription; creating goes on once it does.";
  }
  const seats =
    pool === null ? "seats" : pool === "full" ? "full seats (administrators and standard users)" : "light seats";
  return `All ${seats} of the organisation are in use. Free or buy some in Tallyfy; creating goes on once there is one.`;
}

function waiting(retryAfterMs: number | null): string {
  const until = retryAfterMs === null ? "for a while" : `for ${Math.ceil(retryAfterMs / 1000)} seconds, as it asked`;
  return `It asks for fewer calls; nobody calls ${until}. Nothing needs to be done.`;
}

/** A successful status with a body that is not what this call answers with. */
export function nonsenseMessage(endpoint: Endpoint, status: number, what: "not JSON" | "another shape"): string {
  const setting = endpoint === "token" ? "TALLYFY_TOKEN_URL" : "TALLYFY_API_URL";
  const found = what === "not JSON" ? "something that is not JSON" : "JSON of another shape than documented";
  return `Tallyfy said yes to ${DOING[endpoint]} (${status}) but sent ${found}. Check ${setting}, and whether a proxy or a login page answers in Tallyfy's place.`;
}
