// The quiet after the disasters. Where a person is needed, they do what the program's message says, and nothing else.

import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { emailHashOf } from "../../src/app/planning.ts";
import { fingerprintFor, keysFor } from "../../src/store/keys.ts";
import { syncByHand } from "./acts.ts";
import { answersByKey, emailOf, filesIn, keyOf, runsOf } from "./traces.ts";
import type { Scenery } from "./world.ts";

const QUIET_WITHIN_MS = 90_000;
const UNDONE = new Set(["exhausted", "rejected", "stale"]);

/**
 * Waits for quiet, releases what is held, and gives the last roster again for those whom the answers say were not done.
 * @returns what keeps the world from coming to rest; empty: nothing
 */
export async function settleDown(scenery: Scenery): Promise<readonly string[]> {
  for (let rounds = 0; rounds < 6; rounds += 1) {
    const noise = await quiet(scenery);
    if (noise !== null) return [`no quiet within ${QUIET_WITHIN_MS / 1000} s: ${noise}`];
    const held = (await runsOf(scenery)).find((run) => run.state === "held");
    if (held !== undefined) {
      await scenery.command(["approve", held.runId, "--reason", "as planned"]);
      continue;
    }
    const undone = await whoIsUndone(scenery);
    if (undone.length === 0) return [];
    const silent = undone.filter(({ said }) => said === null);
    if (silent.length > 0) {
      const who = silent.map(({ number, what }) => `${number} (${what})`).join(", ");
      return [`${silent.length} people are lost: nobody said that they were not done: ${who}`];
    }
    scenery.note(
      `not done, and said so: ${undone.map(({ number, what, said }) => `${number} (${what}): ${said}`).join(", ")}`,
    );
    await syncByHand(scenery, join(scenery.world.dataDir, "again.csv"), ["--force"]);
  }
  return ["people are still not done after the last roster was given again and again"];
}

/** Null: nothing moves any more. Otherwise what still does. */
async function quiet(scenery: Scenery): Promise<string | null> {
  const deadline = Date.now() + QUIET_WITHIN_MS;
  let still = 0;
  for (let noise: string | null = "not looked"; ; await delay(100)) {
    noise = await whatMoves(scenery).catch((error: Error) => `cannot look: ${error.message}`);
    still = noise === null ? still + 1 : 0;
    // Twice in a row: a file may be between inbox and processing, and a bell just rung.
    if (still >= 3) return null;
    if (Date.now() > deadline) return noise;
  }
}

async function whatMoves(scenery: Scenery): Promise<string | null> {
  const { world, redis, given } = scenery;
  const noise: string[] = [];
  for (const folder of ["inbox", "processing"]) {
    const names = await filesIn(world.dataDir, folder);
    if (names.length > 0) noise.push(`${folder}/ has ${names.join(", ")}`);
  }
  const runs = await runsOf(scenery);
  for (const run of runs) {
    if (run.state === "reading" || run.state === "applying")
      noise.push(`run ${run.runId} is ${run.state}, ${run.counts.open} open, waits for ${run.waitingFor}`);
  }
  if (runs.length < Math.min(1, given.length)) noise.push("there is no run");
  const keys = keysFor(world.env.TALLYFY_ORG_ID ?? "");
  const closing = await redis.smembers(keys.closing);
  if (closing.length > 0) noise.push(`runs are closing: ${closing.join(", ")}`);
  if ((await redis.exists(keys.halt)) > 0) noise.push("provisioning is halted");
  for (const queue of ["roster-sync", "provision"]) {
    const root = `${keys.queuePrefix}:${queue}`;
    const [waiting, active, delayed, paused, isPaused] = await Promise.all([
      redis.llen(`${root}:wait`),
      redis.llen(`${root}:active`),
      redis.zcard(`${root}:delayed`),
      redis.llen(`${root}:paused`),
      redis.hget(`${root}:meta`, "paused"),
    ]);
    if (waiting + active + delayed + paused > 0)
      noise.push(`queue ${queue}: ${waiting} waiting, ${active} active, ${delayed} delayed, ${paused} paused`);
    if (isPaused !== null) noise.push(`queue ${queue} is paused`);
  }
  return noise.length === 0 ? null : noise.join("; ");
}

interface Undone {
  readonly number: number;
  readonly what: string;
  /** What the newest answer that names them says; null: it does not say that they were not done. */
  readonly said: string | null;
}

/** People of the last roster who have no account, or whose account the ledger does not know. */
async function whoIsUndone(scenery: Scenery): Promise<readonly Undone[]> {
  const last = scenery.rosters.at(-1);
  if (last === undefined) return [];
  const { redis, world, sandbox } = scenery;
  const orgId = world.env.TALLYFY_ORG_ID ?? "";
  const fingerprint = fingerprintFor(orgId);
  const owners = await redis.hgetall(keysFor(orgId).emails);
  const answers = await answersByKey(scenery);
  const undone: Undone[] = [];
  for (let number = last.first; number < last.first + last.count; number += 1) {
    const hasAccount = sandbox.state.members.byEmail(emailOf(number)) !== undefined;
    const isKnown = owners[emailHashOf(emailOf(number), fingerprint)] !== undefined;
    if (hasAccount && isKnown) continue;
    const outcome = answers.get(keyOf(number)) ?? null;
    const said = outcome !== null && UNDONE.has(outcome) ? outcome : null;
    undone.push({
      number,
      what: `${hasAccount ? "account" : "no account"}, ${isKnown ? "in" : "not in"} the ledger, newest answer ${outcome}`,
      said,
    });
  }
  return undone;
}
