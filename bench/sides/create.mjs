// Creating people: the program's worker, and the least that BullMQ and undici need for the same requests.

import { createHash } from "node:crypto";
import { Queue, Worker } from "bullmq";
import { Agent, request } from "undici";
import { openConnection } from "../../dist/store/connection.js";
import { stopwatch } from "../measured.mjs";
import { openProgram } from "../places.mjs";

/** `sandbox`: where it is, and its credentials. Prints nothing; ends when everybody is settled. */
export async function program(dataDir, sandbox, runId, file, concurrency) {
  const env = {
    TALLYFY_ORG_ID: sandbox.orgId,
    TALLYFY_CLIENT_ID: sandbox.clientId,
    TALLYFY_CLIENT_SECRET: sandbox.clientSecret,
    TALLYFY_TOKEN_URL: sandbox.tokenUrl,
    TALLYFY_API_URL: sandbox.apiUrl,
    RATE_PER_SECOND: "10000",
    HOURLY_BUDGET: "10000000",
    WORKER_CONCURRENCY: String(concurrency),
  };
  const { assembly, app } = await openProgram(dataDir, env);
  const { sync } = await import("../../dist/app/sync.js");
  const { startPeopleWorker } = await import("../../dist/workers.js");
  await app.files.bring(file, runId);
  const bell = { kind: "roster", runId, dataId: app.files.dataId, trigger: "inbox", isForced: false };
  await sync(bell, Date.now() + 3_600_000, app);
  const { planned } = (await app.runs.get(runId)).counts;

  const settledAll = deferred();
  let settled = 0;
  const took = stopwatch();
  const worker = await startPeopleWorker(assembly, (step) => {
    if (step.next !== "settle") return;
    settled += 1;
    if (settled === planned) settledAll.resolve();
  });
  // The bench measures what is done for each person, not the pace at which people are let through.
  await assembly.queues.provision.removeGlobalRateLimit();
  await settledAll.promise;
  const answer = took();
  await worker.stop(1000);
  const { outcomes } = (await app.runs.get(runId)).counts;
  await assembly.close();
  return { ...answer, applied: outcomes.applied };
}

/** @param people so many jobs, added beforehand; each posts once */
export async function bare(socketPath, sandbox, people, concurrency) {
  const address = { url: null, socketPath };
  const connection = openConnection(address, "bench-bare");
  const queue = new Queue("bare", { connection, prefix: "{bench}" });
  for (let start = 0; start < people; start += 500) {
    const jobs = [];
    for (let index = start; index < Math.min(people, start + 500); index += 1) {
      const jobId = createHash("sha256").update(String(index)).digest("hex").slice(0, 24);
      jobs.push({
        name: "create-user",
        data: { index },
        opts: { jobId, attempts: 8, removeOnComplete: { count: 1000 } },
      });
    }
    await queue.addBulk(jobs);
  }
  const dispatcher = new Agent({ connections: concurrency });
  const token = await tokenFor(sandbox, dispatcher);
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    accept: "application/json",
    "x-tallyfy-client": "APIClient",
  };
  const url = `${sandbox.apiUrl}/applications/${sandbox.orgId}/users`;
  const all = deferred();
  let done = 0;
  let refused = 0;
  const took = stopwatch();
  const worker = new Worker(
    "bare",
    async ({ data }) => {
      const body = JSON.stringify({
        email: `bare${data.index}@corp.example`,
        first_name: "Gw",
        last_name: "van der Haus",
        role: "standard",
      });
      const answer = await request(url, { method: "POST", headers, body, dispatcher });
      await answer.body.text();
      if (answer.statusCode >= 300) refused += 1;
    },
    { connection: openConnection(address, "bench-worker"), prefix: "{bench}", concurrency },
  );
  worker.on("completed", () => {
    done += 1;
    if (done === people) all.resolve();
  });
  await all.promise;
  const answer = took();
  if (refused > 0) throw new Error(`the sandbox refused ${refused} of the bare worker's requests`);
  return answer;
}

async function tokenFor({ tokenUrl, clientId, clientSecret }, dispatcher) {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope: "*",
  }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  const answer = await request(tokenUrl, { method: "POST", headers, body, dispatcher });
  return (await answer.body.json()).access_token;
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
