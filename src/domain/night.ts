// Whether the nightly run is due. Only moments are compared: which moments a schedule names is known to schedule/, and which
// of them was fulfilled to the store. No cron expression and no clock here.

export type Night =
  | { readonly kind: "nothing" }
  /** Nothing to run, but this moment is to be remembered as the one from which is counted. */
  | { readonly kind: "begin"; readonly dueMs: number }
  /** Run once for this moment, then remember it as fulfilled; earlier moments that were missed are made up by the same run. */
  | { readonly kind: "due"; readonly dueMs: number };

/** A fulfilled moment further in the future than this was written under a wrong clock. */
export const CLOCK_DOUBT_MS = 60 * 60 * 1000;

/**
 * What the schedule asks for now. All moments in milliseconds since 1970.
 * `fulfilledMs`: the latest moment a run was made for, null when there never was one: a first start makes nothing up.
 * `latestDueMs`: the latest moment of the schedule that is not after `nowMs`, null when there is none.
 */
export function decideNight(fulfilledMs: number | null, latestDueMs: number | null, nowMs: number): Night {
  if (latestDueMs === null) return { kind: "nothing" };
  if (fulfilledMs === null || fulfilledMs > nowMs + CLOCK_DOUBT_MS) return { kind: "begin", dueMs: latestDueMs };
  return latestDueMs > fulfilledMs ? { kind: "due", dueMs: latestDueMs } : { kind: "nothing" };
}
