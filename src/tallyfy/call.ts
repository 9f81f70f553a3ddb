// One call to Tallyfy: sent once, judged, its body read, and reported to whoever counts calls.
// No tokens are looked after here, and nothing is repeated.

import { TallyfyError, type TallyfyErrorKind } from "../domain/tallyfy-error.ts";
import type { Http, HttpAnswer } from "./http.ts";
import { parseJson } from "./json.ts";
import { judge, nonsense } from "./judge.ts";
import type { Endpoint } from "./messages.ts";
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

export function createCall(http: Http, now: () => number, onCall: (note: CallNote) => void): Call {
  async function attempt<T>(request: CallRequest<T>): Promise<{ value: T; status: number }> {
    const answer = await http.send(request);
    const failure = judge(request.endpoint, answer, now());
    if (failure !== null) throw new TallyfyError(failure);
    const json = parseJson(answer.body ?? "");
    if (json === undefined) throw new TallyfyError(nonsense(request.endpoint, answer, "not JSON"));
    const value = request.read(json, answer);
    if (value === null) throw new TallyfyError(nonsense(request.endpoint, answer, "another shape"));
    return { value, status: answer.status };
  }

  return async function call(request) {
    const startedAt = performance.now();
    const report = (status: number | null, kind: TallyfyErrorKind | null) =>
      onCall({ endpoint: request.endpoint, status, ms: performance.now() - startedAt, kind });
    try {
      const { value, status } = await attempt(request);
      report(status, null);
      return value;
    } catch (error) {
      if (error instanceof TallyfyError) report(error.failure.status, error.kind);
      throw error;
    }
  };
}
