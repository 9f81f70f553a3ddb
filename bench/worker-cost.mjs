// What a worker process costs: the built program with intake and worker as processes of their own, no limit in the way, and the
// processor time of the worker for each person it creates. Processor time, because wall time means little beside other work.
//   npm run build && node bench/worker-cost.mjs [people, 5000 by default]

import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { OPTIONS } from "../dist/config/schema.js";
import { withProcess, withSandbox } from "./daemons.mjs";
import { writeRoster } from "./rosters.mjs";

const PEOPLE = Number(process.argv[2] ?? 5_000);
const WARM_UP = Math.ceil(PEOPLE / 10);
/** Of Linux's clock; `getconf CLK_TCK` says the same nearly everywhere. */
const TICKS_PER_SECOND = 100;
const NO_LIMIT = { RATE_PER_SECOND: "1000", HOURLY_BUDGET: "10000000", LIMITS_CREATE_COUNT: "1000000" };
if (OPTIONS.some(({ env }) => env === "RATE_MAX_PER_SECOND")) NO_LIMIT.RATE_MAX_PER_SECOND = "1000";
const WORKER = { WORKER_CONCURRENCY: "32" };

const dataDir = mkdtempSync(join(tmpdir(), "roster-sync-bench-"));
try {
  await withSandbox((sandbox) =>
    withProcess(["start", "--role", "intake"], dataDir, sandbox, NO_LIMIT, () =>
      withProcess(["start", "--role", "worker"], dataDir, sandbox, { ...NO_LIMIT, ...WORKER }, (pid) =>
        measure(pid, sandbox),
      ),
    ),
  );
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}

async function measure(pid, sandbox) {
  await writeRoster(join(dataDir, "coming.csv"), PEOPLE);
  renameSync(join(dataDir, "coming.csv"), join(dataDir, "inbox", "all.csv"));
  const first = await created(sandbox, WARM_UP, pid);
  const last = await created(sandbox, PEOPLE, pid);
  const people = last.created - first.created;
  const cpuMs = ((last.cpuS - first.cpuS) * 1000) / people;
  const perSecond = people / (last.atS - first.atS);
  const peakMb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  console.log(
    `one worker, ${people} people: ${cpuMs.toFixed(2)} ms of processor time each, so at most ${Math.floor(1000 / cpuMs)} a second on one core`,
  );
  console.log(
    `on this machine, beside everything else: ${perSecond.toFixed(0)} a second; peak memory of the worker ${peakMb.toFixed(0)} MB`,
  );
}

async function created(sandbox, count, pid) {
  for (;;) {
    const counts = await sandbox.counts();
    if (counts.created >= count)
      return { created: counts.created, cpuS: cpuSeconds(pid), atS: performance.now() / 1000 };
    await delay(50);
  }
}

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
