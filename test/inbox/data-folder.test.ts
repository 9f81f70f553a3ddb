import { chmod, chown, mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  checkDataFolder,
  DataFolderError,
  isDataFolder,
  isUntouched,
  openDataFolder,
  whyNotMade,
} from "../../src/inbox/data-folder.ts";
import { sweepTemporaries } from "../../src/inbox/durable.ts";
import { temporaryFolder } from "./scene.ts";

const FOLDERS = ["archive", "inbox", "outbox", "processing", "refused"];

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe("opening the data folder", () => {
  it("makes what is missing, closed to others, and leaves no traces of trying", async () => {
    const dataDir = join(await temporaryFolder(), "deep", "data");
    await openDataFolder(dataDir);
    expect((await readdir(dataDir)).sort()).toEqual([".data-id", ...FOLDERS]);
    for (const folder of FOLDERS) {
      expect(await mode(join(dataDir, folder))).toBe(0o700);
      expect(await readdir(join(dataDir, folder))).toEqual([]);
    }
  });

  it("leaves the rights of folders that exist, so that a share may drop files", async () => {
    const dataDir = await temporaryFolder();
    await mkdir(join(dataDir, "inbox"));
    await chmod(join(dataDir, "inbox"), 0o2775);
    await openDataFolder(dataDir);
    expect(await mode(join(dataDir, "inbox"))).toBe(0o775);
  });

  it("keeps its mark for good, and gives every folder another", async () => {
    const dataDir = await temporaryFolder();
    const first = await openDataFolder(dataDir);
    expect(first.dataId).toMatch(/^[0-9a-f]{16}$/);
    expect((await openDataFolder(dataDir)).dataId).toBe(first.dataId);
    expect((await openDataFolder(await temporaryFolder())).dataId).not.toBe(first.dataId);
  });

  it("makes one mark when many start at once", async () => {
    const dataDir = await temporaryFolder();
    const opened = await Promise.all(Array.from({ length: 10 }, () => openDataFolder(dataDir)));
    expect(new Set(opened.map((folder) => folder.dataId)).size).toBe(1);
    expect((await readdir(dataDir)).sort()).toEqual([".data-id", ...FOLDERS]);
  });

  it("says every problem at once, with what to do", async () => {
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, "inbox"), "");
    await writeFile(join(dataDir, "outbox"), "");
    const problems = await checkDataFolder(dataDir);
    expect(problems.map((problem) => problem.path)).toEqual([join(dataDir, "inbox"), join(dataDir, "outbox")]);
    const error = await openDataFolder(dataDir).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataFolderError);
    expect(String(error)).toContain(`${join(dataDir, "outbox")} is not a folder. Move away what is there`);
  });

  it("where its parent is somebody else's, says how to make it, and not to give the parent away", async () => {
    const parent = await temporaryFolder();
    await chmod(parent, 0o755);
    const dataDir = join(parent, "data");
    const own = process.geteuid?.() ?? 0;
    // Root may write anywhere, so that it has to be somebody else; whoever is not root closes the folder.
    if (own === 0) process.seteuid?.(65534);
    else await chmod(parent, 0o555);
    try {
      const [problem] = await checkDataFolder(dataDir);
      for (const { fix } of [problem, await whyNotMade(dataDir)].filter((each) => each != null))
        expect(fix).toMatch(new RegExp(`sudo install -d -o \\S+ -m 700 "${dataDir}"$`));
      expect(problem?.path).toBe(dataDir);
    } finally {
      if (own === 0) process.seteuid?.(own);
      else await chmod(parent, 0o755);
    }
  });

  it.runIf(process.geteuid?.() === 0)(
    "in use by somebody else, is not to be given away: commands are typed as its owner",
    async () => {
      const parent = await temporaryFolder();
      await chmod(parent, 0o755);
      const [used, fresh, foreign] = ["used", "fresh", "foreign"].map((name) => join(parent, name)) as [
        string,
        string,
        string,
      ];
      for (const dataDir of [used, foreign]) await openDataFolder(dataDir);
      await chown(used, 65534, 65534);
      await chown(foreign, 54321, 54321);
      await mkdir(fresh, { mode: 0o755 });
      process.seteuid?.(12345);
      try {
        const [closed] = await checkDataFolder(used);
        expect(closed?.what).toContain("belongs to nobody");
        expect(closed?.fix).toContain("sudo -u nobody ");
        expect(closed?.fix).not.toContain("chown");
        await expect(isDataFolder(used)).rejects.toThrow("belongs to nobody");
        await expect(isUntouched(used)).rejects.toThrow("belongs to nobody");
        expect((await checkDataFolder(foreign))[0]).toMatchObject({
          what: expect.stringContaining("belongs to the user 54321"),
          fix: expect.stringContaining("sudo -u \\#54321 "),
        });
        expect((await checkDataFolder(fresh))[0]?.fix).toMatch(/sudo chown \S+ "/);
      } finally {
        process.seteuid?.(0);
      }
      // What can be seen of it does not matter.
      await chmod(used, 0o755);
      process.seteuid?.(12345);
      try {
        expect((await checkDataFolder(used))[0]?.fix).not.toContain("chown");
      } finally {
        process.seteuid?.(0);
      }
    },
  );

  it("says so when the data folder itself is a file, or lies below one", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    for (const dataDir of [file, join(file, "data")]) {
      expect(await checkDataFolder(dataDir)).toEqual([
        expect.objectContaining({ path: dataDir, what: "is not a folder" }),
      ]);
    }
  });

  it.runIf(process.platform === "linux")(
    "says so where the system makes no folder, and does not try for ever",
    async () => {
      for (const dataDir of ["/proc/roster-sync", "/proc/roster-sync/data"]) {
        expect(await checkDataFolder(dataDir)).toEqual([
          expect.objectContaining({ path: dataDir, what: expect.stringContaining("cannot be made") }),
        ]);
      }
    },
  );

  it("does not invent a new mark over a damaged one", async () => {
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, ".data-id"), "garbage");
    await expect(openDataFolder(dataDir)).rejects.toThrow(/\.data-id is damaged/);
  });
});

describe("temporary files of a crash", () => {
  it("are cleared away when they are old, and nothing else is", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "2026/11"), { recursive: true });
    const ours = [".roster-sync-0123456789ab.part", "2026/11/.roster-sync-ba9876543210.part"];
    const others = ["monday.csv.part", ".roster-sync-x.part", "2026/11/monday.csv"];
    for (const name of [...ours, ...others]) {
      await writeFile(join(folder, name), "");
      await utimes(join(folder, name), 1000, 1000);
    }
    await sweepTemporaries(folder, Date.now());
    expect(await readdir(folder, { recursive: true })).toEqual(expect.arrayContaining(ours));
    await sweepTemporaries(folder, Date.now() + 2 * 3_600_000);
    const left = await readdir(folder, { recursive: true });
    expect(left.sort()).toEqual(["2026", "2026/11", ...others].sort());
  });
});
