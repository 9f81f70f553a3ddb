// The roster just read, beside the last accepted one. What differs too much is said; nothing is decided or stored here.

import { addDays, dayAt } from "../domain/day.ts";
import type { Breach } from "../domain/limits.ts";
import type { RosterPortrait } from "../domain/portrait.ts";
import type { Run } from "../domain/run.ts";
import { comparisonText, distrust, needsReason } from "../domain/trust.ts";
import { peaksAfter } from "../domain/trust-time.ts";
import type { App } from "./app.ts";
import type { AcceptedRoster } from "./ports.ts";

export interface Comparison {
  readonly doubts: readonly Breach[];
  /** What it was compared with, in a sentence; null: the accepted content once more. */
  readonly text: string | null;
}

/** The same content as the accepted roster (a night, or by force) is not compared again. */
export async function compareWithAccepted(
  portrait: RosterPortrait,
  sha256: string,
  { runs, settings, clock }: Pick<App, "runs" | "settings" | "clock">,
): Promise<Comparison> {
  const today = dayAt(clock.now(), settings.timeZone);
  const accepted = await runs.accepted();
  if (accepted === null) {
    return { doubts: distrust(portrait, null, settings.trust, today), text: comparisonText(portrait, null) };
  }
  if (accepted.sha256 === sha256) return { doubts: [], text: null };
  const before = await runs.acceptedPortrait();
  if (before === null) {
    const text = `The last accepted roster (${accepted.fileName}) comes from another version of this program, which kept nothing to compare with.`;
    return { doubts: distrust(portrait, null, settings.trust, today), text };
  }
  const acceptedOn = dayAt(Date.parse(accepted.at), settings.timeZone);
  const earlier = { fileName: accepted.fileName, acceptedOn, portrait: before };
  return { doubts: distrust(portrait, earlier, settings.trust, today), text: comparisonText(portrait, earlier) };
}

/** The portrait of a roster that becomes the accepted one. It remembers larger ones before it, unless a person accepted it in doubt. */
export async function portraitToAccept(
  { runId, breaches }: Pick<Run, "runId" | "breaches">,
  accepted: AcceptedRoster | null,
  { runs, settings, clock }: Pick<App, "runs" | "settings" | "clock">,
): Promise<RosterPortrait | null> {
  const portrait = await runs.portrait(runId);
  const before = accepted === null ? null : await runs.acceptedPortrait();
  if (portrait === null || accepted === null || before === null || needsReason(breaches)) return portrait;
  const acceptedOn = dayAt(Date.parse(accepted.at), settings.timeZone);
  const since = addDays(dayAt(clock.now(), settings.timeZone), -settings.trust.shrunkDays);
  return { ...portrait, peaks: peaksAfter({ portrait: before, acceptedOn }, portrait, since) };
}
