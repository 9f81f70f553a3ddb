// One request on its way through the sandbox, as handlers see it: already read, matched and, where due, authenticated.
// No Node request or response here, so that handlers stay functions from a call to an answer.

import type { Answer } from "./answers.ts";
import type { Endpoint } from "./endpoints.ts";
import type { Member } from "./members.ts";
import type { SandboxState } from "./state.ts";

export interface Call {
  readonly endpoint: Endpoint;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Path parameters, as they came: still percent-encoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: string;
  /** The member whose user token this is; null with an app token or none. */
  readonly caller: Member | null;
}

export type Handler = (state: SandboxState, call: Call) => Answer;

/** The body as a JSON object; null when it is none. An empty body is an empty object. */
export function jsonBody(call: Pick<Call, "body">): Record<string, unknown> | null {
  if (call.body === "") return {};
  try {
    const value: unknown = JSON.parse(call.body);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** A path parameter decoded. A bare `+` means a space here, so that a client that forgets to escape it finds nobody (2.3). */
export function decoded(param: string | undefined): string {
  try {
    return decodeURIComponent((param ?? "").replaceAll("+", " "));
  } catch {
    return "";
  }
}
