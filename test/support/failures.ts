// Invented failures of calls to Tallyfy. Values only.

import { TallyfyError, type TallyfyFailure } from "../../src/domain/tallyfy-error.ts";

export function failure(fields: Partial<TallyfyFailure> = {}): TallyfyFailure {
  return {
    kind: "unavailable",
    status: null,
    code: null,
    fields: [],
    retryAfterMs: null,
    wasSent: true,
    requestId: null,
    message: "It failed.",
    ...fields,
  };
}

export function tallyfyError(fields: Partial<TallyfyFailure> = {}): TallyfyError {
  return new TallyfyError(failure(fields));
}
