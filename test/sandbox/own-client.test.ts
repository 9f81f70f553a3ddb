// The program's own client against the sandbox: what one sends, the other accepts, and neither finds fault.

import { afterEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { createTallyfyClient, type TallyfyClient } from "../../src/tallyfy/client.ts";

let sandbox: Sandbox;
let client: TallyfyClient;
afterEach(async () => {
  await client.close();
  await sandbox.close();
});

test("every call of the client is as the documentation asks", async () => {
  sandbox = await startSandbox({ members: 250 });
  const { clientId, clientSecret } = sandbox;
  client = createTallyfyClient({
    version: "0.0.0",
    connectTimeoutMs: 5000,
    headersTimeoutMs: 5000,
    callTimeoutMs: 5000,
    maxBodyBytes: 1_000_000,
    ca: null,
    apiUrl: sandbox.apiUrl,
    tokenUrl: sandbox.tokenUrl,
    orgId: sandbox.orgId,
    credentials: () => ({ clientId, clientSecret }),
    adminEmail: sandbox.adminEmail,
    vault: null,
    fingerprint: (text) => `${text.length}`,
  });

  const email = "grace+roster@sandbox.example";
  const names = { firstName: "Grace", lastName: "Hopper" };
  const created = await client.createUser({ email, ...names, role: "light", timeZone: "Europe/Paris" });
  expect(await client.findMember(email)).toMatchObject({
    accountId: created.accountId,
    role: "light",
    status: "active",
  });
  let listed = 0;
  for await (const accounts of client.listMembers()) listed += accounts.length;
  expect(listed).toBe(253);
  const { token } = await client.mintFor(email, async () => true);
  expect(await client.tasks(token)).toHaveLength(2);
  expect(await client.probe()).toBeNull();
  expect(await client.organisation()).toEqual({ name: "Sandbox Ltd" });
  await client.checkToken();
  expect(sandbox.counts).toMatchObject({ created: 1, createdTwice: 0, violations: [] });
});
