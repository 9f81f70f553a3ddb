// Moves a file that a person dropped: never over another one, across file systems too, and again after a crash without harm.

import { lstat, rename as nodeRename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { copyWhole, errorCode, hashFile, syncFolder } from "./durable.ts";
import { numbered } from "./names.ts";

/** As `rename` of node:fs/promises. */
export type Rename = (from: string, to: string) => Promise<void>;

/**
 * Where `source` goes when `target` is wanted: `target` itself, or a numbered name beside it when another content is there.
 * When the source is gone, it is the place that it went to. Null: it is neither here nor there.
 */
export function placeFor(source: string, target: string): Promise<string | null> {
  return againWhenGone(() => findPlace(source, target));
}

async function findPlace(source: string, target: string): Promise<string | null> {
  const isSourceThere = await isFile(source);
  let last: string | null = null;
  for (let number = 1; ; number += 1) {
    const place = number === 1 ? target : numbered(target, number);
    if (!(await exists(place))) return isSourceThere ? place : last;
    if (isSourceThere && (await hasSameContent(source, place))) return place;
    last = place;
  }
}

/**
 * Moves `source` to a place that `placeFor` named. Done already: nothing happens. Both there (a copy that was cut off before
 * its last step): finished. On another file system: copied, made durable, and only then taken away.
 */
export function move(source: string, place: string, rename: Rename = nodeRename): Promise<void> {
  return againWhenGone(() => moveOnce(source, place, rename));
}

/** Somebody else may be moving the same file, and take it away between two steps of ours: then it is looked at afresh. */
async function againWhenGone<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (errorCode(error) !== "ENOENT" || attempt === 3) throw error;
    }
  }
}

async function moveOnce(source: string, place: string, rename: Rename): Promise<void> {
  if (!(await isFile(source))) return;
  if (!(await exists(place))) {
    try {
      await rename(source, place);
      return;
    } catch (error) {
      if (errorCode(error) !== "EXDEV") throw error;
    }
    await copyWhole(source, place);
  } else if (!(await hasSameContent(source, place))) {
    throw new Error("a file with another content appeared at the target while a roster file was being moved");
  }
  await rm(source, { force: true });
  await syncFolder(dirname(source));
}

export async function exists(path: string): Promise<boolean> {
  return (await look(path)) !== null;
}

export async function isFile(path: string): Promise<boolean> {
  return (await look(path))?.isFile() ?? false;
}

async function look(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return null;
    throw error;
  }
}

export async function hasSameContent(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(one), lstat(other)]);
  if (!a.isFile() || !b.isFile() || a.size !== b.size) return false;
  return (await hashFile(one)) === (await hashFile(other));
}
