// Takes a complete file out of the inbox, for one run and for one daemon only. Whether it is complete was decided before.

import { link, lstat, mkdir, rename as nodeRename, readdir, rm, unlink, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ClaimedFile } from "../app/ports.ts";
import { type Sighting, sidecarsOf } from "../domain/settling.ts";
import { copyPlain, errorCode } from "./durable.ts";
import { exists, hasSameContent, isFile, move, type Rename } from "./moving.ts";
import { claimedName, claimMark, fittingName, numbered, parseClaimMark } from "./names.ts";

/** While a half-claimed file is copied, its time is moved on so often: others see that its owner lives. */
const SIGN_OF_LIFE_MS = 10_000;

/**
 * Moves `inbox/<name>` to `processing/<runId>.<name>` by one rename, its sidecars after it. Null: somebody else was quicker.
 * Where `processing/` is another file system, the rename that excludes others is made within the inbox and a copy follows;
 * such a half-claimed name (`parseClaimMark`) may be claimed again when its owner has died.
 * @param seen what made the file count as complete. Between that look and the rename another intake may have taken it and a person
 *   dropped the next one under its name: what was taken unseen goes back.
 * @throws Error of the file system (EACCES, ENOSPC, …); the file is then still in the inbox
 */
export async function claim(
  dataDir: string,
  name: string,
  runId: string,
  rename: Rename = nodeRename,
  seen: Sighting | null = null,
): Promise<ClaimedFile | null> {
  const inbox = join(dataDir, "inbox");
  const source = join(inbox, name);
  const abandoned = parseClaimMark(name);
  const original = abandoned?.fileName ?? name;
  const target = join(dataDir, "processing", claimedName(runId, original));
  if (!(await isFile(source))) return null;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  if (await exists(target)) throw new Error(`run ${runId} has claimed a file of this name already`);
  if (abandoned !== null && (await isFinishedCopy(dataDir, source, abandoned))) {
    await rm(source, { force: true });
    return null;
  }
  const way = await takeAway(source, target, rename);
  if (way === "lost") return null;
  if (way === "taken" && !(await isAsSeen(target, seen))) {
    await putBack(target, source);
    return null;
  }
  if (way === "elsewhere") {
    const mark = join(inbox, claimMark(runId, original));
    if ((await takeAway(source, mark, rename)) !== "taken") return null;
    if (!(await isAsSeen(mark, seen))) {
      await putBack(mark, source);
      return null;
    }
    await copyAcross(source, mark, target, rename);
    // The mark may be gone: a file server's answer was lost and it was asked again, or somebody took us for dead.
    if (!(await remove(mark)) && (await isTakenOver(inbox, target, original))) {
      await rm(target, { force: true });
      return null;
    }
  }
  await takeSidecars(inbox, dirname(target), original, runId, rename);
  return { runId, fileName: fittingName(original), path: `processing/${claimedName(runId, original)}` };
}

/** The rename that excludes all others: of several, one succeeds. `elsewhere`: the target is on another file system. */
async function takeAway(source: string, target: string, rename: Rename): Promise<"taken" | "lost" | "elsewhere"> {
  try {
    await rename(source, target);
    return "taken";
  } catch (error) {
    const code = errorCode(error);
    if (code === "EXDEV") return "elsewhere";
    if (code !== "ENOENT" && code !== "ESTALE") throw error;
    // A file server whose answer was lost is asked again, and then finds nothing to rename: nobody else knows this target.
    if (await exists(target)) return "taken";
    if (code === "ENOENT" && (await exists(dirname(target)))) return "lost";
    throw error;
  }
}

/** Size and time; a share may number its files anew with each rename. */
async function isAsSeen(path: string, seen: Sighting | null): Promise<boolean> {
  const stats = await lstat(path);
  // A link may have taken the file's place, with a time and a length made to fit.
  if (!stats.isFile()) return false;
  return seen === null || (stats.size === seen.size && stats.mtimeMs === seen.mtimeMs);
}

/** Back into the inbox, never over what was dropped there meanwhile. */
async function putBack(path: string, source: string): Promise<void> {
  for (let number = 1; ; number += 1) {
    const place = number === 1 ? source : numbered(source, number);
    if (await exists(place)) continue;
    try {
      await link(path, place);
    } catch (error) {
      if (errorCode(error) === "EEXIST") continue;
      // No hard links here (some shares): the name was free a moment ago.
      await nodeRename(path, place);
      return;
    }
    await unlink(path);
    return;
  }
}

/** Its owner died after the copy and before its last step: the copy, wherever it is by now, is the claimed file. */
async function isFinishedCopy(
  dataDir: string,
  source: string,
  abandoned: { readonly runId: string; readonly fileName: string },
): Promise<boolean> {
  const name = claimedName(abandoned.runId, abandoned.fileName);
  const archived = await readdir(join(dataDir, "archive"), { recursive: true }).catch(() => []);
  const places = ["processing", "refused", ...archived.filter((path) => basename(path) === name).map(inArchive)];
  for (const place of places) {
    const copy = join(dataDir, place, name);
    if ((await exists(copy)) && (await hasSameContent(source, copy))) return true;
  }
  return false;
}

function inArchive(path: string): string {
  return join("archive", dirname(path));
}

async function copyAcross(source: string, mark: string, target: string, rename: Rename): Promise<void> {
  const { atime, mtime } = await lstat(mark);
  const signs = setInterval(() => void utimes(mark, atime, new Date()).catch(() => undefined), SIGN_OF_LIFE_MS);
  try {
    await copyPlain(mark, target);
    await utimes(target, atime, mtime);
  } catch (error) {
    if (!(await exists(source))) await rename(mark, source).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(signs);
  }
}

/** False: it was gone already. */
async function remove(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/**
 * Whether somebody else has the file of this copy in hand. Only what can be seen counts: a copy too many is read as nothing new,
 * one too few would be a roster lost.
 */
async function isTakenOver(inbox: string, copy: string, fileName: string): Promise<boolean> {
  const marks = (await readdir(inbox)).filter((name) => parseClaimMark(name)?.fileName === fittingName(fileName));
  const claims = (await readdir(dirname(copy))).filter((name) => name.endsWith(`.${fittingName(fileName)}`));
  const others = [...marks.map((name) => join(inbox, name)), ...claims.map((name) => join(dirname(copy), name))];
  for (const other of others) if (other !== copy && (await hasSameContent(other, copy))) return true;
  return false;
}

async function takeSidecars(
  inbox: string,
  processing: string,
  name: string,
  runId: string,
  rename: Rename,
): Promise<void> {
  const names = await readdir(inbox);
  for (const sidecar of sidecarsOf(name, [...names, name]).values()) {
    const source = join(inbox, sidecar);
    try {
      if ((await lstat(source)).isFile()) await move(source, join(processing, claimedName(runId, sidecar)), rename);
    } catch {
      // The roster is claimed; a mark that cannot follow stays in the inbox, where it does nothing without its roster.
    }
  }
}
