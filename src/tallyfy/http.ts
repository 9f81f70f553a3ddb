// One HTTP request, once: headers, timeouts, body limit, proxy, certificates. It says what came back, or how the way failed.
// Nothing here knows what an answer means (answers.ts), follows a redirect, waits or tries again (the queue owns time).

import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import { type AnswerHeaders, header } from "./retry-after.ts";
import { tooLarge, type UrlSetting, wayFailure } from "./way-failure.ts";

export interface HttpOptions {
  /** Of this program, for User-Agent. */
  readonly version: string;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  /** For the whole call, from looking up the host to the last byte of the body. */
  readonly callTimeoutMs: number;
  readonly maxBodyBytes: number;
  /** Certificates (PEM) of authorities trusted beside the well-known ones; null: none. */
  readonly ca: string | null;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Which setting the URL comes from: messages name it. */
  readonly setting: UrlSetting;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Null: an error answer whose body could not be read to its end; its status says enough. */
  readonly body: string | null;
}

export interface Http {
  /** Exactly one attempt. Every status is an answer. @throws TallyfyError when no whole answer came */
  send(httpRequest: HttpRequest): Promise<HttpAnswer>;
  /** Closes all connections; calls still in flight fail. */
  close(): Promise<void>;
}

const MAX_ERROR_BODY_BYTES = 256 * 1024;

/**
 * Opens the way out. The proxy comes from HTTP_PROXY, HTTPS_PROXY and NO_PROXY, which undici reads itself; this machine
 * itself (localhost) is never reached through a proxy.
 * @throws Error when the CA file holds no certificate or a proxy address cannot be understood
 */
export function createHttp(options: HttpOptions): Http {
  const direct = new Agent(agentOptions(options));
  const outward = openOutward(options);

  async function send(httpRequest: HttpRequest): Promise<HttpAnswer> {
    let wasSent = false;
    const signal = AbortSignal.timeout(options.callTimeoutMs);
    const dispatcher = (isThisMachine(httpRequest.url) ? direct : outward).compose(
      noteSending(() => {
        wasSent = true;
      }),
    );
    try {
      const response = await request(httpRequest.url, {
        dispatcher,
        signal,
        method: httpRequest.method,
        headers: { ...httpRequest.headers, "User-Agent": `tallyfy-roster-sync/${options.version}` },
        body: httpRequest.body,
        headersTimeout: options.headersTimeoutMs,
        bodyTimeout: options.callTimeoutMs,
      });
      const body = await readBody(response, options.maxBodyBytes);
      return { status: response.statusCode, headers: response.headers, body };
    } catch (error) {
      if (error instanceof TallyfyError) throw error;
      const { setting } = httpRequest;
      throw new TallyfyError(wayFailure(error, { setting, wasSent, isOverTime: signal.aborted, options }));
    }
  }

  return {
    send,
    async close() {
      await Promise.all([direct.destroy(), outward.destroy()]);
    },
  };
}

function openOutward(options: HttpOptions): Dispatcher {
  try {
    return new EnvHttpProxyAgent({
      ...agentOptions(options),
      requestTls: connectOptions(options),
      proxyTls: connectOptions(options),
    });
  } catch {
    // The original error repeats the address, which may hold the proxy's password.
    throw new Error(
      "The proxy address in HTTP_PROXY or HTTPS_PROXY cannot be understood; it looks like http://host:port.",
    );
  }
}

function agentOptions(options: HttpOptions) {
  return {
    allowH2: false,
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.callTimeoutMs,
    connect: connectOptions(options),
  };
}

/** `ca` replaces Node's own list, so the well-known authorities are named again. */
function connectOptions({ connectTimeoutMs, ca }: HttpOptions) {
  const connect = { allowH2: false, timeout: connectTimeoutMs };
  if (ca === null) return connect;
  try {
    new X509Certificate(ca);
  } catch {
    throw new Error(
      "TALLYFY_CA_FILE holds no certificate in PEM form (a block from BEGIN CERTIFICATE to END CERTIFICATE).",
    );
  }
  return { ...connect, ca: [...rootCertificates, ca] };
}

function isThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * Tells when a request begins to be written to a connection that stands. Error codes cannot tell: a reset may come during
 * the TLS handshake or after the last byte of the request.
 */
function noteSending(onSending: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        onSending();
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...upgrade) => handler.onRequestUpgrade?.(...upgrade),
      onResponseStart: (...start) => handler.onResponseStart?.(...start),
      onResponseData: (...data) => handler.onResponseData?.(...data),
      onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
      onResponseError: (...failure) => handler.onResponseError?.(...failure),
    });
}

/** Reads no further than the limit; the connection of a body left unread is torn down. */
async function readBody(response: Dispatcher.ResponseData, maxBodyBytes: number): Promise<string | null> {
  const isError = response.statusCode >= 300;
  const limitBytes = isError ? Math.min(maxBodyBytes, MAX_ERROR_BODY_BYTES) : maxBodyBytes;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  response.body.on("error", () => {});
  try {
    for await (const chunk of response.body) {
      bytes += chunk.length;
      if (bytes > limitBytes) {
        if (isError) return null;
        throw new TallyfyError(tooLarge(response.statusCode, limitBytes, header(response.headers, "x-request-id")));
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (isError) return null;
    throw error;
  } finally {
    response.body.destroy();
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
