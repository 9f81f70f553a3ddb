// The ledger made again after a loss, from three witnesses: what answer files tell of accounts (traces), who stood in which
// archived roster (mentions), and the members that Tallyfy has. Pure: entries out, and everything that could not be known.
//
//   traces of the key | address of the key in rosters | Tallyfy has the address | entry            | said besides
//   ------------------|-------------------------------|-------------------------|------------------|---------------------------
//   yes               | on the run's own line         | yes                     | as it was        |
//   yes               | on that line, as another key  | yes                     | as it was        | read-differently
//   yes               | only in others, or none       | by the account's number | as it was        | read-differently
//   yes               | nowhere                       | no                      | none             | without-address
//   yes               | any                           | no longer               | as it was        | vanished, or readdressed
//   no                | one                           | yes                     | `rebuilt`        | origin-unknown
//   no                | one that others claim, too    | yes                     | none             | two-owners
//   no                | several                       | several of them         | none             | two-accounts
//   no                | any                           | no                      | none             |
//   (nobody)          |                               | yes                     |                  | unnamed-member

import { isListedSince, type KnownAccount, type LedgerEntry } from "./ledger.ts";
import type { PersonKey } from "./profile.ts";
import { momentOf } from "./run-id.ts";

/** What an answer file tells of one account. */
export interface Trace {
  readonly key: PersonKey;
  readonly runId: string;
  readonly sha256: string;
  readonly line: number | null;
  readonly origin: LedgerEntry["origin"];
  readonly accountId: number | null;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Somebody in an archived roster. */
export interface Mention {
  readonly key: PersonKey;
  readonly emailHash: string;
  readonly runId: string;
  readonly sha256: string;
  readonly line: number;
  /** Whether the roster says that they work there: only then is an account linked by it. */
  readonly isWorking: boolean;
}

/** Tallyfy's members by e-mail fingerprint. */
export interface Members {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly accounts: ReadonlyMap<string, KnownAccount>;
}

export type UnknownKind =
  | "vanished"
  | "readdressed"
  | "two-owners"
  | "two-accounts"
  | "without-address"
  | "read-differently"
  | "origin-unknown"
  | "unnamed-member";

/** Something about a person or an account that could not be known. No names, no addresses. */
export interface Unknown {
  readonly kind: UnknownKind;
  readonly key: PersonKey | null;
  readonly accountId: number | null;
  readonly runId: string | null;
  readonly line: number | null;
}

export interface Rebuilt {
  readonly entries: readonly LedgerEntry[];
  readonly unknowns: readonly Unknown[];
}

/** A ledger in the making: first entries that are there, then all traces, then all mentions; each oldest run first. */
export interface RebuildDraft {
  /** An entry that was not lost; it stays as it is. */
  keep(entry: LedgerEntry): void;
  trace(trace: Trace): void;
  mention(mention: Mention): void;
  /** @param members null: Tallyfy was not asked */
  finish(members: Members | null): Rebuilt;
}

/** The trace, and the address that the run's own roster gives the person. There may be millions: nothing is copied. */
interface Told {
  readonly trace: Trace;
  emailHash: string | null;
  isReadDifferently: boolean;
  /** Another trace of the same line: a night planned the same roster again. */
  readonly next: Told | null;
}

/** An address of a key: where it stood first, and which roster said so last. */
interface Address {
  /** Where they stood first as somebody who works there; until then, where they stood first. */
  first: Mention;
  last: Mention;
  /** Another address of the same key; nearly nobody has one. */
  next: Address | null;
}

/** A person key made from an address, for rosters without employee ids (store/keys.ts). */
const FINGERPRINT = /^[0-9a-f]{32}$/;

export function draftRebuild(): RebuildDraft {
  const kept: LedgerEntry[] = [];
  const traces: Told[] = [];
  /** By roster and line. */
  const byPlace = new Map<string, Map<number | null, Told>>();
  const addresses = new Map<PersonKey, Address>();

  return {
    keep(entry) {
      kept.push(entry);
    },

    trace(trace) {
      const { sha256, line } = trace;
      const lines = byPlace.get(sha256) ?? new Map<number | null, Told>();
      byPlace.set(sha256, lines);
      const told = { trace, emailHash: null, isReadDifferently: true, next: lines.get(line) ?? null };
      traces.push(told);
      lines.set(line, told);
    },

    mention(mention) {
      const { key, emailHash } = mention;
      let told = byPlace.get(mention.sha256)?.get(mention.line) ?? null;
      for (; told !== null; told = told.next) {
        told.emailHash = emailHash;
        told.isReadDifferently = told.trace.key !== key;
      }
      const known = listed(addresses.get(key));
      const same = known.find(({ first }) => first.emailHash === emailHash);
      const last = known.at(-1);
      if (same !== undefined) {
        same.last = mention;
        if (!same.first.isWorking && mention.isWorking) same.first = mention;
      } else if (last !== undefined) last.next = { first: mention, last: mention, next: null };
      else addresses.set(key, { first: mention, last: mention, next: null });
    },

    finish: (members) => rebuild(kept, traces, addresses, members),
  };
}

function rebuild(
  kept: readonly LedgerEntry[],
  traces: readonly Told[],
  addresses: ReadonlyMap<PersonKey, Address>,
  members: Members | null,
): Rebuilt {
  const accounts = members?.accounts ?? new Map<string, KnownAccount>();
  const hashOfAccount = new Map<number, string>();
  for (const [emailHash, { accountId }] of accounts) if (accountId !== null) hashOfAccount.set(accountId, emailHash);
  const entries = new Map(kept.map((entry) => [entry.key, entry]));
  const owners = new Map(kept.map(({ emailHash, key }) => [emailHash, key]));
  const unknowns: Unknown[] = [];

  function say(kind: UnknownKind, about: Partial<Omit<Unknown, "kind">>): void {
    const { key = null, accountId = null, runId = null, line = null } = about;
    unknowns.push({ kind, key, accountId, runId, line });
  }

  /** The address that a person's account was made with, as far as anybody says. */
  function addressOf({ trace: { key, accountId }, emailHash }: Told): string | null {
    if (emailHash !== null) return emailHash;
    const known = listed(addresses.get(key));
    if (known.length === 1) return known[0]?.first.emailHash ?? null;
    const ofAccount = accountId === null ? undefined : hashOfAccount.get(accountId);
    if (ofAccount !== undefined) return ofAccount;
    return known.at(-1)?.last.emailHash ?? (FINGERPRINT.test(key) ? key : null);
  }

  // As settling and adopting wrote them: the first entry of a key stays; one made without an employee id gives way.
  for (const told of traces) {
    const { key, runId, sha256, line, origin, at } = told.trace;
    const emailHash = addressOf(told);
    if (emailHash === null) {
      if (!entries.has(key)) say("without-address", told.trace);
      continue;
    }
    const owner = owners.get(emailHash);
    const isFormer = owner === emailHash && key !== emailHash;
    const former = isFormer ? entries.get(emailHash) : undefined;
    if (!entries.has(key)) {
      const accountId = told.trace.accountId ?? former?.accountId ?? accounts.get(emailHash)?.accountId ?? null;
      const own = { key, emailHash, accountId, origin, runId, sha256, line, at };
      entries.set(key, former === undefined ? own : { ...former, key, accountId: former.accountId ?? accountId });
      if (told.isReadDifferently && emailHash !== key) say("read-differently", told.trace);
    }
    if (isFormer) entries.delete(emailHash);
    else if (owner !== undefined && owner !== key) say("two-owners", told.trace);
    if (entries.get(key)?.emailHash === emailHash) owners.set(emailHash, key);
  }

  if (members !== null) {
    const claimants = claimantsOf(addresses, entries);
    for (const [key, address] of addresses) {
      if (entries.has(key)) continue;
      const known = listed(address);
      const withAccount = known.filter(({ first }) => first.isWorking && isPerson(accounts.get(first.emailHash)));
      const [only] = withAccount;
      if (only === undefined) continue;
      const { emailHash, runId, sha256, line } = only.first;
      const account = accounts.get(emailHash);
      const accountId = account?.accountId ?? null;
      const isContradicted = known.some((other) => other !== only && other.last.sha256 === only.last.sha256);
      const owner = owners.get(emailHash);
      if (withAccount.length > 1 || isContradicted) say("two-accounts", { key, runId, line });
      else if (owner !== undefined && owner === emailHash)
        continue; // Adopted under this key by the next run.
      else if (owner !== undefined || claimants.get(emailHash) !== 1)
        say("two-owners", { key, accountId, runId, line });
      else {
        const at = momentOf(runId) ?? new Date(members.atMs).toISOString();
        entries.set(key, { key, emailHash, accountId, origin: "rebuilt", runId, sha256, line, at });
        owners.set(emailHash, key);
      }
    }
  }

  const before = new Set(kept.map(({ key }) => key));
  for (const entry of entries.values()) {
    const { key, emailHash, accountId, origin } = entry;
    if (origin === "rebuilt" && !before.has(key)) say("origin-unknown", entry);
    const newest = newestOf(listed(addresses.get(key)));
    const hasMoved = accountId !== null && (hashOfAccount.get(accountId) ?? emailHash) !== emailHash;
    if (hasMoved || (newest !== null && newest.emailHash !== emailHash)) say("readdressed", entry);
    else if (members !== null && !accounts.has(emailHash) && isListedSince(entry, members.atMs)) say("vanished", entry);
  }
  const named = new Set([...entries.values()].map(({ emailHash }) => emailHash));
  const ids = new Set([...entries.values()].map(({ accountId }) => accountId));
  for (const address of addresses.values()) for (const { first } of listed(address)) named.add(first.emailHash);
  for (const [emailHash, { accountId }] of accounts) {
    if (!named.has(emailHash) && (accountId === null || !ids.has(accountId))) say("unnamed-member", { accountId });
  }
  return { entries: [...entries.values()], unknowns };
}

/** How many keys without an entry say that an address is theirs. One made from the address itself is the same person. */
function claimantsOf(
  addresses: ReadonlyMap<PersonKey, Address>,
  entries: ReadonlyMap<PersonKey, LedgerEntry>,
): ReadonlyMap<string, number> {
  const claimants = new Map<string, number>();
  const fingerprints = new Set<string>();
  for (const [key, address] of addresses) {
    if (entries.has(key)) continue;
    for (const { first } of listed(address)) {
      if (first.emailHash === key) fingerprints.add(key);
      else claimants.set(first.emailHash, (claimants.get(first.emailHash) ?? 0) + 1);
    }
  }
  for (const key of fingerprints) if (!claimants.has(key)) claimants.set(key, 1);
  return claimants;
}

function isPerson(account: KnownAccount | undefined): boolean {
  return account !== undefined && !account.isBot;
}

/** All addresses of a key, oldest first. */
function listed(address: Address | undefined): readonly Address[] {
  const all: Address[] = [];
  for (let each = address ?? null; each !== null; each = each.next) all.push(each);
  return all;
}

/** What the newest roster that names a person says. */
function newestOf(known: readonly Address[]): Mention | null {
  let newest: Mention | null = null;
  for (const { last } of known) if (newest === null || last.runId >= newest.runId) newest = last;
  return newest;
}
