// Everything the use cases work with, in one value that the daemon puts together and passes in.

import type { Limits } from "../domain/limits.ts";
import type { Fingerprint } from "../domain/profile.ts";
import type { RetryPolicy } from "../domain/reaction.ts";
import type { TrustLimits } from "../domain/trust-limits.ts";
import type {
  Clock,
  Ledger,
  Log,
  ProvisionQueue,
  RosterFiles,
  RosterReader,
  RunStore,
  Signals,
  SyncQueue,
  TallyfyApi,
} from "./ports.ts";

export interface Settings {
  readonly leadDays: number;
  readonly limits: Limits;
  readonly trust: TrustLimits;
  /** IANA zone in which "today" is meant. */
  readonly timeZone: string;
  readonly retry: RetryPolicy;
  /** How often a halt for credentials is looked at again. */
  readonly probeMs: number;
  /** How often a halt for seats, or of the whole organisation, is tried again. */
  readonly seatsProbeMs: number;
  /** So many identical refusals in a row are the organisation's, not the person's. */
  readonly identicalRefusals: number;
  /** A plan is recorded in parts of about so many people. */
  readonly planPartSize: number;
}

export interface App {
  readonly tallyfy: TallyfyApi;
  readonly reader: RosterReader;
  readonly files: RosterFiles;
  readonly ledger: Ledger;
  readonly runs: RunStore;
  readonly signals: Signals;
  readonly provisioning: ProvisionQueue;
  readonly bell: SyncQueue;
  readonly fingerprint: Fingerprint;
  readonly clock: Clock;
  /** A name for a new run that sorts after all before it, whichever machine gave them. */
  readonly newRunId: () => Promise<string>;
  readonly log: Log;
  readonly settings: Settings;
}
