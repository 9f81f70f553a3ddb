// Runs one side of a comparison in a process of its own, and says what it took: seconds from the side itself, the peak of
// resident memory from the kernel (VmHWM: this program's pages alone, whatever the process was before), Linux only.

import { fork } from "node:child_process";
import { readFileSync } from "node:fs";

/** Peak resident memory of this process so far, in megabytes. */
export function peakMegabytes(pid = "self") {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}

/** Resident memory at this moment, in megabytes. */
export function residentMegabytes(pid = "self") {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}

/** Processor seconds that a process has used so far, in user and kernel. */
export function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Seconds since it was started, on the wall and of the processor (this process, all threads). */
export function stopwatch() {
  const began = performance.now();
  const used = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(used);
    return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}

/** As the program is started everywhere (scripts/roster-sync.mjs). */
export const PROGRAM_FLAGS = ["--max-semi-space-size=16"];

/** @param file a module of `sides/`, @param work the name of one of its functions; its answer comes back with `peakMb` */
export function inOwnProcess(file, work, ...args) {
  // The other side runs as Node runs by itself.
  const flags = work.startsWith("bare") ? [] : PROGRAM_FLAGS;
  return new Promise((resolve, reject) => {
    const child = fork(new URL("side.mjs", import.meta.url), [file, work, JSON.stringify(args)], {
      execArgv: [...flags, ...(process.env.BENCH_NODE_OPTIONS?.split(" ") ?? [])],
    });
    let answer = null;
    child.once("message", (message) => {
      answer = message;
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0 && answer !== null) resolve(answer);
      else reject(new Error(`${work} of ${file} ended with exit code ${code}`));
    });
  });
}
