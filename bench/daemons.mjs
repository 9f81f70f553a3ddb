// The sandbox and the built daemon as processes of their own, for what only the whole program can show.

import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { PROGRAM_FLAGS } from "./measured.mjs";

const PROGRAM = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

export async function withSandbox(work) {
  const child = fork(new URL("sides/sandbox.mjs", import.meta.url));
  const [where] = await once(child, "message");
  async function counts() {
    child.send("counts");
    return (await once(child, "message"))[0];
  }
  try {
    return await work({ ...where, counts });
  } finally {
    child.disconnect();
    await once(child, "exit");
  }
}

export function withDaemon(dataDir, sandbox, env, work) {
  return withProcess(["start"], dataDir, sandbox, env, work);
}

/** One whole daemon, and beside it as many workers as make `processes` together. They share the first one's Redis. */
export async function withWorkers(dataDir, sandbox, env, processes, work) {
  const others = processes - 1;
  const nested = (left) => () =>
    left === 0 ? work() : withProcess(["start", "--role", "worker"], dataDir, sandbox, env, nested(left - 1));
  return withDaemon(dataDir, sandbox, env, nested(others));
}

/** The built program with these words, once it is ready. */
export async function withProcess(words, dataDir, sandbox, env, work) {
  const child = spawn(process.execPath, [...PROGRAM_FLAGS, PROGRAM, ...words], {
    env: {
      PATH: process.env.PATH,
      DATA_DIR: dataDir,
      PORT: "0",
      TALLYFY_ORG_ID: sandbox.orgId,
      TALLYFY_CLIENT_ID: sandbox.clientId,
      TALLYFY_CLIENT_SECRET: sandbox.clientSecret,
      TALLYFY_TOKEN_URL: sandbox.tokenUrl,
      TALLYFY_API_URL: sandbox.apiUrl,
      TALLYFY_ADMIN_EMAIL: sandbox.adminEmail,
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await new Promise((resolve, reject) => {
      let output = "";
      child.stdout.setEncoding("utf8").on("data", (text) => {
        output += text;
        for (const line of text.split("\n"))
          if (process.env.BENCH_LOG && new RegExp(process.env.BENCH_LOG).test(line)) console.error(line);
        if (output.includes('"ready"')) resolve();
      });
      child.once("exit", (code) => reject(new Error(`the daemon ended with exit code ${code}:\n${output}`)));
    });
    return await work(child.pid);
  } finally {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  }
}
