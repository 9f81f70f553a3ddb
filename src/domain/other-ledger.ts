// Whether the Redis that is configured keeps the ledger of this data folder. A forgotten REDIS_URL leads to an empty ledger, or to an old
// one, by which everybody would be planned anew. Each ledger has an id of its own, made once, and the folder remembers it.

import { counted } from "./quoting.ts";

/** What a data folder remembers. */
export interface LedgerMemory {
  readonly id: string;
  /** In which Redis it was, for people. */
  readonly where: string;
  /** The id that a rebuilding gives its ledger, from before that is written until Redis has kept it for a while; null: none is under way. */
  readonly nextId: string | null;
}

export interface FolderPast {
  readonly dataDir: string;
  /** Null: an older version was here last, or nobody. */
  readonly remembered: LedgerMemory | null;
  /** There is an archived roster or an answer file: what a ledger can be rebuilt from. */
  readonly hasHistory: boolean;
  /** One of the answers tells of a roster that was applied to its end. */
  readonly hasApplied: boolean;
}

export interface LedgerFound {
  /** Null: none was made yet, or it was lost. */
  readonly id: string | null;
  readonly where: string;
  readonly entries: number;
  /** Whether it knows the newest roster of the archive: then it is not an old one. */
  readonly knowsNewest: boolean;
  /** Whether it knows any run of this folder. */
  readonly knowsFolder: boolean;
}

/** Only what `rebuild` can mend is refused, so that nobody is locked out. */
export function isOtherLedger({ remembered, hasHistory, hasApplied }: FolderPast, found: LedgerFound): boolean {
  if (!hasHistory) return false;
  if (remembered === null) return hasApplied && !found.knowsFolder;
  // Without an id only its own Redis that lost its last moments is let in, and none in which a rebuilding has not come to its end.
  if (found.id === null) return !found.knowsNewest || remembered.where !== found.where || remembered.nextId !== null;
  return found.id !== remembered.id && found.id !== remembered.nextId;
}

/** This data folder belongs to another ledger. The message is for people: what, why, what to do. */
export class OtherLedger extends Error {
  override readonly name = "OtherLedger";

  constructor(past: FolderPast, found: LedgerFound) {
    super(otherLedgerText(past, found));
  }
}

function otherLedgerText(past: FolderPast, found: LedgerFound): string {
  const add = found.entries === 0 ? "" : " --add";
  const has =
    found.entries === 0 ? "Its ledger is empty" : `Its ledger has ${counted(found.entries, "entry", "entries")}`;
  return [
    `${finding(past, found)} ${has}. Nothing was changed.`,
    "  If that is a mistake: set REDIS_URL (or the other REDIS_ options), TALLYFY_ORG_ID and --config as the daemon had them.",
    "  If Redis lost everything, or you move to this one: stop every daemon of this folder; look at what roster-sync rebuild" +
      `${add} shows; write it with roster-sync rebuild${add} --yes; then start again.`,
  ].join("\n");
}

function finding({ dataDir, remembered }: FolderPast, { where }: LedgerFound): string {
  if (remembered === null)
    return `Rosters of the data folder ${dataDir} were applied, and ${where} knows nothing of them.`;
  if (remembered.where !== where) {
    return `The data folder ${dataDir} was last used with ${remembered.where}. Now ${where} is configured, which keeps another ledger.`;
  }
  return (
    `The data folder ${dataDir} belongs to another ledger than ${where} has now: that was emptied or exchanged, ` +
    "or TALLYFY_ORG_ID is another one than before."
  );
}
