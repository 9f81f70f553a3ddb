// Loading configuration in tests: files in a temporary folder, nothing from the shell.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { ConfigProblems, type LoadedConfig, type LoadOptions, loadConfig } from "../../src/config/load.ts";
import type { Problem } from "../../src/config/problem.ts";
import { isCron } from "../../src/schedule/due.ts";

export interface Folder {
  /** Writes a file, by default readable by its owner only, and returns its path. */
  write(name: string, text: string, mode?: number): string;
  load(options?: Partial<LoadOptions>): LoadedConfig;
  /** What is wrong; empty when nothing is. */
  problems(options?: Partial<LoadOptions>): readonly Problem[];
  path(): string;
}

export function useFolder(): Folder {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "roster-sync-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function load(options: Partial<LoadOptions> = {}): LoadedConfig {
    return loadConfig({ env: {}, configFile: null, cwd: folder, needs: [], isCron, ...options });
  }
  return {
    load,
    path: () => folder,
    write(name, text, mode = 0o600) {
      const path = join(folder, name);
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    },
    problems(options) {
      try {
        load(options);
        return [];
      } catch (error) {
        if (error instanceof ConfigProblems) return error.problems;
        throw error;
      }
    },
  };
}

export const ORG_ID = "0123456789abcdef0123456789abcdef";
export const TALLYFY = { TALLYFY_ORG_ID: ORG_ID, TALLYFY_CLIENT_ID: "77", TALLYFY_CLIENT_SECRET: "s3cret+/=" };
