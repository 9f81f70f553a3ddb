// One process at a time over a folder, by a lock file that a killed process does not leave shut. Held for moments (to start
// or stop a server), never for the length of a run: that is what locks in Redis are for.

import { readFileSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fileAgeMs } from "./file-age.ts";

const POLL_MS = 20;
const REFRESH_MS = 10_000;
/** A lock of another machine cannot be checked; its holder refreshes it, so a silent one is dead. */
const FOREIGN_STALE_MS = 60_000;
/** The owner is written right after the file appears; a file without one was left by a process killed in between. */
const UNWRITTEN_STALE_MS = 5_000;

/**
 * Runs `work` while no other process (and no other caller in this one) runs work under the same lock file.
 * @throws Error when the lock is not had within `withinMs`, and what `work` throws
 */
export async function withFolderLock<T>(path: string, withinMs: number, work: () => Promise<T>): Promise<T> {
  const mine = `${hostname()} ${process.pid} ${startOf(process.pid)} ${Math.random().toString(36).slice(2)}\n`;
  const deadline = Date.now() + withinMs;
  while (!(await tryToTake(path, mine))) {
    if (await isLeftOver(path)) await breakLock(path);
    else if (Date.now() > deadline)
      throw new Error(`${path} is held by another process for more than ${withinMs / 1000} s.`);
    else await delay(POLL_MS);
  }
  const refreshing = setInterval(() => void refresh(path, mine).catch(() => {}), REFRESH_MS);
  refreshing.unref();
  try {
    return await work();
  } finally {
    clearInterval(refreshing);
    if ((await readFile(path, "utf8").catch(() => "")) === mine) await rm(path, { force: true });
  }
}

/** Writes the same again: the file system then dates it by its own clock. */
async function refresh(path: string, mine: string): Promise<void> {
  if ((await readFile(path, "utf8")) !== mine) return;
  const file = await open(path, "r+");
  try {
    await file.write(mine, 0);
  } finally {
    await file.close();
  }
}

async function tryToTake(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(owner);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function isLeftOver(path: string): Promise<boolean> {
  try {
    const owner = await readFile(path, "utf8");
    const silentMs = whenSilent(owner);
    return silentMs === null ? isDead(owner) : (await fileAgeMs(path)) > silentMs;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false; // Given back just now.
    throw error;
  }
}

/** How long a lock must be silent to count as left over; null: its owner is a process of this machine, which can be looked at. */
function whenSilent(owner: string): number | null {
  const [host, pid, start] = owner.trim().split(" ");
  if (host === undefined || pid === undefined || start === undefined) return UNWRITTEN_STALE_MS;
  return host === hostname() ? null : FOREIGN_STALE_MS;
}

function isDead(owner: string): boolean {
  const [, pid, start] = owner.trim().split(" ");
  return !isAlive(Number(pid)) || startOf(Number(pid)) !== start;
}

/** Renames first and looks again: of two that find the same dead lock, neither may remove one taken since. */
async function breakLock(path: string): Promise<void> {
  const aside = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await rename(path, aside);
    if (await isLeftOver(aside)) await rm(aside, { force: true });
    else await rename(aside, path);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error; // Otherwise somebody else was faster.
  }
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

/** When a process started, in the kernel's ticks: tells it from a later one with the same id. "-" where the system does not say. */
function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8");
    return fields.slice(fields.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
  } catch {
    return "-";
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
