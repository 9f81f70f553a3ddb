// The program's own Redis, for machines without one: a redis-server per data folder, on a Unix socket only. The first process
// that needs it starts it, the last one out ends it, one left over by a crash is used again, and one that dies is
// brought back. Its files are DATA_DIR/redis. Across machines or containers, REDIS_URL is the way.

import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { Log } from "../app/ports.ts";
import { withFolderLock } from "./folder-lock.ts";
import { chooseSocketPath, prepareFolder } from "./redis-folder.ts";
import {
  claimHome,
  HOME_REFRESH_MS,
  HOME_SILENT_MS,
  leaveHome,
  type Machine,
  refreshHome,
  thisMachine,
} from "./redis-home.ts";
import {
  connectOnce,
  EmbeddedRedisError,
  findRunning,
  infoField,
  killServer,
  type RunningRedis,
  startServer,
  stopServer,
} from "./redis-process.ts";

export { EmbeddedRedisError };

export interface EmbeddedRedis {
  readonly socketPath: string;
  /** Whether this call started the server; false: it ran already. */
  readonly started: boolean;
  /** For the first log line and for people. */
  readonly describe: string;
  /** Ends the server unless somebody else uses it. The caller has closed its own connections. Never throws. */
  release(): Promise<void>;
}

const FOLDER_GONE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM"]);
const LOCK_MS = 330_000;
const LINGER_MS = 300;
const LINGER_POLL_MS = 20;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

let uses = 0;

/**
 * Finds or starts the Redis of a data folder and keeps it running until `release`.
 * @throws EmbeddedRedisError with what to do
 */
export async function ensureEmbeddedRedis(options: {
  readonly dataDir: string;
  readonly log: Log;
  /** By default the one that this process runs on. */
  readonly machine?: Machine;
}): Promise<EmbeddedRedis> {
  const folder = await prepareFolder(join(options.dataDir, "redis"));
  const socketPath = await chooseSocketPath(folder);
  const lockPath = join(folder, "lock");
  const machine = options.machine ?? thisMachine();
  const watchName = `roster-sync:${process.pid}:embedded-watch-${++uses}`;
  let watch: Redis | null = null;
  let isReleased = false;

  /** Starts the server where none answers. The watch connection, opened under the lock, tells others that it is in use. */
  async function bringUp(): Promise<RunningRedis & { readonly started: boolean }> {
    return withFolderLock(lockPath, LOCK_MS, async () => {
      if (isReleased) throw new EmbeddedRedisError("The private Redis was released.");
      const isMovedIn = await moveIn();
      let found = await findRunning(socketPath);
      // It was left over here when another machine went on with its files: what it remembers is old.
      if (found !== null && isMovedIn) found = await killServer(found.pid);
      const running = found ?? (await startServer(folder, socketPath));
      const connection = await connectOnce(socketPath, watchName);
      watch = connection;
      connection.once("close", () => void bringBack());
      return { ...running, started: found === null };
    });
  }

  /** True: another machine was the home until now. @throws EmbeddedRedisError when it still is */
  async function moveIn(): Promise<boolean> {
    const claim = await claimHome(folder, machine);
    if (claim.kind === "ours") return claim.wasElsewhere;
    throw new EmbeddedRedisError(
      `The private Redis of ${folder} runs on the machine ${claim.host}, which shares this folder, and only processes on that machine ` +
        "can use it: a second one here would destroy its files. To work on several machines, set REDIS_URL on all of them to one " +
        `Redis. If ${claim.host} is gone for good, start again ${HOME_SILENT_MS / 1000} s after it ended.`,
    );
  }

  async function sayThatWeLiveHere(): Promise<void> {
    if (isReleased || (await refreshHome(folder, machine))) return;
    const running = await findRunning(socketPath);
    if (running !== null) await killServer(running.pid);
    options.log.error(
      { folder },
      "another machine has taken over this folder and its private Redis; the one here was ended",
    );
  }

  async function bringBack(): Promise<void> {
    if (isReleased) return;
    options.log.warn({ socketPath }, "the private Redis is gone; it is started again");
    for (let waitMs = FIRST_RETRY_MS; !isReleased; waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
      try {
        const { program } = await bringUp();
        options.log.info({ socketPath, program }, "the private Redis is back");
        return;
      } catch (error) {
        if (isReleased) return;
        const reason = error instanceof Error ? error.message : String(error);
        options.log.error({ socketPath, reason, waitMs }, "the private Redis could not be started; trying again");
        await delay(waitMs, undefined, { ref: false });
      }
    }
  }

  /** The folder was removed, or given to somebody else: what is connected already still reaches the server. False: nothing was ended. */
  async function endWithoutLock(why: unknown): Promise<boolean> {
    // Anything but the file system's own refusal: somebody is at work on the server.
    const isFolderGone = why instanceof Error && "code" in why && FOLDER_GONE.has(String(why.code));
    if (watch === null || !isFolderGone || (await isUsedByOthers(watch, watchName))) return false;
    await stopServer(watch, Number(infoField(await watch.info(), "process_id")));
    return true;
  }

  const { program, started } = await bringUp();
  const signs = setInterval(() => void sayThatWeLiveHere().catch(() => undefined), HOME_REFRESH_MS);
  signs.unref();
  return {
    socketPath,
    started,
    describe: `${started ? "its own" : "the already running"} ${program} (socket ${socketPath}, append-only file in ${folder})`,
    async release() {
      if (isReleased) return;
      isReleased = true;
      clearInterval(signs);
      try {
        await withFolderLock(lockPath, LOCK_MS, async () => {
          const running = await findRunning(socketPath);
          if (running === null) return;
          const closer = await connectOnce(socketPath, watchName);
          try {
            if (!(await isUsedByOthers(closer, watchName))) {
              await stopServer(closer, running.pid);
              await leaveHome(folder);
            }
          } finally {
            closer.disconnect();
          }
        });
      } catch (error) {
        if (await endWithoutLock(error).catch(() => false)) return;
        const reason = error instanceof Error ? error.message : String(error);
        options.log.warn({ socketPath, reason }, "the private Redis could not be ended; the next start uses it");
      } finally {
        watch?.disconnect();
      }
    },
  };
}

/**
 * Connections of this process are its own, apart from the watch of another user of the same Redis inside it. Others count
 * only while they stay: one that its owner closed a moment ago may still be listed.
 */
async function isUsedByOthers(redis: Redis, watchName: string): Promise<boolean> {
  const own = `roster-sync:${process.pid}:`;
  for (const deadline = Date.now() + LINGER_MS; ; await delay(LINGER_POLL_MS)) {
    const list = String(await redis.client("LIST"));
    const names = Array.from(list.matchAll(/ name=(\S*)/g), (match) => match[1] ?? "");
    const others = names.filter((name) => !name.startsWith(own) || isAnotherWatch(name, own, watchName));
    if (others.length === 0) return false;
    if (Date.now() > deadline) return true;
  }
}

function isAnotherWatch(name: string, own: string, watchName: string): boolean {
  return name.startsWith(`${own}embedded-watch`) && name !== watchName;
}
