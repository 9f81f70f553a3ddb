// Who a person is to Tallyfy: the attributes that are provisioned, and the words for them.
// No parsing of roster values here (that is row.ts); no hashing (node:crypto is an outside thing).

export type Role = "admin" | "standard" | "light";

export const ROLES: readonly Role[] = ["admin", "standard", "light"];

/** Names longer than this are refused by Tallyfy (tallyfy-api.md 2.2, section 10). Characters, not bytes. */
export const NAME_MAX_CHARACTERS = 32;

/** The employee id where the roster has one, otherwise a fingerprint of the normalised e-mail address. */
export type PersonKey = string;

/** A one-way hash of a text within one organisation: the same text gives the same 32 hex characters. */
export type Fingerprint = (text: string) => string;

/** Exactly what is provisioned. `email` is already normalised. */
export interface Profile {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: Role;
  /** IANA name; null leaves the choice to Tallyfy. */
  readonly timeZone: string | null;
}

/**
 * The one spelling in which addresses are compared: NFC, trimmed, lower case. Tallyfy does not publish its case-folding
 * rules (tallyfy-api.md section 10), so the whole address is lowered, not only the domain.
 */
export function normaliseEmail(text: string): string {
  return text.normalize("NFC").trim().toLowerCase();
}
