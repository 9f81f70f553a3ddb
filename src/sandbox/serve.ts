// What a person sees who runs the sandbox in a terminal: where it is, and what to copy to point the daemon at it.
// Text only; starting and stopping is server.ts, the command line is elsewhere.

import type { Sandbox } from "./server.ts";

/** Several lines, no newline at the end. The secret is the sandbox's own invention, so it may be shown. */
export function describeSandbox(sandbox: Sandbox): string {
  const variables = {
    TALLYFY_API_URL: sandbox.apiUrl,
    TALLYFY_TOKEN_URL: sandbox.tokenUrl,
    TALLYFY_ORG_ID: sandbox.orgId,
    TALLYFY_CLIENT_ID: sandbox.clientId,
    TALLYFY_CLIENT_SECRET: sandbox.clientSecret,
    TALLYFY_ADMIN_EMAIL: sandbox.adminEmail,
    // Its people are invented: they must not get into a data folder that is in use.
    DATA_DIR: "/tmp/tour",
  };
  const exports = Object.entries(variables).map(([name, value]) => `  export ${name}=${quoted(value)}`);
  const { size } = sandbox.state.members;
  return [
    `The Tallyfy sandbox listens on ${sandbox.url} with ${size} ${size === 1 ? "member" : "members"}.`,
    "It invents everything and forgets it when it stops (Ctrl-C).",
    "",
    "To point Roster Sync at it, copy these lines into another terminal:",
    "",
    ...exports,
    "",
    "To see what it saw, who is in it, or how it misbehaves:",
    "",
    `  curl ${sandbox.url}/__sandbox/state`,
    `  curl ${sandbox.url}/__sandbox/members`,
    `  curl -X PATCH ${sandbox.url}/__sandbox/switches -d '{"failAfterWriteShare": 0.1}'`,
  ].join("\n");
}

/** In single quotes for a POSIX shell where it needs them. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
