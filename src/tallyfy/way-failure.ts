// What it means when no whole answer came: no connection, no trust, no patience. Pure.
// Only undici's and Node's error codes are looked at, never their texts, which may carry what the server sent.

import type { TallyfyFailure } from "../domain/tallyfy-error.ts";

export type UrlSetting = "TALLYFY_API_URL" | "TALLYFY_TOKEN_URL";

/** The code of a failure in which the proxy hung up instead of answering. */
export const PROXY_HUNG_UP = "PROXY_HUNG_UP";

export interface WayContext {
  readonly setting: UrlSetting;
  /** Whether the request began to be written to a connection. */
  readonly wasSent: boolean;
  /** Whether the time for the whole call had run out. */
  readonly isOverTime: boolean;
  readonly options: {
    readonly connectTimeoutMs: number;
    readonly headersTimeoutMs: number;
    readonly callTimeoutMs: number;
  };
}

const CERTIFICATE_CODES = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_CHAIN_TOO_LONG",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "INVALID_CA",
  "INVALID_PURPOSE",
]);

/** The failure of a call that brought no whole answer. `wasSent` false means that Tallyfy cannot have acted on it. */
export function wayFailure(error: unknown, context: WayContext): TallyfyFailure {
  const code = codeOf(error);
  const { setting, wasSent, options } = context;
  if (context.isOverTime) {
    return failure("timeout", wasSent, `Tallyfy did not answer completely within ${seconds(options.callTimeoutMs)}.`);
  }
  if (wasSent && (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT")) {
    const limitMs = code === "UND_ERR_HEADERS_TIMEOUT" ? options.headersTimeoutMs : options.callTimeoutMs;
    return failure("timeout", wasSent, `Tallyfy took the request but did not answer within ${seconds(limitMs)}.`);
  }
  return failure(
    "unavailable",
    wasSent,
    wasSent ? brokenOff(code) : notReached(code, setting, options.connectTimeoutMs),
  );
}

/** A successful answer beyond the limit, of which no more was read. */
export function tooLarge(status: number, limitBytes: number, requestId: string | null): TallyfyFailure {
  const message = `Tallyfy's answer is larger than the ${limitBytes} bytes this program reads; it was not read to its end.`;
  return { ...failure("protocol", true, message), status, requestId: cleanRequestId(requestId) };
}

/** X-Request-Id as far as it looks like one; null otherwise. */
export function cleanRequestId(value: string | null): string | null {
  return value !== null && /^[A-Za-z0-9_.:/=+-]{1,128}$/.test(value) ? value : null;
}

function failure(kind: "timeout" | "unavailable" | "protocol", wasSent: boolean, message: string): TallyfyFailure {
  return { kind, status: null, code: null, fields: [], retryAfterMs: null, wasSent, requestId: null, message };
}

function brokenOff(code: string): string {
  return `The connection to Tallyfy broke before the answer was complete (${code}); whether the request was carried out is not known.`;
}

function notReached(code: string, setting: UrlSetting, connectTimeoutMs: number): string {
  const start = "Tallyfy could not be reached, nothing was sent:";
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return `${start} the server's certificate is not valid today (${code}). Check this machine's date; if it is right, the server or the proxy must renew the certificate.`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "UND_ERR_PRX_TLS") {
    return `${start} the server's certificate is made out to another name (${code}). Check the host name in ${setting} and the proxy.`;
  }
  if (CERTIFICATE_CODES.has(code)) {
    return `${start} the server's certificate comes from an authority that this machine does not trust (${code}). If your network inspects traffic, put its CA certificate (PEM) into a file and name the file in TALLYFY_CA_FILE.`;
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return `${start} the host name in ${setting} cannot be looked up (${code}). Check the name and this machine's DNS.`;
  }
  if (code === "ECONNREFUSED") {
    return `${start} the connection was refused (${code}). Check ${setting}, the proxy (HTTPS_PROXY, NO_PROXY) and the firewall.`;
  }
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") {
    return `${start} no connection within ${seconds(connectTimeoutMs)} (${code}). Check ${setting}, the proxy (HTTPS_PROXY) and the firewall.`;
  }
  if (code === "UND_ERR_ABORTED" || code === PROXY_HUNG_UP) {
    return `${start} the proxy refused to connect (${code}). Check HTTPS_PROXY, its user and password, and that it allows the host in ${setting}.`;
  }
  return `${start} the connection failed (${code}). Check ${setting}, the proxy (HTTPS_PROXY) and the firewall.`;
}

/** An error's code, of the first part where there are several (one for each address that was tried). */
function codeOf(error: unknown): string {
  for (const candidate of [error, ...partsOf(error)]) {
    const code = typeof candidate === "object" && candidate !== null && "code" in candidate ? candidate.code : null;
    if (typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code)) return code;
  }
  return "NO_CODE";
}

function partsOf(error: unknown): readonly unknown[] {
  if (error instanceof AggregateError) return error.errors;
  return error instanceof Error && error.cause !== undefined ? [error.cause] : [];
}

function seconds(ms: number): string {
  return ms === 1000 ? "1 second" : `${ms / 1000} seconds`;
}
