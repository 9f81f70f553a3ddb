// Nobody is created twice and nobody is lost, whatever dies: 500 people, a faulty Tallyfy, a daemon killed three times, a
// Redis restarted once.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import { makeWorld, rosterCsv, runProgram, startProgram, until } from "../support/program.ts";
import { startRedis } from "../support/redis.ts";

const PEOPLE = 500;
const opened = closedAfterEach();

test("500 people through faults, three kills and a Redis restart: each exactly once, the run closed", {
  timeout: 240_000,
}, async () => {
  const redis = await startRedis();
  opened.push(() => redis.stop());
  const sandbox = await startSandbox({
    seed: 7,
    switches: {
      failAfterWriteShare: 0.03,
      failBeforeWriteShare: 0.03,
      resetShare: 0.02,
      rateLimit: { kind: "sliding", max: 50, windowMs: 1000, retryAfter: "seconds", headers: false },
    },
  });
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, {
    REDIS_URL: redis.url,
    RATE_PER_SECOND: "48",
    RETRY_BASE_MS: "200",
    RETRY_ATTEMPTS: "12",
  });
  opened.push(() => world.remove());

  let daemon = startProgram(["start"], world.env);
  opened.push(() => {
    daemon.child.kill("SIGKILL");
    return daemon.ended;
  });
  await daemon.says(/"msg":"ready"/);
  await writeFile(join(world.dataDir, "inbox", "all.csv"), rosterCsv(PEOPLE));

  for (const share of [0.1, 0.35, 0.6]) {
    await until(
      () => sandbox.counts.created >= PEOPLE * share,
      60_000,
      () => `${sandbox.counts.created} of ${share}`,
    );
    daemon.child.kill("SIGKILL");
    await daemon.ended;
    daemon = startProgram(["start"], world.env);
    await daemon.says(/"msg":"ready"/);
  }
  await until(
    () => sandbox.counts.created >= PEOPLE * 0.8,
    60_000,
    () => `${sandbox.counts.created} created`,
  );
  await redis.restart();

  const run = await until(
    async () => {
      const { stdout } = await runProgram(["runs", "--json"], world.env);
      const runs = JSON.parse(stdout || "[]") as {
        state: string;
        counts: { open: number; outcomes: Record<string, number> };
      }[];
      return runs.find((one) => one.state === "closed");
    },
    120_000,
    () => `the run to close; ${sandbox.counts.created} created\n${daemon.stdout().slice(-3000)}`,
  );

  const { applied = 0, already = 0 } = run.counts.outcomes;
  expect(applied + already).toBe(PEOPLE);
  expect(sandbox.counts.created).toBe(PEOPLE);
  expect(sandbox.counts.createdTwice).toBe(0);
  expect(run.counts.open).toBe(0);
});
