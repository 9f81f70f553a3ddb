// Which machine a private Redis lives on. A data folder on a share can be reached from several machines, a Unix socket cannot: a
// second server started elsewhere on the same append-only file would destroy it. The file `home` names the machine and is
// refreshed while somebody there uses the server; ages are measured by the file system's own clock, not by ours.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileAgeMs } from "./file-age.ts";

/** A home that nobody refreshed for so long is given up: its machine died, or is cut off from the folder. */
export const HOME_SILENT_MS = 60_000;
export const HOME_REFRESH_MS = 10_000;

export interface Machine {
  readonly host: string;
  /** Same for all containers of one machine, another one after it started anew; "-" where the system has none. */
  readonly bootId: string;
  /** Outlives a restart; "-" in most containers. */
  readonly machineId: string;
}

export function thisMachine(): Machine {
  return {
    host: hostname(),
    bootId: firstWord("/proc/sys/kernel/random/boot_id"),
    machineId: firstWord("/etc/machine-id"),
  };
}

export type HomeClaim =
  /** `wasElsewhere`: another machine had it last, so a server that still runs here has old data. */
  | { readonly kind: "ours"; readonly wasElsewhere: boolean }
  | { readonly kind: "theirs"; readonly host: string; readonly silentForMs: number };

/** Makes this machine the home, unless another one is alive. The caller holds the folder's lock. */
export async function claimHome(folder: string, machine: Machine): Promise<HomeClaim> {
  const path = join(folder, "home");
  const known = await readHome(path);
  const isOurs = known === null || isSameMachine(known, machine);
  if (!isOurs) {
    const silentForMs = await fileAgeMs(path);
    if (silentForMs < HOME_SILENT_MS) return { kind: "theirs", host: known.host, silentForMs };
  }
  await write(path, machine);
  return { kind: "ours", wasElsewhere: !isOurs };
}

/** Says that this machine still uses the server. False: another machine has taken the folder meanwhile. */
export async function refreshHome(folder: string, machine: Machine): Promise<boolean> {
  const path = join(folder, "home");
  const known = await readHome(path);
  if (known !== null && !isSameMachine(known, machine)) return false;
  await write(path, machine);
  return true;
}

/** The server has ended: any machine may be the next. */
export async function leaveHome(folder: string): Promise<void> {
  await rm(join(folder, "home"), { force: true });
}

function isSameMachine(one: Machine, other: Machine): boolean {
  if (one.bootId !== "-" && one.bootId === other.bootId) return true;
  return one.host === other.host && one.machineId === other.machineId;
}

/** Whole or not at all, and dated by the file system. */
async function write(path: string, machine: Machine): Promise<void> {
  const own = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(own, `${JSON.stringify(machine)}\n`, { mode: 0o600 });
  await rename(own, path);
}

async function readHome(path: string): Promise<Machine | null> {
  const text = await readFile(path, "utf8").catch(() => "");
  try {
    const { host, bootId, machineId } = JSON.parse(text) as Partial<Machine>;
    return typeof host === "string" && typeof bootId === "string" && typeof machineId === "string"
      ? { host, bootId, machineId }
      : null;
  } catch {
    return null;
  }
}

function firstWord(path: string): string {
  try {
    return readFileSync(path, "utf8").trim() || "-";
  } catch {
    return "-";
  }
}
