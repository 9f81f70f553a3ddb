// Three usual ways of making many requests under a limit that nobody told, each as its libraries' documentation shows it.

import { setTimeout as delay } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import { Agent, request } from "undici";
import { openConnection } from "../../dist/store/connection.js";
import { withPlace } from "../places.mjs";
import { emailOf } from "../rosters.mjs";

const DEFAULT_PAUSE_MS = 1000;

/** A function that posts one person, and gives the status and how long Retry-After says to wait. */
async function poster(sandbox) {
  const dispatcher = new Agent({ connections: 20 });
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: sandbox.clientId,
    client_secret: sandbox.clientSecret,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  const answer = await request(sandbox.tokenUrl, { method: "POST", headers, body: form.toString(), dispatcher });
  const { access_token } = await answer.body.json();
  return async (index) => {
    const { statusCode, headers, body } = await request(`${sandbox.apiUrl}/applications/${sandbox.orgId}/users`, {
      dispatcher,
      method: "POST",
      headers: {
        authorization: `Bearer ${access_token}`,
        accept: "application/json",
        "content-type": "application/json",
        "x-tallyfy-client": "APIClient",
      },
      body: JSON.stringify({ email: emailOf(index), first_name: "Ana", last_name: "Ruiz", role: "standard" }),
    });
    await body.dump();
    const told = headers["retry-after"];
    return { isRefused: statusCode === 429, pauseMs: told === undefined ? DEFAULT_PAUSE_MS : Number(told) * 1000 };
  };
}

/** A BullMQ worker, ten at once, that stops the whole queue on 429 (docs.bullmq.io, manual rate limit). */
export async function bullmq(sandbox, people) {
  const post = await poster(sandbox);
  return withPlace(async ({ redis }) => {
    const socketPath = redis.options.path;
    const connection = openConnection({ url: null, socketPath }, "bench-bullmq");
    const queue = new Queue("usual", { connection });
    // A limit must be there for the manual one to have an effect.
    await queue.setGlobalRateLimit(1_000_000, 1000);
    await queue.addBulk(Array.from({ length: people }, (_, index) => ({ name: "create", data: { index } })));
    let left = people;
    let end;
    const ended = new Promise((resolve) => {
      end = resolve;
    });
    async function work(job) {
      const { isRefused, pauseMs } = await post(job.data.index);
      if (isRefused) {
        await queue.rateLimit(pauseMs);
        throw Worker.RateLimitError();
      }
      left -= 1;
      if (left === 0) end();
    }
    const worker = new Worker("usual", work, {
      connection: openConnection({ url: null, socketPath }, "bench-worker"),
      concurrency: 10,
    });
    await ended;
    await worker.close();
    await queue.close();
    connection.disconnect();
    return {};
  });
}

/** Ten at once, each retried with exponential backoff from one second and jitter, as p-retry does it (twenty lines of our own). */
export async function retries(sandbox, people) {
  const post = await poster(sandbox);
  let next = 0;
  async function line() {
    while (next < people) {
      const index = next;
      next += 1;
      for (let attempt = 0; (await post(index)).isRefused; attempt += 1) {
        await delay(Math.min(30_000, 1000 * 2 ** attempt * (1 + Math.random())));
      }
    }
  }
  await Promise.all(Array.from({ length: 10 }, line));
  return {};
}

/** One after the other; a refusal is waited out as told, or a second. */
export async function serial(sandbox, people) {
  const post = await poster(sandbox);
  for (let index = 0; index < people; ) {
    const { isRefused, pauseMs } = await post(index);
    if (isRefused) await delay(pauseMs);
    else index += 1;
  }
  return {};
}
