// One job: make one planned change true, whatever happened to it before. Makes one attempt and says what comes next.
//
// Safe to repeat: the change is claimed for one job at a time; who is in the ledger is not created again; an address that
// Tallyfy calls taken is looked up before anything is concluded; ledger entry and outcome are written in one transaction.

import type { LedgerEntry } from "../domain/ledger.ts";
import type { NextStep, Outcome } from "../domain/outcome.ts";
import {
  type AttemptNumber,
  codeOf,
  type Reaction,
  reactTo,
  rejected,
  retryOrGiveUp,
  TROUBLE_AFTER,
} from "../domain/reaction.ts";
import { TallyfyError, type TallyfyFailure } from "../domain/tallyfy-error.ts";
import { ALREADY } from "./answers.ts";
import type { App } from "./app.ts";
import { halt } from "./halts.ts";
import type { Begun, ProvisioningJob } from "./ports.ts";

const BUSY_DELAY_MS = 2_000;

type Task = Extract<Begun, { kind: "yours" }>;

/** A step, and the ledger entry that goes with a settled outcome. */
interface Result {
  readonly step: NextStep;
  readonly entry: LedgerEntry | null;
  /** Whether Tallyfy may have made the change without our seeing its answer. */
  readonly isUnknown: boolean;
}

export async function provision(
  job: ProvisioningJob,
  attempt: AttemptNumber & { readonly jobId: string },
  app: App,
): Promise<NextStep> {
  const begun = await app.runs.begin(job, attempt.jobId);
  if (begun.kind === "gone") {
    return { next: "settle", outcome: { status: "stale", message: "The change has its outcome, or its run is over." } };
  }
  if (begun.kind === "busy") return { next: "wait", delayMs: BUSY_DELAY_MS };

  const { step, entry, isUnknown } = await make(job, begun, attempt, app);
  if (step.next === "settle") {
    await settle(job, step.outcome, entry, app);
    return step;
  }
  await app.runs.release(job, attempt.jobId, isUnknown || begun.wasTriedBefore);
  if (step.next === "halt") await halt(step.kind, step.message, app);
  return step;
}

async function settle(job: ProvisioningJob, outcome: Outcome, entry: LedgerEntry | null, app: App): Promise<void> {
  const open = await app.runs.settle(job, outcome, entry);
  const fields = { run: job.runId, key: job.key, outcome: outcome.status };
  if (outcome.status === "rejected") app.log.warn({ ...fields, code: outcome.code }, "Tallyfy refused a person");
  else if (outcome.status === "exhausted")
    app.log.warn({ ...fields, attempts: outcome.attempts }, "gave up on a person");
  else app.log.info(fields, "settled a person");
  if (open > 0) return;
  const run = await app.runs.get(job.runId);
  if (run !== null) await app.bell.ring({ kind: "close", runId: run.runId, dataId: run.dataId });
}

async function make(job: ProvisioningJob, task: Task, attempt: AttemptNumber, app: App): Promise<Result> {
  if (task.entry !== null) {
    const message = `${ALREADY.known} ${task.entry.runId}.`;
    return settled({ status: "already", accountId: task.entry.accountId, message }, null);
  }
  try {
    const { accountId } = await app.tallyfy.createUser(task.change.after);
    return settled({ status: "applied", accountId }, entryFor(job, task, accountId, "created", app));
  } catch (error) {
    return afterFailure(failureOf(error), job, task, attempt, app);
  }
}

async function afterFailure(
  failure: TallyfyFailure,
  job: ProvisioningJob,
  task: Task,
  attempt: AttemptNumber,
  app: App,
): Promise<Result> {
  const isUnknown = failure.wasSent && ["unavailable", "timeout", "protocol"].includes(failure.kind);
  const reaction = reactTo(failure, attempt, app.settings.retry, app.clock.random);
  // An answer about this person alone shows that Tallyfy does not refuse all of us. One that names nothing is none yet.
  const isOfThisPerson = failure.kind === "conflict" || (failure.kind === "invalid" && failure.fields.length > 0);
  if (isOfThisPerson || isRejected(reaction)) await app.signals.noteRefusal(null);
  if (isUnknown || failure.kind === "unavailable") await noteTrouble(failure, app);
  switch (reaction.next) {
    case "look-up":
      return lookUp(failure, job, task, attempt, app);
    case "probe":
      return { step: await probe(failure, attempt, app), entry: null, isUnknown };
    case "reject-and-count":
      return { step: await rejectAndCount(failure, app), entry: null, isUnknown };
    default:
      return { step: reaction, entry: null, isUnknown };
  }
}

/** Said once when Tallyfy begins to be away, not for each of thousands of attempts. */
async function noteTrouble(failure: TallyfyFailure, app: App): Promise<void> {
  const inARow = await app.signals.noteTrouble(failure.message, app.clock.now());
  if (inARow !== TROUBLE_AFTER) return;
  app.log.warn(
    { kind: failure.kind, reason: failure.message },
    "Tallyfy does not answer as it should; people are tried again later",
  );
}

/** The address is, or may be, taken: by our own earlier attempt, by a member who was there before, or somewhere else. */
async function lookUp(
  failure: TallyfyFailure,
  job: ProvisioningJob,
  task: Task,
  attempt: AttemptNumber,
  app: App,
): Promise<Result> {
  const origin = task.wasTriedBefore ? "created" : "adopted";
  const isSurelyTaken = failure.kind === "conflict";
  if (!app.tallyfy.canList && !isSurelyTaken) return refused(failure, app);
  if (!app.tallyfy.canList) {
    const message =
      "Tallyfy says that the address is taken; it was taken for theirs without looking, because no acting admin is " +
      "configured (TALLYFY_ADMIN_EMAIL).";
    return settled({ status: "already", accountId: null, message }, entryFor(job, task, null, origin, app));
  }
  try {
    const member = await app.tallyfy.findMember(task.change.after.email);
    if (member !== null) {
      await app.signals.noteRefusal(null);
      const found = task.wasTriedBefore ? ALREADY.ownAttempt : ALREADY.thereBefore;
      const message = member.status === "disabled" ? `${found} It is disabled: enable it in Tallyfy.` : found;
      const entry = entryFor(job, task, member.accountId, origin, app);
      return settled({ status: "already", accountId: member.accountId, message }, entry);
    }
  } catch (error) {
    return { step: afterFailedLookUp(failureOf(error), attempt, app), entry: null, isUnknown: false };
  }
  if (!isSurelyTaken) return refused(failure, app);
  const message =
    "Tallyfy says that the address is taken, but no member of this organisation has it: the address belongs to " +
    "another Tallyfy organisation, to a guest, or to a deleted user. Ask Tallyfy Support, or invite the person by hand.";
  // Just after an attempt of our own, the list may only be late.
  if (task.wasTriedBefore && !attempt.isLast) {
    return {
      step: retryOrGiveUp(message, attempt, app.settings.retry, app.clock.random),
      entry: null,
      isUnknown: true,
    };
  }
  return settled({ status: "rejected", code: failure.code ?? "TAKEN_ELSEWHERE", message }, null);
}

/** Not taken, simply refused. Where no field is named, the refusal may be the organisation's. */
async function refused(failure: TallyfyFailure, app: App): Promise<Result> {
  const step = failure.fields.length > 0 ? rejected(failure) : await rejectAndCount(failure, app);
  return { step, entry: null, isUnknown: false };
}

/** A look-up that fails proves nothing about the person: it is made again, or everybody pauses. */
function afterFailedLookUp(failure: TallyfyFailure, attempt: AttemptNumber, app: App): NextStep {
  const reaction = reactTo(failure, attempt, app.settings.retry, app.clock.random);
  if (reaction.next === "pause" || reaction.next === "halt") return reaction;
  return retryOrGiveUp(failure.message, attempt, app.settings.retry, app.clock.random);
}

/** 401 and 403 can mean all of us or only this person: Tallyfy is asked before anybody concludes anything. */
async function probe(failure: TallyfyFailure, attempt: AttemptNumber, app: App): Promise<NextStep> {
  try {
    const refusal = await app.tallyfy.probe();
    if (refusal !== null) return { next: "halt", kind: "credentials", message: refusal.message };
  } catch (error) {
    return retryOrGiveUp(failureOf(error).message, attempt, app.settings.retry, app.clock.random);
  }
  return rejectAndCount(failure, app);
}

/** Everybody refused alike is the organisation's trouble: this person is settled, and the others wait until somebody has looked. */
async function rejectAndCount(failure: TallyfyFailure, app: App): Promise<NextStep> {
  const inARow = await app.signals.noteRefusal(`${failure.status} ${codeOf(failure)}`);
  if (inARow >= app.settings.identicalRefusals) {
    await halt("organisation", `Tallyfy refused ${inARow} people in a row in the same way: ${failure.message}`, app);
  }
  return rejected(failure);
}

function isRejected(reaction: Reaction): boolean {
  return reaction.next === "settle" && reaction.outcome.status === "rejected";
}

function settled(outcome: Outcome, entry: LedgerEntry | null): Result {
  return { step: { next: "settle", outcome }, entry, isUnknown: false };
}

function entryFor(
  job: ProvisioningJob,
  task: Task,
  accountId: number | null,
  origin: LedgerEntry["origin"],
  app: App,
): LedgerEntry {
  const { key, emailHash, line } = task.change;
  const at = new Date(app.clock.now()).toISOString();
  return { key, emailHash, accountId, origin, runId: job.runId, sha256: task.sha256, line, at };
}

function failureOf(error: unknown): TallyfyFailure {
  if (error instanceof TallyfyError) return error.failure;
  throw error;
}
