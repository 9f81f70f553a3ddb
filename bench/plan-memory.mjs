// `npm run build && node bench/plan-memory.mjs [ROWS]`: a roster of 100,000 people who all have an account already. First contact adopts them,
// the second command plans with nothing to do. Prints seconds and peak resident memory of each, from the process itself.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededEmail } from "../dist/sandbox/seed.js";
import { startSandbox } from "../dist/sandbox/server.js";

const rows = Number(process.argv[2] ?? 100_000);
const program = fileURLToPath(new URL("../scripts/roster-sync.mjs", import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), "roster-sync-bench-"));
const sandbox = await startSandbox({ members: rows });
const env = {
  PATH: process.env.PATH,
  DATA_DIR: dataDir,
  TALLYFY_ORG_ID: sandbox.orgId,
  TALLYFY_CLIENT_ID: sandbox.clientId,
  TALLYFY_CLIENT_SECRET: sandbox.clientSecret,
  TALLYFY_TOKEN_URL: sandbox.tokenUrl,
  TALLYFY_API_URL: sandbox.apiUrl,
  TALLYFY_ADMIN_EMAIL: sandbox.adminEmail,
  HOURLY_BUDGET: "1000000",
};

function makeRoster() {
  const lines = ["Employee ID,First Name,Last Name,Work Email,Status,Start Date"];
  for (let n = 1; n <= rows; n += 1) lines.push(`E${n},Ana,Ruiz,${seededEmail(n)},Active,2024-01-15`);
  return `${lines.join("\n")}\n`;
}

/** Runs the program and looks at its peak memory (VmHWM, Linux) until it ends. */
function measured(args) {
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    let peakKb = 0;
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    const look = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
        peakKb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? peakKb);
      } catch {}
    }, 20);
    child.on("close", (exitCode) => {
      clearInterval(look);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      resolve({ exitCode, seconds, peakMb: Math.round(peakKb / 1024), output });
    });
  });
}

try {
  const roster = join(dataDir, "roster.csv");
  writeFileSync(roster, makeRoster());
  for (const args of [
    ["sync", roster],
    ["plan", roster],
  ]) {
    const { exitCode, seconds, peakMb, output } = await measured(args);
    console.log(`${args[0]}: ${seconds} s, peak ${peakMb} MB resident, exit ${exitCode}`);
    console.log(output.trim().split("\n").slice(-3).join("\n"));
  }
} finally {
  await sandbox.close();
  rmSync(dataDir, { recursive: true, force: true });
}
