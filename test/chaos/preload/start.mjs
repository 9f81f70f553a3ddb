// Loaded into the built program by `node --import` in chaos worlds, and only there: dies where it was told to, hurries, lives by
// a clock that can be set, and finds the disk full when it is told to be. The program itself knows nothing of this.
//
//   CHAOS_DIE       runs.settle:after:3   SIGKILL after the third call of runs.settle; `before`: before it. Several with commas: what
//                                         comes first
//   CHAOS_CALM      a path: once there is something, nobody dies any more
//   CHAOS_FIRED     a file to which the fail point is added when it fires
//   CHAOS_CLOCK     a file with the milliseconds that this process's clock is wrong by; read again and again
//   CHAOS_DISK      a path: while there is something, no file below DATA_DIR takes another byte

import { appendFileSync, existsSync, promises, readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { load } from "./hooks.mjs";

const { CHAOS_DIE, CHAOS_CALM, CHAOS_FIRED, CHAOS_CLOCK, CHAOS_DISK, DATA_DIR } = process.env;

// On threads of their own where Node is older than its hooks in the same thread.
if (nodeModule.registerHooks === undefined) nodeModule.register("./hooks.mjs", import.meta.url);
else nodeModule.registerHooks({ load });

failPoint();
if (CHAOS_CLOCK !== undefined) wrongClock(CHAOS_CLOCK);
if (CHAOS_DISK !== undefined) fullDisk(CHAOS_DISK);

/** Every call of a port's methods goes through here, and the n-th of a chosen one ends the process. */
function failPoint() {
  const points = (CHAOS_DIE ?? "").split(",").map((text) => {
    const [step, when, nth] = text.split(":");
    return { step, when, left: Number(nth) };
  });

  function die({ step, when }) {
    if (CHAOS_FIRED !== undefined) appendFileSync(CHAOS_FIRED, `${step}:${when}\n`);
    process.kill(process.pid, "SIGKILL");
    // The signal is on its way: nothing of ours runs any more.
    for (;;);
  }

  globalThis.chaosAround = (port, made) => {
    const dying = {};
    for (const point of points.filter(({ step }) => step.startsWith(`${port}.`))) {
      const name = point.step.slice(port.length + 1);
      const method = made[name];
      if (typeof method !== "function") throw new Error(`CHAOS_DIE names ${point.step}, which is not there`);
      dying[name] = (...given) => {
        point.left -= 1;
        if (point.left !== 0 || existsSync(CHAOS_CALM)) return method.apply(made, given);
        if (point.when === "before") die(point);
        const result = method.apply(made, given);
        return typeof result?.then === "function"
          ? result.finally(() => die(point))
          : afterFirst(result, () => die(point));
      };
    }
    return new Proxy(made, { get: (target, key) => dying[key] ?? target[key] });
  };
}

async function* afterFirst(pages, die) {
  for await (const page of pages) {
    yield page;
    die();
  }
}

function wrongClock(path) {
  const Real = Date;
  const realNow = Date.now;
  let wrongByMs = 0;
  function read() {
    try {
      wrongByMs = Number(readFileSync(path, "utf8")) || 0;
    } catch {
      wrongByMs = 0;
    }
  }
  read();
  setInterval(read, 50).unref();
  globalThis.Date = class extends Real {
    constructor(...given) {
      if (given.length === 0) super(realNow() + wrongByMs);
      else super(...given);
    }
    static now() {
      return realNow() + wrongByMs;
    }
  };
}

/** What fails on a full disk: new content. Renaming and removing go on. */
function fullDisk(flag) {
  function check(path) {
    if (!String(path).startsWith(DATA_DIR) || !existsSync(flag)) return;
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      errno: -28,
      syscall: "write",
    });
  }
  const { open, writeFile, copyFile } = promises;
  promises.open = async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    if (flags === undefined || flags === "r") return handle;
    const write = handle.writeFile.bind(handle);
    handle.writeFile = async (...given) => {
      check(path);
      return write(...given);
    };
    return handle;
  };
  promises.writeFile = async (path, ...rest) => {
    check(path);
    return writeFile(path, ...rest);
  };
  promises.copyFile = async (source, target, ...rest) => {
    check(target);
    return copyFile(source, target, ...rest);
  };
  nodeModule.syncBuiltinESMExports();
}
