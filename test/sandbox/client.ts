// A plain client for the sandbox's tests: what a careful program would send, with every part open to being spoilt.
// Uses Node's own fetch, so that the sandbox is met over real HTTP.

import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of many shapes
  readonly json: any;
}

export interface Sent {
  readonly token?: string;
  readonly body?: unknown;
  /** Undefined takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

export interface Client {
  readonly sandbox: Sandbox;
  call(method: string, path: string, sent?: Sent): Promise<Reply>;
  /** Asks for an app token with this form, or the right one. */
  requestToken(form?: Readonly<Record<string, string>>): Promise<Reply>;
  appToken(): Promise<string>;
  userToken(email?: string): Promise<string>;
  create(token: string, fields?: Readonly<Record<string, unknown>>): Promise<Reply>;
  list(token: string, query?: string): Promise<Reply>;
  /** `/organizations/{org}` and what comes after. */
  org(path?: string): string;
}

export async function openSandbox(options: Partial<SandboxOptions> = {}): Promise<Client> {
  return clientOf(await startSandbox(options));
}

export const PERSON = {
  first_name: "Grace",
  last_name: "Hopper",
  email: "grace.hopper@sandbox.example",
  role: "standard",
  timezone: "America/New_York",
} as const;

function clientOf(sandbox: Sandbox): Client {
  const client: Client = {
    sandbox,
    async call(method, path, { token, body, headers = {}, signal } = {}) {
      const all: Record<string, string | undefined> = {
        authorization: token === undefined ? undefined : `Bearer ${token}`,
        accept: "application/json",
        "x-tallyfy-client": "APIClient",
        "content-type": body === undefined ? undefined : "application/json",
        ...headers,
      };
      const given = Object.entries(all).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      );
      return replyOf(
        await fetch(path.startsWith("/__") ? sandbox.url + path : sandbox.apiUrl + path, {
          method,
          headers: Object.fromEntries(given),
          ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
          ...(signal === undefined ? {} : { signal }),
        }),
      );
    },
    async requestToken(form) {
      const { clientId, clientSecret } = sandbox;
      const fields = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope: "*" };
      return replyOf(await fetch(sandbox.tokenUrl, { method: "POST", body: new URLSearchParams(form ?? fields) }));
    },
    appToken: async () => (await client.requestToken()).json.access_token,
    async userToken(email = sandbox.adminEmail) {
      const path = `/applications/${sandbox.orgId}/users/${encodeURIComponent(email)}/token`;
      return (await client.call("POST", path, { token: await client.appToken() })).json.access_token;
    },
    create: (token, fields = {}) =>
      client.call("POST", `/applications/${sandbox.orgId}/users`, { token, body: { ...PERSON, ...fields } }),
    list: (token, query = "") => client.call("GET", `${client.org("/users")}${query}`, { token }),
    org: (path = "") => `/organizations/${sandbox.orgId}${path}`,
  };
  return client;
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
