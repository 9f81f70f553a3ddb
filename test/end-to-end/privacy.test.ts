// No e-mail address and no name in any log line, job, failed reason, metric or Redis key of a whole run, failures included.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Queue } from "bullmq";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import { makeWorld, PERSONAL, rosterCsv, runProgram, startProgram, until } from "../support/program.ts";
import { startRedis } from "../support/redis.ts";

const opened = closedAfterEach();

test("a whole run with refusals leaves no personal data where it does not belong", { timeout: 90_000 }, async () => {
  const redis = await startRedis();
  opened.push(() => redis.stop());
  const sandbox = await startSandbox({
    switches: {
      otherOrgEmails: ["person.00003@corp-roster.example"],
      otherOrgOnCreate: "taken",
      failBeforeWriteShare: 0.05,
    },
  });
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, { REDIS_URL: redis.url, RETRY_BASE_MS: "50", LOG_LEVEL: "debug" });
  opened.push(() => world.remove());
  const daemon = startProgram(["start"], world.env);
  opened.push(() => {
    daemon.child.kill("SIGTERM");
    return daemon.ended;
  });
  const [, web] = await daemon.says(/"web":"(http[^"]+)"/);

  const broken =
    "E90001,Givenx,Familyx,not-an-address,Active,2024-01-15\nE90002,Giveny,,person.90002@corp-roster.example,Active,31/31/2024\n";
  await writeFile(join(world.dataDir, "inbox", "monday.csv"), rosterCsv(30) + broken);
  await daemon.says(/"msg":"run ended"/, 60_000);
  await runProgram(["runs"], world.env);

  const client = redis.connect();
  opened.push(async () => client.disconnect());
  const keys = await client.keys("*");
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter((key) => PERSONAL.test(key))).toEqual([]);

  const prefix = `{roster-sync:${sandbox.orgId}}`;
  for (const name of ["roster-sync", "provision"]) {
    const queue = new Queue(name, { connection: client, prefix });
    const jobs = await queue.getJobs(["completed", "failed", "waiting", "delayed", "active"]);
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) expect(JSON.stringify(job.toJSON())).not.toMatch(PERSONAL);
    await queue.close();
  }

  const lines = daemon.stdout().split("\n");
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.filter((line) => PERSONAL.test(line))).toEqual([]);
  for (const path of ["/metrics", "/", "/healthz"]) {
    const page = await until(
      async () => (await fetch(new URL(path, web))).text(),
      5000,
      () => path,
    );
    expect(page).not.toMatch(/corp-roster|person\.\d{5}|Given|Family/);
  }

  // What is kept in values after the run has ended must not hold anybody either.
  const values = await Promise.all(keys.map((key) => dump(client, key)));
  expect(values.filter((value) => /corp-roster|Given|Family/.test(value))).toEqual([]);
});

type Client = ReturnType<Awaited<ReturnType<typeof startRedis>>["connect"]>;

async function dump(client: Client, key: string): Promise<string> {
  switch (await client.type(key)) {
    case "hash":
      return JSON.stringify(await client.hgetall(key));
    case "list":
      return JSON.stringify(await client.lrange(key, "0", "-1"));
    case "set":
      return JSON.stringify(await client.smembers(key));
    case "zset":
      return JSON.stringify(await client.zrange(key, "0", "-1"));
    case "stream":
      return JSON.stringify(await client.xrange(key, "-", "+"));
    case "string":
      return (await client.get(key)) ?? "";
    default:
      return "";
  }
}
