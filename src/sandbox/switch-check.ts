// Changes to switches: from a test (typed) or from outside as JSON (untyped, checked here).
// A change is taken whole or not at all, so that a wrong name never leaves half of it behind.

import { ENDPOINTS } from "./endpoints.ts";
import type { SandboxSwitches, SwitchChanges } from "./switches.ts";

type Check = (value: unknown) => boolean;

const isBoolean: Check = (value) => typeof value === "boolean";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isCount: Check = (value) => Number.isInteger(value) && Number(value) >= 0;
const isSize: Check = (value) => Number.isInteger(value) && Number(value) >= 1;
const isShare: Check = (value) => typeof value === "number" && value >= 0 && value <= 1;
const isStatus: Check = (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599;
const isServerError: Check = (value) => isStatus(value) && Number(value) >= 500;
const areTexts: Check = (value) => Array.isArray(value) && value.every((item) => typeof item === "string");

function oneOf(...words: readonly unknown[]): Check {
  return (value) => words.includes(value);
}

function nullOr(check: Check): Check {
  return (value) => value === null || check(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parts may be missing; parts with other names may not be there. */
function record(checks: Readonly<Record<string, Check>>): Check {
  return (value) => isRecord(value) && Object.entries(value).every(([name, part]) => checks[name]?.(part) === true);
}

const isEndpoint: Check = oneOf(...ENDPOINTS);

const isScripted: Check = (value) =>
  isRecord(value) &&
  isStatus(value.status) &&
  record({
    endpoint: isEndpoint,
    status: isStatus,
    headers: (headers) => isRecord(headers) && Object.values(headers).every((text) => typeof text === "string"),
    body: () => true,
    isAfterWrite: isBoolean,
  })(value);

const CHECKS: Readonly<Record<keyof SandboxSwitches, Check>> = {
  tokenLifetimeS: isCount,
  userTokenLifetimeS: isCount,
  tokenEndpointDown: isBoolean,
  rejectCredentials: isBoolean,
  revokedTokens: isBoolean,
  clientIsLinked: isBoolean,
  requireClientHeader: oneOf("401", "404", "off"),
  appTokenOnUserEndpoints: oneOf("401", "allowed"),
  mintRevokesEarlier: isBoolean,
  mintForInactive: oneOf("200", "422"),
  mintIsCaseSensitive: isBoolean,
  tokensSurviveDisable: isBoolean,
  listPerPageCap: isSize,
  ignorePerPage: nullOr(isSize),
  wrongTotalPages: isBoolean,
  omitTotalPages: isBoolean,
  totalOffBy: Number.isInteger,
  beyondLastPage: oneOf("empty", "repeat"),
  unstableOrder: isBoolean,
  linksShape: oneOf("absent", "object", "array"),
  capitalisedRoles: isBoolean,
  sparseItems: isBoolean,
  groupsShape: oneOf("object", "array"),
  botMark: oneOf("type", "support_user", "none"),
  readAfterWriteDelayMs: isCount,
  createStatus: oneOf(200, 201),
  createAnswer: oneOf("documented", "without-id", "empty"),
  createdUserStatus: oneOf("active", "invited"),
  takenAs: oneOf("409", "422", "422-laravel", "422-string", "422-nested", "400", "structured", "200-existing"),
  otherOrgEmails: areTexts,
  otherOrgOnCreate: oneOf("taken", "attached"),
  guestEmails: areTexts,
  seats: record({ full: nullOr(isCount), light: nullOr(isCount) }),
  seatRefusal: oneOf("409", "409-bare", "402"),
  lightRoleEnabled: isBoolean,
  disallowedNames: areTexts,
  unknownDomains: areTexts,
  readOnlyOrg: isBoolean,
  errorBodyShape: oneOf("json", "laravel", "structured", "legacy", "cloudflare", "plain-text", "html", "empty"),
  localisedMessages: isBoolean,
  leakyMessages: isBoolean,
  requestIds: isBoolean,
  clockSkewMs: isNumber,
  rateLimit: record({
    max: isCount,
    windowMs: isSize,
    kind: oneOf("fixed", "sliding", "none"),
    retryAfter: oneOf("seconds", "date", "none"),
    headers: isBoolean,
    scope: oneOf("org", "identity", "ip"),
  }),
  limitsTokenEndpoint: isBoolean,
  hourlyCap: nullOr(isCount),
  hourlyCapOn: oneOf("creates", "all"),
  faultsOn: (value) => value === "all" || (Array.isArray(value) && value.every(isEndpoint)),
  failBeforeWriteShare: isShare,
  failAfterWriteShare: isShare,
  failStatus: isServerError,
  resetShare: isShare,
  resetWhen: oneOf("before", "after", "either"),
  hangShare: isShare,
  hangWhen: oneOf("before", "after", "either"),
  truncatedBodyShare: isShare,
  truncatedBody: oneOf("connection", "json"),
  paddingBytes: isCount,
  latencyMs: record({ min: isCount, max: isCount }),
  nextAnswers: (value) => Array.isArray(value) && value.every(isScripted),
};

/** What is wrong with a change that came from outside, one sentence each. Empty: it may be applied. */
export function problemsOf(changes: unknown): string[] {
  if (!isRecord(changes)) return ["A change of switches is a JSON object of names and values."];
  const checks: Readonly<Record<string, Check>> = CHECKS;
  const problems: string[] = [];
  for (const [name, value] of Object.entries(changes)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) problems.push(`There is no switch "${name}".`);
    else if (!check(value)) problems.push(`Switch "${name}" does not take ${JSON.stringify(value)}.`);
  }
  return problems;
}

/**
 * Changes the switches in place. Nested switches given in part keep their other parts.
 * @throws TypeError when a name or a value is wrong; nothing was changed then
 */
export function applyChanges(switches: SandboxSwitches, changes: SwitchChanges): void {
  const problems = problemsOf(changes);
  if (problems.length > 0) throw new TypeError(problems.join(" "));
  const { rateLimit, seats, latencyMs, ...rest } = structuredClone(changes);
  Object.assign(switches, rest);
  Object.assign(switches.rateLimit, rateLimit);
  Object.assign(switches.seats, seats);
  Object.assign(switches.latencyMs, latencyMs);
}
