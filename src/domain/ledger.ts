// Our record of the accounts we know. No names and no addresses: the ledger holds keys, fingerprints and Tallyfy's numbers.

import type { PersonKey, Role } from "./profile.ts";

/** `invited` has not signed in yet; `unknown` is a status word that we have not met (tallyfy-api.md section 5). */
export type AccountStatus = "active" | "invited" | "disabled" | "unknown";

/** A Tallyfy member: the actual state. */
export interface Account {
  /** Tallyfy's number for the user; null only where Tallyfy did not say it. */
  readonly accountId: number | null;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: Role | null;
  readonly status: AccountStatus;
  readonly isBot: boolean;
  readonly isDefaultAdmin: boolean;
}

/** What the store keeps of an account from the last listing, by e-mail fingerprint. */
export interface KnownAccount {
  readonly accountId: number | null;
  readonly role: Role | null;
  readonly status: AccountStatus;
  readonly isBot: boolean;
  readonly isDefaultAdmin: boolean;
}

/** One person whom we know to have an account. Answers the auditor: why, from which file and line, in which run, when. */
export interface LedgerEntry {
  readonly key: PersonKey;
  readonly emailHash: string;
  readonly accountId: number | null;
  /**
   * `created` by us; `adopted` because the account was there before; `rebuilt` after a loss: the person is in a roster and has an
   * account, and which of the two it was cannot be known any more.
   */
  readonly origin: "created" | "adopted" | "rebuilt";
  readonly runId: string;
  /** Of the roster that named the person. */
  readonly sha256: string;
  readonly line: number | null;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Everything known about one person at the moment of deciding. */
export interface Standing {
  /** The ledger's entry under this person's key, as far as it matters for deciding. */
  readonly entry: Pick<LedgerEntry, "emailHash"> | null;
  /** The person key to which the ledger gives this e-mail address. */
  readonly emailOwner: PersonKey | null;
  /** The account that Tallyfy listed under this e-mail address. */
  readonly account: KnownAccount | null;
  /**
   * Whether Tallyfy's list was read well after the ledger entry was made: without that, a missing account proves nothing.
   * Where there is no entry: whether the list has ever been read.
   */
  readonly isListed: boolean;
}

/**
 * Stands for everybody who is in the ledger under their own address and whose account is there and not disabled, or was never
 * looked for: what else is known of them decides nothing (a test compares the decisions).
 */
export function plainStanding({ key, emailHash }: Pick<LedgerEntry, "key" | "emailHash">): Standing {
  return { entry: { emailHash }, emailOwner: key, account: null, isListed: false };
}

/** A new account may be missing from a list that is read so soon after (read-after-write delay, tallyfy-api.md section 12). */
const LIST_LAG_MS = 10 * 60_000;

/** What `Standing.isListed` says. @param listedAtMs when the list was last read completely (milliseconds since 1970); null: never */
export function isListedSince(entry: LedgerEntry | null, listedAtMs: number | null): boolean {
  if (listedAtMs === null) return false;
  return entry === null || Date.parse(entry.at) + LIST_LAG_MS < listedAtMs;
}
