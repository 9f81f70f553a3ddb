// One HTTP request, once, within limits of time and size. It says what came back, or how the way failed.
// Nothing here knows what an answer means (judge.ts), follows a redirect, waits or tries again (the queue owns time).

import type { Dispatcher } from "undici";
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
const utf8 = new TextDecoder();

/** @throws Error when the CA text holds no certificate or a proxy address cannot be understood */
export function createHttp(options: HttpOptions): Http {
  const dispatchers = openDispatchers(options);
  const userAgent = `tallyfy-roster-sync/${options.version}`;

  return {
    send({ url, setting, method, headers, body }) {
      const { origin, hostname, pathname, search } = new URL(url);
      return new Promise((resolve, reject) => {
        const exchange = new Exchange(options, setting, resolve, reject);
        const toSend = {
          origin,
          path: `${pathname}${search}`,
          method,
          headers: { ...headers, "User-Agent": userAgent },
          body,
        };
        const timeouts = { headersTimeout: options.headersTimeoutMs, bodyTimeout: options.callTimeoutMs };
        dispatchers.for(hostname).dispatch({ ...toSend, ...timeouts }, exchange);
      });
    },

    close: () => dispatchers.destroy(),
  };
}

/**
 * One request and what comes back, as undici hands it over. By undici's own `request` every answer is a stream, for several times the work.
 * Its timeouts may be late by a second, and do not count while it dials; the deadline here is exact and for all of it.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: HttpOptions;
  readonly #setting: UrlSetting;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: TallyfyError) => void;
  readonly #deadline: NodeJS.Timeout;
  /** The request began to be written to a connection that stands: error codes cannot tell, a reset may come during the TLS handshake. */
  #controller: Dispatcher.DispatchController | null = null;
  #isOverTime = false;
  #isEnded = false;
  #status = 0;
  #headers: AnswerHeaders = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(
    options: HttpOptions,
    setting: UrlSetting,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: TallyfyError) => void,
  ) {
    this.#options = options;
    this.#setting = setting;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadline = setTimeout(() => {
      this.#isOverTime = true;
      this.#giveUp(new Error("over time"));
    }, options.callTimeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isEnded) controller.abort(new Error("over time"));
    else this.#controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isEnded) return;
    this.#bytes += chunk.length;
    const { maxBodyBytes } = this.#options;
    const limitBytes = this.#isError() ? Math.min(maxBodyBytes, MAX_ERROR_BODY_BYTES) : maxBodyBytes;
    if (this.#bytes <= limitBytes) this.#chunks.push(chunk);
    else this.#giveUp(new TallyfyError(tooLarge(this.#status, limitBytes, header(this.#headers, "x-request-id"))));
  }

  onResponseEnd(): void {
    this.#end(() => this.#resolve(this.#answer(utf8.decode(Buffer.concat(this.#chunks)))));
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#fail(error);
  }

  /** Reads no further; the connection of a body left unread is torn down. */
  #giveUp(error: Error): void {
    this.#fail(error);
    this.#controller?.abort(error);
  }

  /** An error answer whose body breaks off, hangs or has no end still has its status. */
  #fail(error: Error): void {
    this.#end(() => {
      if (this.#isError()) this.#resolve(this.#answer(null));
      else this.#reject(error instanceof TallyfyError ? error : new TallyfyError(this.#wayFailure(error)));
    });
  }

  #wayFailure(error: Error) {
    const wasSent = this.#controller !== null;
    return wayFailure(error, {
      setting: this.#setting,
      wasSent,
      isOverTime: this.#isOverTime,
      options: this.#options,
    });
  }

  #answer(body: string | null): HttpAnswer {
    return { status: this.#status, headers: this.#headers, body };
  }

  #isError(): boolean {
    return this.#status >= 300;
  }

  #end(settle: () => void): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#deadline);
    settle();
  }
}
