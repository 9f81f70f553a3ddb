// What a client may do that the documentation forbids, by one short code each; README.md says what they mean.
// Codes only; noticing them is checks.ts, person-fields.ts and the handlers.

export const VIOLATIONS = [
  "token-not-form",
  "token-field-missing",
  "token-grant-type",
  "token-client-id-not-numeric",
  "token-secret-not-escaped",
  "token-authorization-header",
  "authorization-missing",
  "authorization-malformed",
  "accept-missing",
  "client-header-missing",
  "content-type-not-json",
  "app-token-on-user-endpoint",
  "user-token-on-app-endpoint",
  "unknown-path",
  "wrong-method",
  "email-not-encoded",
  "mint-with-body",
  "body-not-json",
  "field-unknown",
  "name-empty",
  "name-too-long",
  "email-invalid",
  "role-invalid",
  "timezone-invalid",
  "phone-too-long",
  /** Not the client's doing: the sandbox itself failed. */
  "sandbox-bug",
] as const;

export type Violation = (typeof VIOLATIONS)[number];
