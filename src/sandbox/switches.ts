// Every corner of the API that the sources leave open or describe two ways, as one named, typed switch with its default.
// Only names, types and defaults; checking a change from outside is switch-check.ts, acting on it is everybody else's.
// README.md in this folder holds the same list as a table; a test compares the two.

import type { Endpoint } from "./endpoints.ts";

export interface RateLimitSwitch {
  /** Requests admitted in one window. */
  max: number;
  windowMs: number;
  /** `fixed` windows start at multiples of `windowMs` of the clock; `sliding` ones look back from each request. */
  kind: "fixed" | "sliding" | "none";
  /** How a 429 tells how long to wait. */
  retryAfter: "seconds" | "date" | "none";
  /** Whether every answer carries X-RateLimit-Limit, -Remaining and -Reset. */
  headers: boolean;
  /** Who shares one bucket: the whole organisation, one application or user, or one IP address. */
  scope: "org" | "identity" | "ip";
}

/** An answer given instead of the real one, once. */
export interface ScriptedAnswer {
  /** Absent: the next request to any endpoint. */
  endpoint?: Endpoint;
  status: number;
  headers?: Record<string, string>;
  /** A string is sent as it is, anything else as JSON. */
  body?: unknown;
  /** Whether the request is carried out all the same, and only its answer replaced. */
  isAfterWrite?: boolean;
}

export type TakenAs =
  | "409"
  | "422"
  | "422-laravel"
  | "422-string"
  | "422-nested"
  | "400"
  | "structured"
  | "200-existing";

export type ErrorBodyShape =
  | "json"
  | "laravel"
  | "structured"
  | "legacy"
  | "cloudflare"
  | "plain-text"
  | "html"
  | "empty";

export interface SandboxSwitches {
  // ------------------------------------------------------------------------------------------- tokens and headers
  /** `expires_in` of app tokens, in seconds (1.1). */
  tokenLifetimeS: number;
  /** `expires_in` of minted user tokens, in seconds (1.1). */
  userTokenLifetimeS: number;
  /** The token endpoint answers 503. */
  tokenEndpointDown: boolean;
  /** The token endpoint refuses even the right secret: 401 `invalid_client`. */
  rejectCredentials: boolean;
  /** Every token counts as revoked, fresh ones too: a 401 that re-authenticating does not cure (3.2). */
  revokedTokens: boolean;
  /** False: the application is not linked to the organisation, 403 on its calls (2.2). */
  clientIsLinked: boolean;
  /** What a call without `X-Tallyfy-Client` gets (1.3). */
  requireClientHeader: "401" | "404" | "off";
  /** What an app token gets on `/organizations/…` and `/me` (1.2). */
  appTokenOnUserEndpoints: "401" | "allowed";
  /** Minting a user token ends the user's earlier ones (2.3, undocumented). */
  mintRevokesEarlier: boolean;
  /** What minting for an invited or disabled member gets (2.3, undocumented). */
  mintForInactive: "200" | "422";
  /** Minting compares addresses case-sensitively (section 12, 18). */
  mintIsCaseSensitive: boolean;
  /** Tokens of a disabled member keep working (6.5). */
  tokensSurviveDisable: boolean;

  // ---------------------------------------------------------------------------------------------------- the list
  /** The largest page the list gives, whatever `per_page` asks (2.4). */
  listPerPageCap: number;
  /** A page size used instead of any `per_page`; null: `per_page` counts (2.4). */
  ignorePerPage: number | null;
  /** `total_pages` is computed from the default size of 9999 and so reads 1 for almost every list (2.4). */
  wrongTotalPages: boolean;
  /** `total_pages` is missing (2.4). */
  omitTotalPages: boolean;
  /** Added to `total`, so that the count does not add up. */
  totalOffBy: number;
  /** What a page after the last one holds. */
  beyondLastPage: "empty" | "repeat";
  /** Without `sort`, the order differs from request to request, so that pages overlap and miss people (section 12, 7). */
  unstableOrder: boolean;
  /** `meta.pagination.links` (2.4). */
  linksShape: "absent" | "object" | "array";
  /** `Admin` instead of `admin` in list and get (2.4). */
  capitalisedRoles: boolean;
  /** Every second item carries only id, e-mail, names, status and role (2.4). */
  sparseItems: boolean;
  /** `with=groups` gives `{data: []}` or a bare array (2.4). */
  groupsShape: "object" | "array";
  /** How bots show in the list (section 12, 8). */
  botMark: "type" | "support_user" | "none";
  /** How long a new member is missing from list and get, in milliseconds (section 12, 5). */
  readAfterWriteDelayMs: number;

  // ------------------------------------------------------------------------------------------------------ creating
  createStatus: 200 | 201;
  /** What a successful create says: the documented item, the item without `id`, or nothing (2.2). */
  createAnswer: "documented" | "without-id" | "empty";
  /** Status of new members (2.2, undocumented). */
  createdUserStatus: "active" | "invited";
  /** How create says that the address is taken (2.2, undocumented). */
  takenAs: TakenAs;
  /** Addresses that exist in Tallyfy, but not in this organisation: 422 on minting (2.3). */
  otherOrgEmails: string[];
  /** What creating one of `otherOrgEmails` does. */
  otherOrgOnCreate: "taken" | "attached";
  /** Addresses of guests: taken on create, unknown to list and minting (2.16). */
  guestEmails: string[];
  /** Seats in each pool, null for no limit (3.3). Active and invited members hold one, bots none. */
  seats: { full: number | null; light: number | null };
  /** How a lack of seats is said: 409 with or without the pool, or 402 (3.2, 3.3). */
  seatRefusal: "409" | "409-bare" | "402";
  /** False: role `light` is refused with 422 (2.2). */
  lightRoleEnabled: boolean;
  /** First or last names on Tallyfy's hidden list, in lower case: 422 (section 10). */
  disallowedNames: string[];
  /** Domains without DNS, in lower case: 422 (section 10). */
  unknownDomains: string[];
  /** The invoice is overdue: writes get 403 without a code, reads work (section 5). */
  readOnlyOrg: boolean;

  // -------------------------------------------------------------------------------------------------------- errors
  /** `json` is each error's own shape; the others put every error into one (3.1). */
  errorBodyShape: ErrorBodyShape;
  /** Error messages are French (3.1). */
  localisedMessages: boolean;
  /** Error messages quote SQL with the person's address (3.1). */
  leakyMessages: boolean;
  /** Answers carry X-Request-Id (3.1). */
  requestIds: boolean;
  /** Added to the clock of the Date header, in milliseconds. */
  clockSkewMs: number;

  // --------------------------------------------------------------------------------------------------------- limits
  rateLimit: RateLimitSwitch;
  /** Whether the token endpoint is under `rateLimit` too (section 12, 16). */
  limitsTokenEndpoint: boolean;
  /** Requests each clock hour for the organisation, then 429 `RATE_LIMIT_EXCEEDED`; null: no cap (section 4). */
  hourlyCap: number | null;
  /** What `hourlyCap` counts. */
  hourlyCapOn: "creates" | "all";

  // --------------------------------------------------------------------------------------------------------- faults
  /** Which endpoints the shares below and the latency meet. */
  faultsOn: "all" | Endpoint[];
  /** Share of requests answered `failStatus` without being carried out. */
  failBeforeWriteShare: number;
  /** Share of requests carried out and then answered `failStatus`. */
  failAfterWriteShare: number;
  /** The status of both. */
  failStatus: number;
  /** Share of requests whose connection is reset. */
  resetShare: number;
  /** Whether a reset request was carried out. */
  resetWhen: "before" | "after" | "either";
  /** Share of requests that are never answered. */
  hangShare: number;
  /** Whether a hanging request was carried out. */
  hangWhen: "before" | "after" | "either";
  /** Share of requests carried out whose answer ends half-way. */
  truncatedBodyShare: number;
  /** `connection`: fewer bytes than Content-Length, then closed; `json`: a complete answer with half the JSON. */
  truncatedBody: "connection" | "json";
  /** Spaces put before every JSON answer, in bytes, to make it too large. */
  paddingBytes: number;
  /** How long every answer takes, evenly spread. */
  latencyMs: { min: number; max: number };
  /** Answers given instead of the real ones, in order, each once. */
  nextAnswers: ScriptedAnswer[];
}

/** Some switches with new values. The nested ones may be given in part. */
export type SwitchChanges = Partial<Omit<SandboxSwitches, "rateLimit" | "seats" | "latencyMs">> & {
  rateLimit?: Partial<RateLimitSwitch>;
  seats?: Partial<SandboxSwitches["seats"]>;
  latencyMs?: Partial<SandboxSwitches["latencyMs"]>;
};

/** The switches as they stand at the start: documented awkwardness on, trouble off. */
export function defaultSwitches(): SandboxSwitches {
  return {
    tokenLifetimeS: 604_800,
    userTokenLifetimeS: 7_776_000,
    tokenEndpointDown: false,
    rejectCredentials: false,
    revokedTokens: false,
    clientIsLinked: true,
    requireClientHeader: "401",
    appTokenOnUserEndpoints: "401",
    mintRevokesEarlier: false,
    mintForInactive: "200",
    mintIsCaseSensitive: false,
    tokensSurviveDisable: true,
    listPerPageCap: 100,
    ignorePerPage: null,
    wrongTotalPages: true,
    omitTotalPages: false,
    totalOffBy: 0,
    beyondLastPage: "empty",
    unstableOrder: false,
    linksShape: "absent",
    capitalisedRoles: true,
    sparseItems: false,
    groupsShape: "object",
    botMark: "type",
    readAfterWriteDelayMs: 0,
    createStatus: 200,
    createAnswer: "documented",
    createdUserStatus: "active",
    takenAs: "422",
    otherOrgEmails: [],
    otherOrgOnCreate: "taken",
    guestEmails: [],
    seats: { full: null, light: null },
    seatRefusal: "409",
    lightRoleEnabled: true,
    disallowedNames: ["tallyfy", "administrator"],
    unknownDomains: [],
    readOnlyOrg: false,
    errorBodyShape: "json",
    localisedMessages: false,
    leakyMessages: false,
    requestIds: true,
    clockSkewMs: 0,
    rateLimit: { max: 10, windowMs: 1000, kind: "none", retryAfter: "seconds", headers: false, scope: "identity" },
    limitsTokenEndpoint: false,
    hourlyCap: null,
    hourlyCapOn: "creates",
    faultsOn: "all",
    failBeforeWriteShare: 0,
    failAfterWriteShare: 0,
    failStatus: 503,
    resetShare: 0,
    resetWhen: "either",
    hangShare: 0,
    hangWhen: "before",
    truncatedBodyShare: 0,
    truncatedBody: "connection",
    paddingBytes: 0,
    latencyMs: { min: 0, max: 0 },
    nextAnswers: [],
  };
}
