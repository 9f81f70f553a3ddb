// Putting jobs on the queue: the same jobs as the program's, through BullMQ alone.

import { createHash } from "node:crypto";
import { Queue } from "bullmq";
import { openConnection } from "../../dist/store/connection.js";
import { stopwatch } from "../measured.mjs";

export async function bareAddBulk(socketPath, runId, count) {
  const connection = openConnection({ url: null, socketPath }, "bench-queue");
  const queue = new Queue("bare", { connection, prefix: "{bench}" });
  await queue.waitUntilReady();
  const took = stopwatch();
  for (let start = 0; start < count; start += 500) {
    const jobs = [];
    for (let index = start; index < Math.min(count, start + 500); index += 1) {
      const key = `E${String(index).padStart(7, "0")}`;
      const jobId = `${runId}-${createHash("sha256").update(key).digest("hex").slice(0, 24)}`;
      const opts = { jobId, attempts: 8, backoff: { type: "custom" } };
      jobs.push({ name: "create-user", data: { runId, key, op: "create" }, opts });
    }
    await queue.addBulk(jobs);
  }
  const answer = took();
  await queue.close();
  connection.disconnect();
  return answer;
}
