// What the pages say, and what they never say.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FINAL_STATES, noCounts, type RunState } from "../../src/domain/run.ts";
import { timeLeftMs } from "../../src/web/overview-page.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { aHeldRun, aRun, ask, NOW_MS, quietScene, type Stage, setStage } from "./support.ts";

let redis: TestRedis;
let stage: Stage;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await redis.stop();
});

beforeEach(async () => {
  stage = await setStage(redis.connect());
});

afterEach(async () => {
  await stage.close();
});

/** The page as a person reads it: without tags, blanks collapsed. */
async function read(path: string): Promise<string> {
  const { text } = await ask(stage.web, path);
  return text
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replace(/\s+/g, " ");
}

test("a hostile file name stays text on every page", async () => {
  const fileName = `"><img src=x onerror=alert(1)><script>alert(2)</script>'&.csv`;
  stage.scene.runs = [
    aHeldRun({ fileName, because: fileName }),
    aRun({ fileName, state: "refused", because: fileName }),
  ];
  stage.scene.health = { ...stage.scene.health, status: "warning", problems: [{ what: fileName, doThis: fileName }] };
  stage.scene.inbox = { path: `/srv/${fileName}`, waiting: 1, intakes: 1 };
  for (const path of ["/", `/runs/${aHeldRun().runId}`, `/runs/${aRun().runId}`]) {
    const { status, text } = await ask(stage.web, path);
    expect(status).toBe(200);
    expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;");
    expect(text).not.toMatch(/<img src=x|<script>/);
  }
});

test("no page names another site", async () => {
  stage.scene.runs = [aHeldRun(), aRun()];
  const paths = [
    "/",
    `/runs/${aRun().runId}`,
    "/queues",
    "/queues/queue/provision",
    "/assets/overview.css",
    "/assets/refresh.js",
  ];
  for (const path of paths) {
    const { status, text } = await ask(stage.web, path);
    expect(status, path).toBe(200);
    expect(text.match(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z]+[^\s"']*/gi), path).toBeNull();
  }
  const mark = await ask(stage.web, "/assets/mark.svg");
  expect(mark.text.replace("http://www.w3.org/2000/svg", "")).not.toContain("://");
});

test("a held run shows what was counted, both commands, and is said once", async () => {
  const held = aHeldRun();
  stage.scene.runs = [held];
  stage.scene.health = {
    ...stage.scene.health,
    status: "warning",
    problems: [{ what: "SAID IN ITS CARD", doThis: "-", heldRunId: held.runId }],
  };
  const text = await read("/");
  expect(text).toContain("A run waits for your decision.");
  expect(text).toContain("The plan creates 731 people; the limit is 481");
  expect(text).toContain(`scripts/roster-sync approve --config acme.yaml ${held.runId}`);
  expect(text).toContain(`scripts/roster-sync discard --config acme.yaml ${held.runId}`);
  expect(text).toContain("Nothing of it was applied.");
  expect(text).not.toContain("SAID IN ITS CARD");
  const page = await read(`/runs/${held.runId}`);
  expect(page).toContain(`scripts/roster-sync approve --config acme.yaml ${held.runId}`);
});

test("a run whose roster is in doubt shows the command with a reason to fill in", async () => {
  const message = "This roster has 120 rows; the last accepted roster (may.csv, 2026-05-01) had 300.";
  stage.scene.runs = [aHeldRun({ breaches: [{ limit: "rows-fewer", counted: 180, allowed: 30, message }] })];
  const text = await read("/");
  expect(text).toContain(message);
  expect(text).toContain(
    `scripts/roster-sync approve --config acme.yaml ${aHeldRun().runId} --reason "why this roster is right"`,
  );
});

test("a held run is shown although twenty newer ones push it out of the table", async () => {
  const held = aHeldRun();
  const newer = Array.from({ length: 20 }, (_, index) => aRun({ runId: `2027-${index}`, state: "nothing-new" }));
  stage.scene.runs = [...newer, held];
  const text = await read("/");
  expect(text).toContain(`scripts/roster-sync approve --config acme.yaml ${held.runId}`);
});

test("no time is promised while Tallyfy does not answer or nobody works", async () => {
  const counts = { ...noCounts(), rows: 39, planned: 39, open: 16 };
  stage.scene.runs = [aRun({ state: "applying", endedAt: null, counts })];
  expect(await read("/")).toMatch(/23 of 39 changes settled, about .* left/);
  const { health } = stage.scene;
  stage.scene.health = { ...health, status: "warning", isTallyfyTroubled: true };
  expect(await read("/")).toMatch(/23 of 39 changes settled\./);
  stage.scene.health = { ...health, roles: health.roles.filter(({ role }) => role !== "worker") };
  expect(await read("/")).toMatch(/23 of 39 changes settled\./);
});

test("a warning is not followed by a line that there is nothing to do, and leads to the run that it is about", async () => {
  const problems = [{ what: "9 rows were left out.", doThis: "Correct them.", runId: aRun().runId }];
  stage.scene.runs = [aRun()];
  expect(await read("/")).toContain("All is well. Nothing to do at the moment. The next scheduled run");
  stage.scene.health = { ...stage.scene.health, status: "warning", problems };
  expect(await read("/")).toContain(
    "Something needs a look. No run is under way. The next scheduled run is due on Tue 24 Nov, 01:45 . 9 rows were left out. Correct them. Show that run",
  );
  expect((await ask(stage.web, "/")).text).toContain(`<a href="/runs/${aRun().runId}">Show that run</a>`);
});

test("red says what is wrong and what to do", async () => {
  stage.scene.health = {
    ...stage.scene.health,
    status: "red",
    problems: [{ what: "Tallyfy refuses our credentials.", doThis: "Correct `TALLYFY_CLIENT_SECRET`." }],
  };
  stage.scene.pace = {
    ...stage.scene.pace,
    halt: { kind: "credentials", message: "refused", since: NOW_MS, probeAt: NOW_MS + 300_000 },
  };
  const text = await read("/");
  expect(text).toContain("Something is wrong.");
  expect(text).toContain("Tallyfy refuses our credentials.");
  expect(text).toContain("Correct TALLYFY_CLIENT_SECRET .");
  expect(text).toContain("Halted since Mon 23 Nov, 21:45 ; next look Mon 23 Nov, 21:50");
});

test("times are written in the configured zone", async () => {
  stage.scene.runs = [aRun({ startedAt: "2026-07-01T22:30:00Z" })];
  expect(await read("/")).toContain("Thu 2 Jul, 00:30");
});

test("every state of a run has a page and a place in the table", async () => {
  const states: readonly RunState[] = [...FINAL_STATES, "reading", "held", "applying"];
  stage.scene.runs = states.map((state) =>
    aRun({ runId: `run-${state}`, state, plannedAt: null, filePath: null, sha256: null }),
  );
  const overview = await read("/");
  for (const state of states) {
    expect(overview).toContain(state.replace("-", " "));
    const { status, text } = await ask(stage.web, `/runs/run-${state}`);
    expect(status).toBe(200);
    expect(text).not.toMatch(/undefined|NaN|Invalid Date|\[object/);
  }
});

test("the page of a run counts outcomes and situations, and says where the answers are", async () => {
  const counts = {
    ...noCounts(),
    rows: 300,
    planned: 250,
    unchanged: 40,
    adopted: 3,
    skipped: { unreadable: 2, leaver: 1, "made-up-later": 4, absent: 0 },
    outcomes: { applied: 240, already: 5, stale: 0, rejected: 3, exhausted: 2 },
  };
  stage.scene.runs = [
    aRun({
      counts,
      comparison: "Compared with may.csv.",
      decidedBy: "kim",
      reason: "a site was closed",
      because: "See `roster-sync runs`.",
    }),
  ];
  expect(await read("/")).toContain("2 left out");
  const text = await read(`/runs/${aRun().runId}`);
  for (const words of [
    "250 planned",
    "created We created the user just now. 240",
    "50 left alone",
    "the row could not be read needs a look unreadable 2",
    "made-up-later made-up-later 4",
    "Comparison Compared with may.csv.",
    "Decided by kim",
    "Reason given a site was closed",
    "See scripts/roster-sync runs --config acme.yaml .",
    `monday.csv.${aRun().runId}.result.csv`,
  ]) {
    expect(text).toContain(words);
  }
  expect(text).not.toContain("no longer in the roster");
});

test("the pace says what it is, and why", async () => {
  const at = NOW_MS - 3_600_000;
  const limit = { calls: 50, sinceMs: at, checkedMs: at, from: "refusals", tryAfterMs: 0 } as const;
  const { pace } = stage.scene;
  expect(await read("/")).toContain(
    "1 call per second No limit of Tallyfy's is known: the pace grows to 10 per second",
  );
  stage.scene.pace = { ...pace, perSecond: 10 };
  expect(await read("/")).toContain("The highest pace that is configured; Tallyfy has not refused it.");
  stage.scene.pace = {
    ...pace,
    perSecond: 39.2,
    phase: "steady",
    limit: { window: "second", limit },
    hourlyCap: { ...limit, calls: 1000 },
  };
  for (const [calls, words] of [
    [26.863, "27 calls"],
    [4.8507, "4.9 calls"],
  ] as const) {
    stage.scene.pace = { ...stage.scene.pace, limit: { window: "minute", limit: { ...limit, calls } } };
    expect(await read("/")).toContain(`Tallyfy lets ${words} through in a minute`);
  }
  stage.scene.pace = { ...stage.scene.pace, limit: { window: "second", limit } };
  const text = await read("/");
  expect(text).toContain(
    "39.2 calls per second Tallyfy lets 50 calls through in a second, as its refusals show, since",
  );
  expect(text).toContain("80 % of it is used. Tallyfy's hourly cap is 1 000 calls, met last");
  stage.scene.pace = { ...pace, phase: "trying", limit: { window: "minute", limit: { ...limit, from: "headers" } } };
  expect(await read("/")).toContain("50 calls through in a minute, as its answers say, since");
});

test("a run that is not known has no page, and neither has a strange path", async () => {
  for (const path of [
    "/runs/unknown",
    "/runs/a.b",
    "/runs/%2e%2e%2fetc",
    `/runs/${"x".repeat(81)}`,
    "/runs/",
    "/assets/../server.ts",
  ]) {
    const { status, text, headers } = await ask(stage.web, path);
    expect(status, path).toBe(404);
    expect(text).toBe("There is no such page.\n");
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
  }
});

test("the queues are counted and a paused one says so", async () => {
  await stage.provision.add("create-user", { key: "E1" });
  await stage.provision.add("create-user", { key: "E2" }, { delay: 60_000 });
  await stage.provision.pause();
  const text = await read("/");
  expect(text).toContain("Create users paused 1 0 1 0 0");
  expect(text).toContain("2 changes open 1 to be tried again later · paused");
});

test("the time left follows the pace until the hour's budget is used up", () => {
  const pace = { ...quietScene().pace, perSecond: 2, usedThisHour: 800 };
  expect(timeLeftMs(100, pace)).toBe(50_000);
  expect(timeLeftMs(1000, pace)).toBe(3_600_000);
  expect(timeLeftMs(1000, { ...pace, hourlyBudget: 0 })).toBe(500_000);
  expect(timeLeftMs(1000, { ...pace, usedThisHour: 2000 })).toBe((1000 / 900) * 3_600_000);
});
