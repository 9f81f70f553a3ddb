// Which ledger a data folder belongs to: the file `.ledger-id`, the ledger's id and for people where it was, a line each. Written by
// whoever takes files out of the folder. What follows from it is decided in domain/other-ledger.ts.

import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { LedgerMemory } from "../domain/other-ledger.ts";
import { errorCode, writeWhole } from "./durable.ts";

const MEMORY = ".ledger-id";

/** Null: nothing is remembered, or nothing that can be read. */
export async function readLedgerMemory(dataDir: string): Promise<LedgerMemory | null> {
  let text: string;
  try {
    text = await readFile(join(resolve(dataDir), MEMORY), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  const [id = "", where = ""] = text.split("\n");
  return /^[0-9a-f]{16}$/.test(id) && where !== "" ? { id, where } : null;
}

export async function writeLedgerMemory(dataDir: string, { id, where }: LedgerMemory): Promise<void> {
  await writeWhole(join(resolve(dataDir), MEMORY), [`${id}\n${where}\n`]);
}
