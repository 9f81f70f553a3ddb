// A process that takes one job and never comes back from it: made to be killed. Says "taken" once it has the job.
// Arguments: Redis port, queue name, key prefix.

import { Worker } from "bullmq";
import { Redis } from "ioredis";

const [, , port, name, prefix] = process.argv;
const connection = new Redis(Number(port), "127.0.0.1", { maxRetriesPerRequest: null });
const options = { connection, prefix, lockDuration: 500, stalledInterval: 300 };
new Worker(
  name,
  () => {
    process.stdout.write("taken\n");
    return new Promise(() => undefined);
  },
  options,
);
