// Finds a Redis server program on this machine, or installs one through the system's package manager: announced,
// refusable, and never without the right to. Uses only what Node ships with.

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const PROGRAMS = ["redis-server", "valkey-server"];
const NOTICE_S = 5;
const SHOWN_LINES = 15;

/** Tried in this order; `packages` likewise, since distributions moved from Redis to Valkey at different times. */
const MANAGERS = [
  {
    program: "apt-get",
    packages: ["redis-server"],
    install: ["install", "-y", "--no-install-recommends"],
    refresh: ["update"],
  },
  { program: "dnf", packages: ["redis", "valkey"], install: ["install", "-y"], refresh: null },
  { program: "yum", packages: ["redis", "valkey"], install: ["install", "-y"], refresh: null },
  { program: "apk", packages: ["redis", "valkey"], install: ["add"], refresh: ["update"] },
  { program: "pacman", packages: ["valkey", "redis"], install: ["-S", "--noconfirm", "--needed"], refresh: ["-Sy"] },
  { program: "zypper", packages: ["redis", "valkey"], install: ["--non-interactive", "install"], refresh: ["refresh"] },
  { program: "brew", packages: ["redis", "valkey"], install: ["install"], refresh: null, mustNotBeRoot: true },
];

/** The path of the server program, or null. */
export function findRedisServer() {
  for (const program of PROGRAMS) {
    const path = onPath(program);
    if (path !== null) return path;
  }
  return null;
}

/**
 * Installs a server program where none is on PATH.
 * @param {{ mayInstall: boolean, purpose: string }} options
 * @returns {Promise<string | null>} null when one is there now; otherwise what is wrong and what to type
 */
export async function ensureRedisServer({ mayInstall, purpose }) {
  if (findRedisServer() !== null) return null;
  const missing = `${purpose} needs a redis-server (or valkey-server), version 6.2 or newer, and none is on PATH.`;
  const manager = MANAGERS.find(({ program }) => onPath(program) !== null);
  if (manager === undefined) {
    return `${missing}\nNo package manager that this script knows was found. Install Redis or Valkey by hand, then repeat the command.`;
  }
  const isRoot = process.getuid?.() === 0;
  const toType = commandToType(manager, isRoot);
  const byHand = `Type this, then repeat the command:\n\n    ${toType}\n`;
  if (!mayInstall) return `${missing}\nNo system package was installed, as you asked. ${byHand}`;
  const prefix = rightToInstall(manager, isRoot);
  if (prefix === null) return `${missing}\nThis account may not install packages. ${byHand}`;

  console.error(`${missing}\nInstalling it now: ${toType}`);
  console.error("(ROSTER_SYNC_NO_INSTALL=1 in the environment refuses this.)");
  if (process.stdin.isTTY) {
    console.error(`Starting in ${NOTICE_S} seconds. Ctrl-C to stop.`);
    await delay(NOTICE_S * 1000);
    if (prefix[0] === "sudo") spawnSync("sudo", ["-v"], { stdio: "inherit" }); // Asks for the password, where one is needed.
  }
  const failure = install(manager, prefix);
  if (failure === null && findRedisServer() !== null) return null;
  return `${missing}\nInstalling it did not succeed:\n\n${failure ?? "The package brought no server program."}\n\n${byHand}`;
}

function commandToType(manager, isRoot) {
  const command = [manager.program, ...manager.install, manager.packages[0]].join(" ");
  const sudo = isRoot || manager.mustNotBeRoot ? "" : "sudo ";
  return manager.program === "apt-get" ? `${sudo}apt-get update && ${sudo}${command}` : `${sudo}${command}`;
}

/** What to put before the command; null: no right to install. */
function rightToInstall(manager, isRoot) {
  if (manager.mustNotBeRoot) return isRoot ? null : [];
  if (isRoot) return [];
  if (onPath("sudo") === null) return null;
  const needsNoPassword = spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
  return needsNoPassword || process.stdin.isTTY ? ["sudo"] : null;
}

/** Null when a package went in; otherwise the last lines of what the package manager said. */
function install(manager, prefix) {
  let failure = "";
  // Old or missing package lists are the usual reason for a failure: refreshed only then, and then tried once more.
  const rounds = manager.refresh === null ? [null] : [null, manager.refresh];
  for (const refresh of rounds) {
    if (refresh !== null) run(prefix, manager.program, refresh);
    for (const name of manager.packages) {
      const result = run(prefix, manager.program, [...manager.install, name]);
      if (result.status === 0) {
        keepServiceFromRunning(prefix, name);
        return null;
      }
      const said = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`;
      failure = said.trim().split("\n").slice(-SHOWN_LINES).join("\n");
    }
  }
  return failure;
}

/** Debian's packages start a system service on port 6379. It was not there before, and this project has no use for it. */
function keepServiceFromRunning(prefix, name) {
  if (name !== "redis-server" || !existsSync("/run/systemd/system")) return;
  const result = run(prefix, "systemctl", ["disable", "--now", "redis-server.service"]);
  if (result.status === 0)
    console.error("The system service that came with the package was switched off: it is not needed.");
  else
    console.error(
      "The package started a system service that is not needed; `systemctl disable --now redis-server` stops it.",
    );
}

function run(prefix, program, args) {
  const [first, ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", program, ...args];
  return spawnSync(first, rest, { encoding: "utf8", stdio: ["inherit", "pipe", "pipe"], maxBuffer: 64 * 1024 * 1024 });
}

function onPath(program) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder || ".", program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
