// Moving between two file systems. /dev/shm is a real other one beside /tmp on Linux; elsewhere a rename that cannot leave its
// folder stands in for it, and the files are real all the same.

import { existsSync, readdirSync } from "node:fs";
import { mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { claim } from "../../src/inbox/claim.ts";
import { openDataFolder } from "../../src/inbox/data-folder.ts";
import type { Rename } from "../../src/inbox/moving.ts";
import { claimMark } from "../../src/inbox/names.ts";
import { createRosterFiles } from "../../src/inbox/roster-files.ts";
import { newRunId, openScene, renameWithin, type Scene, temporaryFolder, watchScene } from "./scene.ts";

const RUN = "20261123-214544-3f9a";
const OTHER = "/dev/shm";

async function isOtherFileSystem(): Promise<boolean> {
  return existsSync(OTHER) && (await stat(OTHER)).dev !== (await stat(tmpdir())).dev;
}

/** A data folder whose `processing/` lies on another file system than the rest. */
async function openDivided(): Promise<{ dataDir: string; dataId: string; rename: Rename }> {
  const folder = await temporaryFolder();
  if (!(await isOtherFileSystem())) return { ...(await openDataFolder(folder)), rename: renameWithin(rename) };
  await symlink(await temporaryFolder(OTHER), join(folder, "processing"));
  return { ...(await openDataFolder(folder)), rename };
}

describe("with processing/ on another file system", () => {
  it("a file is claimed, archived and refused whole", async () => {
    const { dataDir, dataId, rename } = await openDivided();
    const text = "Employee ID\n".repeat(50_000);
    for (const name of ["good.csv", "bad.csv"]) await writeFile(join(dataDir, "inbox", name), text);
    await writeFile(join(dataDir, "inbox", "good.csv.done"), "");
    const files = createRosterFiles(dataDir, dataId, rename);
    const good = await claim(dataDir, "good.csv", RUN, rename);
    const bad = await claim(dataDir, "bad.csv", RUN, rename);
    expect(await files.claimed()).toEqual([bad, good]);
    const archived = await files.archive(good?.path ?? "", new Date("2026-11-23T00:00:00Z"));
    const refused = await files.refuse(bad?.path ?? "", "No header.");
    expect(archived).toBe(`archive/2026/11/${RUN}.good.csv`);
    expect(await files.exists(`${archived}.done`)).toBe(true);
    expect((await stat(files.absolute(archived))).size).toBe(text.length);
    expect(await files.hash(archived)).toBe(await files.hash(refused));
    expect(await files.claimed()).toEqual([]);
  });

  it("of many who claim at once, one gets the file", async () => {
    const { dataDir, rename } = await openDivided();
    await writeFile(join(dataDir, "inbox", "monday.csv"), "x".repeat(100_000));
    const runIds = Array.from({ length: 12 }, (_, index) => `20261123-214544-${String(index).padStart(4, "0")}`);
    const claims = await Promise.all(runIds.map((runId) => claim(dataDir, "monday.csv", runId, rename)));
    expect(claims.filter((file) => file !== null)).toHaveLength(1);
  });
});

describe("with a rename that cannot leave its folder", () => {
  it("the watch takes files all the same, and leaves nothing in the inbox", async () => {
    const scene = await watchScene({ rename: renameWithin(rename) });
    await scene.drop("monday.csv", "content");
    await scene.later(1000);
    expect(await scene.text(scene.claimed[0]?.path ?? "")).toBe("content");
    expect(await scene.list("inbox")).toEqual([]);
  });

  it("a copy that fails puts the file back under its own name", async () => {
    const scene = await openScene();
    await scene.drop("monday.csv", "content");
    const broken: Rename = async (from, to) => {
      await rm(join(scene.dataDir, "processing"), { recursive: true, force: true });
      await renameWithin(rename)(from, to);
    };
    await expect(claim(scene.dataDir, "monday.csv", RUN, broken)).rejects.toThrow();
    expect(await scene.list("inbox")).toEqual(["monday.csv"]);
    expect(await scene.text("inbox/monday.csv")).toBe("content");
    expect((await claim(scene.dataDir, "monday.csv", RUN))?.fileName).toBe("monday.csv");
  });
});

describe("when the mark of a half-claimed file is gone after the copy", () => {
  /** Claims by way of a mark. `happens` is called with it while the copy is being made, which goes on: the file is open. */
  async function claimWhile(scene: Scene, happens: (mark: string) => Promise<void>) {
    let happened: Promise<void> | null = null;
    const within = renameWithin(rename);
    const afterMark: Rename = async (from, to) => {
      await within(from, to);
      const look = setInterval(() => {
        if (happened !== null || readdirSync(join(scene.dataDir, "processing")).length === 0) return;
        clearInterval(look);
        happened = happens(to);
      }, 0);
    };
    const file = await claim(scene.dataDir, "monday.csv", RUN, afterMark);
    expect(happened).not.toBeNull();
    await happened;
    return file;
  }

  it("the copy stays where nobody else has the file: a lost answer of the file server loses no roster", async () => {
    const scene = await openScene();
    await scene.drop("monday.csv", "x".repeat(20_000_000));
    const file = await claimWhile(scene, (mark) => rm(mark));
    expect(file?.fileName).toBe("monday.csv");
    expect(await scene.list("processing")).toEqual([`${RUN}.monday.csv`]);
  });

  it("the copy goes where another intake, which took us for dead, has the file in hand", async () => {
    const scene = await openScene();
    await scene.drop("monday.csv", "x".repeat(20_000_000));
    const others = claimMark(newRunId(), "monday.csv");
    const file = await claimWhile(scene, (mark) => rename(mark, join(scene.dataDir, "inbox", others)));
    expect(file).toBeNull();
    expect(await scene.list("processing")).toEqual([]);
    expect(await scene.list("inbox")).toEqual([others]);
  });
});

it("of many who claim at once on one file system, one gets the file", async () => {
  const scene = await openScene();
  await scene.drop("monday.csv");
  const runIds = Array.from({ length: 12 }, (_, index) => `20261123-214544-${String(index).padStart(4, "0")}`);
  const claims = await Promise.all(runIds.map((runId) => claim(scene.dataDir, "monday.csv", runId)));
  expect(claims.filter((file) => file !== null)).toHaveLength(1);
  expect(await scene.list("processing")).toHaveLength(1);
});

describe("between the last look and the claim", () => {
  it("another file that came under the same name goes back, and is taken once it is complete itself", async () => {
    const scene = await openScene();
    await scene.drop("monday.csv", "the file that was seen");
    const seen = { size: 22, mtimeMs: (await stat(join(scene.dataDir, "inbox", "monday.csv"))).mtimeMs, inode: 1 };
    await scene.drop("monday.csv", "half of the ne");
    expect(await claim(scene.dataDir, "monday.csv", RUN, rename, seen)).toBeNull();
    expect(await scene.text("inbox/monday.csv")).toBe("half of the ne");
    expect(await scene.list("processing")).toEqual([]);
    expect(await claim(scene.dataDir, "monday.csv", RUN, renameWithin(rename), seen)).toBeNull();
    expect(await scene.list("inbox")).toEqual(["monday.csv"]);
  });

  it("what goes back never replaces what was dropped meanwhile", async () => {
    const scene = await openScene();
    await scene.drop("monday.csv", "second");
    const thirdComes: Rename = async (from, to) => {
      await rename(from, to);
      await scene.drop("monday.csv", "third");
    };
    const seen = { size: 1, mtimeMs: 1, inode: 1 };
    expect(await claim(scene.dataDir, "monday.csv", RUN, thirdComes, seen)).toBeNull();
    expect(await scene.text("inbox/monday.csv")).toBe("third");
    expect(await scene.text("inbox/monday.2.csv")).toBe("second");
  });
});

it("a file server that renames and loses its answer has renamed: the file is ours", async () => {
  const scene = await openScene();
  await scene.drop("monday.csv", "content");
  const lossy: Rename = async (from, to) => {
    await rename(from, to);
    await rename(from, to); // The client asks again.
  };
  const file = await claim(scene.dataDir, "monday.csv", RUN, lossy);
  expect(await scene.text(file?.path ?? "")).toBe("content");
});

it("a half-claimed file whose copy has gone to the archive by now is not taken again", async () => {
  const scene = await openScene();
  await scene.drop(`.claim.${RUN}.monday.csv`, "content");
  await mkdir(join(scene.dataDir, "archive/2026/11"), { recursive: true });
  await scene.drop(`../archive/2026/11/${RUN}.monday.csv`, "content");
  expect(await claim(scene.dataDir, `.claim.${RUN}.monday.csv`, RUN.replace("3f9a", "0001"))).toBeNull();
  expect(await scene.list("inbox")).toEqual([]);
  expect(await scene.list("processing")).toEqual([]);
});
