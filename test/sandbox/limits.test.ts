// 429: fixed and sliding windows on a clock of our own, how long to wait, and who shares a bucket (tallyfy-api.md section 4).

import { afterEach, beforeEach, expect, test } from "vitest";
import { createLimiter } from "../../src/sandbox/limiter.ts";
import { type Client, openSandbox } from "./client.ts";

/** A whole hour, so that all fixed windows begin here. */
const START_MS = 500_000 * 3_600_000;

let nowMs = START_MS;
let client: Client;
let token: string;
beforeEach(async () => {
  nowMs = START_MS;
  client = await openSandbox({ now: () => nowMs, members: [{ email: "s@sandbox.example" }] });
  token = await client.userToken();
  client.sandbox.switches.rateLimit = {
    max: 2,
    windowMs: 10_000,
    kind: "fixed",
    retryAfter: "seconds",
    headers: false,
    scope: "identity",
  };
});
afterEach(() => client.sandbox.close());

function statuses(times: number): Promise<number[]> {
  return inTurn(times, async () => (await client.list(token)).status);
}

async function inTurn<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i++) results.push(await work());
  return results;
}

test("a fixed window forgets everything at its end, so twice the limit fits around it", async () => {
  nowMs = START_MS + 9000;
  expect(await statuses(3)).toEqual([200, 200, 429]);
  nowMs = START_MS + 10_000;
  expect(await statuses(3)).toEqual([200, 200, 429]);
});

test("a sliding window never admits more than the limit in any window", async () => {
  client.sandbox.switches.rateLimit.kind = "sliding";
  nowMs = START_MS + 9000;
  expect(await statuses(3)).toEqual([200, 200, 429]);
  nowMs = START_MS + 18_999;
  expect(await statuses(1)).toEqual([429]);
  nowMs = START_MS + 19_000;
  expect(await statuses(3)).toEqual([200, 200, 429]);
});

test("Retry-After comes as seconds, as a date or not at all, and whoever obeys it is admitted", async () => {
  const { rateLimit } = client.sandbox.switches;
  nowMs = START_MS + 2500;
  await statuses(2);
  const retryAfter = async () => (await client.list(token)).headers.get("retry-after");
  expect(await retryAfter()).toBe("8");
  rateLimit.retryAfter = "date";
  expect(Date.parse((await retryAfter()) ?? "")).toBe(START_MS + 10_000);
  rateLimit.retryAfter = "none";
  expect(await retryAfter()).toBeNull();
  nowMs += 8000;
  expect(await statuses(1)).toEqual([200]);
});

test("every answer tells the state of the limit, where the switch says so", async () => {
  client.sandbox.switches.rateLimit.headers = true;
  const told = async () => {
    const { headers } = await client.list(token);
    return ["limit", "remaining", "reset"].map((name) => headers.get(`x-ratelimit-${name}`));
  };
  const reset = String((START_MS + 10_000) / 1000);
  expect(await inTurn(3, told)).toEqual([
    ["2", "1", reset],
    ["2", "0", reset],
    ["2", "0", reset],
  ]);
});

test("identities have buckets of their own; an organisation or an address has one", async () => {
  const other = await client.userToken("s@sandbox.example");
  await statuses(2);
  expect((await client.list(other)).status).toBe(200);
  for (const scope of ["org", "ip"] as const) {
    client.sandbox.state.limiter.reset();
    client.sandbox.switches.rateLimit.scope = scope;
    await statuses(2);
    expect((await client.list(other)).status).toBe(429);
  }
});

test("a new token does not open a new bucket", async () => {
  await statuses(2);
  nowMs += 1;
  client.sandbox.switches.rateLimit.kind = "none";
  const fresh = await client.userToken();
  client.sandbox.switches.rateLimit.kind = "fixed";
  expect((await client.list(fresh)).status).toBe(429);
});

test("a refused create writes nothing, and the refusals are counted", async () => {
  const app = await client.appToken();
  const replies = await inTurn(
    4,
    async () => (await client.create(app, { email: `x${Math.random()}@sandbox.example` })).status,
  );
  expect(replies).toEqual([200, 200, 429, 429]);
  expect(client.sandbox.counts).toMatchObject({
    createsAttempted: 2,
    created: 2,
    refused429: 2,
    rejections: { 429: 2 },
  });
});

test("coming back before the time told is counted", async () => {
  await statuses(3);
  expect(client.sandbox.counts.sentBeforeRetryAfter).toBe(0);
  nowMs += 9999;
  await statuses(1);
  expect(client.sandbox.counts.sentBeforeRetryAfter).toBe(1);
});

test("the token endpoint is limited only where the switch says so", async () => {
  const ask = async () => (await client.requestToken()).status;
  expect(await inTurn(3, ask)).toEqual([200, 200, 200]);
  client.sandbox.switches.limitsTokenEndpoint = true;
  expect(await inTurn(3, ask)).toEqual([200, 200, 429]);
});

test("the hourly cap holds until the hour ends, with its code and seconds", async () => {
  client.sandbox.switches.rateLimit.kind = "none";
  client.sandbox.switches.hourlyCap = 1;
  const app = await client.appToken();
  nowMs = START_MS + 1_800_000;
  expect((await client.create(app)).status).toBe(200);
  const refused = await client.create(app, { email: "b@sandbox.example" });
  expect(refused).toMatchObject({ status: 429, json: { code: "RATE_LIMIT_EXCEEDED" } });
  expect(refused.headers.get("retry-after")).toBe("1800");
  expect((await client.list(token)).status).toBe(200);
  client.sandbox.switches.hourlyCapOn = "all";
  expect((await client.list(token)).status).toBe(429);
  nowMs = START_MS + 3_600_000;
  expect((await client.create(app, { email: "b@sandbox.example" })).status).toBe(200);
});

test("a limit of none admits nobody", () => {
  const rule = { max: 0, windowMs: 1000, kind: "sliding", retryAfter: "none" } as const;
  expect(createLimiter().take("x", rule, START_MS)).toMatchObject({
    isAdmitted: false,
    remaining: 0,
    retryAfterMs: 1000,
  });
});
