// Bull Board in a real browser, under our policy: both queues and a job by the names that people know, nothing asked of
// another site, read-only without a password.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { type Stage, setStage } from "../web/support.ts";
import { openPage, screenshot, startChromium, type Watched } from "./chromium.ts";

const RUN = "20261123-204544-3f9a";

let redis: TestRedis;
let browser: Browser;
let stage: Stage;
let watched: Watched;

beforeAll(async () => {
  redis = await startRedis();
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  await redis?.stop();
});

afterEach(async () => {
  await watched.close();
  await stage.close();
});

async function addJobs(): Promise<void> {
  await stage.sync.add("roster", { kind: "roster", runId: RUN, fileName: "monday.csv" }, { jobId: `roster-${RUN}` });
  await stage.provision.add("create-user", { runId: RUN, key: "E0733", op: "create" }, { jobId: `${RUN}-a1` });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`both queues are listed (${colorScheme})`, async () => {
    stage = await setStage(redis.connect());
    await addJobs();
    watched = await openPage(browser, `${stage.web.url}/queues/`, { colorScheme });
    const { page } = watched;
    await page.getByText("Rosters and runs").first().waitFor();
    await page.getByText("Create users").first().waitFor();
    await screenshot(page, `board-${colorScheme}`);
    expect(await page.title()).toContain("Roster Sync");
    expect(watched.complaints).toEqual([]);
    expect([...watched.origins]).toEqual([stage.web.url]);
  });
}

test("a job is shown by what it does, to whom, in which run, and cannot be changed without a password", async () => {
  stage = await setStage(redis.connect());
  await addJobs();
  watched = await openPage(browser, `${stage.web.url}/queues/queue/provision`);
  const { page } = watched;
  await page.getByText(`create-user E0733 · run ${RUN}`).first().waitFor();
  await screenshot(page, "board-jobs");
  expect(await page.getByText("Add job").count()).toBe(0);
  expect(watched.complaints).toEqual([]);
  expect([...watched.origins]).toEqual([stage.web.url]);
});

test("behind a password it works too", async () => {
  stage = await setStage(redis.connect(), { password: "correct horse" });
  await addJobs();
  const httpCredentials = { username: "admin", password: "correct horse" };
  watched = await openPage(browser, `${stage.web.url}/queues/queue/roster-sync`, { httpCredentials });
  await watched.page.getByText(`roster monday.csv · run ${RUN}`).first().waitFor();
  await screenshot(watched.page, "board-writable");
  expect(watched.complaints).toEqual([]);
  expect([...watched.origins]).toEqual([stage.web.url]);
});
