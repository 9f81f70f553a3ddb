// The pages under attack, over raw sockets where a client library would tidy the attack up: other names and other sites, paths that
// climb, requests within requests, methods nobody meant, guesses, and text that wants to be markup.

import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { aHeldRun, aRun, ask, basic, type Stage, setStage } from "./support.ts";

const PASSWORD = "correct horse";
const EVIL = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;

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

/** Sends these very bytes, and gives what came back until the server hung up, or was silent for so long. */
async function speak(bytes: string, silenceMs = 400): Promise<string> {
  const socket = connect(Number(new URL(stage.web.url).port), "127.0.0.1");
  let heard = "";
  let lastMs = performance.now();
  socket.setEncoding("latin1").on("data", (text: string) => {
    heard += text;
    lastMs = performance.now();
  });
  socket.on("error", () => {});
  socket.write(bytes, "latin1");
  while (!socket.closed && performance.now() - lastMs < silenceMs) await delay(10);
  socket.destroy();
  return heard;
}

function statuses(heard: string): readonly number[] {
  return [...heard.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map((match) => Number(match[1]));
}

async function addJobs(): Promise<void> {
  await stage.provision.add("create", { runId: "r1", key: "E1", op: "create" }, { jobId: "r1-a1" });
  await stage.provision.add("create", { runId: "r1", key: EVIL, op: "create" }, { jobId: "r1-a2" });
}

async function queueState(): Promise<unknown> {
  const counts = await stage.provision.getJobCounts();
  return { counts, isPaused: await stage.provision.isPaused(), sync: await stage.sync.getJobCounts() };
}

test("without a password no name but this machine's own is answered, however it is dressed up", async () => {
  stage = await setStage(redis.connect());
  const names = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "localhost:80@evil.example",
    "evil.example#localhost",
    "evil.example/localhost",
    "evil.example?localhost",
    "2130706433",
    "0x7f.1",
    "127.1",
    "0.0.0.0",
    "[::ffff:7f00:1]",
    "localhost evil.example",
    "localhost\\.evil.example",
    "xn--localhost",
    "",
  ];
  for (const host of names) {
    for (const path of ["/", "/queues/api/queues", "/metrics", "/healthz"]) {
      const heard = await speak(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect([400, 403], `${host} ${path}`).toContain(statuses(heard)[0]);
      expect(heard).not.toContain("Roster Sync</title>");
    }
  }
  const own = Number(new URL(stage.web.url).port);
  const twice = await speak(
    `GET / HTTP/1.1\r\nHost: evil.example\r\nHost: localhost:${own}\r\nConnection: close\r\n\r\n`,
  );
  expect([400, 403]).toContain(statuses(twice)[0]);
  const absolute = await speak("GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  expect([400, 403, 404]).toContain(statuses(absolute)[0]);
  const none = await speak("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  expect(statuses(none)[0]).toBe(400);
  expect(statuses(await speak("GET / HTTP/1.0\r\n\r\n"))[0]).toBe(400);
});

const CHANGES: readonly (readonly [method: string, path: string])[] = [
  ["PUT", "pause"],
  ["PUT", "resume"],
  ["POST", "provision/add"],
  ["PUT", "provision/retry/failed"],
  ["PUT", "provision/promote"],
  ["PUT", "provision/clean/wait"],
  ["PUT", "provision/pause"],
  ["PUT", "provision/resume"],
  ["PUT", "provision/concurrency"],
  ["PUT", "provision/rate-limit"],
  ["PUT", "provision/rate-limit/release"],
  ["PUT", "provision/empty"],
  ["PUT", "provision/obliterate"],
  ["PUT", "provision/job-schedulers/x/remove"],
  ["PATCH", "provision/job-schedulers/x"],
  ["PUT", "provision/job-schedulers/x/run"],
  ["PUT", "provision/r1-a1/retry"],
  ["PUT", "provision/r1-a1/clean"],
  ["PUT", "provision/r1-a1/promote"],
  ["PATCH", "provision/r1-a1/update-data"],
  ["PATCH", "provision/r1-a1/delay"],
  ["PATCH", "provision/r1-a1/priority"],
  ["PUT", "provision/r1-a1/remove-unprocessed-children"],
];

test("without a password every way in which Bull Board can change something changes nothing", async () => {
  stage = await setStage(redis.connect());
  await addJobs();
  const before = await queueState();
  const job = JSON.stringify(await stage.provision.getJob("r1-a1"));
  for (const [method, path] of [...CHANGES, ["POST", "../metrics/history/purge"] as const]) {
    for (const prefix of [
      "/queues/api/queues/",
      "//queues/api/queues/",
      "/queues/api/queues/%2e/",
      "/QUEUES/api/queues/",
    ]) {
      await ask(stage.web, `${prefix}${path}`, {
        method,
        headers: {
          "sec-fetch-site": "same-origin",
          "content-type": "application/json",
          "x-http-method-override": "PUT",
        },
        body: '{"name":"x","data":{},"concurrency":99,"max":1,"duration":1,"priority":1,"delay":1}',
      });
    }
    await ask(stage.web, `/queues/api/queues/${path}`, { headers: { "x-http-method-override": method } });
    // After each one: what pauses may be taken back by what resumes.
    expect(await queueState(), `${method} ${path}`).toEqual(before);
  }
  expect(JSON.stringify(await stage.provision.getJob("r1-a1"))).toBe(job);
});

test("with a password, a page of another site changes nothing although the browser sends the password along", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  await addJobs();
  const before = await queueState();
  const own = stage.web.url;
  const foreign: readonly Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `${own}.evil.example` },
    { origin: own.replace("127.0.0.1", "127.0.0.1.evil.example") },
    { origin: own.replace(/:\d+$/, ":1") },
    { origin: own, "sec-fetch-site": "cross-site" },
    { origin: own, "sec-fetch-site": "same-site" },
    { origin: own, "sec-fetch-site": "none" },
    { referer: own },
    {},
  ];
  for (const headers of foreign) {
    for (const [method, path] of CHANGES) {
      const type = { "content-type": "text/plain" };
      const answer = await ask(stage.web, `/queues/api/queues/${path}`, {
        method,
        headers: { ...basic("admin", PASSWORD), ...type, ...headers },
      });
      expect(answer.status, JSON.stringify(headers)).toBe(403);
    }
  }
  expect(await queueState()).toEqual(before);
});

test("no path leads to a file of this machine", async () => {
  stage = await setStage(redis.connect());
  const climbs = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..\\",
    "..%5c",
    "%252e%252e%252f",
    "....//",
    "..;/",
    "..%00/",
    "%c0%ae%c0%ae/",
  ];
  const { port } = new URL(stage.web.url);
  for (const start of ["/assets/", "/queues/static/", "/queues/", "/runs/", "/"]) {
    for (const climb of climbs) {
      for (const file of ["etc/passwd", "package.json", "src/web/server.ts"]) {
        const target = `${start}${climb.repeat(8)}${file}`;
        const heard = await speak(`GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
        expect(heard, target).not.toMatch(/root:x?:0|"dependencies"|import \{/);
        expect([200, 400, 403, 404], target).toContain(statuses(heard)[0]);
      }
    }
  }
}, 60_000);

test("a request within a request is never answered, and what is ambiguous ends the connection", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  const { port } = new URL(stage.web.url);
  const head = `POST / HTTP/1.1\r\nHost: localhost:${port}\r\n`;
  const inner = `GET /healthz HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`;
  const attacks = [
    `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${inner}`,
    `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`,
    `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${inner}`,
    `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner}`,
    `${head}Content-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    `${head}Content-Length: +0\r\n\r\n${inner}`,
    `${head}X: a\r\n Content-Length: 0\r\n\r\n${inner}`,
    `${head}X: a\nContent-Length: 0\n\n${inner}`,
    `${head}Transfer-Encoding: chunked\r\n\r\n0;\nx\r\n\r\n${inner}`,
  ];
  for (const attack of attacks) {
    const heard = await speak(attack);
    // A body that is not read ends the connection: the inner request is nobody's.
    expect(heard, attack).not.toContain("\r\n\r\nok");
    expect(
      statuses(heard).filter((status) => status === 200),
      attack,
    ).toEqual([]);
    expect(heard).not.toMatch(/node_modules|at .*\.js|Error:/);
  }
});

test("nothing that a request says comes back in a header, and no answer repeats what was sent", async () => {
  stage = await setStage(redis.connect());
  const { port } = new URL(stage.web.url);
  for (const target of [
    "/%0d%0aX-Injected:%201",
    "/runs/%0d%0aX-Injected:%201",
    "/queues/%0d%0aX-Injected:%201",
    "/queues?x=%0d%0aX-Injected:%201",
    "/?a\tb",
  ]) {
    const heard = await speak(`GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
    expect(heard).not.toMatch(/^x-injected/im);
  }
  for (const method of ["TRACE", "OPTIONS", "CONNECT", "PROPFIND", "FOO"]) {
    const heard = await speak(
      `${method} /runs/x HTTP/1.1\r\nHost: localhost:${port}\r\nX-Mine: reflected-value\r\nConnection: close\r\n\r\n`,
    );
    expect(heard).not.toContain("reflected-value");
    expect(heard).not.toMatch(/access-control-allow/i);
    expect(
      statuses(heard).every((status) => status >= 400),
      method,
    ).toBe(true);
  }
});

test("a password cannot be guessed faster by lying about the address, and odd headers let nobody in", async () => {
  stage = await setStage(redis.connect(), { password: PASSWORD });
  const odd = [
    "Basic",
    "Basic ",
    "Basic !!!!",
    `Basic ${Buffer.from("admin").toString("base64")}`,
    `Basic ${Buffer.from(`admin:${PASSWORD}\0`).toString("base64")}`,
    `Basic ${Buffer.from(`admin:${PASSWORD} `).toString("base64")}`,
    `Basic ${Buffer.from(`Admin:${PASSWORD}`).toString("base64")}`,
    `Bearer ${PASSWORD}`,
    `Digest username="admin"`,
    `Basic ${Buffer.from(":").toString("base64")}`,
  ];
  for (const authorization of odd) {
    expect((await ask(stage.web, "/", { headers: { authorization } })).status, authorization).toBe(401);
  }
  const given: number[] = [];
  for (let guess = 0; guess < 15; guess += 1) {
    const headers = {
      ...basic("admin", `guess ${guess}`),
      "x-forwarded-for": `10.0.0.${guess}`,
      "x-real-ip": `10.0.0.${guess}`,
      forwarded: `for=10.0.0.${guess}`,
    };
    given.push((await ask(stage.web, "/", { headers })).status);
  }
  expect(given.at(-1)).toBe(429);
  expect((await ask(stage.web, "/", { headers: basic("admin", PASSWORD) })).status).toBe(429);
});

test("an enormous or endless request is ended, and the pages are there for others meanwhile", {
  timeout: 60_000,
}, async () => {
  stage = await setStage(redis.connect());
  const { port } = new URL(stage.web.url);
  expect(
    statuses(await speak(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\nX: ${"a".repeat(100_000)}\r\n\r\n`))[0],
  ).toBe(431);
  expect(statuses(await speak(`GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`))[0]).toBe(431);

  const slow = Array.from({ length: 50 }, () => connect(Number(port), "127.0.0.1"));
  const closed = slow.map((socket) => new Promise((resolve) => socket.on("error", () => {}).on("close", resolve)));
  for (const socket of slow) socket.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n`);
  const timer = setInterval(() => {
    for (const socket of slow) if (!socket.destroyed) socket.write("X: a\r\n");
  }, 200);
  const before = performance.now();
  expect((await ask(stage.web, "/")).status).toBe(200);
  await Promise.all(closed);
  clearInterval(timer);
  expect(performance.now() - before).toBeLessThan(20_000);
});

test("what a roster or a person wrote stays text on every page, in Bull Board too", async () => {
  stage = await setStage(redis.connect());
  await addJobs();
  const held = aHeldRun({
    fileName: `${EVIL}.csv`,
    because: EVIL,
    comparison: EVIL,
    decidedBy: EVIL,
    reason: EVIL,
    breaches: [{ limit: "create", counted: 1, allowed: 0, message: EVIL }],
  });
  stage.scene.runs = [
    held,
    aRun({
      state: "failed",
      because: EVIL,
      decidedBy: EVIL,
      reason: EVIL,
      supersededBy: EVIL,
      filePath: EVIL,
      sha256: EVIL,
    }),
  ];
  stage.scene.pace = {
    ...stage.scene.pace,
    halt: { kind: "organisation", message: EVIL, since: 1, probeAt: 2 },
  };
  for (const path of [
    "/",
    `/runs/${held.runId}`,
    `/runs/${aRun().runId}`,
    "/queues",
    "/queues/queue/provision",
    `/queues/queue/${encodeURIComponent(EVIL)}`,
  ]) {
    const { text, headers } = await ask(stage.web, path);
    expect(text, path).not.toMatch(/<img src=x|<script>alert/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
  }
  const { text, headers } = await ask(stage.web, "/queues/api/queues?activeQueue=provision&status=waiting&page=1");
  expect(text).toContain("onerror=alert(1)");
  expect(headers["content-type"]).toMatch(/^application\/json/);
});

test("whatever is asked for, an answer comes, is no stack and changes nothing", { timeout: 60_000 }, async () => {
  stage = await setStage(redis.connect());
  await addJobs();
  const before = await queueState();
  const { port } = new URL(stage.web.url);
  const piece = fc.oneof(
    fc.constantFrom(
      "queues",
      "api",
      "runs",
      "assets",
      "provision",
      "pause",
      "..",
      "%00",
      "%2e",
      "?",
      "&",
      "=",
      "#",
      "r1-a1",
      "empty",
    ),
    fc.string({ maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"),
      fc.array(piece, { maxLength: 6 }),
      async (method, pieces) => {
        const target = `/${pieces.join("/")}`.replaceAll(/[^\x21-\x7e]/g, "_");
        const heard = await speak(
          `${method} ${target} HTTP/1.1\r\nHost: localhost:${port}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
          5_000,
        );
        expect(statuses(heard), target).toHaveLength(1);
        expect(heard, target).not.toMatch(/node_modules|at .*\.js:|\bError:/);
      },
    ),
    { numRuns: 150 },
  );
  expect(await queueState()).toEqual(before);
});
