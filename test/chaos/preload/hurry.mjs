// Which waits of the program a chaos world shortens, so that what takes minutes in life takes a second here. Text for text: a
// constant that was renamed or changed no longer fits, and steps.test.ts says so.

/** File below dist/, what stands there, what stands there in a chaos world. */
export const HURRY = [
  ["store/presence.js", "const BEAT_MS = 3_000;", "const BEAT_MS = 400;"],
  ["daemon.js", "const RECOVER_MS = 60_000;", "const RECOVER_MS = 700;"],
  ["daemon.js", "const WATCH_HALT_MS = 2_000;", "const WATCH_HALT_MS = 250;"],
  ["daemon.js", "const TICK_MS = 60_000;", "const TICK_MS = 500;"],
  ["queue/queues.js", "lockMs: 15_000, stalledCheckMs: 5_000", "lockMs: 1_500, stalledCheckMs: 400"],
  ["queue/provision-worker.js", "const UNEXPECTED_DELAY_MS = 5_000;", "const UNEXPECTED_DELAY_MS = 300;"],
  ["app/waiting.js", "const FIRST_WAIT_MS = 5_000;", "const FIRST_WAIT_MS = 150;"],
  ["app/waiting.js", "const LONGEST_WAIT_MS = 300_000;", "const LONGEST_WAIT_MS = 600;"],
  ["app/answer-bell.js", "const FIRST_WAIT_MS = 2_000;", "const FIRST_WAIT_MS = 150;"],
  ["app/answer-bell.js", "const LONGEST_WAIT_MS = 300_000;", "const LONGEST_WAIT_MS = 600;"],
  ["app/provision.js", "const BUSY_DELAY_MS = 2_000;", "const BUSY_DELAY_MS = 200;"],
  ["app/in-doubt.js", "const AT_WORK_DELAY_MS = 1_000;", "const AT_WORK_DELAY_MS = 200;"],
  ["app/recover.js", "const JUST_PUBLISHED_MS = 20_000;", "const JUST_PUBLISHED_MS = 800;"],
  ["app/recover.js", "const JUST_CLAIMED_MS = 5_000;", "const JUST_CLAIMED_MS = 400;"],
  ["store/runs.js", "const CLAIM_MS = 480_000;", "const CLAIM_MS = 6_000;"],
  ["store/presence.js", "const SILENT_MS = 12_000;", "const SILENT_MS = 2_000;"],
  ["store/ledger-id.js", "const KEPT_MS = 10_000;", "const KEPT_MS = 4_000;"],
  ["store/vault.js", "const LOCK_MS = 5_000;", "const LOCK_MS = 2_500;"],
  ["cli/stand-in.js", "const STAND_IN_MS = 3_000;", "const STAND_IN_MS = 700;"],
  ["cli/stand-in.js", "const RECOVER_MS = 60_000;", "const RECOVER_MS = 700;"],
];

/** The functions that make the ports: file below dist/, the function, the port's name in a fail point. */
export const PORTS = [
  ["tallyfy/client.js", "createTallyfyClient", "tallyfy"],
  ["store/vault.js", "createTokenVault", "vault"],
  ["inbox/roster-files.js", "createRosterFiles", "files"],
  ["store/ledger.js", "createLedger", "ledger"],
  ["store/rebuild-store.js", "createRebuildStore", "rebuild"],
  ["store/runs.js", "createRunStore", "runs"],
  ["store/run-clock.js", "createRunClock", "runClock"],
  ["store/signals.js", "createSignals", "signals"],
  ["store/pace.js", "createPaceMemory", "pace"],
  ["queue/provision-queue.js", "createProvisionQueue", "provisioning"],
  ["queue/sync-queue.js", "createSyncQueue", "bell"],
];

/** Functions that are a step themselves: file below dist/, the function, the first half of the step's name. */
export const FUNCTIONS = [["inbox/claim.js", "claim", "inbox"]];

/**
 * The text of a built file as a chaos world loads it; null: as it is.
 * @param file path below dist/
 * @throws Error when something that is to be replaced is not there
 */
export function transformed(file, text) {
  let now = text;
  for (const [where, from, to] of HURRY) if (where === file) now = replaceOnce(file, now, from, to);
  for (const [where, made, port] of PORTS) {
    if (where !== file) continue;
    now = replaceOnce(file, now, `export function ${made}(`, `function plain_${made}(`);
    now += `\nexport function ${made}(...given) {\n  return globalThis.chaosAround("${port}", plain_${made}(...given));\n}\n`;
  }
  for (const [where, name, port] of FUNCTIONS) {
    if (where !== file) continue;
    now = replaceOnce(file, now, `export async function ${name}(`, `async function plain_${name}(`);
    now += `\nexport function ${name}(...given) {\n  return globalThis.chaosAround("${port}", { ${name}: plain_${name} }).${name}(...given);\n}\n`;
  }
  return now === text ? null : now;
}

function replaceOnce(file, text, from, to) {
  if (text.split(from).length !== 2)
    throw new Error(`dist/${file} has not exactly one "${from}" (test/chaos/preload/hurry.mjs)`);
  return text.replace(from, () => to);
}
