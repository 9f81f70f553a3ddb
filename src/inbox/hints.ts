// chokidar's part: says that something happened in the inbox, so that one need not wait for the next scan. Only a hint: nothing
// depends on an event that comes, and nothing is believed because of one.

import { basename } from "node:path";
import { watch as chokidarWatch, type FSWatcher } from "chokidar";
import type { Log } from "../app/ports.ts";
import { kindOfName } from "../domain/settling.ts";
import { errorCode } from "./durable.ts";

/** As chokidar's `watch`. */
export type Watch = typeof chokidarWatch;

export interface Hints {
  close(): Promise<void>;
}

export interface HintOptions {
  /** The folder's real path, without links. */
  readonly inbox: string;
  /** For mounts that send no events. */
  readonly usePolling: boolean;
  readonly pollMs: number;
  readonly onHint: () => void;
  /** The folder itself was removed: what is watched is no longer what lies under its name. */
  readonly onGone: () => void;
  readonly log: Log;
  readonly watch?: Watch | undefined;
}

/** The system has no more watches, or the process no more handles: nothing else would be heard either. */
const EXHAUSTED = new Set(["ENOSPC", "EMFILE"]);
const FORBIDDEN = new Set(["EACCES", "EPERM"]);

/**
 * Starts watching. When the system has no inotify watches left, or too many files are open, that is said once, and nothing more
 * comes. A file that may not be read concerns nobody but itself, and the look tells of it; other trouble is said once.
 */
export function startHints({
  inbox,
  usePolling,
  pollMs,
  onHint,
  onGone,
  log,
  watch = chokidarWatch,
}: HintOptions): Hints {
  let watcher: FSWatcher | null = null;
  let closing: Promise<void> = Promise.resolve();
  let isTroubleSaid = false;

  function stop(): Promise<void> {
    if (watcher !== null) {
      closing = watcher.close();
      watcher = null;
    }
    return closing;
  }

  function troubled(error: unknown): void {
    const code = errorCode(error) || "unknown";
    if (watcher === null || (FORBIDDEN.has(code) && pathOf(error) !== inbox)) return;
    if (EXHAUSTED.has(code)) {
      log.warn(
        { code },
        "the inbox cannot be watched for events; files are still found by the periodic scan (on Linux, raise fs.inotify.max_user_watches and max_user_instances)",
      );
      void stop().catch(() => undefined);
    } else if (!isTroubleSaid) {
      isTroubleSaid = true;
      log.warn({ code }, "events of the inbox may be missing; files are found by the periodic scan at the latest");
    }
  }

  watcher = watch(inbox, {
    depth: 0,
    ignoreInitial: true,
    followSymlinks: false,
    atomic: false,
    usePolling,
    interval: pollMs,
    binaryInterval: pollMs,
    ignored: (path) => path !== inbox && kindOfName(basename(path)).kind === "temporary",
  });
  watcher.on("all", (event, path) => {
    if (event === "unlinkDir" && path === inbox) onGone();
    onHint();
  });
  // What was dropped while the watching began made no event.
  watcher.on("ready", onHint);
  watcher.on("error", troubled);
  return { close: stop };
}

/** What an error of the file system is about; null where it does not say. */
function pathOf(error: unknown): unknown {
  return error instanceof Error && "path" in error ? error.path : null;
}
