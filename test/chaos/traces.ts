// What a world leaves where a person could look: files, answers, runs.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Run } from "../../src/domain/run.ts";
import { keysFor } from "../../src/store/keys.ts";
import { createRunStore } from "../../src/store/runs.ts";
import type { Scenery } from "./world.ts";

/** Of person `number` in `rosterCsv`. */
export function emailOf(number: number): string {
  return `person.${String(number).padStart(5, "0")}@corp-roster.example`;
}

export function keyOf(number: number): string {
  return `E${String(number).padStart(5, "0")}`;
}

/** Names of files below a folder of the data folder. */
export async function filesIn(dataDir: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(dataDir, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

export async function runsOf({ redis, world }: Scenery): Promise<readonly Run[]> {
  return createRunStore(redis, keysFor(world.env.TALLYFY_ORG_ID ?? ""), 1000).list(100);
}

/** The outcome in the newest answer file that names each person. */
export async function answersByKey({ world }: Scenery): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const names = (await filesIn(world.dataDir, "outbox")).filter((name) => name.endsWith(".result.csv"));
  const runOf = (name: string) => /(\d{8}-\d{6}-[0-9a-f]+)\.result/.exec(name)?.[1] ?? "";
  for (const name of names.sort((a, b) => (runOf(a) < runOf(b) ? -1 : 1))) {
    const text = await readFile(join(world.dataDir, "outbox", name), "utf8");
    for (const line of text.split("\r\n").slice(1)) {
      const [, key, outcome] = line.split(",");
      if (key !== undefined && outcome !== undefined && key !== "") found.set(key, outcome);
    }
  }
  return found;
}
