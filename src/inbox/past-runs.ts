// What earlier runs left in the data folder: archived rosters, and the pairs of answer files. Only regular files under names that
// this program gives are looked at, and links never followed. What they tell is decided in app/rebuild.ts.

import { lstat, readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { AnswerSummary, ClaimedFile, PastAnswer } from "../app/ports.ts";
import { kindOfName } from "../domain/settling.ts";
import { answerFrom } from "./answers.ts";
import { errorCode } from "./durable.ts";
import { parseClaimedName } from "./names.ts";

const JSON_MAX_BYTES = 4 * 1024 * 1024;
const SUMMARY = ".result.json";
const ROWS = ".result.csv";

/** Every roster in the archive, oldest run first. */
export async function archivedRosters(dataDir: string): Promise<readonly ClaimedFile[]> {
  const root = resolve(dataDir);
  const rosters: ClaimedFile[] = [];
  for (const year of await namesIn(join(root, "archive"), /^\d{4}$/)) {
    for (const month of await namesIn(join(root, "archive", year), /^\d{2}$/)) {
      const folder = `archive/${year}/${month}`;
      for (const name of await namesIn(join(root, folder), /^[^.]/)) {
        const claimed = parseClaimedName(name);
        if (claimed === null || kindOfName(claimed.fileName).kind === "sidecar") continue;
        if (await isPlainFile(join(root, folder, name))) rosters.push({ ...claimed, path: `${folder}/${name}` });
      }
    }
  }
  return rosters.sort(byRun);
}

/** Every pair of answer files, oldest run first. */
export async function pastAnswers(dataDir: string): Promise<readonly PastAnswer[]> {
  const outbox = join(resolve(dataDir), "outbox");
  const answers: { readonly runId: string; readonly answer: PastAnswer }[] = [];
  const names = await namesIn(outbox, /\.result\.(json|csv)$/);
  const all = new Set(names);
  for (const name of names) {
    if (name.endsWith(ROWS)) {
      // Rows without a summary say nothing of run and roster.
      if (all.has(`${name.slice(0, -ROWS.length)}${SUMMARY}`)) continue;
      answers.push({ runId: "", answer: { kind: "unreadable", path: `outbox/${name}` } });
      continue;
    }
    const summary = await summaryIn(join(outbox, name));
    const rowsPath = `outbox/${name.slice(0, -SUMMARY.length)}${ROWS}`;
    const answer: PastAnswer =
      summary === null ? { kind: "unreadable", path: `outbox/${name}` } : { kind: "answer", summary, rowsPath };
    answers.push({ runId: summary?.run ?? "", answer });
  }
  return answers.sort(byRun).map(({ answer }) => answer);
}

async function summaryIn(path: string): Promise<AnswerSummary | null> {
  if (!(await isPlainFile(path)) || (await lstat(path)).size > JSON_MAX_BYTES) return null;
  return answerFrom(await readFile(path, "utf8"));
}

async function isPlainFile(path: string): Promise<boolean> {
  return (await lstat(path)).isFile();
}

async function namesIn(folder: string, pattern: RegExp): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => pattern.test(name)).sort();
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}

function byRun(one: { readonly runId: string }, other: { readonly runId: string }): number {
  if (one.runId === other.runId) return 0;
  return one.runId < other.runId ? -1 : 1;
}
