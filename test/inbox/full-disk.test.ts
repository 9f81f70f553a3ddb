// A roster is copied where its folders lie on several file systems, and a copy meets a full disk, which a rename never does. The disk
// is a real one: mounting it needs root on Linux, and elsewhere these tests are skipped.

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { stuckMessage } from "../../src/domain/stuck-files.ts";
import { claim } from "../../src/inbox/claim.ts";
import { createRosterFiles } from "../../src/inbox/roster-files.ts";
import { canMount, type SmallDisk, smallDisk, unmount } from "../support/small-disk.ts";
import { openScene, type Scene, temporaryFolder, watchScene } from "./scene.ts";

const RUN = "20261123-214544-3f9a";
const AT = new Date("2026-11-23T00:00:00Z");
const TEXT = "Employee ID,E-mail\n".repeat(5_000);
const FULL = expect.objectContaining({ code: "ENOSPC" });

/** A data folder of which one folder lies on a disk of its own. */
async function openWith(folder: string): Promise<{ scene: Scene; disk: SmallDisk }> {
  const scene = await openScene();
  const path = join(scene.dataDir, folder);
  const disk = smallDisk(path);
  onTestFinished(() => unmount(path));
  return { scene, disk };
}

/** Files in it, whatever their names and folders, but for what fills the disk. */
async function filesIn(scene: Scene, folder: string): Promise<readonly string[]> {
  const names = await scene.list(folder);
  return names.filter((name) => name !== ".filler");
}

describe.skipIf(!canMount())("on a disk that is full (skipped where no file system may be mounted)", () => {
  // No room at all, room for half of it, and room for all but the last piece.
  describe.each([0, 40_000, 90_000])("but for %i bytes", (room) => {
    it("archiving leaves the roster where it was, and nothing in the archive; with room it goes there whole", async () => {
      const { scene, disk } = await openWith("archive");
      const files = createRosterFiles(scene.dataDir, scene.dataId);
      await scene.drop("monday.csv", TEXT);
      const claimed = await claim(scene.dataDir, "monday.csv", RUN);
      const path = claimed?.path ?? "";
      await disk.fill(room);
      for (let tries = 0; tries < 2; tries += 1) {
        await expect(files.archive(path, AT)).rejects.toEqual(FULL);
        expect(await scene.text(path)).toBe(TEXT);
        expect(await scene.list("archive/2026/11")).toEqual([]);
        expect(await files.find(RUN)).toEqual(claimed);
      }
      await disk.free();
      expect(await scene.text(await files.archive(path, AT))).toBe(TEXT);
      expect(await scene.list("archive/2026/11")).toEqual([`${RUN}.monday.csv`]);
      expect(await scene.list("processing")).toEqual([]);
    });

    it("refusing leaves the roster where it was; with room it is refused whole, with its reason", async () => {
      const { scene, disk } = await openWith("refused");
      const files = createRosterFiles(scene.dataDir, scene.dataId);
      await scene.drop("monday.csv", TEXT);
      const path = (await claim(scene.dataDir, "monday.csv", RUN))?.path ?? "";
      await disk.fill(room);
      await expect(files.refuse(path, "No header.")).rejects.toEqual(FULL);
      expect(await scene.text(path)).toBe(TEXT);
      const reason = `${RUN}.monday.csv.reason.txt`;
      expect(await filesIn(scene, "refused")).toEqual(room === 0 ? [] : [reason]);
      await disk.free();
      expect(await scene.text(await files.refuse(path, "No header."))).toBe(TEXT);
      expect(await filesIn(scene, "refused")).toEqual([`${RUN}.monday.csv`, reason]);
      expect(await scene.list("processing")).toEqual([]);
    });

    it("what a command brings is not there at all; with room it is there whole", async () => {
      const { scene, disk } = await openWith("processing");
      const files = createRosterFiles(scene.dataDir, scene.dataId);
      const source = join(await temporaryFolder(), "by-hand.csv");
      await writeFile(source, TEXT);
      await disk.fill(room);
      await expect(files.bring(source, RUN)).rejects.toEqual(FULL);
      expect(await filesIn(scene, "processing")).toEqual([]);
      expect(await files.claimed()).toEqual([]);
      await disk.free();
      expect(await scene.text(await files.bring(source, RUN))).toBe(TEXT);
    });

    it("a file stays in the inbox under its own name and is told of; with room the next scan takes it", async () => {
      const { scene, disk } = await openWith("processing");
      const watched = await watchScene({}, scene);
      await scene.drop("monday.csv", TEXT);
      await disk.fill(room);
      await watched.later(2000);
      expect(watched.taken()).toEqual([]);
      expect(await scene.list("inbox")).toEqual(["monday.csv"]);
      expect(await scene.text("inbox/monday.csv")).toBe(TEXT);
      expect(await filesIn(scene, "processing")).toEqual([]);
      const said = watched.lines.filter(({ level }) => level === "error");
      expect(said.map(({ message, fields }) => [message, fields.code])).toEqual([[stuckMessage("untaken"), "ENOSPC"]]);
      expect(watched.watch.report().problems[0]?.doThis).toContain("free some space where the disk is full");
      await disk.free();
      await watched.later(2000);
      expect(await scene.text(watched.claimed[0]?.path ?? "")).toBe(TEXT);
      expect(await scene.list("inbox")).toEqual([]);
      expect(watched.watch.report().problems).toEqual([]);
    });
  });

  it("a copy that was cut off under its own name is taken for none: the roster goes beside it whole", async () => {
    const { scene } = await openWith("archive");
    const files = createRosterFiles(scene.dataDir, scene.dataId);
    await scene.drop("monday.csv", TEXT);
    const path = (await claim(scene.dataDir, "monday.csv", RUN))?.path ?? "";
    const place = await files.archive(path, AT);
    await rm(join(scene.dataDir, place));
    await scene.drop(`../processing/${RUN}.monday.csv`, TEXT);
    await scene.drop(`../${place}`, TEXT.slice(0, 100));
    expect(await scene.text(await files.archive(path, AT))).toBe(TEXT);
  });
});
