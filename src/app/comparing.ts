// The roster just read, beside the last accepted one. What differs too much is said; nothing is decided or stored here.

import { dayAt } from "../domain/day.ts";
import type { Breach } from "../domain/limits.ts";
import type { RosterPortrait } from "../domain/portrait.ts";
import { comparisonText, distrust } from "../domain/trust.ts";
import type { App } from "./app.ts";

export interface Comparison {
  readonly doubts: readonly Breach[];
  /** What it was compared with, in a sentence; null: the accepted content once more. */
  readonly text: string | null;
}

/** The same content as the accepted roster (a night, or by force) is not compared again. */
export async function compareWithAccepted(
  portrait: RosterPortrait,
  sha256: string,
  { runs, settings }: Pick<App, "runs" | "settings">,
): Promise<Comparison> {
  const accepted = await runs.accepted();
  if (accepted === null) {
    return { doubts: distrust(portrait, null, settings.trust), text: comparisonText(portrait, null) };
  }
  if (accepted.sha256 === sha256) return { doubts: [], text: null };
  const before = await runs.acceptedPortrait();
  if (before === null) {
    const text = `The last accepted roster (${accepted.fileName}) comes from another version of this program, which kept nothing to compare with.`;
    return { doubts: distrust(portrait, null, settings.trust), text };
  }
  const acceptedOn = dayAt(Date.parse(accepted.at), settings.timeZone);
  const earlier = { fileName: accepted.fileName, acceptedOn, portrait: before };
  return { doubts: distrust(portrait, earlier, settings.trust), text: comparisonText(portrait, earlier) };
}
