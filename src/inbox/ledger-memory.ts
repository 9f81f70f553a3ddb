// Which ledger a data folder belongs to: the file `.ledger-id`, the ledger's id, for people where it was, and while one is rebuilt the id of
// that, a line each. Written by whoever takes files out of the folder, or rebuilds. What follows from it is decided in domain/other-ledger.ts.

import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { LedgerMemory } from "../domain/other-ledger.ts";
import { DataFolderError } from "./data-folder.ts";
import { errorCode, writeWhole } from "./durable.ts";

const MEMORY = ".ledger-id";

/** Null: nothing is remembered, or nothing that can be read. */
export async function readLedgerMemory(dataDir: string): Promise<LedgerMemory | null> {
  let text: string;
  try {
    text = await readFile(join(resolve(dataDir), MEMORY), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw new DataFolderError([
      {
        path: join(resolve(dataDir), MEMORY),
        what: "cannot be read",
        fix: "It says to which ledger the folder belongs. Give it to whom the folder belongs, and let its owner read it.",
      },
    ]);
  }
  const [id = "", where = "", nextId = ""] = text.split("\n");
  return isId(id) && where !== "" ? { id, where, nextId: isId(nextId) ? nextId : null } : null;
}

export async function writeLedgerMemory(dataDir: string, { id, where, nextId }: LedgerMemory): Promise<void> {
  const lines = nextId === null ? [id, where] : [id, where, nextId];
  await writeWhole(join(resolve(dataDir), MEMORY), [`${lines.join("\n")}\n`]);
}

export async function forgetLedger(dataDir: string): Promise<void> {
  await rm(join(resolve(dataDir), MEMORY), { force: true });
}

function isId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}
