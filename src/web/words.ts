// What the words on the pages mean, said to somebody who sees them for the first time; and how moments are written.

import type { OutcomeStatus } from "../domain/outcome.ts";
import type { Window } from "../domain/pace-limits.ts";
import type { RunState, RunTrigger } from "../domain/run.ts";
import type { Situation } from "../domain/situation.ts";

/** How a thing is coloured; the word is always there too. */
export type Tone = "good" | "busy" | "wait" | "bad" | "quiet";

interface Word {
  readonly label: string;
  readonly tone: Tone;
  readonly means: string;
}

export const STATE_WORDS: Readonly<Record<RunState, Word>> = {
  reading: { label: "reading", tone: "busy", means: "The file is being read and compared with who is in Tallyfy." },
  held: {
    label: "held",
    tone: "wait",
    means: "Planned, but over a limit, or too different from the last roster: a person must approve or discard it.",
  },
  applying: { label: "applying", tone: "busy", means: "People are being created; some are still to come." },
  closed: {
    label: "closed",
    tone: "good",
    means: "Every planned change has an outcome; the answer files are complete.",
  },
  refused: {
    label: "refused",
    tone: "bad",
    means: "The file could not be taken for a roster; nothing of it was used.",
  },
  "nothing-new": {
    label: "nothing new",
    tone: "quiet",
    means: "The same content as the last accepted roster; it was not run again.",
  },
  superseded: { label: "superseded", tone: "quiet", means: "A newer roster took over before this one was done." },
  discarded: { label: "discarded", tone: "quiet", means: "A person dropped it; nothing more of it is applied." },
  failed: {
    label: "failed",
    tone: "bad",
    means: "The program broke here. That is a bug: please report it with the log.",
  },
};

export const OUTCOME_WORDS: Readonly<Record<OutcomeStatus | "open", Word>> = {
  applied: { label: "created", tone: "good", means: "We created the user just now." },
  already: {
    label: "there already",
    tone: "good",
    means: "Tallyfy had the user already, as our own work or somebody else's.",
  },
  open: { label: "open", tone: "busy", means: "Still to be done." },
  exhausted: {
    label: "given up for tonight",
    tone: "wait",
    means: "Every attempt failed for a reason that time may heal; the next scheduled run tries again.",
  },
  rejected: {
    label: "refused by Tallyfy",
    tone: "bad",
    means: "Tallyfy said no and would say it again; the answer file says why.",
  },
  stale: { label: "no longer wanted", tone: "quiet", means: "A newer roster or a person made the change unnecessary." },
};

/** From done to not done, as the bars are stacked. */
export const OUTCOME_ORDER = ["applied", "already", "open", "exhausted", "rejected", "stale"] as const;

export const SITUATION_WORDS: Readonly<Record<Situation, string>> = {
  joiner: "new, to be created",
  mover: "has changed",
  leaver: "has left, but has an account: disable it in Tallyfy",
  absent: "no longer in the roster",
  rehire: "works, but the account is disabled: enable it in Tallyfy",
  same: "nothing to do",
  future: "starts later; comes due by itself",
  gone: "has left and has no active account",
  "out-of-scope": "excluded by a rule",
  unreadable: "the row could not be read",
  duplicate: "two rows with one employee id or one address that disagree",
  merged: "a further row that says the same of a person",
  unproven: "not enough is known to decide",
  protected: "the account is a bot",
  readdressed: "another e-mail address than the account has",
  taken: "the address belongs to another employee",
  vanished: "the account is no longer in Tallyfy",
};

export const TRIGGER_WORDS: Readonly<Record<RunTrigger, string>> = {
  inbox: "dropped into the inbox",
  nightly: "by the schedule",
  command: "by a command",
};

export const WAITING_WORDS = {
  credentials: "It waits because Tallyfy refuses our credentials; it goes on by itself once they are right.",
  tallyfy: "It waits because Tallyfy does not answer; it goes on by itself.",
} as const;

export const WINDOW_WORDS: Readonly<Record<Window, string>> = {
  second: "in a second",
  tenSeconds: "in ten seconds",
  minute: "in a minute",
  hour: "in an hour",
};

/** The words for a situation that an older or newer version may have written. */
export function situationWords(situation: string): string {
  return (SITUATION_WORDS as Readonly<Record<string, string | undefined>>)[situation] ?? situation;
}

/** Whole numbers with thin groups: 12 345. */
export function grouped(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, "\u202f");
}

export function plural(count: number, one: string, many: string): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Roughly how long, for people: "40 s", "9 min", "2 h 5 min", "3 days". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

/** Writes moments in one time zone, with a 24-hour clock. */
export interface MomentFormat {
  /** `Mon 23 Nov, 21:45` */
  short(ms: number): string;
  /** `23 Nov 2026, 21:45:44` */
  full(ms: number): string;
}

/** @throws RangeError for a time zone that does not exist */
export function momentFormat(timeZone: string): MomentFormat {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone } as const;
  const day = { day: "numeric", month: "short" } as const;
  const short = new Intl.DateTimeFormat("en-GB", { weekday: "short", ...day, ...clock });
  const full = new Intl.DateTimeFormat("en-GB", { ...day, year: "numeric", ...clock, second: "2-digit" });
  return { short: (ms) => short.format(ms), full: (ms) => full.format(ms) };
}
