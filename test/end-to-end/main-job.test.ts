// The main job on the built program: files dropped into the inbox become Tallyfy users, once each.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import { makeWorld, type RunningProgram, rosterCsv, startProgram, until, type World } from "../support/program.ts";

const opened = closedAfterEach();

async function startAll(
  extra: Record<string, string> = {},
): Promise<{ sandbox: Sandbox; world: World; daemon: RunningProgram }> {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, extra);
  opened.push(() => world.remove());
  const daemon = startProgram(["start"], world.env);
  opened.push(() => {
    daemon.child.kill("SIGTERM");
    return daemon.ended;
  });
  await daemon.says(/"msg":"ready"/);
  return { sandbox, world, daemon };
}

async function answerOf(world: World, name: string): Promise<Record<string, unknown>> {
  const outbox = join(world.dataDir, "outbox");
  const file = await until(
    async () => (await readdir(outbox)).find((entry) => entry.startsWith(`${name}.`) && entry.endsWith(".json")),
    30_000,
    () => `an answer for ${name}`,
  );
  return until(
    async () => {
      const answer = JSON.parse(await readFile(join(outbox, file), "utf8")) as Record<string, unknown>;
      return answer.ended_at === null ? null : answer;
    },
    30_000,
    () => `the end of ${name}`,
  );
}

test("a dropped roster is provisioned once, the same file brings nothing, three new people bring three", {
  timeout: 90_000,
}, async () => {
  const { sandbox, world } = await startAll();
  const inbox = join(world.dataDir, "inbox");

  await writeFile(join(inbox, "monday.csv"), rosterCsv(40));
  const monday = await answerOf(world, "monday.csv");
  expect(monday).toMatchObject({ verdict: "closed", counts: { rows: 40, planned: 40, outcomes: { applied: 40 } } });
  expect(sandbox.counts.created).toBe(40);

  const attempts = sandbox.counts.createsAttempted;
  await writeFile(join(inbox, "again.csv"), rosterCsv(40));
  expect(await answerOf(world, "again.csv")).toMatchObject({ verdict: "nothing-new" });
  expect(sandbox.counts.createsAttempted).toBe(attempts);

  await writeFile(join(inbox, "tuesday.csv"), rosterCsv(43));
  expect(await answerOf(world, "tuesday.csv")).toMatchObject({
    counts: { planned: 3, unchanged: 40, outcomes: { applied: 3 } },
  });
  expect(sandbox.counts.createsAttempted).toBe(attempts + 3);
  expect(sandbox.counts.createdTwice).toBe(0);
  expect(sandbox.counts.violations).toEqual([]);

  expect(await readdir(inbox)).toEqual([]);
  expect(await readdir(join(world.dataDir, "processing"))).toEqual([]);
});

test("a file that is no roster is refused with a reason beside it, and nothing is created", async () => {
  const { sandbox, world } = await startAll();

  await writeFile(join(world.dataDir, "inbox", "notes.csv"), "Subject,Text\nHello,World\n");
  expect(await answerOf(world, "notes.csv")).toMatchObject({ verdict: "refused" });

  // The answer is written before the file is moved: whatever dies in between, the file is read again.
  const folder = join(world.dataDir, "refused");
  const refused = await until(
    async () => (await readdir(folder)).length === 2 && (await readdir(folder)),
    30_000,
    () => "the refused file and its reason",
  );
  const reason = refused.find((name) => name.endsWith(".reason.txt"));
  expect(await readFile(join(folder, reason ?? ""), "utf8")).toMatch(/e-mail/i);
  expect(sandbox.counts.created).toBe(0);
});

test("a file that lay in the inbox before the start is taken", async () => {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox);
  opened.push(() => world.remove());
  await mkdir(join(world.dataDir, "inbox"), { recursive: true });
  await writeFile(join(world.dataDir, "inbox", "early.CSV"), rosterCsv(5));

  const daemon = startProgram(["start"], world.env);
  opened.push(() => {
    daemon.child.kill("SIGTERM");
    return daemon.ended;
  });
  await daemon.says(/"msg":"ready"/);

  expect(await answerOf(world, "early.CSV")).toMatchObject({ counts: { outcomes: { applied: 5 } } });
});

test("SIGTERM ends the daemon within ten seconds, with exit code 0", async () => {
  const { daemon } = await startAll();

  const before = Date.now();
  daemon.child.kill("SIGTERM");
  const { exitCode } = await daemon.ended;

  expect(exitCode).toBe(0);
  expect(Date.now() - before).toBeLessThan(10_000);
});
