// What must hold when all is quiet again, whatever died: nobody twice, nobody lost, every run ended or held with its reason, every
// file in its place, the ledger equal to Tallyfy, nothing personal where it does not belong.

import { emailHashOf } from "../../src/app/planning.ts";
import type { LedgerEntry } from "../../src/domain/ledger.ts";
import type { Run } from "../../src/domain/run.ts";
import { fingerprintFor, keysFor } from "../../src/store/keys.ts";
import { PERSONAL } from "../support/program.ts";
import { judgeFiles } from "./judge-files.ts";
import { emailOf, filesIn, keyOf, runsOf } from "./traces.ts";
import type { Scenery } from "./world.ts";

/** Everything that must hold at the end. @returns what does not */
export async function judge(scenery: Scenery): Promise<readonly string[]> {
  const wrong: string[] = [];
  const { sandbox, plan } = scenery;
  if (sandbox.counts.createdTwice > 0) wrong.push(`${sandbox.counts.createdTwice} people were created twice`);
  if (sandbox.counts.violations.length > 0)
    wrong.push(`Tallyfy's rules were broken: ${JSON.stringify(sandbox.counts.violations.slice(0, 3))}`);
  for (let number = plan.people + 1000; number > 0; number -= 1) {
    const isPlanned = scenery.rosters.some(({ first, count }) => number >= first && number < first + count);
    if (!isPlanned && number > plan.adopted && sandbox.state.members.byEmail(emailOf(number)) !== undefined)
      wrong.push(`person ${number} was created though no roster named them`);
  }
  wrong.push(...(await judgeLedger(scenery)));
  wrong.push(...(await judgeRuns(scenery)));
  wrong.push(...(await judgeFiles(scenery.world.dataDir, scenery.given)));
  wrong.push(...(await judgePrivacy(scenery)));
  return wrong;
}

/**
 * Every account of ours stands in the ledger under its person, and the other way round. Whoever was a member before us and is not in the
 * newest roster need not: the one that named them may have given way before it was applied.
 */
async function judgeLedger({ redis, world, sandbox, plan, rosters }: Scenery): Promise<readonly string[]> {
  const wrong: string[] = [];
  const orgId = world.env.TALLYFY_ORG_ID ?? "";
  const keys = keysFor(orgId);
  const fingerprint = fingerprintFor(orgId);
  const entries = new Map(
    Object.entries(await redis.hgetall(keys.ledger)).map(([key, text]) => [key, JSON.parse(text) as LedgerEntry]),
  );
  const owners = await redis.hgetall(keys.emails);
  for (const member of sandbox.state.members.ordered(null)) {
    const number = Number(/person\.(\d+)@/.exec(member.email)?.[1] ?? 0);
    if (number === 0) continue;
    const key = keyOf(number);
    const entry = entries.get(key);
    entries.delete(key);
    const newest = rosters.at(-1);
    const isNamed = newest !== undefined && number >= newest.first && number < newest.first + newest.count;
    if (entry === undefined && number <= plan.adopted && !isNamed) continue;
    if (entry === undefined) {
      wrong.push(`person ${number} has an account that the ledger does not know`);
      continue;
    }
    if (owners[emailHashOf(member.email, fingerprint)] !== key)
      wrong.push(`the address of person ${number} belongs to somebody else`);
    const mayLackId = plan.switches.createAnswer !== "documented";
    if (entry.accountId !== member.id && !(mayLackId && entry.accountId === null))
      wrong.push(`person ${number} has account ${member.id}, the ledger says ${entry.accountId}`);
  }
  for (const key of entries.keys()) wrong.push(`the ledger knows ${key}, who has no account`);
  return wrong;
}

async function judgeRuns(scenery: Scenery): Promise<readonly string[]> {
  const wrong: string[] = [];
  const answers = await filesIn(scenery.world.dataDir, "outbox");
  for (const run of await runsOf(scenery)) {
    const { runId, state, because, counts } = run;
    if (
      (state === "held" || state === "refused" || state === "failed" || state === "superseded") &&
      (because ?? "") === ""
    )
      wrong.push(`run ${runId} is ${state} without a reason`);
    if (state === "failed") wrong.push(`run ${runId} failed: ${because}`);
    if (state === "closed" && counts.open > 0) wrong.push(`run ${runId} is closed with ${counts.open} changes open`);
    const settled = Object.values(counts.outcomes).reduce((sum, count) => sum + count, 0);
    if (state === "closed" && settled !== counts.planned)
      wrong.push(`run ${runId} planned ${counts.planned} and settled ${settled}`);
    const isSilentNight = run.trigger === "nightly" && counts.planned === 0;
    if (!isSilentNight && !answers.some((name) => name.endsWith(`${runId}.result.json`)))
      wrong.push(`run ${runId} (${state}) has no answer file`);
  }
  wrong.push(...newestGaveWay(scenery, await runsOf(scenery)));
  return wrong;
}

/** The roster that was given last counts, whatever a clock said when it was taken. */
function newestGaveWay({ rosters }: Scenery, runs: readonly Run[]): readonly string[] {
  const older = new Set(rosters.slice(0, -1).map(({ name }) => name));
  return runs
    .filter((run) => run.state === "superseded" && run.fileName === rosters.at(-1)?.name)
    .filter((run) => older.has(runs.find(({ runId }) => runId === run.supersededBy)?.fileName ?? ""))
    .map((run) => `run ${run.runId} has the newest roster and gave way to an older one, ${run.supersededBy}`);
}

/** No name and no address in what was printed, in job data, in failed reasons. */
async function judgePrivacy({ processes, redis, world }: Scenery): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const process of processes) {
    const line = process
      .said()
      .split("\n")
      .find((one) => PERSONAL.test(one));
    if (line !== undefined) wrong.push(`personal data in the log: ${line.slice(0, 300)}`);
  }
  const { queuePrefix } = keysFor(world.env.TALLYFY_ORG_ID ?? "");
  for (const key of await redis.keys(`${queuePrefix}:*`)) {
    if (PERSONAL.test(key)) wrong.push(`personal data in a key: ${key}`);
    if (!/:(provision|roster-sync):/.test(key) || (await redis.type(key)) !== "hash") continue;
    const job = JSON.stringify(await redis.hgetall(key));
    if (PERSONAL.test(job)) wrong.push(`personal data in a job: ${job.slice(0, 300)}`);
  }
  return wrong;
}
