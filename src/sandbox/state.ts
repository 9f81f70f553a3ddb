// Everything that one sandbox is: who it is, its switches, members, tokens, counts and clock. One value, passed to every handler.
// Lives in the process and ends with it.

import { type Chance, createChance } from "./chance.ts";
import { clearCounts, emptyCounts, type SandboxCounts } from "./counts.ts";
import { createLimiter, type Limiter } from "./limiter.ts";
import { createDirectory, type Directory, type SeedMember } from "./members.ts";
import { seedDirectory } from "./seed.ts";
import { applyChanges } from "./switch-check.ts";
import { defaultSwitches, type SandboxSwitches, type SwitchChanges } from "./switches.ts";
import { createTokenBook, type TokenBook } from "./tokens.ts";

/** What `config/sandbox.yaml` names too. Invented, and no secret of anything. */
export const SANDBOX_ORG_ID = "5a9d0b0c5a9d0b0c5a9d0b0c5a9d0b0c";
/** An organisation that exists, but that the sandbox's application is not linked to: 403. */
export const SANDBOX_FOREIGN_ORG_ID = "0f0e1d0c0f0e1d0c0f0e1d0c0f0e1d0c";
export const SANDBOX_CLIENT_ID = "1001";
/** Holds the three characters that a form must escape (tallyfy-api.md 2.1). */
export const SANDBOX_CLIENT_SECRET = "sandbox+secret/with=signs";
export const SANDBOX_ADMIN_EMAIL = "ada.admin@sandbox.example";

export interface SandboxIdentity {
  readonly orgId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly adminEmail: string;
}

export interface StateOptions extends SandboxIdentity {
  readonly seed: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly members: number | readonly SeedMember[];
  readonly switches: SwitchChanges;
}

export interface SandboxState {
  readonly identity: SandboxIdentity;
  /** Live: what is written here counts from the next request on. */
  readonly switches: SandboxSwitches;
  readonly members: Directory;
  readonly tokens: TokenBook;
  readonly counts: SandboxCounts;
  /** How often create wrote each lower-case address, kept apart from the directory to bear witness against it. */
  readonly writes: Map<string, number>;
  readonly limiter: Limiter;
  readonly chance: Chance;
  readonly now: () => number;
  /** `counts`: only the counts. `all`: members, tokens, switches, limits and chance too, as at the start. */
  reset(what: "counts" | "all"): void;
}

/** @throws TypeError when a switch is wrong; Error when two seeded members share an address or an id */
export function createState(options: StateOptions): SandboxState {
  const { orgId, clientId, clientSecret, adminEmail } = options;
  const state: SandboxState = {
    identity: { orgId, clientId, clientSecret, adminEmail },
    switches: defaultSwitches(),
    members: createDirectory(),
    tokens: createTokenBook(),
    counts: emptyCounts(),
    writes: new Map(),
    limiter: createLimiter(),
    chance: createChance(options.seed),
    now: options.now,
    reset(what) {
      clearCounts(state.counts);
      if (what === "counts") return;
      state.members.clear();
      state.tokens.revokeAll();
      state.writes.clear();
      state.limiter.reset();
      state.chance.reset();
      fill();
    },
  };

  function fill(): void {
    Object.assign(state.switches, defaultSwitches());
    applyChanges(state.switches, options.switches);
    seedDirectory(state.members, options.members, adminEmail, options.now());
  }

  fill();
  return state;
}
