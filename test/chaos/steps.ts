// The named steps at which a process dies on purpose: before and after each effect of the ports in src/app/ports.ts, and what else a
// run leaves behind. What only reads is named as well, so that a test can tell a step that was forgotten from one that has no effect.

export type StepName = `${PortName}.${string}`;
export type PortName =
  | "tallyfy"
  | "vault"
  | "files"
  | "inbox"
  | "ledger"
  | "rebuild"
  | "runs"
  | "runClock"
  | "signals"
  | "pace"
  | "provisioning"
  | "bell";

/** What must happen in a world for a step to be reached. `always`: every world does. */
export type Scene =
  | "always"
  /** A file that is no roster. */
  | "refused"
  /** Seats run out while people are created, and come back. */
  | "seats"
  /** A newer roster while the first is under way. */
  | "replaced"
  /** A roster over the limits, released on the command line. */
  | "held"
  /** A roster given to `sync` on the command line. */
  | "command"
  /** Redis is emptied, and the ledger rebuilt on the command line. */
  | "lost"
  /** Tokens that are kept are revoked. */
  | "revoked"
  /** Somebody empties the queue on the dashboard. */
  | "drained"
  /** Tallyfy limits the rate, and says so in headers. */
  | "limits"
  /** Tallyfy limits the rate, and does not say so before it refuses. */
  | "refusals"
  /** Tallyfy fails and does not answer. */
  | "faults";

interface Step {
  readonly name: StepName;
  readonly scene: Scene;
  /** The highest number of the call at which a process dies: some come once a start, some once a person. */
  readonly calls: number;
}

function step(name: StepName, scene: Scene = "always", calls = 1): Step {
  return { name, scene, calls };
}

/** In the order in which a run meets them. */
export const EFFECTS: readonly Step[] = [
  step("rebuild.restoreRuns", "lost"),
  step("rebuild.replaceLedger", "lost"),
  step("vault.exclusively"),
  step("tallyfy.probe"),
  step("pace.configure"),
  step("pace.told", "limits"),
  step("runs.fulfilNight"),
  step("files.bring", "command"),
  step("runClock.next"),
  step("inbox.claim"),
  step("bell.ring"),
  step("runs.open"),
  step("runs.beginReading"),
  step("files.refuse", "refused"),
  step("runs.update"),
  step("tallyfy.listMembers"),
  step("ledger.replaceAccounts"),
  step("tallyfy.ensureAccess"),
  step("runs.recordPart"),
  step("runs.keepPortrait"),
  step("runs.publish"),
  step("files.archive"),
  step("runs.decideHeld", "held"),
  step("runs.applyAdoptions"),
  step("runs.accept"),
  step("provisioning.enqueue"),
  step("provisioning.revive", "drained"),
  step("runs.begin", "always", 9),
  step("pace.ask", "always", 9),
  step("tallyfy.createUser", "always", 9),
  step("vault.forget", "revoked"),
  step("vault.save", "revoked"),
  step("signals.noteRefusal", "always", 9),
  step("pace.refused", "refusals"),
  step("pace.admitted", "limits"),
  step("pace.arrivedLate", "limits"),
  step("runs.settle", "always", 9),
  step("signals.noteTrouble", "faults", 2),
  step("runs.release", "faults", 3),
  step("tallyfy.findMember", "faults"),
  step("signals.setHalt", "seats"),
  step("signals.markPause", "seats"),
  step("provisioning.pause", "seats"),
  step("provisioning.resume", "seats"),
  step("signals.unmarkPause", "seats"),
  step("signals.clearHalt", "seats"),
  step("provisioning.withdraw", "replaced"),
  step("runs.settleRest", "replaced"),
  step("files.answer"),
  step("runs.close"),
];

/** These change nothing anywhere. */
export const READS: readonly StepName[] = [
  "vault.load",
  "rebuild.look",
  "files.absolute",
  "files.exists",
  "files.hash",
  "files.claimed",
  "files.find",
  "files.newestArchived",
  "ledger.standings",
  "ledger.plainStandings",
  "ledger.size",
  "ledger.listedAt",
  "ledger.beginListing",
  "ledger.entries",
  "runs.get",
  "runs.list",
  "runs.unfinished",
  "runs.portrait",
  "runs.changes",
  "runs.openChanges",
  "runs.inDoubt",
  "runs.openJobs",
  "runs.outcomes",
  "runs.skips",
  "runs.adoptions",
  "runs.closing",
  "runs.nightFulfilled",
  "runs.accepted",
  "runs.acceptedPortrait",
  "signals.halt",
  "signals.pauseMark",
  "signals.trouble",
  "pace.read",
  "provisioning.outstanding",
  "provisioning.isPaused",
];

/** The interfaces of src/app/ports.ts and the port that a fail point calls them. */
export const INTERFACES: Readonly<Record<string, PortName>> = {
  TallyfyApi: "tallyfy",
  TokenVault: "vault",
  RosterFiles: "files",
  Ledger: "ledger",
  RebuildStore: "rebuild",
  RunStore: "runs",
  Signals: "signals",
  PaceMemory: "pace",
  ProvisionQueue: "provisioning",
  SyncQueue: "bell",
};

/** What else has effects and is behind no interface of its own: the claim of a file in the inbox, and the name of a run. */
export const BESIDE_PORTS: readonly StepName[] = ["inbox.claim", "runClock.next"];

/** Interfaces that only read, or whose effects are steps of another one (a call's leave is the pace's). */
export const NO_PORTS = ["Clock", "Gate", "Log", "PastRuns", "Permit", "RosterReader", "RosterReading"];

/** Interfaces that declare a method. */
export function interfacesIn(source: string): readonly string[] {
  const bodies = source.matchAll(/^export interface (\w+) \{\n(.*?)^\}/gms);
  return [...bodies].filter(([, , body]) => /^ {2}\w+(?:<\w+>)?\(/m.test(body ?? "")).map(([, name]) => name ?? "");
}

/** Every method that an interface of ports.ts declares, as `port.method`. */
export function methodsIn(source: string): readonly StepName[] {
  const found: StepName[] = [];
  for (const [name, port] of Object.entries(INTERFACES)) {
    const body = new RegExp(`^export interface ${name} \\{\\n(.*?)^\\}`, "ms").exec(source)?.[1];
    if (body === undefined) throw new Error(`ports.ts has no interface ${name}`);
    for (const [, method] of body.matchAll(/^ {2}(\w+)(?:<\w+>)?\(/gm)) found.push(`${port}.${method}`);
  }
  return found;
}

/** Steps that a person's own command comes to, and which. */
export const BY_COMMAND: Partial<Record<StepName, "sync" | "approve" | "rebuild">> = {
  "files.bring": "sync",
  "runs.decideHeld": "approve",
  "rebuild.restoreRuns": "rebuild",
  "rebuild.replaceLedger": "rebuild",
};

/** One death: `runs.settle:after:3`. */
export interface FailPoint {
  readonly step: StepName;
  readonly when: "before" | "after";
  readonly call: number;
}

/** `runs.settle:before` and `runs.settle:after`, as a process that dies there notes them. */
export function sidesOf(step: StepName): readonly string[] {
  return [`${step}:before`, `${step}:after`];
}

/** Every effect once, before and after by turns; then every effect the other way round. */
export const DEATHS: readonly (Step & { readonly when: "before" | "after" })[] = [0, 1].flatMap((turn) =>
  EFFECTS.map((effect, index) => ({
    ...effect,
    when: (index + turn) % 2 === 0 ? ("before" as const) : ("after" as const),
  })),
);
