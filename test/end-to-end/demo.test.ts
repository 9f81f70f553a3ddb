// What a newcomer sees first: `demo` does the main job on its own and tidies up.

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtProgram, rosterCsv, runProgram, until } from "../support/program.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

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

// Only in a terminal the demo stays, and `script` makes one.
test.skipIf(process.platform !== "linux" || spawnSync("script", ["--version"]).error !== undefined)(
  "in a terminal, the command that is printed with a held run releases it, whatever the shell is set up for, and its end is told",
  { timeout: 120_000 },
  async () => {
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      TALLYFY_ORG_ID: "somebody-elses-shell",
      REDIS_URL: "redis://127.0.0.1:1",
      DATA_DIR: "/nowhere",
    };
    const demo = spawn("script", ["-qec", `exec node ${builtProgram()} demo`, "/dev/null"], { env, cwd: ROOT });
    let shown = "";
    demo.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text.replaceAll("\r", "");
    });
    const ended = new Promise((resolve) => demo.on("close", resolve));
    const says = (pattern: RegExp) =>
      until(
        () => pattern.exec(shown),
        60_000,
        () => `${pattern}\n${shown}`,
      );
    try {
      const inbox = (await says(/drop more files into (\S+),/))[1] ?? "";
      await writeFile(join(inbox, "next.csv"), rosterCsv(12));
      const release = (await says(/release it with: (.*)\n/))[1] ?? "";
      expect(release).toMatch(/^env .*scripts\/roster-sync approve --config \S+ \S+ --reason "/);
      const page = await (await fetch((await says(/Dashboard: (\S+)/))[1] ?? "")).text();
      expect(page.replaceAll("&quot;", '"')).toContain(`<code class="command">${release}</code>`);

      const released = spawnSync("sh", ["-c", release], { env, cwd: ROOT, encoding: "utf8" });
      expect(released).toMatchObject({ status: 0, stderr: "" });
      expect(released.stdout).toMatch(/is released; .*Watch it with: scripts\/roster-sync runs --config \S+ \S+\n$/);
      await says(/Run \S+ of next\.csv is done\.[\s\S]*created +12\n/);
      expect(shown.match(/next\.csv is held/g)).toHaveLength(1);
      demo.stdin.write("\x03");
      expect(await ended).toBe(0);
      expect(existsSync(inbox)).toBe(false);
    } finally {
      demo.kill();
    }
  },
);
