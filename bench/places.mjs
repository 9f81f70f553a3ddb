// A data folder with a Redis of its own, as the program starts it where none is configured, for as long as a comparison
// takes; and the program put together on it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openConnection } from "../dist/store/connection.js";
import { ensureEmbeddedRedis } from "../dist/store/embedded-redis.js";

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Runs `work` with an empty data folder and its Redis, and removes both. */
export async function withPlace(work) {
  const dataDir = mkdtempSync(join(tmpdir(), "roster-sync-bench-"));
  const embedded = await ensureEmbeddedRedis({ dataDir, log: SILENT });
  const redis = openConnection({ url: null, socketPath: embedded.socketPath }, "bench");
  try {
    return await work({
      dataDir,
      redis,
      /** Memory of the data in Redis, in megabytes: now, and the most there ever was. */
      async redisMb() {
        const info = await redis.info("memory");
        const [used, peak] = ["used_memory", "used_memory_peak"].map((name) =>
          Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]),
        );
        return { redisMb: used / 2 ** 20, redisPeakMb: peak / 2 ** 20 };
      },
    });
  } finally {
    redis.disconnect();
    await embedded.release();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The program on such a folder. Nobody calls Tallyfy here: no acting admin, access is taken for granted, and no limit holds a run. */
export async function openProgram(dataDir, env = {}) {
  const { loadConfig } = await import("../dist/config/load.js");
  const { assemble } = await import("../dist/assembly.js");
  const { isCron } = await import("../dist/schedule/due.js");
  const { config } = loadConfig({
    env: {
      TALLYFY_ORG_ID: "0123456789abcdef0123456789abcdef",
      TALLYFY_CLIENT_ID: "1",
      TALLYFY_CLIENT_SECRET: "bench-secret",
      ...env,
      DATA_DIR: dataDir,
    },
    configFile: null,
    cwd: dataDir,
    isCron,
    needs: ["tallyfy"],
  });
  const assembly = await assemble({ config, log: SILENT });
  const tallyfy = { ...assembly.app.tallyfy, async ensureAccess() {} };
  const settings = { ...assembly.app.settings, limits: { createCount: Number.MAX_SAFE_INTEGER, createPercent: 100 } };
  return { assembly, app: { ...assembly.app, tallyfy, settings }, config };
}
