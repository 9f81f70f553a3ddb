// The data folder: its five folders, the rights to work in them, and the mark by which it is known. Opened once at the start;
// everything that is wrong is said at once. What happens to single files is not decided here.

import { randomBytes } from "node:crypto";
import { access, constants, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { errorCode, sweepTemporaries, writeWhole } from "./durable.ts";
import { userName, whyForbidden } from "./folder-owner.ts";
import { FOLDERS } from "./names.ts";

const MARK = ".data-id";

export interface DataFolder {
  /** Absolute. */
  readonly dataDir: string;
  /** 16 hex characters, kept in `.data-id`: which machine's files a run speaks of. */
  readonly dataId: string;
}

export interface FolderProblem {
  readonly path: string;
  /** What is wrong. */
  readonly what: string;
  /** What to do. */
  readonly fix: string;
}

export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
  readonly problems: readonly FolderProblem[];

  constructor(problems: readonly FolderProblem[]) {
    super(
      `The data folder cannot be used:\n${problems.map(({ path, what, fix }) => `  ${path} ${what}. ${fix}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

/**
 * Makes what is missing and makes sure that files can be written and renamed in each folder. New folders are closed to others
 * (mode 0700: rosters are personal data); folders that exist keep their rights, so that an administrator may open
 * `inbox/` and `outbox/` to a share. Temporary files that a crash left are cleared away.
 * @throws DataFolderError with every problem found
 */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  const root = resolve(dataDir);
  const problems = await checkDataFolder(root);
  if (problems.length > 0) throw new DataFolderError(problems);
  const nowMs = await clockOf(root);
  for (const folder of FOLDERS) if (folder !== "inbox") await sweepTemporaries(join(root, folder), nowMs);
  return { dataDir: root, dataId: await readOrMakeId(join(root, MARK)) };
}

/** Whether there is a data folder that was opened before. Makes nothing. @throws DataFolderError when nobody can tell */
export async function isDataFolder(dataDir: string): Promise<boolean> {
  const root = resolve(dataDir);
  try {
    return (await readId(join(root, MARK))) !== null;
  } catch (error) {
    throw error instanceof DataFolderError ? error : new DataFolderError([await explain(root, errorCode(error), root)]);
  }
}

/** Whether nothing of ours is there: no folder, or one that was never opened. Makes nothing. @throws DataFolderError */
export async function isUntouched(dataDir: string): Promise<boolean> {
  const root = resolve(dataDir);
  try {
    const names = await readdir(root);
    return !names.some((name) => name === MARK || FOLDERS.some((folder) => folder === name));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return true;
    throw new DataFolderError([await explain(root, errorCode(error), root)]);
  }
}

/** What would keep a start from making an untouched data folder; null: nothing. Makes nothing. */
export async function whyNotMade(dataDir: string): Promise<FolderProblem | null> {
  const root = resolve(dataDir);
  for (let path = root; ; path = dirname(path)) {
    try {
      await access(path, constants.W_OK | constants.X_OK);
      return (await stat(path)).isDirectory() ? null : notAFolder(path);
    } catch (error) {
      const code = errorCode(error);
      if (code !== "ENOENT" || dirname(path) === path) return explain(path, code, root, path === root ? null : root);
    }
  }
}

/** Makes missing folders and tries each of them. Every problem, with what to do; empty: all is well. */
export async function checkDataFolder(dataDir: string): Promise<readonly FolderProblem[]> {
  const root = resolve(dataDir);
  const rootProblem = await checkFolder(root, root);
  if (rootProblem !== null) return [rootProblem];
  const problems = await Promise.all(FOLDERS.map((folder) => checkFolder(join(root, folder), root)));
  return problems.filter((problem) => problem !== null);
}

/** What time it is for the file system: a share has a clock of its own, and ages of files are measured by it. */
async function clockOf(root: string): Promise<number> {
  const path = join(root, `.roster-sync-${randomBytes(6).toString("hex")}.part`);
  try {
    await writeFile(path, "", { flag: "wx" });
    return (await stat(path)).mtimeMs;
  } finally {
    await rm(path, { force: true });
  }
}

async function checkFolder(path: string, root: string): Promise<FolderProblem | null> {
  try {
    await makeFolder(path);
    if (!(await stat(path)).isDirectory()) return notAFolder(path);
    const name = randomBytes(6).toString("hex");
    const written = join(path, `.roster-sync-${name}.part`);
    const renamed = join(path, `.roster-sync-${name.split("").reverse().join("")}.part`);
    try {
      await writeFile(written, "", { flag: "wx" });
      await rename(written, renamed);
    } finally {
      await rm(written, { force: true });
      await rm(renamed, { force: true });
    }
    return null;
  } catch (error) {
    const isMissing = await stat(path).then(
      () => false,
      (reason: unknown) => errorCode(reason) === "ENOENT",
    );
    return explain(path, errorCode(error), root, isMissing ? path : null);
  }
}

/**
 * And the folders above it. Node's own way never ends where nothing can be made in a folder that is there and the system calls that
 * ENOENT, as it does of /proc and of folders that are mounted when somebody looks into them.
 */
async function makeFolder(path: string): Promise<void> {
  if (await isMade(path)) return;
  await makeFolder(dirname(path));
  if (!(await isMade(path))) await mkdir(path, { mode: 0o700 });
}

/** False: there is no folder in which it could be made. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isThere) return true;
    if (errorCode(error) === "ENOENT" && dirname(path) !== path) return false;
    throw error;
  }
}

/** `missing`: the folder that cannot be made; its parent is nobody's to give away. */
async function explain(
  path: string,
  code: string,
  root: string,
  missing: string | null = null,
): Promise<FolderProblem> {
  switch (code) {
    case "EEXIST":
    case "ENOTDIR":
      return notAFolder(path);
    case "EACCES":
    case "EPERM": {
      if (missing !== null) {
        const user = userName();
        const fix = `Make that folder for this user, for example: sudo install -d -o ${user} -m 700 ${JSON.stringify(missing)}`;
        const what = missing === path ? `cannot be made by ${user}` : `does not let ${user} make ${missing}`;
        return { path, what, fix };
      }
      return { path, ...(await whyForbidden(path, root, join(root, MARK))) };
    }
    case "ENOENT":
      return {
        path,
        what: "cannot be made: nothing can be made in the folder above it",
        fix: "Mount what belongs there, or set DATA_DIR to another folder.",
      };
    case "EROFS":
      return {
        path,
        what: "is on a file system that is mounted read-only",
        fix: "Mount it writable, or set DATA_DIR to another folder.",
      };
    case "ENOSPC":
    case "EDQUOT":
      return { path, what: "cannot take another file: the disk or the quota is full", fix: "Free some space." };
    default:
      return {
        path,
        what: `cannot be written to (${code || "unknown error"})`,
        fix: "Repair the folder, or set DATA_DIR to another one.",
      };
  }
}

function notAFolder(path: string): FolderProblem {
  return { path, what: "is not a folder", fix: "Move away what is there, or set DATA_DIR to another folder." };
}

async function readOrMakeId(path: string): Promise<string> {
  const known = await readId(path);
  if (known !== null) return known;
  // Written whole under a name of our own; of several daemons that start at once, one gets its file linked.
  const own = `${path}.${randomBytes(6).toString("hex")}`;
  const id = randomBytes(8).toString("hex");
  await writeWhole(own, [`${id}\n`]);
  try {
    await link(own, path);
    return id;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return (await readId(path)) ?? id;
    // No hard links here (a network mount): nearly as good, as this happens once in a folder's life.
    await writeFile(path, `${id}\n`, { flag: "wx" });
    return id;
  } finally {
    await rm(own, { force: true });
  }
}

/** Null: there is none yet. @throws DataFolderError when the file says something else */
async function readId(path: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  const id = text.trim();
  if (/^[0-9a-f]{16}$/.test(id)) return id;
  const fix = "Restore it from a backup; or, when no run is under way, delete it: a new one is made at the next start.";
  throw new DataFolderError([{ path, what: "is damaged (16 hexadecimal digits belong there)", fix }]);
}
