// Whoever may write into the inbox may try to make the program read, move or overwrite something else. Nothing but a regular
// file is ever opened, nothing leaves the data folder, and one bad file holds up no other.

import { execFileSync } from "node:child_process";
import { link, lstat, lutimes, mkdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { claim } from "../../src/inbox/claim.ts";
import { copyPlain, hashFile } from "../../src/inbox/durable.ts";
import { claimedName, fittingName, parseClaimedName, shownName } from "../../src/inbox/names.ts";
import { createRosterFiles } from "../../src/inbox/roster-files.ts";
import { newRunId, openScene, renameWithin, SETTLE_MS, temporaryFolder, watchScene } from "./scene.ts";

const SECRET = "top secret,of another program\n";

describe("something that is not a roster file, under a roster's name", () => {
  it("is never opened, never moved, and said once: links of every kind, pipes, sockets, devices, folders", async () => {
    const scene = await watchScene();
    const inbox = join(scene.dataDir, "inbox");
    const outside = await temporaryFolder();
    await writeFile(join(outside, "secret.csv"), SECRET);
    await symlink(join(outside, "secret.csv"), join(inbox, "to-file.csv"));
    await symlink(outside, join(inbox, "to-folder.csv"));
    await symlink(join(outside, "not-there"), join(inbox, "dangling.csv"));
    await symlink("/etc/passwd", join(inbox, "passwd.csv"));
    await symlink("/dev/zero", join(inbox, "device.csv"));
    await symlink("loop.csv", join(inbox, "loop.csv"));
    await symlink("..", join(inbox, "parent.csv"));
    execFileSync("mkfifo", [join(inbox, "pipe.csv")]);
    await mkdir(join(inbox, "folder.csv"));
    const socket = createServer().listen(join(inbox, "socket.csv"));
    onTestFinished(() => void socket.close());
    const before = await scene.list("inbox");

    await scene.drop("monday.csv");
    for (let round = 0; round < 3; round += 1) await scene.later(SETTLE_MS);

    expect(scene.taken()).toEqual(["monday.csv"]);
    expect(await scene.list("inbox")).toEqual(before);
    expect(
      scene.lines
        .filter(({ level }) => level === "warn")
        .map(({ fields }) => fields.file)
        .sort(),
    ).toEqual(before);
    expect(await scene.list("processing")).toHaveLength(1);
    expect(await readFile(join(outside, "secret.csv"), "utf8")).toBe(SECRET);
  });

  it("is not read where its mark or checksum is a pipe or a link: the watch does not hang on it", async () => {
    const scene = await watchScene();
    const inbox = join(scene.dataDir, "inbox");
    execFileSync("mkfifo", [join(inbox, "monday.csv.sha256"), join(inbox, "monday.csv.done")]);
    await symlink("/dev/zero", join(inbox, "tuesday.csv.sha256"));
    await scene.drop("monday.csv");
    await scene.drop("tuesday.csv");
    await scene.later(SETTLE_MS);
    expect([...scene.taken()].sort()).toEqual(["monday.csv", "tuesday.csv"]);
  });

  it.each(["link", "pipe"])("a %s that takes the file's place once it was looked at is not followed", async (kind) => {
    const scene = await openScene();
    const inbox = join(scene.dataDir, "inbox");
    const path = join(inbox, "monday.csv");
    // As long as the link's own text, and as old: nothing but its kind tells them apart.
    await writeFile(path, "x".repeat("/etc/passwd".length));
    const seen = await stat(path);
    async function swap(from: string, to: string): Promise<void> {
      await rm(from);
      if (kind === "pipe") execFileSync("mkfifo", [from]);
      else {
        await symlink("/etc/passwd", from);
        await lutimes(from, seen.atime, seen.mtime);
      }
      await rename(from, to);
    }
    const sighting = { size: seen.size, mtimeMs: seen.mtimeMs, inode: seen.ino };
    expect(await claim(scene.dataDir, "monday.csv", newRunId(), swap, sighting)).toBeNull();
    expect(await scene.list("processing")).toEqual([]);
    expect((await lstat(path)).isFile()).toBe(false);
    await expect(hashFile(path)).rejects.toMatchObject({ code: "EPLAIN" });
  });

  it("a link that takes the place of a file being copied from another file system is not followed, and goes back", async () => {
    const scene = await openScene();
    const path = join(scene.dataDir, "inbox", "monday.csv");
    await writeFile(path, "Employee ID,E-mail\n");
    const within = renameWithin(rename);
    async function swapped(from: string, to: string): Promise<void> {
      await within(from, to);
      if (from !== path) return;
      await rm(to);
      await symlink("/etc/passwd", to);
    }
    await expect(claim(scene.dataDir, "monday.csv", newRunId(), swapped)).resolves.toBeNull();
    await expect(copyPlain(path, join(scene.dataDir, "processing", "x"))).rejects.toMatchObject({ code: "EPLAIN" });
    expect(await scene.list("processing")).toEqual([]);
    expect(await scene.list("inbox")).toEqual(["monday.csv"]);
  });

  it("in processing, put there by hand, is no claimed file and is never archived", async () => {
    const { dataDir, dataId } = await openScene();
    const files = createRosterFiles(dataDir, dataId);
    await symlink("/etc/passwd", join(dataDir, "processing", `${newRunId()}.monday.csv`));
    expect(await files.claimed()).toEqual([]);
  });

  it("a hard link gives away its own name only: the other stays, and is not written to", async () => {
    const scene = await watchScene();
    const other = join(scene.dataDir, "somebody-elses.csv");
    await writeFile(other, SECRET);
    await utimes(other, 1, 1);
    await link(other, join(scene.dataDir, "inbox", "monday.csv"));
    await scene.later(SETTLE_MS);
    await scene.later(SETTLE_MS);
    expect(scene.taken()).toEqual(["monday.csv"]);
    expect(await readFile(other, "utf8")).toBe(SECRET);
    expect((await stat(other)).mtimeMs).toBe(1000);
  });
});

describe("file names", () => {
  const EVIL = [
    "..csv",
    "...",
    "-rf.csv",
    "--checkpoint-action=exec=sh.csv",
    "a\nb.csv",
    "a\r\nSet-Cookie: x.csv",
    "\u001b[31mred.csv",
    "..\\..\\windows.csv",
    "C:\\temp\\x.csv",
    "\u202Efdp.vsc.csv",
    "a\u2066b\u2069.csv",
    "a\u2028b.csv",
    "CON.csv",
    "nul.csv",
    "com1.csv",
    "LPT9",
    "$(touch pwned).csv",
    "`id`.csv",
    "<script>alert(1)</script>.csv",
    `${"ü".repeat(120)}.csv`,
    `${"a".repeat(250)}.csv`,
    ".csv",
    " .csv",
    "=cmd|calc.csv",
    "__proto__.csv",
    "\ud800.csv",
  ];
  // eslint-like rules have no say here: these are the characters themselves.
  const DECEIVING = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069/\\]/u;

  it.each(EVIL)("%j becomes a name that does nothing, and stays it", (name) => {
    const fitting = fittingName(name);
    expect(fitting).not.toMatch(DECEIVING);
    expect(fitting).not.toMatch(/^[.-]/);
    expect(fitting).not.toMatch(/^(con|nul|aux|prn|com\d|lpt\d)(\.|$)/i);
    expect(Buffer.byteLength(fitting)).toBeLessThanOrEqual(181);
    expect(fittingName(fitting)).toBe(fitting);
    expect(shownName(name)).not.toMatch(/[\p{Cc}\u202E]/u);
  });

  it("whatever the name, it stays one name in one folder, and is taken apart again", () => {
    const piece = fc.oneof(
      fc.constantFrom("..", "/", "\\", "\0", "\n", ".", "-", "con", "\u202e", "é", "💥"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const fitting = fittingName(pieces.join(""));
        expect(basename(fitting)).toBe(fitting);
        expect([".", "..", ""]).not.toContain(fitting);
        expect(fitting).not.toMatch(DECEIVING);
        expect(fittingName(fitting)).toBe(fitting);
        const runId = "20261123-214544-3f9a2c11";
        expect(parseClaimedName(claimedName(runId, fitting))).toEqual({ runId, fileName: fitting });
      }),
    );
  });

  it("all that the disk takes are taken, and everything of theirs lies in the folder it belongs to", async () => {
    const scene = await watchScene();
    const before = await scene.list(".");
    const names = EVIL.filter(
      (name) => !name.includes("/") && !name.includes("\ud800") && name.endsWith(".csv") && !name.startsWith("."),
    );
    for (const name of names) await scene.drop(name);
    await scene.later(SETTLE_MS);
    await scene.later(SETTLE_MS);
    expect(scene.claimed).toHaveLength(names.length);
    const files = createRosterFiles(scene.dataDir, scene.dataId);
    const claimed = await files.claimed();
    expect(claimed).toHaveLength(names.length);
    for (const { path, runId, fileName } of claimed) {
      await files.archive(path, new Date("2026-11-23"));
      const counts = {
        rows: 0,
        planned: 0,
        unchanged: 0,
        adopted: 0,
        skipped: {},
        open: 0,
        outcomes: { applied: 0, already: 0, stale: 0, rejected: 0, exhausted: 0 },
      };
      await files.answer(fileName, runId, (async function* () {})(), {
        run: runId,
        file: fileName,
        sha256: null,
        trigger: "inbox",
        verdict: "closed",
        because: null,
        asOf: null,
        comparison: null,
        breaches: [],
        decidedBy: null,
        reason: null,
        counts,
        startedAt: "2026-11-23T00:00:00.000Z",
        endedAt: null,
      });
    }
    expect(await scene.list("archive/2026/11")).toHaveLength(names.length);
    expect(await scene.list("outbox")).toHaveLength(2 * names.length);
    expect(await scene.list(".")).toEqual(before);
  });

  it.each(["../x", "a/../../x", "/etc/passwd", "archive/../../x", "a//b", "./a", ""])(
    "a path %j out of the data folder is refused",
    async (path) => {
      const { dataDir, dataId } = await openScene();
      const files = createRosterFiles(dataDir, dataId);
      expect(() => files.absolute(path)).toThrow(/stay inside/);
    },
  );
});
