// What a newcomer sees first: `demo` does the main job on its own and tidies up.

import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { runProgram } from "../support/program.ts";

test("demo --exit provisions 250 invented people, shows the run, and leaves nothing behind", {
  timeout: 90_000,
}, async () => {
  const { exitCode, stdout, stderr } = await runProgram(["demo", "--exit"], {
    TALLYFY_ORG_ID: "somebody-elses-shell",
    REDIS_URL: "redis://127.0.0.1:1",
  });

  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/250 of 250 · 250 created/);
  expect(stdout).toMatch(/created +250/);
  // Nothing that is gone by the time somebody reads it.
  expect(stdout).not.toMatch(/Dashboard|result\.(csv|json)/);
  expect(stdout).toContain("As --exit asks the demo ends here and removes its folder.");
  const dataDir = /data in (\S+)/.exec(stdout)?.[1] ?? "";
  expect(dataDir).not.toBe("");
  expect(existsSync(dataDir)).toBe(false);
});
