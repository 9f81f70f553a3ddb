// A file that stays in the inbox is told of wherever somebody looks, and holds up no other.

import { spawnSync } from "node:child_process";
import { chmod, chown, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataFolder } from "../../src/inbox/data-folder.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import {
  builtProgram,
  type Environment,
  makeWorld,
  rosterCsv,
  runProgram,
  startReady,
  until,
  type World,
} from "../support/program.ts";
import { startRedis } from "../support/redis.ts";

const HOUR_MS = 3_600_000;
const NOBODY = 65534;
const IS_ROOT = process.getuid?.() === 0;
const opened = closedAfterEach();

async function open(extra: Environment = {}): Promise<World> {
  const redis = await startRedis();
  opened.push(() => redis.stop());
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, { REDIS_URL: redis.url, ...extra });
  opened.push(() => world.remove());
  return world;
}

interface Health {
  readonly status: string;
  readonly problems: readonly { readonly what: string; readonly doThis: string }[];
}

async function healthOf(url: string, status: string): Promise<Health> {
  let last = "";
  return until(
    async () => {
      last = await (await fetch(`${url}/healthz`)).text();
      const health = JSON.parse(last) as Health;
      return health.status === status ? health : null;
    },
    20_000,
    () => last,
  );
}

test("a file that is not what its checksum says is told of by another process, until it is gone", {
  timeout: 60_000,
}, async () => {
  const world = await open();
  await startReady(["--role", "intake", "--role", "worker"], world.env, opened);
  const web = await startReady(["--role", "web"], world.env, opened);
  const [, url = ""] = await web.says(/"web":"(http[^"]+)"/);
  await healthOf(url, "ok");
  const file = join(world.dataDir, "inbox/for ada@corp-roster.example.csv");
  await writeFile(`${file}.sha256`, "0".repeat(64));
  await writeFile(file, rosterCsv(3));

  const { problems } = await healthOf(url, "warning");
  const what =
    "for [address] in the inbox is not what its .sha256 file says and is not taken until one of the two changes.";
  const openly = "Something in the inbox is not taken. The overview names it.";
  expect(problems).toEqual([
    { what: openly, doThis: expect.stringContaining("drop both again, or remove the .sha256 file") },
  ]);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const page = await (await fetch(url)).text();
  expect(page).toContain("Something needs a look.");
  expect(page).toContain(what);
  expect(page).not.toContain("All is well.");
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('roster_sync_health{status="warning"} 1');
  expect((await runProgram(["doctor"], world.env)).stdout).toContain(`warning  inbox           ${what}`);

  await rm(file);
  await healthOf(url, "ok");
});

/** Whether a file can be made unreadable: root reads everything, and the program may lie where only root can. */
function canBeForbidden(): boolean {
  if (!IS_ROOT) return true;
  const asNobody = { uid: NOBODY, gid: NOBODY, cwd: "/" };
  return spawnSync(process.execPath, [builtProgram(), "--version"], asNobody).status === 0;
}

test.runIf(canBeForbidden())(
  "a file that may not be read is told of, and others are taken at once",
  {
    timeout: 60_000,
  },
  async () => {
    const world = await open({ INBOX_SCAN_MS: String(HOUR_MS) });
    await openDataFolder(world.dataDir);
    if (IS_ROOT) {
      for (const folder of ["", "inbox", "processing", "archive", "refused", "outbox", ".data-id"])
        await chown(join(world.dataDir, folder), NOBODY, NOBODY);
    }
    const humble = `--import data:text/javascript,process.setgroups([]);process.setgid(${NOBODY});process.setuid(${NOBODY})`;
    const daemon = await startReady([], { ...world.env, ...(IS_ROOT ? { NODE_OPTIONS: humble } : {}) }, opened);
    const [, url = ""] = await daemon.says(/"web":"(http[^"]+)"/);
    const file = join(world.dataDir, "inbox/secret.csv");
    await writeFile(file, rosterCsv(3), { mode: IS_ROOT ? 0o600 : 0 });

    const { problems } = await healthOf(url, "warning");
    expect(problems).toEqual([
      {
        what: "Something in the inbox is not taken. The overview names it.",
        doThis: "Give this user the right to read it; it is taken by itself then.",
      },
    ]);
    const named = "secret.csv in the inbox may not be read by the user that runs Roster Sync and stays there.";
    expect(await (await fetch(url)).text()).toContain(named);
    expect(daemon.stdout()).not.toContain("inotify");
    await writeFile(join(world.dataDir, "inbox/monday.csv"), rosterCsv(2));
    await daemon.says(/"file":"monday\.csv","msg":"a roster was taken/, 10_000);

    if (IS_ROOT) await chown(file, NOBODY, NOBODY);
    else await chmod(file, 0o600);
    await daemon.says(/"file":"secret\.csv","msg":"a roster was taken/, 10_000);
    await healthOf(url, "ok");
  },
);
