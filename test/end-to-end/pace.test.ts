// A limit that nobody told the program, and two processes that find it together: everybody is created, few calls are refused, and the
// next roster knows already.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import { makeWorld, rosterCsv, startProgram, until } from "../support/program.ts";

const opened = closedAfterEach();

test("a run against an unknown limit ends with everybody created once and few refusals; the next run meets hardly any", {
  timeout: 120_000,
}, async () => {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  Object.assign(sandbox.switches.rateLimit, {
    kind: "sliding",
    max: 20,
    windowMs: 1000,
    retryAfter: "seconds",
    scope: "org",
  });
  const world = await makeWorld(sandbox, { TRUST_ROWS_MORE_COUNT: "1000" });
  opened.push(() => world.remove());
  for (const words of [["start"], ["start", "--role", "worker"]]) {
    const daemon = startProgram(words, world.env);
    opened.push(() => {
      daemon.child.kill("SIGTERM");
      return daemon.ended;
    });
    await daemon.says(/"msg":"ready"/);
  }
  const { counts } = sandbox;
  const created = (people: number) =>
    until(
      () => counts.created >= people,
      45_000,
      () => `${counts.created} of ${people}`,
    );

  await writeFile(join(world.dataDir, "inbox", "monday.csv"), rosterCsv(120));
  await created(120);
  expect(counts.refused429).toBeGreaterThan(0);
  expect(counts.refused429).toBeLessThanOrEqual(30);

  const before = counts.refused429;
  await writeFile(join(world.dataDir, "inbox", "tuesday.csv"), rosterCsv(200));
  await created(200);
  expect(counts.refused429 - before).toBeLessThanOrEqual(8);
  expect([counts.created, counts.createdTwice, counts.taken]).toEqual([200, 0, 0]);
});
