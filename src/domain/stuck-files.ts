// What lies in the inbox and is not taken: why, and what a person does about it. The log says it once for each file, the pages
// for as long as it lies there.

/** By cause, the gravest first. Parts of sentences: a subject goes before `what`, and `doThis` follows. */
export const STUCK = {
  stillMismatch: {
    what: "still is not what its .sha256 file says and is not taken",
    doThis: "drop both again, or remove the .sha256 file",
  },
  mismatch: {
    what: "is not what its .sha256 file says and is not taken until one of the two changes",
    doThis: "wait if one of them is still being copied; otherwise drop both again, or remove the .sha256 file",
  },
  unreadable: {
    what: "may not be read by the user that runs Roster Sync and stays there",
    doThis: "give this user the right to read it; it is taken by itself then",
  },
  untaken: {
    what: "cannot be moved out of it; it stays there and is tried again",
    doThis:
      "give the user that runs Roster Sync the right to write to inbox/ and processing/, and free some space where the disk is full",
  },
  restless: {
    what: "has kept changing for a quarter of an hour; it is taken as soon as it rests",
    doThis: "look at what still writes to it",
  },
  troubled: {
    what: "cannot be looked at; it is tried again with every scan",
    doThis: "look at the disk or the share that it lies on; the intake's log names the error",
  },
  misnamed: { what: "has a name that is not UTF-8 and cannot be opened", doThis: "rename it" },
  notAFile: {
    what: "is not a regular file (a folder, a link, a pipe) and is ignored",
    doThis: "drop the file itself, and move away what lies there",
  },
  stranger: {
    what: "has no ending that a roster has (.csv, .txt, .tsv, .tab, .psv, also with .gz) and is ignored",
    doThis: "rename it if it is a roster; otherwise move it away",
  },
} as const;

export type StuckCause = keyof typeof STUCK;

export interface StuckFile {
  /** As it may be shown: without addresses and characters that deceive. */
  readonly file: string;
  readonly cause: StuckCause;
}

export interface InboxProblem {
  /** What is wrong, in one sentence. */
  readonly what: string;
  /** What a person is to do about it. */
  readonly doThis: string;
}

/** What an intake tells all processes of its inbox. */
export interface InboxReport {
  readonly problems: readonly InboxProblem[];
  /** Files of which there was no room to tell. */
  readonly more: number;
  /** This intake cannot look at the inbox at all. */
  readonly isBlind?: boolean;
}

/** It travels with each heartbeat, and a page is read by somebody who has a minute. */
const MOST_TOLD = 10;
const ORDER = Object.keys(STUCK);

/** The message of the log; the file is named in a field. */
export function stuckMessage(cause: StuckCause): string {
  const { what, doThis } = STUCK[cause];
  return `${cause === "notAFile" ? "something" : "a file"} in the inbox ${what}: ${doThis}`;
}

/** The gravest first, and as many as there is room for. */
export function reportOf(files: readonly StuckFile[]): InboxReport {
  const sorted = files.toSorted(
    (a, b) => ORDER.indexOf(a.cause) - ORDER.indexOf(b.cause) || (a.file < b.file ? -1 : a.file > b.file ? 1 : 0),
  );
  const problems = sorted.slice(0, MOST_TOLD).map(({ file, cause }) => {
    const { what, doThis } = STUCK[cause];
    return { what: `${file} in the inbox ${what}.`, doThis: `${doThis[0]?.toUpperCase()}${doThis.slice(1)}.` };
  });
  return { problems, more: files.length - problems.length };
}

/** The inbox as a whole cannot be listed. */
export const BLIND: InboxReport = {
  problems: [
    {
      what: "The inbox cannot be looked at, and nothing is taken from it.",
      doThis:
        "Mount it again, or give the user that runs Roster Sync the right to read and write it; the intake's log names the error.",
    },
  ],
  more: 0,
  isBlind: true,
};

/**
 * What is wrong with the inboxes of these intakes, told once for each data folder. Of several intakes that share one, the one that
 * tells of the most is believed: another has perhaps just begun to look. One that is blind beside others is named.
 */
export function inboxProblems(
  intakes: readonly { readonly dataId: string; readonly host: string; readonly inbox?: InboxReport | undefined }[],
): readonly InboxProblem[] {
  const byFolder = new Map<string, { readonly host: string; readonly report: InboxReport }[]>();
  for (const { dataId, host, inbox: report = { problems: [], more: 0 } } of intakes)
    byFolder.set(dataId, [...(byFolder.get(dataId) ?? []), { host, report }]);
  return [...byFolder.values()].flatMap((all) => {
    const seeing = all.filter(({ report }) => report.isBlind !== true);
    const [fullest] = (seeing.length > 0 ? seeing : all).toSorted((a, b) => countOf(b.report) - countOf(a.report));
    if (fullest === undefined) return [];
    const { problems, more } = fullest.report;
    const told = more === 0 ? problems : [...problems, moreProblem(more)];
    const on = byFolder.size === 1 ? "" : `On ${fullest.host}: `;
    const blind = seeing.length === 0 ? [] : all.filter(({ report }) => report.isBlind === true);
    return [...blind.map(({ host }) => blindProblem(host)), ...told.map((each) => ({ ...each, what: on + each.what }))];
  });
}

function blindProblem(host: string): InboxProblem {
  const doThis = BLIND.problems[0]?.doThis ?? "";
  return { what: `On ${host}: the intake there cannot look at the inbox; another one takes its files.`, doThis };
}

function countOf({ problems, more }: InboxReport): number {
  return problems.length + more;
}

function moreProblem(more: number): InboxProblem {
  const what = `${more} more ${more === 1 ? "thing" : "things"} in the inbox ${more === 1 ? "is" : "are"} not taken.`;
  return { what, doThis: "The intake's log names each of them, and why." };
}
