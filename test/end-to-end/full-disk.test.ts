// The archive lies on a disk of its own, and that disk is full: the run waits, says what to do, and goes on by itself. Mounting a disk
// needs root on Linux; elsewhere this is skipped.

import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { closedAfterEach } from "../support/closing.ts";
import { makeWorld, rosterCsv, startReady, until } from "../support/program.ts";
import { startRedis } from "../support/redis.ts";
import { canMount, smallDisk, unmount } from "../support/small-disk.ts";

const PEOPLE = 100;
const opened = closedAfterEach();

test.skipIf(!canMount())(
  "a roster that the archive has no room for waits whole, and everybody is created once there is",
  {
    timeout: 60_000,
  },
  async () => {
    const redis = await startRedis();
    opened.push(() => redis.stop());
    const sandbox = await startSandbox();
    opened.push(() => sandbox.close());
    const world = await makeWorld(sandbox, { REDIS_URL: redis.url });
    opened.push(() => world.remove());
    const archive = join(world.dataDir, "archive");
    await mkdir(archive, { mode: 0o700 });
    const disk = smallDisk(archive);
    opened.push(async () => unmount(archive));
    async function files(folder: string): Promise<readonly string[]> {
      const entries = await readdir(join(world.dataDir, folder), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile() && entry.name !== ".filler").map(({ name }) => name);
    }

    const daemon = await startReady([], world.env, opened);
    await disk.fill();
    const text = rosterCsv(PEOPLE);
    await writeFile(join(world.dataDir, ".monday.part"), text);
    await rename(join(world.dataDir, ".monday.part"), join(world.dataDir, "inbox", "monday.csv"));

    const [line] = await daemon.says(/^.*ENOSPC.*$/m);
    expect(JSON.parse(line)).toMatchObject({
      msg: expect.stringMatching(/disk .* full.* Free some space/),
      run: expect.any(String),
    });
    const [waiting = "", ...others] = await files("processing");
    expect(others).toEqual([]);
    expect(await readFile(join(world.dataDir, "processing", waiting), "utf8")).toBe(text);
    expect(await files("archive")).toEqual([]);
    expect(sandbox.counts.created).toBe(0);

    await disk.free();
    await until(
      async () => (await files("outbox")).some((name) => name.endsWith(".result.json")),
      30_000,
      () => daemon.stdout(),
    );
    const [archived = "", ...more] = await files("archive");
    expect(more).toEqual([]);
    const entries = await readdir(archive, { recursive: true });
    const path = entries.find((entry) => entry.endsWith(archived)) ?? "";
    expect(await readFile(join(archive, path), "utf8")).toBe(text);
    expect(await files("processing")).toEqual([]);
    expect([sandbox.counts.created, sandbox.counts.createdTwice]).toEqual([PEOPLE, 0]);
  },
);
