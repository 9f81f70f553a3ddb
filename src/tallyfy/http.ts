// One HTTP request, once, within limits of time and size. It says what came back, or how the way failed.
// Nothing here knows what an answer means (judge.ts), follows a redirect, waits or tries again (the queue owns time).

import { EventEmitter } from "node:events";
import { type Dispatcher, request } from "undici";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import { type ConnectionOptions, openDispatchers } from "./dispatchers.ts";
import { type AnswerHeaders, header } from "./retry-after.ts";
import { tooLarge, type UrlSetting, wayFailure } from "./way-failure.ts";

export interface HttpOptions extends ConnectionOptions {
  /** Of this program, for User-Agent. */
  readonly version: string;
  readonly maxBodyBytes: number;
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

/** @throws Error when the CA text holds no certificate or a proxy address cannot be understood */
export function createHttp(options: HttpOptions): Http {
  const dispatchers = openDispatchers(options, noteSending);
  const userAgent = `tallyfy-roster-sync/${options.version}`;

  async function exchange(httpRequest: HttpRequest, signal: EventEmitter, onSending: () => void): Promise<HttpAnswer> {
    const response = await request(httpRequest.url, {
      dispatcher: dispatchers.for(httpRequest.url),
      opaque: onSending,
      signal,
      method: httpRequest.method,
      headers: { ...httpRequest.headers, "User-Agent": userAgent },
      body: httpRequest.body,
      headersTimeout: options.headersTimeoutMs,
      bodyTimeout: options.callTimeoutMs,
    });
    const body = await readBody(response, options.maxBodyBytes);
    return { status: response.statusCode, headers: response.headers, body };
  }

  return {
    async send(httpRequest) {
      let wasSent = false;
      const deadline = startDeadline(options.callTimeoutMs);
      const onSending = () => {
        wasSent = true;
      };
      try {
        const answer = exchange(httpRequest, deadline.signal, onSending);
        // undici notices the signal only once a connection stands: while it dials, the deadline must end the call itself.
        return await Promise.race([answer, deadline.passed]);
      } catch (error) {
        if (error instanceof TallyfyError) throw error;
        const { setting } = httpRequest;
        throw new TallyfyError(wayFailure(error, { setting, wasSent, isOverTime: deadline.isOver(), options }));
      } finally {
        deadline.clear();
      }
    },

    close: () => dispatchers.destroy(),
  };
}

interface Deadline {
  /** Emits `abort` when the time is up. An AbortSignal does the same for several times the work, at each call. */
  readonly signal: EventEmitter;
  isOver(): boolean;
  /** Rejects when the time is up and the request has not ended by the signal a moment later. */
  readonly passed: Promise<never>;
  clear(): void;
}

/** Exact, where undici's own timeouts may be late by a second. */
function startDeadline(limitMs: number): Deadline {
  const signal = new EventEmitter();
  let isOver = false;
  let timer: NodeJS.Timeout;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isOver = true;
      signal.emit("abort");
      // What the signal can end, ends first: an error answer whose body hangs still has its status.
      timer = setTimeout(() => reject(new Error("over time")), 0);
    }, limitMs);
  });
  return { signal, isOver: () => isOver, passed, clear: () => clearTimeout(timer) };
}

/**
 * Tells when a request begins to be written to a connection that stands: what came along as `opaque` is called then. Error codes cannot
 * tell: a reset may come during the TLS handshake or after the last byte of the request.
 */
const noteSending: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options, {
    onRequestStart(controller, context) {
      if ("opaque" in options && typeof options.opaque === "function") options.opaque();
      handler.onRequestStart?.(controller, context);
    },
    onRequestUpgrade: (...upgrade) => handler.onRequestUpgrade?.(...upgrade),
    onResponseStart: (...start) => handler.onResponseStart?.(...start),
    onResponseData: (...data) => handler.onResponseData?.(...data),
    onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
    onResponseError: (...failure) => handler.onResponseError?.(...failure),
  });

/** Reads no further than the limit; the connection of a body left unread is torn down. */
async function readBody(response: Dispatcher.ResponseData<unknown>, maxBodyBytes: number): Promise<string | null> {
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
