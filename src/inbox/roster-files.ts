// The port RosterFiles on a real disk: where a claimed file goes, and how it gets there again after a crash.
// Folders are made where they are missing, so that somebody's tidying stops nobody. Which fate a file meets is decided in app/.

import { mkdir, rename as nodeRename, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, posix, resolve } from "node:path";
import type { ClaimedFile, RosterFiles } from "../app/ports.ts";
import { kindOfName } from "../domain/settling.ts";
import { answerCsv, answerJson } from "./answers.ts";
import { copyWhole, errorCode, hashFile, writeWhole } from "./durable.ts";
import { exists, isFile, move, placeFor, type Rename } from "./moving.ts";
import { assertRunId, claimedName, fittingName, parseClaimedName } from "./names.ts";

const REASON = ".reason.txt";

/** `dataDir` was opened by `openDataFolder`. `rename` stands in for a file system that cannot move between folders. */
export function createRosterFiles(dataDir: string, dataId: string, rename: Rename = nodeRename): RosterFiles {
  const root = resolve(dataDir);

  function absolute(path: string): string {
    const parts = path.split("/");
    if (path.startsWith("/") || parts.some((part) => part === "" || part === "." || part === "..")) {
      throw new Error("a path of the data folder must be relative and stay inside it");
    }
    return join(root, ...parts);
  }

  async function makeFolder(path: string): Promise<void> {
    await mkdir(absolute(path), { recursive: true, mode: 0o700 });
  }

  /** Moves a claimed file, its sidecars first: once the file itself has gone, nothing is left to be done. */
  async function moveClaimed(path: string, wanted: string): Promise<string> {
    const place = await placeFor(absolute(path), absolute(wanted));
    if (place === null) throw goneError(path);
    await makeFolder(posix.dirname(wanted));
    for (const sidecar of await sidecarsIn(dirname(absolute(path)), basename(path))) {
      const source = join(dirname(absolute(path)), sidecar);
      const sidecarPlace = await placeFor(source, join(dirname(place), sidecar));
      if (sidecarPlace !== null) await move(source, sidecarPlace, rename);
    }
    await move(absolute(path), place, rename);
    return posix.join(posix.dirname(wanted), basename(place));
  }

  /** The archive's folder that has a file of this name: a month may have begun since. */
  async function archiveFolderWith(name: string): Promise<string | null> {
    for (const year of await namesIn(absolute("archive"), /^\d{4}$/)) {
      for (const month of await namesIn(absolute(`archive/${year}`), /^\d{2}$/)) {
        if (await exists(absolute(`archive/${year}/${month}/${name}`))) return `archive/${year}/${month}`;
      }
    }
    return null;
  }

  /** Rosters in one folder under the names they were claimed by, in the order of their runs. */
  async function rostersIn(folder: string): Promise<readonly ClaimedFile[]> {
    const files: ClaimedFile[] = [];
    for (const name of await namesIn(absolute(folder), /^[^.]/)) {
      const claimed = parseClaimedName(name);
      if (claimed === null || kindOfName(claimed.fileName).kind === "sidecar") continue;
      if (await isFile(absolute(`${folder}/${name}`))) files.push({ ...claimed, path: `${folder}/${name}` });
    }
    return files;
  }

  /** The archive's folders, the newest first. */
  async function monthsBackwards(): Promise<readonly string[]> {
    const folders: string[] = [];
    for (const year of await namesIn(absolute("archive"), /^\d{4}$/)) {
      for (const month of await namesIn(absolute(`archive/${year}`), /^\d{2}$/))
        folders.unshift(`archive/${year}/${month}`);
    }
    return folders;
  }

  return {
    dataId,
    absolute,
    exists: (path) => isFile(absolute(path)),
    hash: (path) => hashFile(absolute(path)),

    async bring(source, runId) {
      const path = `processing/${claimedName(runId, basename(source))}`;
      if (await isFile(absolute(path))) return path;
      if (!(await stat(source)).isFile()) throw new Error(`${source} is not a file; name the roster file itself`);
      await makeFolder("processing");
      await copyWhole(source, absolute(path));
      return path;
    },

    async archive(path, at) {
      if (path.startsWith("archive/") && (await isFile(absolute(path)))) return path;
      const month = `archive/${at.toISOString().slice(0, 7).replace("-", "/")}`;
      const folder = (await archiveFolderWith(basename(path))) ?? month;
      return moveClaimed(path, `${folder}/${basename(path)}`);
    },

    async refuse(path, reason) {
      const wanted = `refused/${basename(path)}`;
      await makeFolder("refused");
      const place = path === wanted ? absolute(path) : await placeFor(absolute(path), absolute(wanted));
      if (place === null || (path === wanted && !(await isFile(place)))) throw goneError(path);
      // The reason first: a refused file never lies there without one.
      await writeWhole(`${place}${REASON}`, [reason.endsWith("\n") ? reason : `${reason}\n`]);
      return path === wanted ? path : moveClaimed(path, wanted);
    },

    async answer(fileName, runId, rows, summary) {
      assertRunId(runId);
      await makeFolder("outbox");
      const start = absolute(`outbox/${fittingName(fileName)}.${runId}.result`);
      await writeWhole(`${start}.csv`, answerCsv(rows));
      // Last: a script that waits for the JSON file finds both.
      await writeWhole(`${start}.json`, [answerJson(summary)]);
    },

    claimed: () => rostersIn("processing"),

    async find(runId) {
      for (const folder of ["processing", ...(await monthsBackwards()), "refused"]) {
        const found = (await rostersIn(folder)).find((roster) => roster.runId === runId && !isReason(roster.fileName));
        if (found !== undefined) return found;
      }
      return null;
    },

    async newestArchived() {
      for (const folder of await monthsBackwards()) {
        // Names begin with the run, and so sort by time.
        const newest = (await rostersIn(folder)).at(-1);
        if (newest !== undefined) return newest;
      }
      return null;
    },
  };
}

/** What lies beside a refused roster. */
function isReason(fileName: string): boolean {
  return fileName.endsWith(REASON);
}

function goneError(path: string): Error {
  const runId = parseClaimedName(basename(path))?.runId ?? "unknown";
  return new Error(
    `The roster file of run ${runId} is neither in ${posix.dirname(path)}/ nor where it was to go. ` +
      "Somebody moved or deleted it; drop the roster into the inbox again.",
  );
}

/** The sidecars that were claimed together with a file. */
async function sidecarsIn(folder: string, name: string): Promise<readonly string[]> {
  const runId = parseClaimedName(name)?.runId;
  if (runId === undefined) return [];
  const beside = await namesIn(folder, /^[^.]/);
  return beside.filter((other) => {
    const claimed = parseClaimedName(other);
    return claimed?.runId === runId && kindOfName(claimed.fileName).kind === "sidecar";
  });
}

/** In order; none where there is no such folder. */
async function namesIn(folder: string, pattern: RegExp): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => pattern.test(name)).sort();
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}
