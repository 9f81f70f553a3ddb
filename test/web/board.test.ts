// Bull Board behind our gate: what it shows, what it may do, and what it may not.

import { UnrecoverableError, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { type Answer, ask, basic, type Stage, setStage } from "./support.ts";

const RUN = "20261123-204544-3f9a";
const PASSWORD = "correct horse";

let redis: TestRedis;
let stage: Stage;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await redis.stop();
});

afterEach(async () => {
  await stage.close();
});

async function addJobs(): Promise<void> {
  const bell = { kind: "roster", runId: RUN, fileName: "monday.csv" };
  await stage.sync.add("roster", bell, { jobId: `roster-${RUN}` });
  await stage.provision.add("create-user", { runId: RUN, key: "E0733", op: "create" }, { jobId: `${RUN}-a1` });
}

function change(path: string, method = "PUT", body?: object): Promise<Answer> {
  const own = { "sec-fetch-site": "same-origin", "content-type": "application/json" };
  const headers = { ...own, ...basic("admin", PASSWORD) };
  const sent = body === undefined ? "{}" : JSON.stringify(body);
  return ask(stage.web, `/queues/api/queues/${path}`, { method, headers, body: sent });
}

test("both queues have names that people know, and jobs say what they do", async () => {
  stage = await setStage(redis.connect());
  await addJobs();
  const { text } = await ask(stage.web, "/queues/api/queues?activeQueue=provision");
  const { queues } = JSON.parse(text);
  expect(queues).toMatchObject([
    { name: "roster-sync", displayName: "Rosters and runs", readOnlyMode: true },
    { name: "provision", displayName: "Create users", readOnlyMode: true, allowRetries: false },
  ]);
  expect(queues[1].jobs[0].name).toBe(`create-user E0733 · run ${RUN}`);
  const sync = JSON.parse((await ask(stage.web, "/queues/api/queues?activeQueue=roster-sync")).text);
  expect(sync.queues[0].jobs[0].name).toBe(`roster monday.csv · run ${RUN}`);
});

test("jobs of a shape that nobody expected are shown all the same", async () => {
  stage = await setStage(redis.connect());
  await stage.sync.add("odd", null);
  await stage.provision.add("odd", { key: 7, runId: ["x"] });
  for (const queue of ["roster-sync", "provision"]) {
    const { status, text } = await ask(stage.web, `/queues/api/queues?activeQueue=${queue}`);
    expect(status).toBe(200);
    expect(text).toContain('"name":"odd"');
  }
});

test("without a password nothing can be changed", async () => {
  stage = await setStage(redis.connect());
  await addJobs();
  const paths = [
    "provision/pause",
    "provision/promote",
    "provision/empty",
    "provision/obliterate",
    "provision/clean/completed",
    `provision/${RUN}-a1/clean`,
    "roster-sync/retry/failed",
    "roster-sync/rate-limit/release",
  ];
  for (const path of paths) {
    const { status } = await change(path);
    expect([403, 405], path).toContain(status);
  }
  expect(await stage.provision.isPaused()).toBe(false);
  expect(await stage.provision.getWaitingCount()).toBe(1);
  // Pausing all goes queue by queue and leaves out the read-only ones.
  await change("pause");
  expect(await stage.provision.isPaused()).toBe(false);
});

test("with the password it does what breaks no promise", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  await addJobs();
  expect((await change("provision/pause")).status).toBe(200);
  expect(await stage.provision.isPaused()).toBe(true);
  expect((await change("provision/resume")).status).toBe(200);
  expect(await stage.provision.isPaused()).toBe(false);
  expect((await change("provision/promote")).status).toBe(200);
  expect((await change("provision/clean/completed")).status).toBe(200);
});

test("with the password it still refuses what would break one, and says why", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  await addJobs();
  for (const [path, method, body] of [
    ["provision/add", "POST", { name: "create-user", data: { runId: RUN, key: "E1", op: "create" }, options: {} }],
    ["provision/empty", "PUT", undefined],
    ["provision/obliterate", "PUT", { force: true }],
    ["provision/clean/wait", "PUT", undefined],
    ["provision/clean/delayed", "PUT", undefined],
    ["provision/retry/failed", "PUT", undefined],
    ["roster-sync/retry/completed", "PUT", undefined],
    ["roster-sync/concurrency", "PUT", { concurrency: 5 }],
    ["provision/rate-limit", "PUT", { max: 100, duration: 1 }],
    [`provision/${RUN}-a1/clean`, "PUT", undefined],
    [`provision/${RUN}-a1/retry`, "PUT", undefined],
    [`provision/${RUN}-a1/update-data`, "PATCH", { jobData: { key: "E9" } }],
  ] as const) {
    const { status, text } = await change(path, method, body);
    expect(status, path).toBe(403);
    expect(JSON.parse(text).message, path).toMatch(/[a-z]{3}.*\.$/);
  }
  expect(await stage.provision.getWaitingCount()).toBe(1);
  expect(await stage.sync.getGlobalConcurrency()).toBeNull();
});

test("an ended job may be removed, and a failed bell rung again", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  await addJobs();
  const { sync, provision } = stage;
  const workers = [sync, provision].map((queue) => {
    const connection = redis.connect();
    return new Worker(queue.name, async () => Promise.reject(new UnrecoverableError("no")), {
      connection,
      prefix: queue.opts.prefix ?? "",
    });
  });
  await expect.poll(() => provision.getFailedCount(), { timeout: 10_000 }).toBe(1);
  await expect.poll(() => sync.getFailedCount(), { timeout: 10_000 }).toBe(1);
  await Promise.all(workers.map((worker) => worker.close()));
  expect((await change(`provision/${RUN}-a1/retry`)).status).toBe(403);
  expect((await change(`provision/${RUN}-a1/clean`)).status).toBe(204);
  expect((await change(`provision/${RUN}-a1/clean`)).status).toBe(404);
  expect((await change(`roster-sync/roster-${RUN}/retry`)).status).toBe(204);
  expect(await sync.getWaitingCount()).toBe(1);
});

test("the page links no font at another site, and its own files are there", async () => {
  stage = await setStage(redis.connect());
  for (const path of ["/queues", "/queues/", "/queues/queue/provision", "/queues/queue/provision/some-job"]) {
    const { status, text } = await ask(stage.web, path);
    expect(status, path).toBe(200);
    expect(text).not.toContain("googleapis");
    const files = [...text.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map((match) => match[1]);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const { status, headers } = await ask(stage.web, `/queues/${file}`);
      expect(status, file).toBe(200);
      expect(headers["cache-control"]).toBe("private, max-age=86400");
    }
  }
});
