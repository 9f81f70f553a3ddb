// A person releases or drops a held run. What was planned, by its hash, from this very file, is what runs.

import { releaseCommand, wasHeld } from "../domain/hold.ts";
import type { Run } from "../domain/run.ts";
import { needsReason } from "../domain/trust.ts";
import type { App } from "./app.ts";
import { createPlanHash } from "./plan-hash.ts";

/** `isRepeated`: it was decided before and is not at its end yet. `because`: why the decision was not taken, for the person. */
export type DecisionAnswer =
  | { readonly ok: true; readonly run: Run; readonly isRepeated: boolean }
  | { readonly ok: false; readonly because: string };

type Needs = Pick<App, "runs" | "files" | "bell" | "fingerprint" | "log">;

const REASON_CHARACTERS = 500;

/**
 * Decides about a held run. The same decision once more goes on with what a process that died left of it; to discard also brings a
 * superseded run to its end.
 * @param decidedBy who decides, for the history: a login name, not a person's name
 * @param reason why, in their own words; a run whose roster is in doubt is not released without
 */
export async function decideHeld(
  runId: string,
  decision: "applying" | "discarded",
  decidedBy: string,
  app: Needs,
  reason: string | null = null,
): Promise<DecisionAnswer> {
  const run = await app.runs.get(runId);
  if (run === null) return no(`There is no run ${runId}. List them with: roster-sync runs`);
  if (isUnderWay(run, decision)) {
    if (decision === "applying" && run.dataId !== app.files.dataId) return no(elsewhere(runId));
    await ring(run, decision, app);
    return { ok: true, run, isRepeated: true };
  }
  if (run.state !== "held" || run.planHash === null) {
    return no(`Run ${runId} is not held: it is ${run.state}. Look at it with: roster-sync runs ${runId}`);
  }
  const said = reason === null ? null : oneLine(reason);
  if (decision === "applying") {
    if (needsReason(run.breaches) && (said === null || said === "")) {
      return no(
        `Run ${runId} is held because its roster is in doubt; it is released only with a reason, which is kept: ` +
          releaseCommand(runId, run.breaches),
      );
    }
    const changed = await whatChanged(run, app);
    if (changed !== null) return no(changed);
  }
  const what = decision === "applying" ? "Released" : "Discarded";
  const because = `${wasHeld(run.breaches)}\n${what} by ${decidedBy}${said === null || said === "" ? "." : `: ${said}`}`;
  if (!(await app.runs.decideHeld(runId, run.planHash, decision, { decidedBy, reason: said, because }))) {
    const now = await app.runs.get(runId);
    return no(`Run ${runId} was decided by somebody else just now: it is ${now?.state ?? "gone"}.`);
  }
  app.log.info({ run: runId, decision, by: decidedBy }, "a person decided a held run");
  await ring(run, decision, app);
  return { ok: true, run, isRepeated: false };
}

/** Whether the run is on the way to where this decision leads. */
function isUnderWay({ state, decidedBy, endedAt }: Run, decision: "applying" | "discarded"): boolean {
  if (endedAt !== null) return false;
  if (decision === "applying") return state === "applying" && decidedBy !== null;
  return state === "discarded" || state === "superseded";
}

async function ring({ runId, dataId }: Run, decision: "applying" | "discarded", { bell }: Needs): Promise<void> {
  await bell.ring({ kind: decision === "applying" ? "apply" : "close", runId, dataId });
}

function elsewhere(runId: string): string {
  return `The roster of run ${runId} lies in another data folder. Decide where that folder is: there its file can be looked at.`;
}

/** Approval binds to the file and to the plan. */
async function whatChanged(run: Run, app: Needs): Promise<string | null> {
  if (run.dataId !== app.files.dataId) {
    return elsewhere(run.runId);
  }
  const path = run.filePath ?? "";
  if (!(await app.files.exists(path))) return `The roster of run ${run.runId} is gone (${path}). Drop it again.`;
  if ((await app.files.hash(path)) !== run.sha256) {
    return `The roster of run ${run.runId} was changed after it was planned (${path}). Drop it again as a new file.`;
  }
  if ((await storedHash(run.runId, app)) !== run.planHash) {
    return `The stored plan of run ${run.runId} is not the one that was held. Discard it and drop the file again.`;
  }
  return null;
}

/** The hash of the changes as they lie in the store. */
async function storedHash(runId: string, { runs, fingerprint }: Needs): Promise<string> {
  const hash = createPlanHash(fingerprint);
  for await (const changes of runs.openChanges(runId)) for (const change of changes) hash.add(change);
  return hash.value();
}

/** As it is kept: one line, of bounded length. */
function oneLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
  return Array.from(line).slice(0, REASON_CHARACTERS).join("");
}

function no(because: string): DecisionAnswer {
  return { ok: false, because };
}
