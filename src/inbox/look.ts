// Looks at the inbox and remembers what it saw, so that domain/settling.ts can tell which files are complete.
// Says what is wrong with a file that is not taken. Takes nothing itself.

import { constants, type Stats } from "node:fs";
import { access, type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Log } from "../app/ports.ts";
import {
  type Candidate,
  isSame,
  kindOfName,
  observe,
  type Readiness,
  readiness,
  type SidecarState,
  type Sighting,
  sidecarsOf,
  statedChecksum,
} from "../domain/settling.ts";
import type { StuckFile } from "../domain/stuck-files.ts";
import { errorCode, hashFile, readPlain } from "./durable.ts";
import { parseClaimMark } from "./names.ts";
import { createWarnings } from "./warnings.ts";

/** A file that was claimed half and then rests so long belongs to a daemon that died while copying it. */
export const ABANDONED_MS = 60_000;
/** A file that is not complete after this is reported. */
export const LONG_WAIT_MS = 15 * 60_000;
const SIDECAR_MAX_BYTES = 1024 * 1024;

export interface ReadyFile {
  readonly name: string;
  readonly sighting: Sighting;
}

export interface Look {
  /** Complete and readable, the oldest first. */
  readonly ready: readonly ReadyFile[];
  /** When the next file can be complete, by the clock given; null: nothing is waited for. */
  readonly lookAgainMs: number | null;
  /** What is not taken for a reason that a person must look at. */
  readonly stuck: readonly StuckFile[];
}

export interface Looker {
  /** @throws Error when the inbox cannot be listed */
  look(): Promise<Look>;
}

export interface LookerOptions {
  readonly inbox: string;
  readonly settleMs: number;
  /** Milliseconds of a clock that is never set back or forward. */
  readonly now: () => number;
  readonly log: Log;
}

interface Tracked {
  candidate: Candidate;
  /** The comparison with a `.sha256` file, and of which contents it speaks. */
  compared: { readonly of: string; readonly isMatch: boolean } | null;
  /** When it was last seen not to be changing. */
  restedMs: number;
}

export function createLooker({ inbox, settleMs, now, log }: LookerOptions): Looker {
  const tracked = new Map<string, Tracked>();
  const warnings = createWarnings(log);

  /** Null: it is gone. */
  async function statOf(name: string): Promise<Stats | null> {
    try {
      return await lstat(join(inbox, name));
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      if (name.includes("\uFFFD")) warnings.say(name, "misnamed");
      return null;
    }
  }

  async function sidecarStats(name: string | undefined): Promise<Stats | null> {
    const stats = name === undefined ? null : await statOf(name);
    return stats?.isFile() === true ? stats : null;
  }

  /** Adds this look to what is known of a file. */
  function track(name: string, stats: Stats): Tracked {
    const known = tracked.get(name);
    const candidate = observe(known?.candidate ?? null, sightingOf(stats), now());
    const file = known ?? { candidate, compared: null, restedMs: candidate.firstSeenMs };
    file.candidate = candidate;
    tracked.set(name, file);
    return file;
  }

  /** Whether the file is what its `.sha256` file says. */
  async function compare(name: string, file: Tracked, sidecar: string, stats: Stats): Promise<void> {
    const of = contentsKey(file, stats);
    const text = stats.size <= SIDECAR_MAX_BYTES ? await readPlain(join(inbox, sidecar)) : "";
    const stated = statedChecksum(text, name);
    const isMatch = stated !== null && stated === (await hashFile(join(inbox, name)));
    file.compared = { of, isMatch };
    const after = await statOf(name);
    if (after !== null) track(name, after);
  }

  async function judge(name: string, file: Tracked, names: readonly string[]): Promise<Readiness> {
    const sidecars = sidecarsOf(name, names);
    const done = await sidecarStats(sidecars.get("done"));
    const checksum = sidecars.get("sha256");
    const checksumStats = await sidecarStats(checksum);
    const verdict = () => {
      const beside = { doneMtimeMs: done?.mtimeMs ?? null, checksum: comparison(file, checksumStats) };
      return readiness(file.candidate, beside, settleMs, now());
    };
    const first = verdict();
    if (first.kind !== "compare" || checksum === undefined || checksumStats === null) return first;
    await compare(name, file, checksum, checksumStats);
    const second = verdict();
    // It changed while it was compared: it is looked at again when it may have settled.
    return second.kind === "compare" ? { kind: "wait", lookAgainMs: now() + settleMs } : second;
  }

  /** Null: nothing to take, now or later. */
  async function lookAt(name: string, names: readonly string[]): Promise<Readiness | null> {
    const isAbandoned = parseClaimMark(name) !== null;
    const { kind } = kindOfName(name);
    if (!isAbandoned && (kind === "temporary" || kind === "sidecar")) return null;
    const stats = await statOf(name);
    if (stats === null) return null;
    if (!stats.isFile()) {
      // Subfolders are somebody's own matter, unless one has a roster's name.
      if (!stats.isDirectory() || kind === "roster") warnings.say(name, "notAFile");
      return null;
    }
    const file = track(name, stats);
    if (isAbandoned) {
      const alone: SidecarState = { doneMtimeMs: null, checksum: "none" };
      return readiness(file.candidate, alone, Math.max(settleMs, ABANDONED_MS), now());
    }
    const verdict = await judge(name, file, names);
    if (kind === "stranger" && verdict.kind !== "wait") {
      warnings.say(name, "stranger");
      return null;
    }
    const isWaitingLong = now() - file.candidate.firstSeenMs >= LONG_WAIT_MS;
    if (verdict.kind === "mismatch") warnings.say(name, isWaitingLong ? "stillMismatch" : "mismatch");
    if (verdict.kind !== "wait") file.restedMs = now();
    else if (now() - file.restedMs >= LONG_WAIT_MS) warnings.say(name, kind === "stranger" ? kind : "restless");
    if (verdict.kind === "ready") await access(join(inbox, name), constants.R_OK);
    return verdict;
  }

  async function lookSafely(name: string, names: readonly string[]): Promise<Readiness | null> {
    try {
      return await lookAt(name, names);
    } catch (error) {
      const code = errorCode(error);
      if (code === "EACCES" || code === "EPERM") warnings.say(forbiddenName(error) ?? name, "unreadable");
      else if (code === "EPLAIN") warnings.say(name, "notAFile");
      else if (code !== "ENOENT") warnings.say(name, "troubled", error);
      return null;
    }
  }

  return {
    async look() {
      const names = await readdir(inbox);
      const present = new Set(names);
      for (const name of tracked.keys()) if (!present.has(name)) tracked.delete(name);
      warnings.begin(present);
      const ready: ReadyFile[] = [];
      let lookAgainMs: number | null = null;
      for (const name of names) {
        const verdict = await lookSafely(name, names);
        const sighting = tracked.get(name)?.candidate.sighting;
        if (verdict?.kind === "wait") lookAgainMs = Math.min(lookAgainMs ?? verdict.lookAgainMs, verdict.lookAgainMs);
        if (verdict?.kind === "ready" && sighting !== undefined) ready.push({ name, sighting });
      }
      ready.sort((a, b) => a.sighting.mtimeMs - b.sighting.mtimeMs || (a.name < b.name ? -1 : 1));
      return { ready, lookAgainMs, stuck: warnings.stuck() };
    },
  };
}

/**
 * Whether a file is still as it was seen: between the look and its claim, others are claimed. It is opened for that: on a network
 * mount a mere look is answered from a memory that may be a minute old, and somebody may be writing on another machine.
 */
export async function isStill(inbox: string, { name, sighting }: ReadyFile): Promise<boolean> {
  // What took the place of the file since the look may be a pipe, which would never open, or a link.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let file: FileHandle;
  try {
    file = await open(join(inbox, name), flags);
  } catch (error) {
    if (CHANGED.has(errorCode(error))) return false;
    throw error;
  }
  try {
    const stats = await file.stat();
    return stats.isFile() && isSame(sightingOf(stats), sighting);
  } finally {
    await file.close();
  }
}

/** It is gone, is another file by now, or a link took its place. */
const CHANGED = new Set(["ENOENT", "ESTALE", "ELOOP"]);

/** The file that an error is about: a roster, or what lies beside it. */
function forbiddenName(error: unknown): string | null {
  return error instanceof Error && "path" in error && typeof error.path === "string" ? basename(error.path) : null;
}

function sightingOf(stats: Stats): Sighting {
  return { size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino };
}

function comparison(file: Tracked, sidecarStats: Stats | null): SidecarState["checksum"] {
  if (sidecarStats === null) return "none";
  if (file.compared?.of !== contentsKey(file, sidecarStats)) return "unchecked";
  return file.compared.isMatch ? "matches" : "differs";
}

function contentsKey(file: Tracked, sidecarStats: Stats): string {
  return JSON.stringify([file.candidate.sighting, sightingOf(sidecarStats)]);
}
