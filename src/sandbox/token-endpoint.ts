// POST /oauth/token: exchanges the application's id and secret for an app token (tallyfy-api.md 2.1).
// Takes forms only, and minds how the secret was escaped.

import { ok, type Refusal, refuse } from "./answers.ts";
import type { Handler } from "./call.ts";
import { noteViolation } from "./counts.ts";
import type { Violation } from "./violations.ts";

const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;

export const issueAppToken: Handler = (state, { headers, body }) => {
  const { switches, identity, counts } = state;
  const violate = (code: Violation) => noteViolation(counts, code);

  if (headers.authorization !== undefined) violate("token-authorization-header");
  if (!FORM.test(headers["content-type"] ?? "")) {
    violate("token-not-form");
    return refuse(400, "unsupported_grant_type", "request", { shape: "oauth" });
  }
  if (switches.tokenEndpointDown) return refuse(503, null, "unavailable", { shape: "bare" });

  const form = new URLSearchParams(body);
  const [grantType, id, secret] = [form.get("grant_type"), form.get("client_id"), form.get("client_secret")];
  if (!grantType || !id || !secret) {
    violate("token-field-missing");
    return refuse(400, "invalid_request", "request", { shape: "oauth" });
  }
  if (grantType !== "client_credentials") {
    violate("token-grant-type");
    return refuse(400, "unsupported_grant_type", "request", { shape: "oauth" });
  }
  if (!/^\d+$/.test(id)) {
    violate("token-client-id-not-numeric");
    return invalidClient();
  }
  if (!isEscaped(body, identity.clientSecret)) violate("token-secret-not-escaped");
  if (switches.rejectCredentials || id !== identity.clientId || secret !== identity.clientSecret)
    return invalidClient();

  counts.tokensIssued++;
  const token = state.tokens.issue({ kind: "app" }, switches.tokenLifetimeS, state.now());
  return ok({ token_type: "Bearer", expires_in: switches.tokenLifetimeS, access_token: token });
};

function invalidClient(): Refusal {
  return refuse(401, "invalid_client", "client", { shape: "oauth" });
}

/** A bare `+` reaches the server as a space; `/` and `=` survive, but should have been escaped as well. */
function isEscaped(form: string, secret: string): boolean {
  const raw = /(?:^|&)client_secret=([^&]*)/.exec(form)?.[1] ?? "";
  return !/[/=]/.test(raw) && (!raw.includes("+") || secret.includes(" "));
}
