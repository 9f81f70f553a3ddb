// Faults over real HTTP: before and after the write, resets, hangs, cut answers, latency; the same ones for the same seed.

import { afterEach, expect, test, vi } from "vitest";
import { generator } from "../../src/sandbox/chance.ts";
import { decideFate } from "../../src/sandbox/faults.ts";
import type { SandboxOptions } from "../../src/sandbox/server.ts";
import { defaultSwitches, type SwitchChanges } from "../../src/sandbox/switches.ts";
import { type Client, openSandbox } from "./client.ts";

let client: Client;
let token: string;
afterEach(() => client?.sandbox.close());

async function open(switches: SwitchChanges, options: Partial<SandboxOptions> = {}): Promise<void> {
  client = await openSandbox({ switches: { faultsOn: ["createUser"], ...switches }, ...options });
  token = await client.appToken();
}

test("a failure before the write writes nothing", async () => {
  await open({ failBeforeWriteShare: 1, failStatus: 502 });
  expect((await client.create(token)).status).toBe(502);
  expect(client.sandbox.counts).toMatchObject({ createsAttempted: 0, created: 0, faults: { failedBefore: 1 } });
});

test("a failure after the write has written", async () => {
  await open({ failAfterWriteShare: 1 });
  expect((await client.create(token)).status).toBe(503);
  expect(client.sandbox.counts).toMatchObject({ created: 1, faults: { failedAfter: 1 }, rejections: { 503: 1 } });
});

test.each([
  ["before", 0],
  ["after", 1],
] as const)("a reset %s the write drops the connection and writes %d", async (resetWhen, created) => {
  await open({ resetShare: 1, resetWhen });
  await expect(client.create(token)).rejects.toThrow();
  expect(client.sandbox.counts).toMatchObject({ created, faults: { resets: 1 } });
});

test.each([
  ["before", 0],
  ["after", 1],
] as const)("a hang %s the write never answers and writes %d", async (hangWhen, created) => {
  await open({ hangShare: 1, hangWhen });
  const gaveUp = new AbortController();
  const answer = client
    .call("POST", `/applications/${client.sandbox.orgId}/users`, {
      token,
      body: { first_name: "A", last_name: "B", email: "a@sandbox.example" },
      signal: gaveUp.signal,
    })
    .catch((error: Error) => error.name);
  await vi.waitUntil(() => client.sandbox.counts.faults.hangs === 1, 5000);
  expect(client.sandbox.counts).toMatchObject({ created, inFlight: 1 });
  gaveUp.abort();
  expect(await answer).toBe("AbortError");
  await vi.waitUntil(() => client.sandbox.counts.inFlight === 0, 5000);
});

test("closing ends requests that hang or wait", async () => {
  await open({ hangShare: 1 });
  const hanging = client.create(token).catch(() => "dropped");
  await vi.waitUntil(() => client.sandbox.counts.faults.hangs === 1, 5000);
  Object.assign(client.sandbox.switches, { hangShare: 0, latencyMs: { min: 600_000, max: 600_000 } });
  const waiting = client.create(token).catch(() => "dropped");
  await vi.waitUntil(() => client.sandbox.counts.inFlight === 2, 5000);
  await client.sandbox.close();
  expect(await Promise.all([hanging, waiting])).toEqual(["dropped", "dropped"]);
  await client.sandbox.close();
});

test("an answer cut by the connection fails, one cut in its JSON does not parse; both were carried out", async () => {
  await open({ truncatedBodyShare: 1 });
  await expect(client.create(token)).rejects.toThrow();
  client.sandbox.switches.truncatedBody = "json";
  const { status, json } = await client.create(token, { email: "b@sandbox.example" });
  expect([status, json]).toEqual([200, undefined]);
  expect(client.sandbox.counts).toMatchObject({ created: 2, faults: { truncated: 2 } });
});

test("faultsOn spares every other endpoint", async () => {
  await open({ failBeforeWriteShare: 1 });
  expect((await client.requestToken()).status).toBe(200);
  client.sandbox.switches.faultsOn = "all";
  expect((await client.requestToken()).status).toBe(503);
});

test("latency holds answers back, also many at once", async () => {
  await open({ latencyMs: { min: 30, max: 40 } });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 15 }, (_, i) => client.create(token, { email: `p${i}@sandbox.example` })));
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(28);
  expect(client.sandbox.counts.maxConcurrent).toBeGreaterThan(1);
  expect(client.sandbox.counts.inFlight).toBe(0);
});

test("one request at a time is never counted as two", async () => {
  await open({});
  for (let i = 0; i < 30; i++) await client.create(token, { email: `p${i}@sandbox.example` });
  expect(client.sandbox.counts.maxConcurrent).toBe(1);
  expect(client.sandbox.counts.createTimesMs).toHaveLength(30);
  expect(client.sandbox.counts.requestTimesMs).toHaveLength(31);
});

test("the same seed strikes the same people in whatever order they come; another seed strikes others", async () => {
  const emails = Array.from({ length: 60 }, (_, i) => `p${i}@sandbox.example`);
  const struck = async (order: readonly string[], seed: number) => {
    await open({ failBeforeWriteShare: 0.4 }, { seed });
    const replies = await Promise.all(
      order.map(async (email) => [email, (await client.create(token, { email })).status] as const),
    );
    await client.sandbox.close();
    return replies
      .filter(([, status]) => status === 503)
      .map(([email]) => email)
      .sort();
  };
  const first = await struck(emails, 7);
  expect(first.length).toBeGreaterThan(5);
  expect(first.length).toBeLessThan(55);
  expect(await struck(emails.toReversed(), 7)).toEqual(first);
  expect(await struck(emails, 8)).not.toEqual(first);
});

test("trying again may succeed: each attempt has luck of its own", async () => {
  await open({ failBeforeWriteShare: 0.5 });
  const statuses = new Set<number>();
  for (let i = 0; i < 20; i++) statuses.add((await client.create(token)).status);
  expect([...statuses].sort()).toEqual([200, 422, 503]);
});

test("each fault strikes its share, and no request meets two", () => {
  const switches = {
    ...defaultSwitches(),
    failBeforeWriteShare: 0.03,
    failAfterWriteShare: 0.03,
    resetShare: 0.02,
    hangShare: 0.1,
  };
  const random = generator(1);
  const struck: Record<string, number> = {};
  for (let i = 0; i < 20_000; i++) {
    const { fault, isAfterWrite } = decideFate("createUser", switches, random);
    const name = fault === "fail" ? `fail ${isAfterWrite}` : fault;
    struck[name] = (struck[name] ?? 0) + 1 / 20_000;
  }
  expect(struck["fail false"]).toBeCloseTo(0.03, 2);
  expect(struck["fail true"]).toBeCloseTo(0.03, 2);
  expect(struck.reset).toBeCloseTo(0.02, 2);
  expect(struck.hang).toBeCloseTo(0.1, 2);
  expect(struck.none).toBeCloseTo(0.82, 2);
});

test("a body larger than anything the API takes is refused", async () => {
  await open({});
  expect((await client.create(token, { first_name: "x".repeat(1_100_000) })).status).toBe(413);
});
