import { copyFile, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRosterFiles } from "../../src/inbox/roster-files.ts";
import { openScene, type Scene, temporaryFolder } from "./scene.ts";

const RUN = "20261123-214544-3f9a";
const CLAIMED = `processing/${RUN}.monday.csv`;
const ARCHIVED = `archive/2026/11/${RUN}.monday.csv`;
const REFUSED = `refused/${RUN}.monday.csv`;
const AT = new Date("2026-11-23T22:00:00Z");

async function openFiles(text: string | null = "a,b\n") {
  const scene = await openScene();
  if (text !== null) await put(scene, CLAIMED, text);
  return { ...scene, files: createRosterFiles(scene.dataDir, scene.dataId) };
}

async function put(scene: Scene, path: string, text: string): Promise<void> {
  await mkdir(join(scene.dataDir, path, ".."), { recursive: true });
  await writeFile(join(scene.dataDir, path), text);
}

describe("archiving", () => {
  it("moves the file to the folder of its month, once and again", async () => {
    const { files, text, list } = await openFiles();
    expect(await files.archive(CLAIMED, AT)).toBe(ARCHIVED);
    expect(await files.archive(CLAIMED, AT)).toBe(ARCHIVED);
    expect(await files.archive(ARCHIVED, AT)).toBe(ARCHIVED);
    expect(await text(ARCHIVED)).toBe("a,b\n");
    expect(await list("processing")).toEqual([]);
    expect(await files.exists(ARCHIVED)).toBe(true);
    expect(await files.exists(CLAIMED)).toBe(false);
  });

  it("finds the file it archived before a crash, although a month has begun since", async () => {
    const { files } = await openFiles();
    await files.archive(CLAIMED, AT);
    expect(await files.archive(CLAIMED, new Date("2026-12-01T00:00:01Z"))).toBe(ARCHIVED);
  });

  it("finishes a copy that was cut off before its last step", async () => {
    const scene = await openFiles();
    await put(scene, ARCHIVED, "a,b\n");
    expect(await scene.files.archive(CLAIMED, new Date("2026-12-01T00:00:01Z"))).toBe(ARCHIVED);
    expect(await scene.list("processing")).toEqual([]);
    expect(await scene.list("archive/2026")).toEqual(["11"]);
  });

  it("finishes when both names are the same file", async () => {
    const scene = await openFiles();
    await mkdir(join(scene.dataDir, "archive/2026/11"), { recursive: true });
    await link(join(scene.dataDir, CLAIMED), join(scene.dataDir, ARCHIVED));
    expect(await scene.files.archive(CLAIMED, AT)).toBe(ARCHIVED);
    expect(await scene.text(ARCHIVED)).toBe("a,b\n");
  });

  it("never overwrites another content, and says where the file went, again too", async () => {
    const scene = await openFiles();
    await put(scene, ARCHIVED, "other");
    const numbered = `archive/2026/11/${RUN}.monday.2.csv`;
    expect(await scene.files.archive(CLAIMED, AT)).toBe(numbered);
    expect(await scene.files.archive(CLAIMED, AT)).toBe(numbered);
    expect(await scene.text(ARCHIVED)).toBe("other");
    expect(await scene.text(numbered)).toBe("a,b\n");
  });

  it("says what to do when somebody deleted the file", async () => {
    const { files } = await openFiles(null);
    await expect(files.archive(CLAIMED, AT)).rejects.toThrow(
      /20261123-214544-3f9a.*drop the roster into the inbox again/s,
    );
  });

  it("works when several do it at once", async () => {
    for (let round = 0; round < 20; round += 1) {
      const { files, text, list } = await openFiles();
      const places = await Promise.all(Array.from({ length: 4 }, () => files.archive(CLAIMED, AT)));
      expect(new Set(places)).toEqual(new Set([ARCHIVED]));
      expect(await text(ARCHIVED)).toBe("a,b\n");
      expect(await list("archive/2026/11")).toHaveLength(1);
    }
  });
});

describe("refusing", () => {
  it("moves the file and lays the reason beside it, once and again", async () => {
    const { files, text, list } = await openFiles();
    expect(await files.refuse(CLAIMED, "No header.")).toBe(REFUSED);
    expect(await files.refuse(CLAIMED, "No header.")).toBe(REFUSED);
    expect(await files.refuse(REFUSED, "No header.")).toBe(REFUSED);
    expect(await text(`${REFUSED}.reason.txt`)).toBe("No header.\n");
    expect(await list("refused")).toHaveLength(2);
    expect(await list("processing")).toEqual([]);
  });

  it("makes the folder again when somebody tidied it away", async () => {
    const scene = await openFiles();
    await rm(join(scene.dataDir, "refused"), { recursive: true });
    expect(await scene.files.refuse(CLAIMED, "No header.")).toBe(REFUSED);
  });

  it("fails when there is nothing to refuse, and leaves no reason behind", async () => {
    const { files, list } = await openFiles(null);
    await expect(files.refuse(CLAIMED, "No header.")).rejects.toThrow(/neither/);
    expect(await list("refused")).toEqual([]);
  });
});

describe("bringing a file from elsewhere", () => {
  it("copies it under the run's name and leaves the original", async () => {
    const { files, text, dataDir } = await openFiles(null);
    const source = join(await temporaryFolder(), "monday.csv");
    await writeFile(source, "a,b\n");
    expect(await files.bring(source, RUN)).toBe(CLAIMED);
    await writeFile(source, "changed meanwhile");
    expect(await files.bring(source, RUN)).toBe(CLAIMED);
    expect(await text(CLAIMED)).toBe("a,b\n");
    expect(await readFile(source, "utf8")).toBe("changed meanwhile");
    expect(files.absolute(CLAIMED)).toBe(join(dataDir, CLAIMED));
  });

  it("refuses a folder and a run id that is none", async () => {
    const { files } = await openFiles(null);
    await expect(files.bring(tmpdir(), RUN)).rejects.toThrow(/is not a file/);
    await expect(files.bring("/tmp/monday.csv", "../../x")).rejects.toThrow(/run id/);
  });
});

describe("the claimed files", () => {
  it("are those with a run's name; sidecars, temporary files and folders are none", async () => {
    const scene = await openFiles();
    await put(scene, `processing/${RUN}.monday.csv.done`, "");
    await put(scene, "processing/.roster-sync-0123456789ab.part", "");
    await put(scene, "processing/notes.csv", "");
    await mkdir(join(scene.dataDir, "processing/20261123-214544-3f9b.folder.csv"));
    await put(scene, "processing/20261122-000000-0001.su.nday.csv", "");
    expect(await scene.files.claimed()).toEqual([
      { runId: "20261122-000000-0001", fileName: "su.nday.csv", path: "processing/20261122-000000-0001.su.nday.csv" },
      { runId: RUN, fileName: "monday.csv", path: CLAIMED },
    ]);
  });
});

describe("a path", () => {
  it.each(["../etc/passwd", "/etc/passwd", "archive/../../x", "archive//x", "./x", ""])(
    "%j never leaves the data folder",
    async (path) => {
      const { files } = await openFiles(null);
      expect(() => files.absolute(path)).toThrow(/inside/);
    },
  );
});

it("hashes the content", async () => {
  const { files } = await openFiles("");
  expect(await files.hash(CLAIMED)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

describe("on a disk that fails", () => {
  it("a copy that could not be finished leaves nothing at the target, and the file where it was", async () => {
    const scene = await openFiles();
    const files = createRosterFiles(scene.dataDir, scene.dataId, async () => {
      throw Object.assign(new Error("EXDEV"), { code: "EXDEV" });
    });
    await mkdir(join(scene.dataDir, "archive/2026"), { recursive: true });
    await writeFile(join(scene.dataDir, "archive/2026/11"), "a file where a folder should be");
    await expect(files.archive(CLAIMED, AT)).rejects.toThrow();
    expect(await scene.text(CLAIMED)).toBe("a,b\n");
  });
});

it("a moved file keeps its time, across file systems too", async () => {
  const scene = await openFiles();
  const before = await stat(join(scene.dataDir, CLAIMED));
  const files = createRosterFiles(scene.dataDir, scene.dataId, async (from, to) => {
    if (from !== to) throw Object.assign(new Error("EXDEV"), { code: "EXDEV" });
    await rename(from, to);
  });
  await files.archive(CLAIMED, AT);
  expect(Math.abs((await stat(join(scene.dataDir, ARCHIVED))).mtimeMs - before.mtimeMs)).toBeLessThan(2);
  expect(await readdir(join(scene.dataDir, "processing"))).toEqual([]);
  await copyFile(join(scene.dataDir, ARCHIVED), join(scene.dataDir, CLAIMED));
  expect(await files.archive(CLAIMED, AT)).toBe(ARCHIVED);
});

describe("a roster of which only the run is known", () => {
  it.each([CLAIMED, ARCHIVED, REFUSED])("is found in %s, without what lies beside it", async (path) => {
    const scene = await openFiles(null);
    await put(scene, path, "a,b\n");
    await put(scene, `${path}.sha256`, "x");
    if (path === REFUSED) await put(scene, `${path}.reason.txt`, "why");
    expect(await scene.files.find(RUN)).toEqual({ runId: RUN, fileName: "monday.csv", path });
    expect(await scene.files.find("20261124-214544-3f9a")).toBeNull();
  });

  it("is the newest of the archive by its name, whatever its month", async () => {
    const scene = await openFiles(null);
    expect(await scene.files.newestArchived()).toBeNull();
    await put(scene, ARCHIVED, "a,b\n");
    await put(scene, "archive/2026/11/20261123-214543-ffff.a.csv", "a,b\n");
    await mkdir(join(scene.dataDir, "archive/2026/12"));
    expect(await scene.files.newestArchived()).toEqual({ runId: RUN, fileName: "monday.csv", path: ARCHIVED });
  });
});
