// What people cost in Redis: a real one, filled through the program's own store and queue, read off `used_memory` after each step.
//   npm run build && node bench/redis-memory.mjs [people, 1000000 by default]

import { openProgram, withPlace } from "./places.mjs";

const PEOPLE = Number(process.argv[2] ?? 1_000_000);
const PAGE = 1_000;
const AT_ONCE = 500;
const MB = 2 ** 20;
const RUN_ID = "20260101-020000-00000000";
const SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

await withPlace(async ({ dataDir, redis }) => {
  const { assembly, app } = await openProgram(dataDir);
  try {
    await fill(app, assembly, redis);
  } finally {
    await assembly.close();
  }
});

async function fill(app, { redis: main, keys, queues }, redis) {
  const { emailHashOf } = await import("../dist/app/planning.js");
  const { createRebuildStore } = await import("../dist/store/rebuild-store.js");
  let lastBytes = await usedBytes(redis);
  console.log(`${PEOPLE} people; Redis ${/redis_version:(\S+)/.exec(await redis.info("server"))?.[1]}`);
  console.log("step                                        MB   bytes a person   seconds");

  async function step(name, work) {
    const startedAt = performance.now();
    await work();
    const seconds = (performance.now() - startedAt) / 1000;
    const bytes = await usedBytes(redis);
    const cells = [
      ((bytes - lastBytes) / MB).toFixed(0),
      ((bytes - lastBytes) / PEOPLE).toFixed(0),
      seconds.toFixed(0),
    ];
    console.log(`${name.padEnd(38)}${cells[0].padStart(8)}${cells[1].padStart(17)}${cells[2].padStart(10)}`);
    lastBytes = bytes;
  }

  const keyOf = (number) => `E${String(number).padStart(7, "0")}`;
  const hashOf = (number) => emailHashOf(`person.${number}@company.example`, app.fingerprint);
  const jobOf = (number) => ({ runId: RUN_ID, key: keyOf(number), op: "create" });
  function entryOf(number) {
    const at = "2026-01-01T02:00:00.000Z";
    const about = { origin: "created", runId: RUN_ID, sha256: SHA256, line: number + 2, at };
    return { key: keyOf(number), emailHash: hashOf(number), accountId: 1_000_000 + number, ...about };
  }

  await step("members that Tallyfy listed", async () => {
    await app.ledger.replaceAccounts(await app.ledger.beginListing(Date.now()), pages(accountOf));
  });
  function accountOf(number) {
    const account = {
      accountId: 1_000_000 + number,
      role: "standard",
      status: "active",
      isBot: false,
      isDefaultAdmin: false,
    };
    return { emailHash: hashOf(number), account };
  }

  await step("ledger entries and owners of addresses", async () => {
    const store = createRebuildStore(main, keys, 400, "00000000000000aa");
    const around = { seenEntries: 0, accepted: null, portrait: null, nightFulfilledMs: 0 };
    if (!(await store.replaceLedger(numbers(entryOf), around))) throw new Error("the ledger was not put in place");
  });

  const run = await openRun(app);
  const reading = await app.runs.beginReading(RUN_ID);
  await step("a plan that changes everybody", async () => {
    const size = app.settings.planPartSize;
    for (let first = 0, part = 0; first < PEOPLE; first += size, part += 1) {
      const changes = [];
      for (let number = first; number < Math.min(PEOPLE, first + size); number += 1) changes.push(changeOf(number));
      await app.runs.recordPart(reading, part, { changes, adoptions: [], skips: [], withdrawn: [] });
    }
  });
  function changeOf(number) {
    const names = { firstName: `Given${number}`, lastName: `Family${number}` };
    const after = { email: `person.${number}@company.example`, ...names, role: "standard", timeZone: "Europe/Berlin" };
    return { op: "create", reason: "joiner", key: keyOf(number), emailHash: hashOf(number), after, line: number + 2 };
  }

  await step("a job for each of them", async () => {
    for await (const page of pages(jobOf)) await app.provisioning.enqueue(page);
  });

  await app.runs.publish(reading, "applying", { counts: { ...run.counts, planned: PEOPLE } });
  await step("all settled: outcomes for the report", async () => {
    for (let first = 0; first < PEOPLE; first += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, PEOPLE - first) }, (_, index) => first + index);
      await Promise.all(
        some.map((number) =>
          app.runs.settle(jobOf(number), { status: "applied", accountId: 1_000_000 + number }, null),
        ),
      );
    }
  });
  await step("jobs done and forgotten", () => queues.provision.obliterate({ force: true }));

  const info = await redis.info("memory");
  const [peak, rss] = ["used_memory_peak", "used_memory_rss"].map((name) =>
    Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]),
  );
  console.log(`most at any moment ${(peak / MB).toFixed(0)} MB; resident now ${(rss / MB).toFixed(0)} MB`);
}

async function openRun(app) {
  const { noCounts } = await import("../dist/domain/run.js");
  const nothing = {
    planHash: null,
    comparison: null,
    because: null,
    waitingFor: null,
    supersededBy: null,
    decidedBy: null,
  };
  return app.runs.open({
    ...nothing,
    runId: RUN_ID,
    state: "reading",
    trigger: "inbox",
    fileName: "all.csv",
    dataId: app.files.dataId,
    filePath: null,
    sha256: SHA256,
    asOf: null,
    breaches: [],
    counts: noCounts(),
    isCarriedOut: false,
    reason: null,
    startedAt: "2026-01-01T02:00:00.000Z",
    plannedAt: null,
    endedAt: null,
  });
}

function* numbers(make) {
  for (let number = 0; number < PEOPLE; number += 1) yield make(number);
}

async function* pages(make) {
  for (let first = 0; first < PEOPLE; first += PAGE) {
    yield Array.from({ length: Math.min(PAGE, PEOPLE - first) }, (_, index) => make(first + index));
  }
}

async function usedBytes(redis) {
  return Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
}
