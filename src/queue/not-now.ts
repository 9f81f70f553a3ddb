// Nothing is sent at this moment: what the pacer and its places say to a job that they send back.

import { HOURLY_BUDGET_USED } from "../domain/reaction.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";

/** A slot or a place that is in sight is waited for, since others hold theirs no longer. */
export const PACE_PATIENCE_MS = 15_000;
const COME_AGAIN_MS = 1_000;

/** Why nothing is sent, for people. */
const NOT_NOW = {
  pause: "Tallyfy is not to be called at this moment, since it asked for a pause",
  probe: "Tallyfy asked for a pause, and one call is looking whether it is over",
  pace: "All calls to Tallyfy that the pace allows at this moment are taken",
  budget: "The hourly budget of calls to Tallyfy is used up",
  halt: "Provisioning is halted",
  places: "As many people as this process creates at the same time are under way",
  stopping: "Roster Sync is being stopped",
};

/** Nothing was sent: the caller comes again later. */
export function notNow(because: keyof typeof NOT_NOW, waitMs = COME_AGAIN_MS): TallyfyError {
  return new TallyfyError({
    kind: "rate-limited",
    status: null,
    code: because === "budget" ? HOURLY_BUDGET_USED : null,
    fields: [],
    retryAfterMs: Math.ceil(waitMs),
    wasSent: false,
    requestId: null,
    message: `${NOT_NOW[because]}; nothing was sent, and it goes on ${because === "stopping" ? "at the next start" : "by itself"}.`,
  });
}
