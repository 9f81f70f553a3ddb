// Halting and going on: when every job would fail alike, the queue stops for everybody, and looks again from time to time.

import type { HaltKind } from "../domain/outcome.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import type { App } from "./app.ts";
import type { Halt } from "./ports.ts";

/** Stops the queue on all machines. The record comes first: with it, `watchHalt` finishes what a crash leaves. */
export async function halt(kind: HaltKind, message: string, app: App): Promise<void> {
  const { current, wasPaused } = await stateBefore(app);
  const now = app.clock.now();
  const probeMs = kind === "credentials" ? app.settings.probeMs : app.settings.seatsProbeMs;
  const since = current?.kind === kind ? current.since : now;
  await app.signals.setHalt({ kind, message, since, wasPaused, probeAt: now + probeMs });
  await app.provisioning.pause();
  if (current?.kind !== kind) app.log.error({ kind, reason: message }, "provisioning is halted");
}

/**
 * The halt that is on, and whether a person had paused the queue before it. Without a halt that is asked of the queue, and counts only
 * when there is still none afterwards: otherwise it was another process's halt that paused, and nobody would ever resume.
 */
async function stateBefore(app: App): Promise<{ current: Halt | null; wasPaused: boolean }> {
  for (;;) {
    const current = await app.signals.halt();
    if (current !== null) return { current, wasPaused: current.wasPaused };
    const wasPaused = await app.provisioning.isPaused();
    // A halt lasts seconds at least, so that it does not come and go between these.
    const isSure = !wasPaused || ((await app.provisioning.isPaused()) && (await app.signals.halt()) === null);
    if (isSure) return { current: null, wasPaused };
  }
}

/** Looks whether the reason of a halt has gone, when it is time to, and lets the queue go on. Called every few seconds. */
export async function watchHalt(app: App): Promise<void> {
  const halted = await app.signals.halt();
  if (halted === null) return;
  const now = app.clock.now();
  if (now < halted.probeAt) {
    await app.provisioning.pause();
    if (halted.wasPaused) return;
    // Another process may have lifted the halt before the pause, and a new one may have taken our pause for a person's.
    const next = await app.signals.halt();
    if (next === null) await app.provisioning.resume();
    else if (next.since !== halted.since && next.wasPaused) await app.signals.setHalt({ ...next, wasPaused: false });
    return;
  }
  if (halted.kind !== "seats") {
    const refusal = await probe(app);
    if (refusal !== null) {
      const probeMs = halted.kind === "credentials" ? app.settings.probeMs : app.settings.seatsProbeMs;
      await app.signals.setHalt({ ...halted, message: refusal, probeAt: now + probeMs });
      return;
    }
  }
  // Seats can be tried only by creating somebody: the next job does, and halts again if there is still none.
  await app.signals.noteRefusal(null);
  if (!halted.wasPaused) await app.provisioning.resume();
  const isOver = await app.signals.clearHalt(halted);
  if (isOver) app.log.info({ kind: halted.kind }, "provisioning goes on");
}

/** Null: Tallyfy accepts us. Otherwise why not, or why it cannot be said. */
async function probe(app: App): Promise<string | null> {
  try {
    return (await app.tallyfy.probe())?.message ?? null;
  } catch (error) {
    if (error instanceof TallyfyError) return error.failure.message;
    throw error;
  }
}
