// A rebuilt ledger in words: what it has, and in groups what could not be known, with person keys and never a name or address.

import type { FileUnknown, FileUnknownKind, Rebuild } from "../app/rebuild.ts";
import { counted } from "../domain/quoting.ts";
import type { Unknown, UnknownKind } from "../domain/rebuild.ts";

const SHOWN = 20;

/** What each group means, and what to do about it. */
const KINDS: Readonly<Record<UnknownKind | FileUnknownKind, readonly [what: string, then: string]>> = {
  "run-undecided": [
    "Runs that were held, or still under way, when Redis was lost",
    "Their plans are lost, and so is what was decided. Drop the newest roster again: it is planned anew, and nobody is created twice.",
  ],
  "roster-unanswered": [
    "Rosters in the archive without answer files",
    "Their runs were under way, or somebody removed the files. Drop the newest roster again: whoever is still missing is created then.",
  ],
  "roster-missing": [
    "Rosters that have accounts in their answer files and are no longer in the archive",
    "Addresses were taken from other rosters and from Tallyfy, where they could be.",
  ],
  "answer-unreadable": [
    "Answer files that are damaged, or were saved by another program",
    "What only they told is not known: those people count as in Tallyfy before, or as not yet created.",
  ],
  "roster-refused": [
    "Archived rosters that today's configuration refuses",
    "roster-sync check FILE says why. With the configuration of that time they can be read: correct it, and rebuild again.",
  ],
  "rows-unreadable": [
    "Archived rosters with rows that could be read then and cannot be read now",
    "roster-sync check FILE says which. The configuration was probably changed since.",
  ],
  "without-address": [
    "People who have an account by the answer files, but nobody says under which address",
    "They get no entry. Should a roster name them again, they are looked up by their address like everybody new.",
  ],
  "read-differently": [
    "Lines that are read as somebody else today, or not at all",
    "Their entries have the key of that time, and an address from another roster or from Tallyfy. Compare the configuration.",
  ],
  vanished: [
    "People whose account Tallyfy no longer lists",
    "They keep their entry, so that they are not created again without a person.",
  ],
  readdressed: [
    "People who have another address now, in the roster or in Tallyfy, than their account was made with",
    "Their entry has the address of that time; they are reported and left alone, as before.",
  ],
  "two-owners": [
    "People who share an address with somebody else",
    "Where the answer files do not decide it, none of them gets an entry. Find out which of the two is right.",
  ],
  "two-accounts": [
    "People with two addresses in the rosters, so that their account cannot be told",
    "They get no entry. The next run links the account with the address that its roster has.",
  ],
  "origin-unknown": [
    "People in a roster and in Tallyfy of whom no answer file says who made the account",
    'Their entry says "rebuilt", with the first roster that names them.',
  ],
  "unnamed-member": [
    "Members of Tallyfy who stand in no archived roster",
    "Nothing is to be done: administrators and others outside the roster are left alone.",
  ],
};

const ORDER = Object.keys(KINDS) as (keyof typeof KINDS)[];

/** Whether anything is unknown that a person should look at. */
export function hasUnknowns({ members, unknowns, fileUnknowns }: Rebuild): boolean {
  return members === null || fileUnknowns.length > 0 || unknowns.some(({ kind }) => kind !== "unnamed-member");
}

export function rebuildText(rebuild: Rebuild, isDone: boolean): string {
  const { members, rosters, answers, entries, kept, accepted, portrait, runs } = rebuild;
  const asked = members === null ? "Tallyfy was not asked" : `Tallyfy has ${counted(members.accounts.size, "member")}`;
  const origins = { created: 0, adopted: 0, rebuilt: 0 };
  for (const { origin } of entries) origins[origin] += 1;
  const would = isDone ? "has" : "would have";
  const lines = [
    `Read ${counted(rosters, "roster")} in the archive and the answer files of ${counted(answers, "run")}; ${asked}.`,
    "",
    `The ledger ${would} ${counted(entries.length, "entry", "entries")}:`,
    row("created by this program", origins.created),
    row("adopted (had an account before)", origins.adopted),
    row("rebuilt (which of the two is not known)", origins.rebuilt),
  ];
  if (kept > 0) lines.push(row("of all these: were there, and stay", kept));
  lines.push(
    `The history ${would} ${counted(runs.length, "run")} that left answer files; nights with nothing to do left none.`,
    accepted === null
      ? "No roster can be taken for the last accepted one: nights do nothing until a roster is dropped."
      : `Nights ${isDone ? "go" : "would go"} on with ${accepted.fileName} of run ${accepted.runId} (${accepted.filePath}).`,
  );
  if (accepted !== null && portrait === null) {
    lines.push("That roster cannot be read today, so that the next one is compared with nothing.");
  }
  lines.push(
    "An entry's moment is the end of its run (the start, where an account was adopted): the minute is not known.",
  );
  if (members === null) {
    lines.push(
      "From answer files alone: who lost the account since, whose accounts no answer file tells of, and Tallyfy's numbers of " +
        "adopted accounts are not known.",
    );
  }
  const groups = groupsOf(rebuild);
  lines.push("", headOf(groups, members !== null));
  for (const { what, then, items } of groups) {
    lines.push(`  ${what}: ${items.length}`, `    ${then}`);
    lines.push(...items.slice(0, SHOWN).map((item) => `      ${item}`));
    if (items.length > SHOWN) lines.push(`      ... and ${items.length - SHOWN} more (--json has all)`);
  }
  return lines.join("\n");
}

function headOf(groups: readonly Group[], isAsked: boolean): string {
  if (groups.length > 0) return "What could not be known:";
  return isAsked ? "Everything could be known." : "Beyond that, everything could be known.";
}

interface Group {
  readonly what: string;
  readonly then: string;
  readonly items: readonly string[];
}

function groupsOf({ unknowns, fileUnknowns }: Rebuild): readonly Group[] {
  const items = new Map<string, string[]>();
  function put(kind: string, item: string): void {
    const there = items.get(kind);
    if (there === undefined) items.set(kind, [item]);
    else there.push(item);
  }
  for (const unknown of fileUnknowns) put(unknown.kind, fileText(unknown));
  for (const unknown of unknowns) put(unknown.kind, personText(unknown));
  return ORDER.flatMap((kind) => {
    const [what, then] = KINDS[kind];
    const found = items.get(kind);
    return found === undefined ? [] : [{ what, then, items: found }];
  });
}

function fileText({ path, runId, count }: FileUnknown): string {
  return [path, runId === null ? null : `run ${runId}`, count === null ? null : `${count} concerned`]
    .filter((part) => part !== null)
    .join(", ");
}

function personText({ key, accountId, runId, line }: Unknown): string {
  const who = key ?? `user ${accountId ?? "without a number"}`;
  return runId === null ? who : `${who} (run ${runId}${line === null ? "" : `, line ${line}`})`;
}

function row(label: string, count: number): string {
  return `  ${label.padEnd(42)}${String(count).padStart(8)}`;
}

/** For programs: the same in full. */
export function rebuildJson(rebuild: Rebuild, isDone: boolean): string {
  const { members, rosters, answers, entries, kept, accepted, runs, unknowns, fileUnknowns } = rebuild;
  const value = {
    written: isDone,
    rosters,
    answers,
    members: members?.accounts.size ?? null,
    kept,
    runs: runs.map(({ runId }) => runId),
    accepted: accepted === null ? null : { run: accepted.runId, path: accepted.filePath },
    entries: entries.map(({ key, accountId, origin, runId, sha256, line, at }) => ({
      key,
      account_id: accountId,
      origin,
      run: runId,
      roster_sha256: sha256,
      line,
      since: at,
    })),
    unknown_files: fileUnknowns.map(({ kind, runId, path, count }) => ({ kind, run: runId, path, count })),
    unknown: unknowns.map(({ kind, key, accountId, runId, line }) => ({
      kind,
      key,
      account_id: accountId,
      run: runId,
      line,
    })),
  };
  return JSON.stringify(value, null, 2);
}
