// What the commands share: reading the configuration, opening the assembly for as long as the command runs.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Assembly } from "../assembly.ts";
import type { Config } from "../config/config.ts";
import { loadConfig, type Need, processEnvironment } from "../config/load.ts";
import { createLog, type LogLevel } from "../log.ts";
import { isCron } from "../schedule/due.ts";
import { UsageError } from "./usage-error.ts";

export interface GlobalOptions {
  /** A YAML file on top of the defaults. */
  readonly config?: string;
}

/**
 * Reads the configuration. @throws ConfigProblems with everything that is wrong
 * @param servesWeb whether the pages will be served, for which other rules hold
 */
export function readConfig(options: GlobalOptions, needs: readonly Need[], servesWeb = false) {
  return loadConfig({
    env: processEnvironment(),
    configFile: options.config ?? null,
    cwd: process.cwd(),
    isCron,
    needs,
    servesWeb,
  });
}

/**
 * The same for commands that look at what a daemon did: with the program's own Redis, a data folder that nobody ever used is not
 * made, since whoever types them has another one in mind. @throws UsageError
 */
export async function withKnownAssembly<T>(
  options: GlobalOptions,
  work: (assembly: Assembly, config: Config) => Promise<T>,
): Promise<T> {
  const { config } = readConfig(options, ["tallyfy"]);
  const { addressFrom } = await import("../store/address.ts");
  const { isDataFolder } = await import("../inbox/data-folder.ts");
  if (addressFrom(config.redis) === null && !(await isDataFolder(config.dataDir))) {
    throw new UsageError(
      `Roster Sync never ran with the data folder ${config.dataDir}, so nothing is known there. ` +
        "Set DATA_DIR (or --config) as the daemon has it.",
    );
  }
  return assembled(config, work);
}

/**
 * The same for commands that only look, and make sense before anything ran: where the data folder was never used they work in one that
 * goes with them. A mistyped DATA_DIR is not made into a data folder, after which nobody would be told that nothing ever ran there.
 */
export async function withPassingAssembly<T>(
  options: GlobalOptions,
  work: (assembly: Assembly, config: Config) => Promise<T>,
): Promise<T> {
  const { config } = readConfig(options, ["tallyfy"]);
  const { isUntouched } = await import("../inbox/data-folder.ts");
  if (!(await isUntouched(config.dataDir))) return assembled(config, work);
  return inPassingFolder(config, (passing) => assembled(passing, (assembly) => work(assembly, config)));
}

/** Runs `work` with a data folder that is removed afterwards. */
export async function inPassingFolder<T>(config: Config, work: (passing: Config) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), "roster-sync-look-"));
  try {
    return await work({ ...config, dataDir });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Opens everything, runs `work`, and closes again whatever happens. Commands log warnings only, to standard error. */
export async function withAssembly<T>(
  options: GlobalOptions,
  work: (assembly: Assembly, config: Config) => Promise<T>,
): Promise<T> {
  return assembled(readConfig(options, ["tallyfy"]).config, work);
}

async function assembled<T>(config: Config, work: (assembly: Assembly, config: Config) => Promise<T>): Promise<T> {
  const { assemble } = await import("../assembly.ts");
  const assembly = await assemble({ config, log: commandLog(config.logLevel) });
  try {
    return await work(assembly, config);
  } finally {
    await assembly.close();
  }
}

/** Commands speak for themselves: their log is for trouble, and goes to standard error. Every other level than `info` is obeyed. */
export function commandLog(configured: LogLevel) {
  return createLog(configured === "info" ? "warn" : configured, { write: (line) => process.stderr.write(line) });
}
