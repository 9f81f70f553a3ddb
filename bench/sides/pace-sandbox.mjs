// A sandbox with a rate limit, in a process of its own (this file once more), and what it saw.

import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const SELF = fileURLToPath(import.meta.url);
const LOOK_MS = 500;

/** @param rateLimit the sandbox's switch */
export async function withLimitedSandbox(rateLimit, work) {
  const child = fork(SELF, [JSON.stringify(rateLimit)]);
  const [where] = await once(child, "message");
  const get = async (path) => await (await fetch(`${where.controlUrl}/${path}`)).json();
  /** Once so many people have been created: when each was, and what was refused. */
  async function until(people) {
    for (;;) {
      const { counts } = await get("state");
      if (counts.created >= people) break;
      await delay(LOOK_MS);
    }
    const [{ counts }, { members }] = [await get("state"), await get("members")];
    const createdMs = members.filter(({ creates }) => creates > 0).map(({ createdAtMs }) => createdAtMs);
    return {
      createdMs: createdMs.sort((a, b) => a - b),
      refused: counts.refused429,
      early: counts.sentBeforeRetryAfter,
    };
  }
  try {
    return await work({ ...where, until });
  } finally {
    child.disconnect();
    await once(child, "exit");
  }
}

if (process.argv[1] === SELF) {
  const { startSandbox } = await import("../../dist/sandbox/server.js");
  const sandbox = await startSandbox();
  Object.assign(sandbox.switches.rateLimit, JSON.parse(process.argv[2]));
  const { tokenUrl, apiUrl, orgId, clientId, clientSecret, adminEmail } = sandbox;
  const controlUrl = `${new URL(apiUrl).origin}/__sandbox`;
  process.send({ tokenUrl, apiUrl, orgId, clientId, clientSecret, adminEmail, controlUrl });
  process.on("disconnect", () => process.exit(0));
}
