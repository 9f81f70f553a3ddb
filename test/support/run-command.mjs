// Runs a TypeScript file of the tests as a command: `node test/support/run-command.mjs test/soak/soak.ts [ARGUMENTS]`. The file
// exports `main(args)`, which resolves with the exit code. Loaded as vitest loads its tests, so that both share what lies in
// test/support/ on every Node, also on those that do not read TypeScript. The program itself is built first.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createViteServer } from "vitest/node";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node test/support/run-command.mjs FILE [ARGUMENTS]");
  process.exit(2);
}
const built = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: root, stdio: "inherit" });
if (built.status !== 0) process.exit(built.status ?? 1);

const vite = await createViteServer({
  root,
  configFile: false,
  appType: "custom",
  logLevel: "error",
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
let exitCode = 1;
try {
  const { main } = await vite.ssrLoadModule(file.startsWith("/") ? file : `/${file}`);
  exitCode = await main(args);
} catch (error) {
  console.error(error);
} finally {
  await vite.close();
}
process.exit(exitCode);
