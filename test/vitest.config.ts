import { defineConfig } from "vitest/config";

// Tests start real servers (Redis, HTTP, the built program) and wait for conditions with deadlines of their own.
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**"],
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    allowOnly: false,
    passWithNoTests: false,
  },
});
