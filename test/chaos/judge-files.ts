// Whether every roster that was given lies where it belongs, once, with the bytes that were given.

import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { parseClaimedName } from "../../src/inbox/names.ts";

/** A file that a person gave: dropped into the inbox, or named to `sync`. */
export interface Given {
  readonly name: string;
  readonly text: string;
  /** False: a command that ended without a word on whether it had taken the file yet. */
  readonly isTaken: boolean;
}

interface Found {
  readonly path: string;
  /** Under which it was given. */
  readonly name: string;
  readonly text: string;
}

const REASON = ".reason.txt";

/** @returns what is wrong with archive/ and refused/ */
export async function judgeFiles(dataDir: string, given: readonly Given[]): Promise<readonly string[]> {
  const found = [...(await filesBelow(dataDir, "archive")), ...(await filesBelow(dataDir, "refused"))];
  const paths = new Set(found.map(({ path }) => path));
  const rosters = found.filter(({ path }) => !isReason(path));
  const wrong = rosters
    .filter((file) => !given.some((one) => isSame(one, file)))
    .map(({ path, text }) => `${path} (${text.length} bytes) is no file that was given`);
  for (const { path } of rosters)
    if (path.startsWith("refused/") && !paths.has(`${path}${REASON}`)) wrong.push(`${path} has no reason beside it`);
  for (const one of given.filter((each, index) => given.findIndex((other) => isSame(other, each)) === index)) {
    const alike = given.filter((other) => isSame(other, one));
    const least = alike.filter(({ isTaken }) => isTaken).length;
    const there = rosters.filter((file) => isSame(one, file)).length;
    if (there < least || there > alike.length)
      wrong.push(`${one.name} was given ${alike.length} times and lies whole in archive/ or refused/ ${there} times`);
  }
  return wrong;
}

function isReason(path: string): boolean {
  return path.startsWith("refused/") && path.endsWith(REASON);
}

function isSame(one: { readonly name: string; readonly text: string }, other: typeof one): boolean {
  return one.name === other.name && one.text === other.text;
}

/** Every byte is one character. */
async function filesBelow(dataDir: string, folder: string): Promise<readonly Found[]> {
  const entries = await readdir(join(dataDir, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file) => {
      const path = relative(dataDir, file).split(sep).join("/");
      const base = path.slice(path.lastIndexOf("/") + 1);
      return { path, name: parseClaimedName(base)?.fileName ?? base, text: await readFile(file, "latin1") };
    }),
  );
}
