// The overview and the page of a run in a real browser: nothing is complained about, nobody else is asked for anything,
// and each state looks like something (see the screenshots).

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { noCounts, type Run } from "../../src/domain/run.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { aHeldRun, aRun, NOW_MS, type Stage, setStage } from "../web/support.ts";
import { openPage, screenshot, startChromium, type Watched } from "./chromium.ts";

let redis: TestRedis;
let browser: Browser;
let stage: Stage;
let watched: Watched | null = null;

beforeAll(async () => {
  redis = await startRedis();
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  await redis?.stop();
});

beforeEach(async () => {
  stage = await setStage(redis.connect());
});

afterEach(async () => {
  await watched?.close();
  watched = null;
  await stage.close();
});

/** A week in the life of an installation. */
function history(): readonly Run[] {
  const day = 86_400_000;
  function at(offsetMs: number): string {
    return new Date(NOW_MS - offsetMs).toISOString();
  }
  const big = { ...noCounts(), rows: 5120 };
  return [
    aRun({
      counts: {
        ...big,
        planned: 250,
        unchanged: 4858,
        skipped: { unreadable: 3, future: 9 },
        outcomes: { applied: 181, already: 12, stale: 0, rejected: 4, exhausted: 6 },
        open: 47,
      },
      state: "applying",
      endedAt: null,
    }),
    aRun({
      runId: "20261123-010000-1c2d",
      trigger: "nightly",
      startedAt: at(0.8 * day),
      counts: { ...big, unchanged: 5111, skipped: { future: 9 } },
    }),
    aRun({
      runId: "20261122-080911-aa01",
      fileName: "export_final_FINAL_corrected_by_HR_2026-11-22_v3 (1).csv",
      state: "refused",
      plannedAt: null,
      startedAt: at(1.5 * day),
      because: "The file has no header that names an e-mail column.",
    }),
    aRun({
      runId: "20261122-080512-aa00",
      fileName: "sunday.csv",
      state: "superseded",
      startedAt: at(1.51 * day),
      supersededBy: "20261123-204544-3f9a",
      counts: {
        ...big,
        planned: 90,
        unchanged: 5030,
        outcomes: { applied: 31, already: 0, stale: 59, rejected: 0, exhausted: 0 },
      },
    }),
    aRun({
      runId: "20261121-010000-9911",
      fileName: "friday.csv",
      startedAt: at(2.8 * day),
      counts: {
        ...big,
        planned: 412,
        unchanged: 4708,
        outcomes: { applied: 409, already: 3, stale: 0, rejected: 0, exhausted: 0 },
      },
    }),
  ];
}

async function addJobs(): Promise<void> {
  const { runId } = aRun();
  await stage.provision.addBulk(
    Array.from({ length: 47 }, (_, index) => ({
      name: "create-user",
      data: { runId, key: `E${String(index).padStart(4, "0")}`, op: "create" },
      opts: { jobId: `${runId}-${index}`, delay: index > 40 ? 60_000 : 0 },
    })),
  );
}

test("the first start says what to do", async () => {
  stage.scene.directory = { people: 0, listedAt: null };
  stage.scene.pace = { ...stage.scene.pace, usedThisHour: 0 };
  watched = await openPage(browser, stage.web.url);
  expect(await watched.page.locator("#runs").textContent()).toContain("Drop a roster");
  await screenshot(watched.page, "overview-first-start");
  expect(watched.complaints).toEqual([]);
  expect([...watched.origins]).toEqual([stage.web.url]);
});

test("a working day, in light, in dark and on a telephone", async () => {
  stage.scene.runs = history();
  await addJobs();
  for (const colorScheme of ["light", "dark"] as const) {
    watched = await openPage(browser, stage.web.url, { colorScheme });
    expect(await watched.page.locator("#runs tbody tr").count()).toBe(5);
    await screenshot(watched.page, `overview-${colorScheme}`);
    expect(watched.complaints).toEqual([]);
    expect([...watched.origins]).toEqual([stage.web.url]);
    await watched.close();
  }
  watched = await openPage(browser, stage.web.url, { viewport: { width: 400, height: 800 } });
  await screenshot(watched.page, "overview-narrow");
  const widths = await watched.page.evaluate("[document.documentElement.scrollWidth, innerWidth]");
  expect(widths).toEqual([400, 400]);
  // One station below the other: the arrow from each to the next stands between them, not at the edge of the page.
  const arrows = `[...document.querySelectorAll(".flow li + li")].map((station) => {
    const arrow = getComputedStyle(station, "::before");
    return [arrow.display, Math.abs(parseFloat(arrow.left) + 5 - station.clientWidth / 2) < 4, parseFloat(arrow.top) < 0];
  })`;
  expect(await watched.page.evaluate(arrows)).toEqual(Array.from({ length: 3 }, () => ["block", true, true]));
});

test("a held run shows the commands that decide it", async () => {
  const held = aHeldRun({ startedAt: new Date(NOW_MS).toISOString() });
  stage.scene.runs = [held, ...history().slice(1)];
  stage.scene.health = {
    ...stage.scene.health,
    status: "warning",
    problems: [{ what: "A run is held.", doThis: "Decide.", heldRunId: held.runId }],
  };
  watched = await openPage(browser, stage.web.url);
  const text = await watched.page.locator("#held").textContent();
  expect(text).toContain(`scripts/roster-sync approve --config acme.yaml ${held.runId}`);
  expect(text).toContain(`scripts/roster-sync discard --config acme.yaml ${held.runId}`);
  await screenshot(watched.page, "overview-held");
  await watched.page.setViewportSize({ width: 400, height: 800 });
  await screenshot(watched.page, "overview-held-narrow");
  expect(watched.complaints).toEqual([]);
});

test("red says what is wrong and what to do", async () => {
  stage.scene.runs = history();
  const message = "Tallyfy refused the client id or the client secret (401, INVALID_CLIENT).";
  stage.scene.pace = {
    ...stage.scene.pace,
    pausedUntil: NOW_MS + 60_000,
    halt: { kind: "credentials", message, since: NOW_MS - 300_000, probeAt: NOW_MS + 300_000 },
  };
  stage.scene.health = {
    ...stage.scene.health,
    status: "red",
    problems: [
      {
        what: `Provisioning is halted (credentials): ${message}`,
        doThis: "Correct TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET; work goes on by itself when they are accepted.",
      },
      { what: 'No process plays the role "worker".', doThis: "Start one: `roster-sync start --role worker`" },
    ],
  };
  await stage.provision.pause();
  for (const colorScheme of ["light", "dark"] as const) {
    watched = await openPage(browser, stage.web.url, { colorScheme });
    expect(await watched.page.locator("#health").textContent()).toContain("client secret");
    await screenshot(watched.page, `overview-red-${colorScheme}`);
    expect(watched.complaints).toEqual([]);
    await watched.close();
  }
  watched = null;
});

test("the page of a run counts outcomes and situations", async () => {
  stage.scene.runs = history();
  for (const colorScheme of ["light", "dark"] as const) {
    watched = await openPage(browser, `${stage.web.url}/runs/${aRun().runId}`, { colorScheme });
    expect(await watched.page.locator("#outcomes").textContent()).toContain("181");
    await screenshot(watched.page, `run-${colorScheme}`);
    expect(watched.complaints).toEqual([]);
    await watched.close();
  }
  watched = await openPage(browser, `${stage.web.url}/runs/${aRun().runId}`, { viewport: { width: 400, height: 800 } });
  await screenshot(watched.page, "run-narrow");
});

test("what changed appears without a reload, and what is being selected stays", async () => {
  const held = aHeldRun();
  stage.scene.runs = [held];
  watched = await openPage(browser, stage.web.url);
  const { page } = watched;
  await page.evaluate("window.isSamePage = true");
  await page.locator("#held .command").first().click();
  expect(await page.evaluate("String(getSelection())")).toContain(`approve --config acme.yaml ${held.runId}`);
  stage.scene.runs = [aRun({ runId: held.runId, fileName: "changed.csv", state: "closed" })];
  await page.locator("#runs", { hasText: "changed.csv" }).waitFor({ timeout: 20_000 });
  expect(await page.evaluate("String(getSelection())")).toContain(`approve --config acme.yaml ${held.runId}`);
  await page.evaluate("getSelection().removeAllRanges()");
  await page.locator("#held article").waitFor({ state: "detached", timeout: 20_000 });
  expect(await page.evaluate("window.isSamePage")).toBe(true);
  expect(watched.complaints).toEqual([]);
});

test("a page that can no longer ask says so", async () => {
  watched = await openPage(browser, stage.web.url);
  await watched.page.route("**/*", (route) => route.abort());
  const notice = watched.page.locator("#stale");
  await notice.waitFor({ state: "visible", timeout: 20_000 });
  expect(await notice.textContent()).toContain("does not answer");
});

test("without scripts the page shows the same, renews itself, and starts with a way past its head", async () => {
  stage.scene.runs = history();
  watched = await openPage(browser, stage.web.url, { javaScriptEnabled: false });
  const { page } = watched;
  expect(await page.locator("#runs tbody tr").count()).toBe(5);
  expect(await page.locator("noscript meta[http-equiv=refresh], head meta[http-equiv=refresh]").count()).toBe(1);
  await page.keyboard.press("Tab");
  await page.locator("a.skip:focus").waitFor();
});
