// One at a time: two npm scripts that start together must not install or build into each other's hands.
// Uses only what Node ships with, since it runs before dependencies exist.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 100;
/** A lock without a readable owner was left by a process that died while it wrote; writing takes no time. */
const UNREADABLE_AFTER_POLLS = 20;

/**
 * Runs `work` while no other process that uses the same lock file runs its own. A lock whose owner is dead is taken over.
 * @param {string} path the lock file; its folder is made
 * @param {() => void} onWait called once when somebody else holds the lock
 * @param {() => Promise<void>} work
 */
export async function exclusively(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  let unreadable = 0;
  for (let polls = 0; !tryToTake(path); polls++) {
    const owner = ownerOf(path);
    unreadable = Number.isNaN(owner) ? unreadable + 1 : 0;
    if (unreadable > UNREADABLE_AFTER_POLLS || (owner !== null && !Number.isNaN(owner) && !isAlive(owner)))
      breakLock(path);
    else {
      if (polls === 1) onWait();
      await delay(POLL_MS);
    }
  }
  function letGo() {
    rmSync(path, { force: true });
  }
  process.on("exit", letGo);
  try {
    await work();
  } finally {
    process.off("exit", letGo);
    letGo();
  }
}

function tryToTake(path) {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** The process that holds the lock; null: nobody any more; NaN: not written yet. */
function ownerOf(path) {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10);
  } catch {
    return null;
  }
}

function isAlive(pid) {
  if (pid === process.pid) return false; // A process id from before a restart; this process does not hold it yet.
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Renaming first: of two processes that find the same dead lock, one succeeds, and a lock taken since is put back. */
function breakLock(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Somebody else was faster.
  }
  const owner = ownerOf(aside);
  if (owner !== null && !Number.isNaN(owner) && isAlive(owner)) renameSync(aside, path);
  else rmSync(aside, { force: true });
}
