// Takes a complete file out of the inbox, for one run and for one daemon only. Whether it is complete was decided before.

import { lstat, mkdir, rename as nodeRename, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ClaimedFile } from "../app/ports.ts";
import { sidecarsOf } from "../domain/settling.ts";
import { copyWhole, errorCode } from "./durable.ts";
import { exists, hasSameContent, isFile, move, type Rename } from "./moving.ts";
import { claimedName, claimMark, fittingName, parseClaimMark } from "./names.ts";

/**
 * Moves `inbox/<name>` to `processing/<runId>.<name>` by one rename, its sidecars after it. Null: somebody else was quicker.
 * Where `processing/` is another file system, the rename that excludes others is made within the inbox and a copy follows;
 * such a half-claimed name (`parseClaimMark`) may be claimed again when its owner has died.
 * @throws Error of the file system (EACCES, ENOSPC, …); the file is then still in the inbox
 */
export async function claim(
  dataDir: string,
  name: string,
  runId: string,
  rename: Rename = nodeRename,
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
  try {
    await rename(source, target);
  } catch (error) {
    if (errorCode(error) === "ENOENT" && !(await exists(source))) return null;
    if (errorCode(error) !== "EXDEV") throw error;
    if (!(await claimAcross(source, join(inbox, claimMark(runId, original)), target, rename))) return null;
  }
  await takeSidecars(inbox, dirname(target), original, runId, rename);
  return { runId, fileName: fittingName(original), path: `processing/${claimedName(runId, original)}` };
}

/** Its owner died after the copy and before its last step: the copy in `processing/` is the claimed file. */
async function isFinishedCopy(
  dataDir: string,
  source: string,
  abandoned: { readonly runId: string; readonly fileName: string },
): Promise<boolean> {
  const copy = join(dataDir, "processing", claimedName(abandoned.runId, abandoned.fileName));
  return (await exists(copy)) && (await hasSameContent(source, copy));
}

/** False: somebody else was quicker. */
async function claimAcross(source: string, mark: string, target: string, rename: Rename): Promise<boolean> {
  try {
    await rename(source, mark);
  } catch (error) {
    if (errorCode(error) === "ENOENT" && !(await exists(source))) return false;
    throw error;
  }
  try {
    await copyWhole(mark, target);
  } catch (error) {
    if (!(await exists(source))) await rename(mark, source).catch(() => undefined);
    throw error;
  }
  // Should somebody have taken us for dead meanwhile, both copies are read, and the second has nothing new.
  await rm(mark, { force: true });
  return true;
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
