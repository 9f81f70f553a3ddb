// Whether a request is let in at all, under the burst limit and the hourly cap (tallyfy-api.md section 4).
// A refused request was never admitted: nothing of it is carried out, and it may safely be repeated.

import { type Rendered, refuse, render } from "./answers.ts";
import { tokenOwner } from "./checks.ts";
import type { Endpoint } from "./endpoints.ts";
import { type Admission, wholeSeconds } from "./limiter.ts";
import type { SandboxState } from "./state.ts";

const HOUR_MS = 60 * 60 * 1000;

export interface Entry {
  /** Null: let in. */
  readonly refusal: Rendered | null;
  /** For whatever answer the request gets. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Arrival {
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly address: string;
  readonly nowMs: number;
}

export function admit(state: SandboxState, arrival: Arrival): Entry {
  const { switches } = state;
  const { endpoint, nowMs } = arrival;
  const isExempt = endpoint === "health" || (endpoint === "token" && !switches.limitsTokenEndpoint);
  if (isExempt) return { refusal: null, headers: {} };

  const rule = switches.rateLimit;
  let headers: Record<string, string> = {};
  if (rule.kind !== "none") {
    const burst = state.limiter.take(`burst ${bucketOf(state, arrival)}`, rule, nowMs);
    if (burst.isEarly) state.counts.sentBeforeRetryAfter++;
    if (rule.headers) headers = rateHeaders(burst);
    if (!burst.isAdmitted) return refused(state, headers, burst, null);
  }

  const isCapped = switches.hourlyCapOn === "all" || endpoint === "createUser";
  if (switches.hourlyCap !== null && isCapped) {
    const hourRule = { max: switches.hourlyCap, windowMs: HOUR_MS, kind: "fixed", retryAfter: "seconds" } as const;
    const hour = state.limiter.take("hour", hourRule, nowMs);
    if (hour.isEarly) state.counts.sentBeforeRetryAfter++;
    if (!hour.isAdmitted) return refused(state, headers, hour, "RATE_LIMIT_EXCEEDED");
  }
  return { refusal: null, headers };
}

function bucketOf(state: SandboxState, { headers, address }: Arrival): string {
  const { scope } = state.switches.rateLimit;
  if (scope === "org") return "org";
  const owner = scope === "ip" ? null : tokenOwner(state, headers);
  if (owner === null) return `ip ${address}`;
  return owner.kind === "app" ? "app" : `user ${owner.memberId}`;
}

function rateHeaders(admission: Admission): Record<string, string> {
  return {
    "x-ratelimit-limit": String(admission.limit),
    "x-ratelimit-remaining": String(admission.remaining),
    "x-ratelimit-reset": String(Math.ceil(admission.resetAtMs / 1000)),
  };
}

/** The hourly cap always tells its seconds; the burst limit as the switch says. */
function refused(
  state: SandboxState,
  headers: Record<string, string>,
  { retryAfterMs }: Admission,
  code: string | null,
): Entry {
  const { retryAfter } = state.switches.rateLimit;
  const told: Record<string, string> = {};
  if (code !== null || retryAfter === "seconds") told["retry-after"] = String(wholeSeconds(retryAfterMs));
  else if (retryAfter === "date") {
    // The server's own clock, skew included: Date and Retry-After of one answer belong together. Dates have whole seconds.
    const atMs = state.now() + state.switches.clockSkewMs + retryAfterMs;
    told["retry-after"] = new Date(Math.ceil(atMs / 1000) * 1000).toUTCString();
  }
  const refusal = refuse(429, code, code === null ? "throttle" : "hourly", { shape: "bare" });
  return { refusal: render(refusal, state.switches, null), headers: { ...headers, ...told } };
}
