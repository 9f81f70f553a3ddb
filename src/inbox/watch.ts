// The watch over the inbox: when to look, and handing complete files over, one at a time. chokidar only hints; the scan at the
// start and every `scanMs` finds everything, and a file under observation is looked at when it may have settled.

import { mkdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { ClaimedFile, Log } from "../app/ports.ts";
import { BLIND, type InboxReport, reportOf, type StuckFile, stuckMessage } from "../domain/stuck-files.ts";
import { claim } from "./claim.ts";
import { errorCode } from "./durable.ts";
import { type Hints, startHints, type Watch } from "./hints.ts";
import { createLooker, isStill, type ReadyFile } from "./look.ts";
import type { Rename } from "./moving.ts";
import { shownName } from "./names.ts";

/** Looks that hints ask for are so far apart: a file being written sends hundreds. The first is at once, since settling begins with it. */
const HINT_MS = 50;

export interface InboxOptions {
  /** Opened by `openDataFolder`. */
  readonly dataDir: string;
  /** A file that looks the same for this long is complete. */
  readonly settleMs: number;
  readonly scanMs: number;
  readonly usePolling: boolean;
  /** Rejects when nobody can give one now (Redis is away): the file then stays in the inbox. */
  readonly newRunId: () => Promise<string>;
  /**
   * Gets each file once it lies in `processing/`, one at a time. When it throws, the file stays there and is offered again with
   * every scan; after a restart `RosterFiles.claimed` names it. It must bear being offered the same file twice.
   */
  readonly onClaimed: (file: ClaimedFile) => Promise<void>;
  readonly log: Log;
  /** Milliseconds; only differences count. By default a clock that nobody sets. */
  readonly now?: () => number;
  readonly rename?: Rename;
  readonly watch?: Watch;
}

export interface InboxWatch {
  /** Takes no more; waits for the hand-over that is under way. */
  close(): Promise<void>;
  /** Looks now, and resolves when everything found complete was handed over. */
  scanNow(): Promise<void>;
  /** What lay in the inbox at the last look and is not taken. */
  report(): InboxReport;
}

export function watchInbox(options: InboxOptions): InboxWatch {
  const { dataDir, settleMs, scanMs, usePolling, newRunId, onClaimed, log } = options;
  const now = options.now ?? (() => performance.now());
  const inbox = join(dataDir, "inbox");
  const looker = createLooker({ inbox, settleMs, now, log });
  /** By name: the code of the error with which the last claim failed. */
  const untaken = new Map<string, string>();
  let stuck: readonly StuckFile[] = [];
  let isBlind = false;
  let waiting: ClaimedFile[] = [];
  let hints: Hints | null = null;
  let watched: string | null = null;
  let timer: NodeJS.Timeout | null = null;
  let timerAtMs = Number.POSITIVE_INFINITY;
  let passing: Promise<void> | null = null;
  let isHinted = false;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  function lookIn(delayMs: number): void {
    const atMs = performance.now() + delayMs;
    if (isClosed || atMs >= timerAtMs) return;
    if (timer !== null) clearTimeout(timer);
    timerAtMs = atMs;
    timer = setTimeout(() => {
      timer = null;
      timerAtMs = Number.POSITIVE_INFINITY;
      void pass();
    }, delayMs);
  }

  function hint(): void {
    if (passing === null) lookIn(Math.max(0, lookedAtMs + HINT_MS - performance.now()));
    else isHinted = true;
  }

  /** Makes sure that the folder is there and that the hints come from it and not from one that was removed. */
  async function attend(): Promise<void> {
    let identity = await identityOf(inbox);
    if (identity === null) {
      await mkdir(inbox, { mode: 0o700 });
      log.warn({}, "the inbox folder had been removed and was made again");
      watched = null;
      identity = await identityOf(inbox);
    }
    if (identity === watched) return;
    watched = identity;
    await hints?.close();
    if (isClosed) return;
    hints = startHints({
      inbox: await realpath(inbox),
      usePolling,
      pollMs: Math.max(200, Math.min(1000, scanMs)),
      onHint: hint,
      onGone: () => {
        watched = null;
      },
      log,
      watch: options.watch,
    });
  }

  /** False: it could not be handed over now. */
  async function handOver(file: ClaimedFile): Promise<boolean> {
    try {
      await onClaimed(file);
      return true;
    } catch (error) {
      log.error(
        { run: file.runId, err: error },
        "a claimed roster could not be handed over; it stays in processing/ and is offered again",
      );
      return false;
    }
  }

  async function offerAgain(): Promise<boolean> {
    while (waiting.length > 0 && !isClosed) {
      const [file] = waiting;
      if (file === undefined || !(await handOver(file))) return false;
      waiting = waiting.slice(1);
    }
    return true;
  }

  /** Said once for each reason. */
  function noteUntaken({ name }: ReadyFile, error: unknown): void {
    const code = errorCode(error);
    const fields = { file: shownName(name), code, err: error };
    if (untaken.get(name) !== code) log.error(fields, stuckMessage("untaken"));
    untaken.set(name, code);
  }

  async function take(ready: ReadyFile): Promise<boolean> {
    let runId: string;
    try {
      runId = await newRunId();
    } catch (error) {
      log.warn({ err: error }, "no run can be named while Redis does not answer; the files stay in the inbox");
      return false;
    }
    let file: ClaimedFile | null;
    try {
      file = await claim(dataDir, ready.name, runId, options.rename, ready.sighting);
    } catch (error) {
      noteUntaken(ready, error);
      return true;
    }
    untaken.delete(ready.name);
    if (file === null) return true;
    log.info({ run: runId, file: shownName(file.fileName) }, "a roster was taken from the inbox");
    if (await handOver(file)) return true;
    waiting = [...waiting, file];
    return false;
  }

  /** Milliseconds until the next look. */
  async function passOnce(): Promise<number> {
    await attend();
    // While nobody takes them, the other files are better off in the inbox.
    if (!(await offerAgain())) return scanMs;
    const { ready, lookAgainMs, ...look } = await looker.look();
    isBlind = false;
    stuck = look.stuck;
    for (const name of untaken.keys()) if (!ready.some((file) => file.name === name)) untaken.delete(name);
    let nextMs = lookAgainMs === null ? scanMs : Math.min(scanMs, Math.max(1, lookAgainMs - now()));
    for (const file of ready) {
      if (isClosed) break;
      const still = await isStill(inbox, file).catch((error: unknown) => noteUntaken(file, error));
      if (still === false) nextMs = Math.min(nextMs, HINT_MS);
      else if (still === true && !(await take(file))) return scanMs;
    }
    return nextMs;
  }

  async function passSafely(): Promise<void> {
    let delayMs = scanMs;
    try {
      delayMs = await passOnce();
    } catch (error) {
      const fields = { code: errorCode(error), err: error };
      if (!isBlind) log.error(fields, "the inbox cannot be looked at; it is tried again with every scan");
      isBlind = true;
    }
    passing = null;
    lookIn(isHinted ? Math.min(HINT_MS, delayMs) : delayMs);
  }

  function pass(): Promise<void> {
    if (isClosed) return passing ?? Promise.resolve();
    isHinted = false;
    lookedAtMs = performance.now();
    passing ??= passSafely();
    return passing;
  }

  void pass();

  return {
    async close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      await passing;
      await hints?.close();
    },
    async scanNow() {
      await passing;
      await pass();
    },
    report() {
      if (isBlind) return BLIND;
      const failed = Array.from(untaken.keys(), (name) => ({ file: shownName(name), cause: "untaken" as const }));
      return reportOf([...stuck, ...failed]);
    },
  };
}

/** Tells a folder from another one made later under its name. A new folder often gets the old one's inode, hence its birth. */
async function identityOf(folder: string): Promise<string | null> {
  try {
    const { dev, ino, birthtimeMs } = await stat(folder);
    return `${dev}:${ino}:${birthtimeMs}`;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
