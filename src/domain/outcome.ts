// How one change ended, and what the queue does next with its job. Values only; the queue acts on them.

export type Outcome =
  /** Made by us just now. */
  | { readonly status: "applied"; readonly accountId: number | null }
  /** Tallyfy already had it: an earlier attempt whose answer was lost, or somebody else's work. */
  | { readonly status: "already"; readonly accountId: number | null; readonly message: string }
  /** No longer wanted: a newer roster took over, or a person discarded the run. */
  | { readonly status: "stale"; readonly message: string }
  /** Tallyfy says no, and would say it again. */
  | { readonly status: "rejected"; readonly code: string; readonly message: string }
  /** Every attempt failed for a reason that time may heal; tonight's run tries again. */
  | { readonly status: "exhausted"; readonly attempts: number; readonly message: string };

export type OutcomeStatus = Outcome["status"];

export type HaltKind = "credentials" | "seats" | "organisation";

export type NextStep =
  /** This job, later; costs an attempt. */
  | { readonly next: "retry"; readonly delayMs: number; readonly message: string }
  /** This job, later; costs nothing (another run is busy with the same person). */
  | { readonly next: "wait"; readonly delayMs: number }
  /** Nobody calls until then; costs nothing (429, or the hourly budget is used up). */
  | { readonly next: "pause"; readonly delayMs: number; readonly because: "rate-limited" | "budget" }
  /** Every job would fail alike: stop the queue and tell a person; costs nothing. */
  | { readonly next: "halt"; readonly kind: HaltKind; readonly message: string }
  /** Done with this job. */
  | { readonly next: "settle"; readonly outcome: Outcome };
