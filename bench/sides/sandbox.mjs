// The sandbox in a process of its own, until the parent goes: says where it is, and answers `counts` with what it counted.

import { startSandbox } from "../../dist/sandbox/server.js";

const sandbox = await startSandbox();
const { tokenUrl, apiUrl, orgId, clientId, clientSecret, adminEmail } = sandbox;
process.send({ tokenUrl, apiUrl, orgId, clientId, clientSecret, adminEmail });
process.on("message", () => {
  const { created, createTimesMs } = sandbox.counts;
  process.send({ created, firstCreateMs: createTimesMs[0] ?? null });
});
process.on("disconnect", () => process.exit(0));
