// What the client is told about one organisation: where Tallyfy is, whose credentials, and which headers every call carries.
// Read once by the client; no configuration is loaded here.

import type { Gate, TokenVault } from "../app/ports.ts";
import type { Fingerprint } from "../domain/profile.ts";
import type { CallNote } from "./call.ts";
import type { HttpOptions } from "./http.ts";

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface TallyfyClientOptions extends HttpOptions {
  /** Such as `https://go.tallyfy.com/api`. */
  readonly apiUrl: string;
  /** Such as `https://account.tallyfy.com/oauth/token`. */
  readonly tokenUrl: string;
  readonly orgId: string;
  /** Asked each time, so that a changed secret file is noticed. */
  readonly credentials: () => ClientCredentials;
  /** The acting admin's address; null: members cannot be listed. */
  readonly adminEmail: string | null;
  /** Null: tokens stay in this process's memory. */
  readonly vault: TokenVault | null;
  /** One-way: makes names for the vault of what tokens depend on. */
  readonly fingerprint: Fingerprint;
  readonly onCall?: (note: CallNote) => void;
  /** What every call passes before it is sent; without it, nothing. */
  readonly gate?: Gate;
  /** Milliseconds since 1970; the system's clock where it is left out. */
  readonly now?: () => number;
}

/** The address of a resource; each part is encoded, so that `+` and `@` of an e-mail address arrive (tallyfy-api.md 2.3). */
export function resourceUrl(apiUrl: string, ...parts: readonly string[]): string {
  return [apiUrl.replace(/\/+$/, ""), ...parts.map(encodeURIComponent)].join("/");
}

/** tallyfy-api.md 1.3. Error texts come in English, which is what "already taken" is recognised in where no code is sent. */
export function apiHeaders(token: string): Record<string, string> {
  return {
    Authorization: `Bearer ${token}`,
    Accept: "application/json",
    "Accept-Language": "en",
    "X-Tallyfy-Client": "APIClient",
  };
}

/**
 * The name under which a token lies in the vault, asked for at each call. It holds the organisation and a one-way fingerprint of everything
 * the token depends on, the secret included: whoever changes the credentials or the host never meets an old token.
 */
export function vaultNames(kind: "app" | "user", options: TallyfyClientOptions, subject = ""): () => string {
  const { tokenUrl, apiUrl, orgId, fingerprint } = options;
  const start = `${kind}-token.${orgId.replace(/[^A-Za-z0-9_-]/g, "_")}.`;
  let last = { clientId: "", clientSecret: "", name: "" };
  return () => {
    const { clientId, clientSecret } = options.credentials();
    if (last.name === "" || last.clientId !== clientId || last.clientSecret !== clientSecret) {
      const dependsOn = [tokenUrl, apiUrl, orgId, clientId, clientSecret, subject];
      last = { clientId, clientSecret, name: `${start}${fingerprint(JSON.stringify(dependsOn))}` };
    }
    return last.name;
  };
}
