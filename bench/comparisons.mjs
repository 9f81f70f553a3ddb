// Every comparison: what runs on each side, in which order, and the aim. Each yields rows of the table that run.mjs prints.
// A side runs in a process of its own; Redis is the program's own one, empty at the start, unless said otherwise.

import { copyFileSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { withDaemon, withSandbox } from "./daemons.mjs";
import { inOwnProcess, peakMegabytes, processorSeconds, residentMegabytes } from "./measured.mjs";
import { withPlace } from "./places.mjs";
import { writeRoster } from "./rosters.mjs";

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const RUN = "20260601-080000-00000001";
const LATER_RUN = "20260602-080000-00000001";
const NIGHT_RUN = "20260602-020000-00000001";

export const COMPARISONS = {
  "first-plan": { sizes: SIZES, about: "first plan, recorded and published : bare csv-parse", run: firstPlan },
  enqueue: { sizes: SIZES, about: "bare addBulk : queueing the jobs of a published plan", run: enqueue },
  night: {
    sizes: SIZES,
    about: "a roster with 0.1 % of its rows changed, everybody known : bare csv-parse",
    run: night,
  },
  same: { sizes: SIZES, about: "the same file again : reading and hashing it", run: sameFile },
  create: { sizes: [1_000, 10_000], about: "bare BullMQ worker posting with undici : creating people", run: create },
  latency: { sizes: [1], about: "from the file dropped to the first create request", run: latency },
  idle: { sizes: [0], about: "the daemon with nothing to do, for a minute", run: idle },
};

async function withRosters(size, work) {
  const folder = mkdtempSync(join(tmpdir(), "roster-sync-rosters-"));
  try {
    const roster = join(folder, "roster.csv");
    await writeRoster(roster, size);
    return await work(roster, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* firstPlan(size) {
  yield* await withRosters(size, async (roster) => {
    const bare = await best(size, () => inOwnProcess("plan.mjs", "bareCsvParse", roster));
    return withPlace(async ({ dataDir, redisMb }) => {
      const ours = await inOwnProcess("plan.mjs", "run", dataDir, RUN, roster);
      expect(ours.counts.planned === size && ours.state === "applying", ours);
      return [timeRow({ ...ours.planned, ...(await redisMb()), bare, aim: "≤ 2", aimMb: 400 })];
    });
  });
}

async function* enqueue(size) {
  yield* await withRosters(size, async (roster) => {
    const ours = await withPlace(async ({ dataDir, redisMb }) => ({
      ...(await inOwnProcess("plan.mjs", "run", dataDir, RUN, roster)),
      ...(await redisMb()),
    }));
    const bare = await withPlace(({ redis }) =>
      inOwnProcess("queue.mjs", "bareAddBulk", redis.options.path, RUN, size),
    );
    const seconds = ours.seconds - ours.planned.seconds;
    const cpuSeconds = ours.cpuSeconds - ours.planned.cpuSeconds;
    return [speedRow({ ...ours, seconds, cpuSeconds, bare, aim: "≥ 0.8" })];
  });
}

async function* night(size) {
  yield* await withRosters(size, async (roster, folder) => {
    const changed = join(folder, "changed.csv");
    await writeRoster(changed, size, { changedEvery: Math.min(size, 1000) });
    const bare = await best(size, () => inOwnProcess("plan.mjs", "bareCsvParse", changed));
    return withPlace(async ({ dataDir, redisMb }) => {
      await inOwnProcess("plan.mjs", "knowEverybody", dataDir, size);
      const first = await inOwnProcess("plan.mjs", "run", dataDir, RUN, roster);
      expect(first.counts.adopted === size, first);
      const rows = [];
      for (const [note, runId, file] of [
        ["the accepted roster", NIGHT_RUN, null],
        ["0.1 % changed", LATER_RUN, changed],
      ]) {
        const ours = await inOwnProcess("plan.mjs", "run", dataDir, runId, file);
        expect(ours.counts.unchanged === size, ours);
        rows.push({ note, ...timeRow({ ...ours, ...(await redisMb()), bare, aim: "≤ 1", aimMb: 300 }) });
      }
      return rows;
    });
  });
}

async function* sameFile(size) {
  yield* await withRosters(size, async (roster) => {
    const bare = await best(size, () => inOwnProcess("plan.mjs", "bareHash", roster));
    return withPlace(async ({ dataDir, redisMb }) => {
      await inOwnProcess("plan.mjs", "knowEverybody", dataDir, size);
      await inOwnProcess("plan.mjs", "run", dataDir, RUN, roster);
      const ours = await inOwnProcess("plan.mjs", "run", dataDir, LATER_RUN, roster);
      expect(ours.state === "nothing-new", ours);
      return [timeRow({ ...ours, ...(await redisMb()), bare, aim: "about 1" })];
    });
  });
}

async function* create(size) {
  for (const concurrency of [4, 16]) {
    yield* await withRosters(size, async (roster) => {
      const bare = await withSandbox((sandbox) =>
        withPlace(({ redis }) => inOwnProcess("create.mjs", "bare", redis.options.path, sandbox, size, concurrency)),
      );
      const ours = await withSandbox((sandbox) =>
        withPlace(async ({ dataDir, redisMb }) => ({
          ...(await inOwnProcess("create.mjs", "program", dataDir, sandbox, RUN, roster, concurrency)),
          ...(await redisMb()),
        })),
      );
      expect(ours.applied === size, ours);
      const note = `${concurrency} at a time, ${Math.round(size / ours.seconds)}/s`;
      return [{ note, ...speedRow({ ...ours, bare, aim: "≥ 0.7" }) }];
    });
  }
}

const SETTLE_MS = 500;

async function* latency() {
  const took = [];
  for (let round = 0; round < 5; round += 1) {
    const ms = await withSandbox((sandbox) =>
      withRosters(50, (roster) =>
        withPlace(({ dataDir }) =>
          withDaemon(dataDir, sandbox, { INBOX_SETTLE_MS: `${SETTLE_MS}`, RATE_PER_SECOND: "100" }, async () => {
            await delay(1_500);
            copyFileSync(roster, join(dataDir, "roster.csv.part"));
            const dropped = Date.now();
            renameSync(join(dataDir, "roster.csv.part"), join(dataDir, "inbox", "roster.csv"));
            const { firstCreateMs } = await until(sandbox.counts, ({ firstCreateMs }) => firstCreateMs !== null);
            return firstCreateMs - dropped;
          }),
        ),
      ),
    );
    took.push(ms - SETTLE_MS);
  }
  took.sort((a, b) => a - b);
  const note = `after ${SETTLE_MS} ms of settling: ${took.join(", ")} ms`;
  yield { note, seconds: took[2] / 1000, aim: "≤ 0.150 s" };
}

async function* idle() {
  yield await withSandbox((sandbox) =>
    withPlace(({ dataDir, redis, redisMb }) =>
      withDaemon(dataDir, sandbox, {}, async (pid) => {
        // What starting took is given back within half a minute, and is not idling.
        await delay(45_000);
        const before = processorSeconds(pid);
        const commandsBefore = await commandsOf(redis);
        const began = performance.now();
        const resident = [];
        for (let look = 0; look < 12; look += 1) {
          await delay(5_000);
          resident.push(residentMegabytes(pid));
        }
        const seconds = (performance.now() - began) / 1000;
        const share = (100 * (processorSeconds(pid) - before)) / seconds;
        const perSecond = ((await commandsOf(redis)) - commandsBefore) / seconds;
        const note = `${share.toFixed(2)} % of a core (aim < 0.5 %), ${Math.max(...resident).toFixed(0)} MB at most in that minute (aim < 120), ${peakMegabytes(pid).toFixed(0)} MB while it started, ${perSecond.toFixed(1)} Redis commands/s`;
        return { note, seconds, ...(await redisMb()) };
      }),
    ),
  );
}

async function commandsOf(redis) {
  return Number(/total_commands_processed:(\d+)/.exec(await redis.info("stats"))?.[1]);
}

/** The faster of two, since nothing makes a program faster than it is; a million rows are read once. */
async function best(size, side) {
  const one = await side();
  if (size > 100_000) return one;
  const other = await side();
  return one.seconds < other.seconds ? one : other;
}

/** How many times as long ours takes. */
function timeRow({ seconds, cpuSeconds, peakMb, redisMb, redisPeakMb, bare, aim, aimMb }) {
  return {
    seconds,
    bareSeconds: bare.seconds,
    ratio: seconds / bare.seconds,
    cpuRatio: cpuSeconds / bare.cpuSeconds,
    aim,
    peakMb,
    aimMb,
    barePeakMb: bare.peakMb,
    redisMb,
    redisPeakMb,
  };
}

/** How fast ours is beside the other. */
function speedRow(sides) {
  const row = timeRow(sides);
  return { ...row, ratio: 1 / row.ratio, cpuRatio: 1 / row.cpuRatio };
}

/** A comparison that did not do what it is to measure measures nothing. */
function expect(isAsPlanned, answer) {
  if (!isAsPlanned) throw new Error(`the run is not as it should be: ${JSON.stringify(answer)}`);
}

async function until(ask, isIt) {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (isIt(answer)) return answer;
    await delay(5);
  }
  throw new Error("it did not happen within 30 seconds");
}
