// A data folder in a temporary place, a log that remembers, and a clock that is moved by hand.

import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { ClaimedFile, Log } from "../../src/app/ports.ts";
import { openDataFolder } from "../../src/inbox/data-folder.ts";
import type { Rename } from "../../src/inbox/moving.ts";
import { type InboxOptions, type InboxWatch, watchInbox } from "../../src/inbox/watch.ts";

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export function recordingLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields: { ...fields } });
  };
  return { log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}

/** An empty folder that is removed when the test ends. */
export async function temporaryFolder(parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, "roster-inbox-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

let runs = 0;

export function newRunId(): string {
  runs += 1;
  return `20261123-214544-${runs.toString(16).padStart(4, "0")}`;
}

export interface Scene {
  readonly dataDir: string;
  readonly dataId: string;
  drop(name: string, text?: string): Promise<void>;
  append(name: string, text: string): Promise<void>;
  text(path: string): Promise<string>;
  list(folder: string): Promise<readonly string[]>;
}

export async function openScene(): Promise<Scene> {
  const { dataDir, dataId } = await openDataFolder(await temporaryFolder());
  return {
    dataDir,
    dataId,
    drop: (name, text = "Employee ID,E-mail\nE1,a@example.com\n") => writeFile(join(dataDir, "inbox", name), text),
    append: (name, text) => appendFile(join(dataDir, "inbox", name), text),
    text: (path) => readFile(join(dataDir, path), "utf8"),
    list: async (folder) => (await readdir(join(dataDir, folder))).sort(),
  };
}

export const SETTLE_MS = 1000;

export interface Watched extends Scene {
  readonly watch: InboxWatch;
  readonly claimed: ClaimedFile[];
  readonly lines: LogLine[];
  /** Moves the clock and looks. */
  later(ms: number): Promise<void>;
  /** The names taken so far. */
  taken(): readonly string[];
}

/** A watched inbox whose clock stands still until it is moved, and that looks by itself only upon hints. */
export async function watchScene(options: Partial<InboxOptions> = {}, scene?: Scene): Promise<Watched> {
  const base = scene ?? (await openScene());
  const claimed: ClaimedFile[] = [];
  const { log, lines } = recordingLog();
  let nowMs = 0;
  const watch = watchInbox({
    dataDir: base.dataDir,
    settleMs: SETTLE_MS,
    scanMs: 3_600_000,
    usePolling: false,
    newRunId: async () => newRunId(),
    onClaimed: async (file) => {
      claimed.push(file);
    },
    log,
    now: () => nowMs,
    ...options,
  });
  onTestFinished(() => watch.close());
  await watch.scanNow();
  return {
    ...base,
    watch,
    claimed,
    lines,
    taken: () => claimed.map((file) => file.fileName),
    async later(ms) {
      // A look before and after: between the two nothing may have changed.
      await watch.scanNow();
      nowMs += ms;
      await watch.scanNow();
    },
  };
}

/** A rename that cannot leave its folder, as between two file systems. */
export function renameWithin(rename: Rename): Rename {
  return async (from, to) => {
    if (dirname(from) !== dirname(to)) throw Object.assign(new Error("EXDEV: cross-device link"), { code: "EXDEV" });
    await rename(from, to);
  };
}
