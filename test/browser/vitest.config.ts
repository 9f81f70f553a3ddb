import { defineConfig } from "vitest/config";

// Drives a real Chromium (Debian's package `chromium`) over the real pages. Screenshots go to test/browser/out/.
// biome-ignore lint/style/noDefaultExport: vitest looks for it there.
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/browser/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
    passWithNoTests: false,
  },
});
