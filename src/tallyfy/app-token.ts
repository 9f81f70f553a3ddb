// Asks for the organisation's app token: the client-credentials grant (tallyfy-api.md 2.1). When to ask is token-cache.ts's matter.

import { z } from "zod";
import type { StoredToken } from "../app/ports.ts";
import type { Call } from "./call.ts";
import { serverDateMs } from "./retry-after.ts";
import type { TallyfyClientOptions } from "./settings.ts";

export interface AppTokenAnswer {
  readonly token: StoredToken;
  /** The Date header in milliseconds since 1970; null when there was none. */
  readonly serverDateMs: number | null;
}

/** Only printable characters, since it goes into a header. */
const tokenText = z.string().regex(/^[\x21-\x7e]{1,16384}$/);
const lifetimeS = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,10}$/)
      .transform(Number),
  ])
  .pipe(z.number().positive().finite());
/** Longer lives are not believed: the token is then renewed earlier than it must be, and every moment stays a date. */
const LONGEST_LIFE_S = 365 * 24 * 3600;
const tokenAnswer = z.object({
  access_token: tokenText,
  expires_in: lifetimeS,
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .nullish(),
});

/**
 * One request to the token endpoint, form-encoded (it takes nothing else).
 * @throws TallyfyError of kind `unauthorized` when the credentials are refused, `protocol` when the lifetime makes no sense
 */
export async function askForAppToken(
  call: Call,
  options: TallyfyClientOptions,
  now: () => number,
): Promise<AppTokenAnswer> {
  const { clientId, clientSecret } = options.credentials();
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope: "*" };
  const askedAt = now();
  return call({
    endpoint: "token",
    method: "POST",
    url: options.tokenUrl,
    setting: "TALLYFY_TOKEN_URL",
    headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
    read(json, answer) {
      const token = readToken(json, askedAt);
      return token === null ? null : { token, serverDateMs: serverDateMs(answer.headers) };
    },
  });
}

/** A token and its life, counted from the moment it was asked for. Null: missing, not a bearer token, or without a lifetime. */
export function readToken(json: unknown, askedAt: number): StoredToken | null {
  const parsed = tokenAnswer.safeParse(json);
  if (!parsed.success) return null;
  const { access_token, expires_in } = parsed.data;
  return { token: access_token, obtainedAt: askedAt, expiresAt: askedAt + Math.min(expires_in, LONGEST_LIFE_S) * 1000 };
}
