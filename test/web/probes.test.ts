// What machines ask: is it alive, is it ready, and the numbers.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { aHeldRun, aRun, ask, type Stage, setStage } from "./support.ts";

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

interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** Reads the text format strictly: every line is a comment of a known kind or a sample of a metric that was announced. */
function parse(text: string): readonly Sample[] {
  expect(text.endsWith("\n")).toBe(true);
  const announced = new Set<string>();
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const comment = /^# (HELP|TYPE) ([a-z_]+) .+$/.exec(line);
    if (comment !== null) {
      announced.add(comment[2] ?? "");
      continue;
    }
    const sample = /^([a-z_]+)(?:\{((?:[a-z_]+="[^"\n]*",?)*)\})? (-?[0-9.e+]+|NaN)$/.exec(line);
    expect(sample, line).not.toBeNull();
    const [, name = "", labels = "", value = ""] = sample ?? [];
    expect(announced.has(name) || announced.has(name.replace(/_(bucket|sum|count)$/, "")), line).toBe(true);
    samples.push({ name, labels, value: Number(value) });
  }
  const series = samples.map(({ name, labels }) => `${name}{${labels}}`);
  expect(new Set(series).size).toBe(series.length);
  return samples;
}

function valueIn(samples: readonly Sample[], name: string, labels = ""): number | undefined {
  return samples.find((sample) => sample.name === name && sample.labels === labels)?.value;
}

test("alive while Redis answers, ready unless the state is red", async () => {
  stage = await setStage(redis.connect());
  for (const [status, healthz, readyz] of [
    ["ok", 200, 200],
    ["warning", 200, 200],
    ["red", 200, 503],
  ] as const) {
    const problems = status === "ok" ? [] : [{ what: "Something.", doThis: "Something." }];
    stage.scene.health = { ...stage.scene.health, status, problems };
    const live = await ask(stage.web, "/healthz");
    expect(live.status).toBe(healthz);
    expect(JSON.parse(live.text)).toEqual({ status, problems });
    expect((await ask(stage.web, "/readyz")).status).toBe(readyz);
  }
});

test("commands in what they say are typed as on the pages", async () => {
  stage = await setStage(redis.connect());
  const doThis = "Start one: `roster-sync start --role worker`";
  stage.scene.health = { ...stage.scene.health, status: "red", problems: [{ what: "No worker.", doThis }] };
  for (const path of ["/healthz", "/readyz"]) {
    const { problems } = JSON.parse((await ask(stage.web, path)).text);
    expect(problems).toEqual([
      { what: "No worker.", doThis: "Start one: `scripts/roster-sync start --config acme.yaml --role worker`" },
    ]);
  }
});

test("while Redis is away every page still answers in time and says so; afterwards all is as before", async () => {
  stage = await setStage(redis.connect());
  const own = redis.connect();
  // Silent rather than gone: nothing fails, nothing answers, as with a network that swallows packets.
  await own.client("PAUSE", 5_000, "ALL");
  const startedAt = Date.now();
  const [live, ready, overview, metrics, run, board] = await Promise.all(
    ["/healthz", "/readyz", "/", "/metrics", "/runs/some-run", "/queues/api/queues"].map((path) =>
      ask(stage.web, path),
    ),
  );
  expect(Date.now() - startedAt).toBeLessThan(4_500);
  expect(live?.status).toBe(503);
  expect(JSON.parse(live?.text ?? "")).toMatchObject({ status: "red", problems: [{ what: "Redis does not answer." }] });
  expect(ready?.status).toBe(503);
  expect(overview?.status).toBe(200);
  expect(overview?.text).toContain("Redis does not answer.");
  expect(run?.status).toBe(503);
  expect(board?.status).toBe(500);
  const samples = parse(metrics?.text ?? "");
  expect(valueIn(samples, "roster_sync_redis_up")).toBe(0);
  expect(valueIn(samples, "roster_sync_ledger_people")).toBeUndefined();
  await own.client("UNPAUSE");
  await expect.poll(async () => (await ask(stage.web, "/healthz")).status, { timeout: 10_000 }).toBe(200);
  expect((await ask(stage.web, "/")).text).toContain("All is well.");
});

test("the metrics tell what was counted and how things stand", async () => {
  stage = await setStage(redis.connect());
  const { metrics, scene, provision, web } = stage;
  metrics.tallyfyCalled("create", 201, 120);
  metrics.tallyfyCalled("create", 429, 30);
  metrics.tallyfyCalled("token", null, 10_000);
  metrics.settled("applied");
  metrics.paused("rate-limited");
  metrics.runEnded("closed");
  scene.runs = [aHeldRun(), aRun({ state: "applying", counts: { ...aRun().counts, planned: 9, open: 7 } })];
  scene.pace = { ...scene.pace, halt: { kind: "seats", message: "no seats", since: 0, probeAt: 0 } };
  await provision.add("create-user", { key: "E1" });

  const { headers, text } = await ask(web, "/metrics");
  expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples = parse(text);
  for (const [name, labels, value] of [
    ["tallyfy_calls_total", 'endpoint="create",status="201"', 1],
    ["tallyfy_calls_total", 'endpoint="create",status="429"', 1],
    ["tallyfy_calls_total", 'endpoint="token",status="none"', 1],
    ["tallyfy_call_duration_seconds_count", 'endpoint="create"', 2],
    ["outcomes_total", 'status="applied"', 1],
    ["outcomes_total", 'status="rejected"', 0],
    ["pauses_total", 'because="rate-limited"', 1],
    ["runs_total", 'state="closed"', 1],
    ["queue_jobs", 'queue="provision",state="waiting"', 1],
    ["queue_jobs", 'queue="roster-sync",state="failed"', 0],
    ["queue_paused", 'queue="provision"', 0],
    ["held_runs", "", 1],
    ["open_changes", "", 7],
    ["halt", 'kind="seats"', 1],
    ["halt", 'kind="credentials"', 0],
    ["health", 'status="ok"', 1],
    ["instances", 'role="worker"', 2],
    ["ledger_people", "", 4812],
    ["hourly_budget_used_calls", "", 312],
    ["redis_up", "", 1],
    ["nightly_last_timestamp_seconds", "", Math.floor((scene.nights.lastAt ?? 0) / 1000)],
    ["build_info", `version="1.2.3",node="${process.version}"`, 1],
  ] as const) {
    expect(valueIn(samples, `roster_sync_${name}`, labels), `${name} ${labels}`).toBe(value);
  }
  expect(samples.every(({ name }) => name.startsWith("roster_sync_"))).toBe(true);
});

test("a moment that has not been yet is left out, and a scrape repeats nothing of the one before", async () => {
  stage = await setStage(redis.connect());
  const roles = stage.scene.health.roles;
  expect(valueIn(parse((await ask(stage.web, "/metrics")).text), "roster_sync_instances", 'role="worker"')).toBe(2);
  stage.scene.health = { ...stage.scene.health, roles: roles.filter(({ role }) => role !== "worker") };
  stage.scene.nights = { nextAt: null, lastAt: null };
  const samples = parse((await ask(stage.web, "/metrics")).text);
  expect(valueIn(samples, "roster_sync_nightly_last_timestamp_seconds")).toBeUndefined();
  expect(valueIn(samples, "roster_sync_instances", 'role="worker"')).toBeUndefined();
});
