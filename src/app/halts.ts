// Halting and going on: when every job would fail alike, the queue stops for everybody, and looks again from time to time.

import type { HaltKind } from "../domain/outcome.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import type { App } from "./app.ts";

/** Stops the queue on all machines. The record comes first: with it, `watchHalt` finishes what a crash leaves. */
export async function halt(kind: HaltKind, message: string, app: App): Promise<void> {
  const current = await app.signals.halt();
  const now = app.clock.now();
  const probeMs = probeMsOf(kind, app);
  const since = current?.kind === kind ? current.since : now;
  await app.signals.setHalt({ kind, message, since, probeAt: now + probeMs });
  await pauseForHalt(app);
  if (current?.kind !== kind) app.log.error({ kind, reason: message }, "provisioning is halted");
}

/**
 * Looks whether the reason of a halt has gone, when it is time to, and lets the queue go on. Without a halt it ends a pause of
 * ours that came too late, or whose process died. Called every few seconds.
 */
export async function watchHalt(app: App): Promise<void> {
  const halted = await app.signals.halt();
  if (halted === null) {
    await resumeAfterHalt(app);
    return;
  }
  const now = app.clock.now();
  const probeMs = probeMsOf(halted.kind, app);
  // A machine whose clock was ahead may have put it off for days.
  const isPutOff = halted.probeAt - now > probeMs;
  if (now < halted.probeAt && !isPutOff) {
    await pauseForHalt(app);
    return;
  }
  if (halted.kind !== "seats") {
    const met = await probe(app);
    if (met.kind !== "accepted") {
      const { metSince: _, ...before } = halted;
      // Only what the halt is about may take the place of its reason: what is to be done is said by its kind.
      const isItsReason = met.kind === "refused" && halted.kind === "credentials";
      const found = isItsReason ? { message: met.message } : { metSince: met.message };
      await app.signals.setHalt({ ...before, ...found, probeAt: now + probeMs });
      return;
    }
  }
  // Seats can be tried only by creating somebody: the next job does, and halts again if there is still none.
  await app.signals.noteRefusal(null);
  await resumeAfterHalt(app);
  const isOver = await app.signals.clearHalt(halted);
  if (isOver) app.log.info({ kind: halted.kind }, "provisioning goes on");
}

/** Looks at once: whoever starts the program has perhaps just mended the reason. */
export async function lookNow(app: App): Promise<void> {
  const halted = await app.signals.halt();
  if (halted === null) return;
  await app.signals.setHalt({ ...halted, probeAt: 0 });
  await watchHalt(app);
}

function probeMsOf(kind: HaltKind, app: App): number {
  return kind === "credentials" ? app.settings.probeMs : app.settings.seatsProbeMs;
}

/** A queue that a person paused is left as it is: without our mark nobody resumes it when the halt is over. */
async function pauseForHalt(app: App): Promise<void> {
  if (await app.provisioning.isPaused()) return;
  // The mark comes first: whoever finds it without a halt ends the pause, whatever became of us.
  await app.signals.markPause(app.clock.now());
  await app.provisioning.pause();
  // Where the pause took so long to come that the mark was given up, it is made again.
  if ((await app.signals.pauseMark()) === null) await app.signals.markPause(app.clock.now());
}

async function resumeAfterHalt(app: App): Promise<void> {
  const seen = await app.signals.pauseMark();
  if (seen === null) return;
  if (await app.provisioning.isPaused()) await app.provisioning.resume();
  // Whoever made a mark a moment ago is perhaps still about to pause, and then it has to be there.
  else if (app.clock.now() - seen.at < PAUSE_COMES_WITHIN_MS) return;
  await app.signals.unmarkPause(seen);
}

/** A mark without a pause is given up after that: whoever made it has died. */
const PAUSE_COMES_WITHIN_MS = 60_000;

type Met = { readonly kind: "accepted" } | { readonly kind: "refused" | "no-answer"; readonly message: string };

async function probe(app: App): Promise<Met> {
  try {
    const refusal = await app.tallyfy.probe();
    return refusal === null ? { kind: "accepted" } : { kind: "refused", message: refusal.message };
  } catch (error) {
    if (error instanceof TallyfyError) return { kind: "no-answer", message: error.failure.message };
    throw error;
  }
}
