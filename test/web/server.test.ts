// The gate in front of every page, over real HTTP.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startWeb, WebRefused } from "../../src/web/server.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { aHeldRun, ask, basic, quietScene, type Stage, setStage, sourcesOf } from "./support.ts";

const PAGES = [
  "/",
  "/runs/20261123-210011-77b0",
  "/metrics",
  "/assets/overview.css",
  "/queues",
  "/queues/api/queues",
  "/nowhere",
];
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

test("with a password everything but the two probes asks for it, and a wrong one gets nowhere", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  stage.scene.runs = [aHeldRun()];
  for (const path of PAGES) {
    const anonymous = await ask(stage.web, path);
    expect(anonymous.status, path).toBe(401);
    expect(anonymous.headers["www-authenticate"]).toContain('Basic realm="Roster Sync"');
    expect(anonymous.text).not.toContain("monday.csv");
    expect((await ask(stage.web, path, { headers: basic("admin", "wrong") })).status, path).toBe(401);
    expect((await ask(stage.web, path, { headers: basic("root", PASSWORD) })).status, path).toBe(401);
    const allowed = await ask(stage.web, path, { headers: basic("admin", PASSWORD) });
    expect(allowed.status, path).toBe(path === "/nowhere" ? 404 : 200);
  }
  for (const path of ["/healthz", "/readyz"]) expect((await ask(stage.web, path)).status).toBe(200);
});

test("a path that only looks like a probe asks for the password", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  for (const path of ["/healthz/", "//healthz", "/healthz/../metrics", "/%68ealthz", "/healthz%2f..%2fmetrics"]) {
    const { status, text } = await ask(stage.web, path);
    expect([401, 404], path).toContain(status);
    expect(text, path).not.toContain("roster_sync_");
  }
});

test("guessing passwords is slowed down, and the right one is not heard from there meanwhile", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  for (let guess = 0; guess < 20; guess++) {
    expect((await ask(stage.web, "/", { headers: basic("admin", `guess ${guess}`) })).status).toBe(401);
  }
  const late = await ask(stage.web, "/", { headers: basic("admin", PASSWORD) });
  expect(late.status).toBe(429);
  expect(Number(late.headers["retry-after"])).toBeGreaterThan(0);
  expect((await ask(stage.web, "/healthz")).status).toBe(200);
});

test("a right password makes earlier wrong ones forgotten", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  for (let round = 0; round < 3; round++) {
    for (let guess = 0; guess < 10; guess++) await ask(stage.web, "/", { headers: basic("admin", "wrong") });
    expect((await ask(stage.web, "/", { headers: basic("admin", PASSWORD) })).status).toBe(200);
  }
});

test("without a password it answers as this machine only, whatever a name is made to point at", async () => {
  stage = await setStage(redis.connect());
  const { port } = new URL(stage.web.url);
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, "localhost:8080"]) {
    expect((await ask(stage.web, "/", { headers: { host } })).status, host).toBe(200);
  }
  for (const host of [`rebound.example:${port}`, "10.0.0.5", "localhost.evil.example"]) {
    for (const path of [...PAGES, "/healthz"]) {
      expect((await ask(stage.web, path, { headers: { host } })).status, `${host}${path}`).toBe(403);
    }
  }
  expect((await ask(stage.web, "/", { headers: { host: "not a name" } })).status).toBe(400);
});

test("with a password it may be called by any name", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  const headers = { host: "roster.example", ...basic("admin", PASSWORD) };
  expect((await ask(stage.web, "/", { headers })).status).toBe(200);
});

test("a request from another site changes nothing", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  const host = new URL(stage.web.url).host;
  const allowed = basic("admin", PASSWORD);
  const path = "/queues/api/queues/provision/pause";
  const strangers = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
    {},
  ];
  for (const stranger of strangers) {
    const { status, text } = await ask(stage.web, path, { method: "PUT", headers: { ...allowed, ...stranger } });
    expect(status, JSON.stringify(stranger)).toBe(403);
    expect(text).toMatch(/^Refused: this request/);
  }
  expect(await stage.provision.isPaused()).toBe(false);
  const own = { ...allowed, origin: `http://${host}` };
  expect((await ask(stage.web, path, { method: "PUT", headers: own })).status).toBe(200);
  expect(await stage.provision.isPaused()).toBe(true);
});

test("every answer carries the strict headers, refusals and errors too", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  const allowed = basic("admin", PASSWORD);
  const asked = [
    ...(await Promise.all(PAGES.map((path) => ask(stage.web, path, { headers: allowed })))),
    await ask(stage.web, "/"),
    await ask(stage.web, "/healthz"),
    await ask(stage.web, "/", { method: "POST", headers: allowed }),
  ];
  for (const { headers } of asked) {
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"]).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": "no-store",
    });
    expect(headers).not.toHaveProperty("server");
    expect(headers).not.toHaveProperty("x-powered-by");
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  }
});

test("our own pages allow no inline script and no inline style, and have none", async () => {
  stage = await setStage(redis.connect());
  stage.scene.runs = [aHeldRun()];
  for (const path of ["/", "/runs/20261123-210011-77b0"]) {
    const { headers, text } = await ask(stage.web, path);
    expect(headers["content-security-policy"]).not.toContain("unsafe-inline");
    expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)/);
  }
});

test("a page that breaks says so in plain words and shows nothing of the inside", async () => {
  const logged: object[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => void logged.push(fields) };
  stage = await setStage(redis.connect(), {
    log,
    sources: {
      ...sourcesOf(quietScene(), redis.connect()),
      health: async () => Promise.reject(new Error("secret inside")),
    },
  });
  for (const path of ["/", "/metrics", "/healthz"]) {
    const { status, text, headers } = await ask(stage.web, path);
    expect(status).toBe(500);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(text).toBe("This page broke; the daemon's log says why.\n");
  }
  expect(logged).toHaveLength(3);
});

test("bodies that are too large and JSON that is none are refused without a stack", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  const headers = { ...basic("admin", PASSWORD), "sec-fetch-site": "same-origin", "content-type": "application/json" };
  const path = "/queues/api/queues/provision/concurrency";
  const large = await ask(stage.web, path, { method: "PUT", headers, body: JSON.stringify("x".repeat(100_000)) });
  expect(large.status).toBe(400);
  const broken = await ask(stage.web, path, { method: "PUT", headers, body: "{" });
  expect(broken.status).toBe(400);
  for (const { text } of [large, broken]) expect(text).not.toMatch(/node_modules|\bat .*:\d+/);
});

test("requests are logged at debug only, by route, without what was asked", async () => {
  const lines: object[] = [];
  function never(): void {
    throw new Error("logged above debug");
  }
  const log = { debug: (fields: object) => void lines.push(fields), info: never, warn: never, error: never };
  stage = await setStage(redis.connect(), { log });
  await ask(stage.web, "/?token=abc");
  stage.scene.runs = [aHeldRun({ runId: "some-run" })];
  await ask(stage.web, "/runs/some-run?x=y");
  await expect.poll(() => lines.length).toBe(2);
  expect(lines).toMatchObject([
    { method: "GET", route: "/", status: 200 },
    { method: "GET", route: "/runs/:runId", status: 200 },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/abc|some-run|x=y/);
});

test("it refuses to be reachable without a password, and says what to do", async () => {
  stage = await setStage(redis.connect());
  const { sync, provision, metrics } = stage;
  const rest = {
    user: "admin",
    version: "1",
    organisation: "a",
    timeZone: "UTC",
    invocation: { program: "roster-sync", options: "" },
    queues: { sync, provision },
    metrics,
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const options = { ...rest, sources: {} as never, log, port: 0, password: null };
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "roster.example"]) {
    const start = startWeb({ ...options, host });
    await expect(start, host).rejects.toThrow(WebRefused);
    await expect(start).rejects.toThrow("Set DASHBOARD_PASSWORD, or HOST=127.0.0.1.");
  }
  await expect(startWeb({ ...options, host: "127.0.0.1", password: "" })).rejects.toThrow(
    "DASHBOARD_PASSWORD is empty",
  );
  const port = Number(new URL(stage.web.url).port);
  const taken = startWeb({ ...options, host: "127.0.0.1", port });
  await expect(taken).rejects.toThrow(`Another program listens on port ${port} on 127.0.0.1.`);
  await expect(startWeb({ ...options, host: "192.0.2.1", password: "x" })).rejects.toThrow(
    "not an address of this machine",
  );
});
