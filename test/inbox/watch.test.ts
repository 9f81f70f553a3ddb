import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { chmod, mkdir, realpath, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openDataFolder } from "../../src/inbox/data-folder.ts";
import type { Watch } from "../../src/inbox/hints.ts";
import { ABANDONED_MS, LONG_WAIT_MS } from "../../src/inbox/look.ts";
import { createRosterFiles } from "../../src/inbox/roster-files.ts";
import { watchInbox } from "../../src/inbox/watch.ts";
import {
  newRunId,
  openScene,
  recordingLog,
  type Scene,
  SETTLE_MS,
  temporaryFolder,
  type Watched,
  watchScene,
} from "./scene.ts";

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("a file dropped into the inbox", () => {
  it("is taken once it has rested, under the name of its run", async () => {
    const scene = await watchScene();
    await scene.drop("monday.csv", "a,b\n");
    await scene.later(SETTLE_MS - 1);
    expect(scene.taken()).toEqual([]);
    await scene.later(1);
    const [file] = scene.claimed;
    expect(file).toEqual({ runId: file?.runId, fileName: "monday.csv", path: `processing/${file?.runId}.monday.csv` });
    expect(await scene.text(file?.path ?? "")).toBe("a,b\n");
    expect(await scene.list("inbox")).toEqual([]);
  });

  it("is found when it lay there before the start", async () => {
    const scene = await openScene();
    await scene.drop("monday.csv");
    const watched = await watchScene({}, scene);
    await watched.later(SETTLE_MS);
    expect(watched.taken()).toEqual(["monday.csv"]);
  });

  it("is not taken while it grows, however slowly, and is whole when it is", async () => {
    const scene = await watchScene();
    await scene.drop("slow.csv", "line 0\n");
    for (let line = 1; line <= 8; line += 1) {
      await scene.later(SETTLE_MS - 1);
      expect(scene.taken()).toEqual([]);
      await scene.append("slow.csv", `line ${line}\n`);
    }
    await scene.later(SETTLE_MS);
    expect((await scene.text(scene.claimed[0]?.path ?? "")).split("\n")).toHaveLength(10);
  });

  it("counts as growing when it is overwritten with the same size", async () => {
    const scene = await watchScene();
    await scene.drop("monday.csv", "first");
    await scene.later(SETTLE_MS - 1);
    await scene.drop("monday.csv", "other");
    await utimes(join(scene.dataDir, "inbox", "monday.csv"), new Date(), new Date(Date.now() + 5_000));
    await scene.later(SETTLE_MS - 1);
    expect(scene.taken()).toEqual([]);
    await scene.later(1);
    expect(await scene.text(scene.claimed[0]?.path ?? "")).toBe("other");
  });

  it("is noticed when it arrives by rename from a temporary name", async () => {
    const scene = await watchScene();
    await scene.drop("monday.csv.filepart", "half");
    await scene.later(5 * SETTLE_MS);
    expect(scene.taken()).toEqual([]);
    await rename(join(scene.dataDir, "inbox/monday.csv.filepart"), join(scene.dataDir, "inbox/monday.csv"));
    await scene.later(SETTLE_MS);
    expect(scene.taken()).toEqual(["monday.csv"]);
    expect(scene.lines.filter((line) => line.level === "warn")).toEqual([]);
  });

  it("may be called .CSV", async () => {
    const scene = await watchScene();
    await scene.drop("MONDAY.CSV");
    await scene.later(SETTLE_MS);
    expect(scene.taken()).toEqual(["MONDAY.CSV"]);
  });

  it("may have a name as long as the file system allows, and keeps its ending", async () => {
    const scene = await watchScene();
    await scene.drop(`${"ä".repeat(125)}.csv`);
    await scene.later(SETTLE_MS);
    expect(scene.taken()[0]).toMatch(/^ä+\.csv$/);
  });

  it("comes after older ones", async () => {
    const scene = await watchScene();
    for (const [name, seconds] of [
      ["c.csv", 100],
      ["a.csv", 300],
      ["b.csv", 200],
    ] as const) {
      await scene.drop(name);
      await utimes(join(scene.dataDir, "inbox", name), seconds, seconds);
    }
    await scene.later(SETTLE_MS);
    expect(scene.taken()).toEqual(["c.csv", "b.csv", "a.csv"]);
  });

  it("is taken even when 200 come at once, each once", async () => {
    const scene = await watchScene();
    const names = Array.from({ length: 200 }, (_, index) => `roster-${index}.csv`);
    await Promise.all(names.map((name) => scene.drop(name)));
    await scene.later(SETTLE_MS);
    expect([...scene.taken()].sort()).toEqual([...names].sort());
    expect(await scene.list("inbox")).toEqual([]);
  });
});

/** Of each file that the watch reports: its name, and the beginning of what is wrong. */
function told({ watch }: Watched): string[][] {
  return watch.report().problems.map(({ what }) => {
    const [file = "", rest = ""] = what.split(" in the inbox ");
    return [file, CAUSES.find((cause) => rest.startsWith(cause)) ?? rest];
  });
}

const CAUSES = [
  "is not a regular file",
  "has no ending",
  "still is not what its .sha256 file says",
  "is not what its .sha256 file says",
  "cannot be moved out of it",
  "has kept changing for a quarter of an hour",
  "may not be read by the user that runs Roster Sync",
];

describe("something else in the inbox", () => {
  it("is ignored without a word when it is a lock or litter", async () => {
    const scene = await watchScene();
    for (const name of [".~lock.a.csv#", "~$a.xlsx", ".DS_Store", "Thumbs.db", "a.tmp"]) await scene.drop(name);
    await scene.later(LONG_WAIT_MS);
    expect(scene.taken()).toEqual([]);
    expect(scene.lines).toEqual([]);
    expect(told(scene)).toEqual([]);
  });

  it("is ignored with one warning when it is a link, a pipe, a folder or a stranger", async () => {
    const scene = await watchScene();
    await writeFile(join(scene.dataDir, "secret.csv"), "secret");
    const inbox = join(scene.dataDir, "inbox");
    await symlink("../secret.csv", join(inbox, "link.csv"));
    await mkdir(join(inbox, "folder.csv"));
    execFileSync("mkfifo", [join(inbox, "pipe.csv")]);
    await scene.drop("notes.md");
    for (let round = 0; round < 3; round += 1) await scene.later(SETTLE_MS);
    expect(scene.taken()).toEqual([]);
    expect(scene.lines.map((line) => [line.level, line.fields.file]).sort()).toEqual([
      ["warn", "folder.csv"],
      ["warn", "link.csv"],
      ["warn", "notes.md"],
      ["warn", "pipe.csv"],
    ]);
    expect(await scene.list("inbox")).toHaveLength(4);
    expect(told(scene)).toEqual([
      ["folder.csv", "is not a regular file"],
      ["link.csv", "is not a regular file"],
      ["pipe.csv", "is not a regular file"],
      ["notes.md", "has no ending"],
    ]);
  });

  it("is said when its name is not UTF-8, since it cannot be opened", async () => {
    const scene = await watchScene();
    await writeFile(
      Buffer.concat([Buffer.from(join(scene.dataDir, "inbox/M")), Buffer.from([0xe4]), Buffer.from(".csv")]),
      "x",
    );
    await scene.later(SETTLE_MS);
    await scene.later(SETTLE_MS);
    expect(scene.lines.map((line) => line.message)).toEqual([expect.stringContaining("not UTF-8")]);
  });
});

describe("a sidecar", () => {
  it(".done makes its file ready at once, and travels with it into the archive", async () => {
    const scene = await watchScene();
    await scene.drop("monday.csv");
    await scene.drop("monday.csv.done", "");
    await scene.watch.scanNow();
    const [file] = scene.claimed;
    expect(file?.fileName).toBe("monday.csv");
    const files = createRosterFiles(scene.dataDir, scene.dataId);
    expect(await files.claimed()).toEqual([file]);
    await files.archive(file?.path ?? "", new Date("2026-11-23T22:00:00Z"));
    expect(await scene.list("archive/2026/11")).toEqual([
      `${file?.runId}.monday.csv`,
      `${file?.runId}.monday.csv.done`,
    ]);
    expect(await scene.list("processing")).toEqual([]);
    expect(await scene.list("inbox")).toEqual([]);
  });

  it(".done that is older than its file says nothing", async () => {
    const scene = await watchScene();
    await scene.drop("monday.csv.done", "");
    await utimes(join(scene.dataDir, "inbox/monday.csv.done"), 1000, 1000);
    await scene.drop("monday.csv");
    await scene.later(SETTLE_MS - 1);
    expect(scene.taken()).toEqual([]);
    await scene.later(1);
    expect(scene.taken()).toEqual(["monday.csv"]);
  });

  it(".sha256 keeps a file back until the content is what it says", async () => {
    const scene = await watchScene();
    await scene.drop("monday.csv", "half of");
    await scene.drop("monday.csv.sha256", `${sha256("half of it and the rest")}  monday.csv\n`);
    await scene.later(SETTLE_MS);
    await scene.later(SETTLE_MS);
    expect(scene.taken()).toEqual([]);
    expect(scene.lines.map((line) => line.level)).toEqual(["warn"]);
    expect(told(scene)).toEqual([["monday.csv", "is not what its .sha256 file says"]]);
    await scene.append("monday.csv", " it and the rest");
    await scene.later(SETTLE_MS);
    expect(await scene.text(scene.claimed[0]?.path ?? "")).toBe("half of it and the rest");
  });

  it(".sha256 that never fits is reported after a quarter of an hour", async () => {
    const scene = await watchScene();
    await scene.drop("monday.csv", "other");
    await scene.drop("monday.sha256", sha256("this"));
    await scene.later(SETTLE_MS);
    await scene.later(LONG_WAIT_MS);
    await scene.later(LONG_WAIT_MS);
    expect(scene.taken()).toEqual([]);
    expect(scene.lines.map((line) => line.level)).toEqual(["warn", "error"]);
    expect(told(scene)).toEqual([["monday.csv", "still is not what its .sha256 file says"]]);
    await scene.drop("monday.sha256", sha256("other"));
    await scene.later(SETTLE_MS);
    expect(scene.taken()).toEqual(["monday.csv"]);
    expect(told(scene)).toEqual([]);
  });
});

describe("a file that is reported", () => {
  it("is so while it keeps changing, and no longer once it is taken; an address in its name is hidden", async () => {
    const name = "for a@example.com now.csv";
    let nowMs = 0;
    const mute = (() => Object.assign(new EventEmitter(), { close: async () => undefined })) as unknown as Watch;
    const scene = await watchScene({ now: () => nowMs, watch: mute });
    for (; nowMs <= LONG_WAIT_MS; nowMs += 60_000) {
      expect(told(scene)).toEqual([]);
      await scene.append(name, "line\n");
      await scene.watch.scanNow();
    }
    expect(told(scene)).toEqual([["for [address] now.csv", "has kept changing for a quarter of an hour"]]);
    await scene.watch.scanNow();
    expect(scene.taken()).toEqual([name]);
    expect(told(scene)).toEqual([]);
  });

  it("is not said to keep changing when it lay still for long and is dropped anew", async () => {
    const scene = await watchScene();
    await scene.drop("monday.csv", "other");
    await scene.drop("monday.csv.sha256", sha256("this one"));
    await scene.later(SETTLE_MS);
    await scene.later(LONG_WAIT_MS);
    await scene.drop("monday.csv", "this one");
    await scene.watch.scanNow();
    expect(told(scene)).toEqual([]);
    await scene.later(SETTLE_MS);
    expect(scene.taken()).toEqual(["monday.csv"]);
  });

  it("is so until it is gone", async () => {
    const scene = await watchScene();
    await scene.drop("notes.md");
    await scene.later(SETTLE_MS);
    expect(told(scene)).toEqual([["notes.md", "has no ending"]]);
    await rm(join(scene.dataDir, "inbox/notes.md"));
    await scene.watch.scanNow();
    expect(told(scene)).toEqual([]);
  });

  it.runIf(process.getuid?.() !== 0)("is so until it may be read, and is taken then", async () => {
    const scene = await watchScene();
    await scene.drop("secret.csv");
    await chmod(join(scene.dataDir, "inbox/secret.csv"), 0);
    await scene.later(SETTLE_MS);
    expect(told(scene)).toEqual([["secret.csv", "may not be read by the user that runs Roster Sync"]]);
    await chmod(join(scene.dataDir, "inbox/secret.csv"), 0o600);
    await scene.watch.scanNow();
    expect(scene.taken()).toEqual(["secret.csv"]);
    expect(told(scene)).toEqual([]);
  });

  it.runIf(process.getuid?.() !== 0)("is its .sha256 file where that may not be read", async () => {
    const scene = await watchScene();
    await scene.drop("monday.csv", "text");
    await scene.drop("monday.csv.sha256", sha256("text"));
    await chmod(join(scene.dataDir, "inbox/monday.csv.sha256"), 0);
    await scene.later(SETTLE_MS);
    expect(told(scene)).toEqual([["monday.csv.sha256", "may not be read by the user that runs Roster Sync"]]);
  });

  it("stands back while the inbox itself cannot be looked at", async () => {
    const scene = await watchScene();
    const inbox = join(scene.dataDir, "inbox");
    await rm(inbox, { recursive: true });
    await writeFile(inbox, "no folder");
    await scene.watch.scanNow();
    await scene.watch.scanNow();
    expect(scene.watch.report().problems.map(({ what }) => what)).toEqual([
      "The inbox cannot be looked at, and nothing is taken from it.",
    ]);
    expect(scene.lines.filter((line) => line.level === "error")).toHaveLength(1);
    await rm(inbox);
    await scene.watch.scanNow();
    expect(told(scene)).toEqual([]);
  });
});

describe("a hand-over that fails", () => {
  it("leaves the file in processing, offers it again, and leaves the others in the inbox meanwhile", async () => {
    let isRedisAway = true;
    const offered: string[] = [];
    const scene = await watchScene({
      onClaimed: async (file) => {
        offered.push(file.fileName);
        if (isRedisAway) throw new Error("Redis is away");
      },
    });
    await scene.drop("a.csv");
    await utimes(join(scene.dataDir, "inbox/a.csv"), 1000, 1000);
    await scene.drop("b.csv");
    await scene.later(SETTLE_MS);
    await scene.watch.scanNow();
    expect(offered).toEqual(["a.csv", "a.csv"]);
    expect(await scene.list("inbox")).toEqual(["b.csv"]);
    const files = createRosterFiles(scene.dataDir, scene.dataId);
    expect((await files.claimed()).map((file) => file.fileName)).toEqual(["a.csv"]);
    isRedisAway = false;
    await scene.watch.scanNow();
    expect(offered).toEqual(["a.csv", "a.csv", "a.csv", "b.csv"]);
  });
});

describe("a file that cannot be claimed", () => {
  it("stays in the inbox, is said once, holds up no other, and is taken when it can be", async () => {
    let isForbidden = true;
    const scene = await watchScene({
      rename: async (from, to) => {
        if (isForbidden && from.endsWith("a.csv")) throw Object.assign(new Error("EPERM"), { code: "EPERM" });
        await rename(from, to);
      },
    });
    await scene.drop("a.csv");
    await scene.drop("b.csv");
    await scene.later(SETTLE_MS);
    await scene.later(SETTLE_MS);
    expect(scene.taken()).toEqual(["b.csv"]);
    expect(scene.lines.filter((line) => line.level === "error")).toHaveLength(1);
    expect(told(scene)).toEqual([["a.csv", "cannot be moved out of it"]]);
    isForbidden = false;
    await scene.watch.scanNow();
    expect(scene.taken()).toEqual(["b.csv", "a.csv"]);
    expect(told(scene)).toEqual([]);
  });
});

describe("two watchers on one inbox", () => {
  it("never take one file twice, and leave none", async () => {
    const first = await watchScene();
    const second = await watchScene({}, first);
    const names = Array.from({ length: 60 }, (_, index) => `roster-${index}.csv`);
    await Promise.all(names.map((name) => first.drop(name)));
    await Promise.all([first.watch.scanNow(), second.watch.scanNow()]);
    await Promise.all([first.later(SETTLE_MS), second.later(SETTLE_MS)]);
    expect([...first.taken(), ...second.taken()].sort()).toEqual(names.sort());
    expect([...first.lines, ...second.lines].filter((line) => line.level !== "info")).toEqual([]);
    expect(await first.list("processing")).toHaveLength(60);
  });
});

describe("a file that was claimed half when its daemon died", () => {
  it("is taken after a while", async () => {
    const scene = await watchScene();
    await scene.drop(".claim.20261123-214544-3f9a.monday.csv", "content");
    await scene.later(ABANDONED_MS - 1);
    expect(scene.taken()).toEqual([]);
    await scene.later(1);
    expect(scene.taken()).toEqual(["monday.csv"]);
    expect(await scene.text(scene.claimed[0]?.path ?? "")).toBe("content");
    expect(await scene.list("inbox")).toEqual([]);
  });

  it("is only cleared away when its copy was finished", async () => {
    const scene = await watchScene();
    await scene.drop(".claim.20261123-214544-3f9a.monday.csv", "content");
    await writeFile(join(scene.dataDir, "processing/20261123-214544-3f9a.monday.csv"), "content");
    await scene.later(ABANDONED_MS);
    expect(scene.taken()).toEqual([]);
    expect(await scene.list("inbox")).toEqual([]);
    expect(await scene.list("processing")).toEqual(["20261123-214544-3f9a.monday.csv"]);
  });
});

/** With the real clock: what the events and timers add. */
function watchReally(
  dataDir: string,
  options: { settleMs: number; scanMs: number; usePolling?: boolean; watch?: Watch },
) {
  const { log, lines } = recordingLog();
  const taken: string[] = [];
  const watch = watchInbox({
    dataDir,
    newRunId: async () => newRunId(),
    log,
    usePolling: false,
    onClaimed: async (file) => {
      taken.push(file.fileName);
    },
    ...options,
  });
  onTestFinished(() => watch.close());
  return { watch, taken, lines };
}

const HOUR_MS = 3_600_000;

/** Events may be missed until the watcher is up (that is what the scan is for), so the file is written to until one is heard. */
async function expectHeard(scene: Scene, taken: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 10 && taken.length === 0; attempt += 1) {
    await scene.append("monday.csv", "line\n");
    await vi.waitFor(() => expect(taken).toEqual(["monday.csv"]), { timeout: 1_000 }).catch(() => undefined);
  }
  expect(taken).toEqual(["monday.csv"]);
}

describe("with the real clock", () => {
  it.each([false, true])(
    "an event starts the settling, without waiting for the scan (polling: %s)",
    async (usePolling) => {
      const scene = await openScene();
      const { watch, taken } = watchReally(scene.dataDir, { settleMs: 100, scanMs: HOUR_MS, usePolling });
      await watch.scanNow();
      await vi.waitFor(
        async () => {
          // Events may be missed until the watcher is up; that is what the scan is for.
          if (taken.length === 0) await scene.append("monday.csv", "line\n");
          await new Promise((resolve) => setTimeout(resolve, 400));
          expect(taken[0]).toBe("monday.csv");
        },
        { timeout: 10_000 },
      );
    },
  );

  it("the scan finds files where no event ever comes, and looks again as soon as they may have settled", async () => {
    const scene = await openScene();
    const mute = new EventEmitter();
    const watch = (() => Object.assign(mute, { close: async () => undefined })) as unknown as Watch;
    const { taken } = watchReally(scene.dataDir, { settleMs: 100, scanMs: 300, watch });
    await scene.drop("monday.csv");
    await vi.waitFor(() => expect(taken).toEqual(["monday.csv"]), { timeout: 5_000 });
  });

  it("goes on with the scan, and says so once, when the system has no watches left", async () => {
    const scene = await openScene();
    const failing = new EventEmitter();
    let closed = 0;
    const watch = (() => Object.assign(failing, { close: async () => void closed++ })) as unknown as Watch;
    const { taken, lines } = watchReally(scene.dataDir, { settleMs: 50, scanMs: 100, watch });
    await vi.waitFor(() => expect(failing.listenerCount("error")).toBe(1));
    for (const code of ["ENOSPC", "EMFILE"]) failing.emit("error", Object.assign(new Error(code), { code }));
    await scene.drop("monday.csv");
    await vi.waitFor(() => expect(taken).toEqual(["monday.csv"]), { timeout: 5_000 });
    expect(lines.filter((line) => line.level === "warn").map((line) => line.fields.code)).toEqual(["ENOSPC"]);
    expect(closed).toBe(1);
  });

  it("goes on hearing of other files when one may not be read, without a word about watches", async () => {
    const scene = await openScene();
    const forbidding = new EventEmitter();
    let closed = 0;
    const watch = (() => Object.assign(forbidding, { close: async () => void closed++ })) as unknown as Watch;
    const { watch: inbox, taken, lines } = watchReally(scene.dataDir, { settleMs: 50, scanMs: HOUR_MS, watch });
    await inbox.scanNow();
    const path = join(scene.dataDir, "inbox/secret.csv");
    for (const code of ["EACCES", "EPERM"]) forbidding.emit("error", Object.assign(new Error(code), { code, path }));
    await scene.drop("monday.csv");
    forbidding.emit("all", "add", join(scene.dataDir, "inbox/monday.csv"));
    await vi.waitFor(() => expect(taken).toEqual(["monday.csv"]), { timeout: 5_000 });
    expect(lines.filter((line) => line.level !== "info")).toEqual([]);
    expect(closed).toBe(0);
  });

  it("advises to raise limits only where they are reached; other trouble is said once, and it goes on hearing", async () => {
    const scene = await openScene();
    const failing = new EventEmitter();
    const watch = (() => Object.assign(failing, { close: async () => undefined })) as unknown as Watch;
    const { watch: inbox, taken, lines } = watchReally(scene.dataDir, { settleMs: 50, scanMs: HOUR_MS, watch });
    await inbox.scanNow();
    const path = await realpath(join(scene.dataDir, "inbox"));
    for (const code of ["EACCES", "EIO"]) failing.emit("error", Object.assign(new Error(code), { code, path }));
    await scene.drop("monday.csv");
    failing.emit("all", "add", join(path, "monday.csv"));
    await vi.waitFor(() => expect(taken).toEqual(["monday.csv"]), { timeout: 5_000 });
    const warned = lines.filter((line) => line.level === "warn");
    expect(warned.map((line) => line.fields.code)).toEqual(["EACCES"]);
    expect(warned[0]?.message).not.toContain("inotify");
  });

  it.each(["the watch", "a person"])("survives the inbox being removed and made again by %s", async (maker) => {
    const scene = await openScene();
    const inbox = join(scene.dataDir, "inbox");
    const { watch, taken, lines } = watchReally(scene.dataDir, { settleMs: 100, scanMs: HOUR_MS });
    await watch.scanNow();
    await rm(inbox, { recursive: true });
    if (maker === "a person") await mkdir(inbox).catch(() => undefined);
    await watch.scanNow();
    if (maker === "the watch") {
      await vi.waitFor(() =>
        expect(lines.map((line) => line.message)).toEqual(["the inbox folder had been removed and was made again"]),
      );
    }
    await expectHeard(scene, taken);
  });

  it("works where the inbox is a link to a folder elsewhere", async () => {
    const dataDir = await temporaryFolder();
    const share = await temporaryFolder();
    await symlink(share, join(dataDir, "inbox"));
    await openDataFolder(dataDir);
    const { taken } = watchReally(dataDir, { settleMs: 50, scanMs: 200 });
    await writeFile(join(share, "monday.csv"), "x");
    await vi.waitFor(() => expect(taken).toEqual(["monday.csv"]), { timeout: 5_000 });
  });

  it("takes nothing any more after closing", async () => {
    const scene = await openScene();
    const { watch, taken } = watchReally(scene.dataDir, { settleMs: 1, scanMs: 5 });
    await watch.close();
    await scene.drop("monday.csv");
    await watch.scanNow();
    expect(taken).toEqual([]);
    expect(await scene.list("inbox")).toEqual(["monday.csv"]);
  });
});
