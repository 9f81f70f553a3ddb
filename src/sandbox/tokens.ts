// Tokens that the sandbox gave out: whose they are and until when. App and user tokens are different kinds (tallyfy-api.md 1.1).
// Opaque and random, never seeded: a token from an earlier sandbox must not be valid in this one.

import { randomBytes } from "node:crypto";

export type TokenOwner = { readonly kind: "app" } | { readonly kind: "user"; readonly memberId: number };

export interface TokenBook {
  /** Gives out a token; `lifetimeS` in seconds, `nowMs` since 1970. */
  issue(owner: TokenOwner, lifetimeS: number, nowMs: number): string;
  /** Whose token it is; null when it is unknown, expired or revoked. */
  ownerOf(token: string, nowMs: number): TokenOwner | null;
  revokeAll(kind?: TokenOwner["kind"]): void;
  revokeMember(memberId: number): void;
}

export function createTokenBook(): TokenBook {
  const issued = new Map<string, { owner: TokenOwner; expiresAtMs: number }>();

  function revokeWhere(isRevoked: (owner: TokenOwner) => boolean): void {
    for (const [token, { owner }] of issued) if (isRevoked(owner)) issued.delete(token);
  }

  return {
    issue(owner, lifetimeS, nowMs) {
      const token = `${owner.kind}.${randomBytes(24).toString("base64url")}`;
      issued.set(token, { owner, expiresAtMs: nowMs + lifetimeS * 1000 });
      return token;
    },
    ownerOf(token, nowMs) {
      const found = issued.get(token);
      return found !== undefined && nowMs < found.expiresAtMs ? found.owner : null;
    },
    revokeAll: (kind) => revokeWhere((owner) => kind === undefined || owner.kind === kind),
    revokeMember: (memberId) => revokeWhere((owner) => owner.kind === "user" && owner.memberId === memberId),
  };
}
