// A command in a hint works where it is read: in a clone, in the container, where the program is installed.

import { expect, test } from "vitest";
import { asTyped, invocationOf } from "../src/invocation.ts";

const CLONE = "/opt/roster-sync/";

test.each([
  ["its own command", `${CLONE}scripts/roster-sync`, CLONE, CLONE, "scripts/roster-sync"],
  ["npx in a clone", "/root/.npm/_npx/a1/node_modules/.bin/roster-sync", CLONE, CLONE, "scripts/roster-sync"],
  ["npm run in a clone", `${CLONE}dist/cli/main.js`, CLONE, CLONE, "scripts/roster-sync"],
  ["a folder of the clone", `${CLONE}dist/cli/main.js`, `${CLONE}config`, CLONE, `${CLONE}scripts/roster-sync`],
  ["a clone, from elsewhere", `${CLONE}dist/cli/main.js`, "/root", CLONE, `${CLONE}scripts/roster-sync`],
  ["its own command, from elsewhere", `${CLONE}scripts/roster-sync`, "/root", CLONE, `${CLONE}scripts/roster-sync`],
  [
    "a clone with a blank, from elsewhere",
    "/my clone/dist/cli/main.js",
    "/",
    "/my clone/",
    "'/my clone/scripts/roster-sync'",
  ],
  ["the container's own process", "/app/scripts/roster-sync.mjs", "/app", null, "roster-sync"],
  ["docker exec", "/usr/local/bin/roster-sync", "/app", null, "roster-sync"],
  ["a clone that npm linked to PATH", "/usr/bin/roster-sync", "/root", CLONE, "roster-sync"],
  [
    "a package among a project's own",
    "/srv/node_modules/.bin/roster-sync",
    "/srv",
    null,
    "/srv/node_modules/.bin/roster-sync",
  ],
])("%s", (_, script, cwd, cloneAt, program) => {
  expect(invocationOf(["node", script, "runs"], { cwd, cloneAt })).toEqual({ program, options: "" });
});

test.each([
  [["-c", "roster.yaml"], " --config roster.yaml"],
  [["--config", "my roster's.yaml"], " --config 'my roster'\\''s.yaml'"],
  [["--config=/etc/roster.yaml"], " --config /etc/roster.yaml"],
  [["--config"], ""],
])("the configuration file of %j is given to the next command, too", (words, options) => {
  expect(invocationOf(["node", "main.js", "runs", ...words], { cwd: "/", cloneAt: null }).options).toBe(options);
});

const HERE = { program: "scripts/roster-sync", options: " --config x.yaml" };

test.each([
  [
    "release it with: roster-sync approve 1-2 --reason",
    "release it with: scripts/roster-sync approve --config x.yaml 1-2 --reason",
  ],
  [
    "List them with: roster-sync runs. Or `roster-sync doctor`",
    "List them with: scripts/roster-sync runs --config x.yaml. Or `scripts/roster-sync doctor --config x.yaml`",
  ],
  ["(roster-sync --help shows", "(scripts/roster-sync --help shows"],
  ["Take another one: roster-sync sandbox --port 0", "Take another one: scripts/roster-sync sandbox --port 0"],
])("%s", (text, typed) => {
  expect(asTyped(text, HERE)).toBe(typed);
  expect(asTyped(typed, HERE)).toBe(typed);
});

test.each([
  "'/my clone/roster-sync' runs",
  "/srv/roster-sync plan/inbox",
  "roster-sync plan.csv",
  "roster-sync planning",
  "This is a bug in roster-sync: {}",
])("no command, and left as it is: %s", (text) => {
  expect(asTyped(text, HERE)).toBe(text);
});
