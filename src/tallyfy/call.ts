// One call to Tallyfy: let through, sent once, judged, its body read, and reported to whoever counts calls.
// No tokens are looked after here, nothing is repeated, and waiting is the gate's.

import type { CallEnd, CallPurpose, Gate } from "../app/ports.ts";
import { TallyfyError, type TallyfyErrorKind } from "../domain/tallyfy-error.ts";
import type { Http, HttpAnswer } from "./http.ts";
import { parseJson } from "./json.ts";
import { judge, nonsense } from "./judge.ts";
import type { Endpoint } from "./messages.ts";
import { toldLimits } from "./rate-limit.ts";
import { type AnswerHeaders, rateLimitResetMs, retryAfterMs } from "./retry-after.ts";
import type { UrlSetting } from "./way-failure.ts";

/** One HTTP call as counters see it: no address, no body. */
export interface CallNote {
  readonly endpoint: Endpoint;
  /** Null: no answer came. */
  readonly status: number | null;
  readonly ms: number;
  /** Null: it succeeded. */
  readonly kind: TallyfyErrorKind | null;
}

export interface CallRequest<T> {
  readonly endpoint: Endpoint;
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly setting: UrlSetting;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Takes the parsed JSON of a 2xx answer; null says that the shape is wrong. */
  readonly read: (json: unknown, answer: HttpAnswer) => T | null;
}

/** @throws TallyfyError */
export type Call = <T>(request: CallRequest<T>) => Promise<T>;

export interface CallParts {
  readonly http: Http;
  readonly now: () => number;
  readonly onCall: (note: CallNote) => void;
  readonly gate: Gate | null;
}

const SHORTEST_RESET_MS = 5_000;

/** Tokens are asked for while others wait for them, and may be another host's matter: they never wait for a slot. */
const PURPOSES: Readonly<Record<Endpoint, CallPurpose>> = {
  token: "token",
  mint: "mint",
  create: "create",
  list: "read",
  find: "read",
  tasks: "read",
  organisation: "read",
};

export function createCall({ http, now, onCall, gate }: CallParts): Call {
  /** Sends when the gate lets it through, and tells the gate what came back before anybody acts on it. */
  async function send(request: CallRequest<unknown>, startedAt: { ms: number }): Promise<HttpAnswer> {
    const permit = gate === null ? null : await gate.enter(PURPOSES[request.endpoint]);
    startedAt.ms = performance.now();
    let end: CallEnd = { isAnswered: false, isTooMany: false, retryAfterMs: null, told: [] };
    try {
      const answer = await http.send(request);
      // The token endpoint has limits of its own.
      end = request.endpoint === "token" ? { ...end, isAnswered: true } : endOf(answer);
      return answer;
    } finally {
      await permit?.ended(end);
    }
  }

  function endOf({ status, headers }: HttpAnswer): CallEnd {
    const isTooMany = status === 429;
    const told = toldLimits(headers, now());
    return { isAnswered: true, isTooMany, retryAfterMs: isTooMany ? waitOf(headers) : null, told };
  }

  /** A reset in whole seconds says nothing useful of a wait that is short; then trying says more. */
  function waitOf(headers: AnswerHeaders): number | null {
    const resetMs = rateLimitResetMs(headers, now());
    return retryAfterMs(headers, now()) ?? (resetMs !== null && resetMs >= SHORTEST_RESET_MS ? resetMs : null);
  }

  async function attempt<T>(request: CallRequest<T>, startedAt: { ms: number }): Promise<{ value: T; status: number }> {
    const answer = await send(request, startedAt);
    const failure = judge(request.endpoint, answer, now());
    if (failure !== null) throw new TallyfyError(failure);
    const json = parseJson(answer.body ?? "");
    if (json === undefined) throw new TallyfyError(nonsense(request.endpoint, answer, "not JSON"));
    const value = request.read(json, answer);
    if (value === null) throw new TallyfyError(nonsense(request.endpoint, answer, "another shape"));
    return { value, status: answer.status };
  }

  return async function call(request) {
    // Set anew when the call leaves: waiting for a slot is not Tallyfy's time.
    const startedAt = { ms: performance.now() };
    const report = (status: number | null, kind: TallyfyErrorKind | null) =>
      onCall({ endpoint: request.endpoint, status, ms: performance.now() - startedAt.ms, kind });
    try {
      const { value, status } = await attempt(request, startedAt);
      report(status, null);
      return value;
    } catch (error) {
      if (error instanceof TallyfyError && !wasHeldBack(error)) report(error.failure.status, error.kind);
      throw error;
    }
  };
}

/** The gate sent it back: there was no call. */
function wasHeldBack({ failure }: TallyfyError): boolean {
  return failure.kind === "rate-limited" && !failure.wasSent;
}
