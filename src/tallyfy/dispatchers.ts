// Connections for undici: straight, or through the proxy that the environment names, with the certificates to trust.
// Requests are not made here (http.ts).

import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";
import { PROXY_HUNG_UP } from "./way-failure.ts";

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  /** For the whole call, from looking up the host to the last byte of the body. */
  readonly callTimeoutMs: number;
  /** Certificates (PEM) of authorities trusted beside the well-known ones; null: none. */
  readonly ca: string | null;
}

export interface Dispatchers {
  /** @param hostname as URL gives it */
  for(hostname: string): Dispatcher;
  /** Requests still in flight fail. */
  destroy(): Promise<void>;
}

/**
 * The proxy comes from HTTP_PROXY, HTTPS_PROXY and NO_PROXY, which undici reads itself; this machine itself (localhost) is
 * never reached through a proxy.
 * @throws Error when the CA text holds no certificate or a proxy address cannot be understood
 */
export function openDispatchers(options: ConnectionOptions): Dispatchers {
  const direct = new Agent(agentOptions(options));
  const outward = openOutward(options);
  return {
    for: (hostname) => (isThisMachine(hostname) ? direct : outward),
    async destroy() {
      await Promise.all([direct.destroy(), outward.destroy()]);
    },
  };
}

function openOutward(options: ConnectionOptions): Dispatcher {
  const tls = connectOptions(options);
  const clientFactory = (proxy: URL, poolOptions: object) =>
    openProxyPool(proxy, poolOptions, options.connectTimeoutMs);
  try {
    return new EnvHttpProxyAgent({ ...agentOptions(options), requestTls: tls, proxyTls: tls, clientFactory });
  } catch {
    // The original error repeats the address, which may hold the proxy's password.
    throw new Error(
      "The proxy address in HTTP_PROXY or HTTPS_PROXY cannot be understood; it looks like http://host:port.",
    );
  }
}

/**
 * The connections to the proxy itself. undici takes a proxy that hangs up during CONNECT for a passing trouble and dials
 * again at once and for ever, and gives a silent one five minutes: both become failures of one attempt.
 */
function openProxyPool(proxy: URL, poolOptions: object, connectTimeoutMs: number): Dispatcher {
  const pool = new Pool(proxy, { ...poolOptions, headersTimeout: connectTimeoutMs });
  const connect = pool.connect.bind(pool);
  return Object.assign(pool, {
    async connect(options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> {
      try {
        return await connect(options);
      } catch (error) {
        throw plainProxyFailure(error);
      }
    },
  });
}

function plainProxyFailure(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "UND_ERR_SOCKET" || code === "UND_ERR_INFO") {
    return Object.assign(new Error("the proxy hung up"), { code: PROXY_HUNG_UP });
  }
  if (code === "UND_ERR_HEADERS_TIMEOUT") {
    return Object.assign(new Error("the proxy did not answer"), { code: "UND_ERR_CONNECT_TIMEOUT" });
  }
  return error;
}

function agentOptions(options: ConnectionOptions) {
  return {
    allowH2: false,
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.callTimeoutMs,
    connect: connectOptions(options),
  };
}

/** `ca` replaces Node's own list, so the well-known authorities are named again. */
function connectOptions({ connectTimeoutMs, ca }: ConnectionOptions) {
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

function isThisMachine(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
