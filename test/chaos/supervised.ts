// A process of the program under a supervisor that starts it again whenever it ends, as systemd or a container would; and what
// it said and how it ended, each time.

import { setTimeout as delay } from "node:timers/promises";
import { type Environment, type RunningProgram, startProgram } from "../support/program.ts";
import { atExit } from "./at-exit.ts";

/** What a supervisor may see: stopped by a signal, or Redis out of reach at the start. Everything else is a finding. */
const RIGHT_EXIT_CODES = [null, 7];

export interface Supervised {
  kill(): void;
  /** Kills it, and starts it only when `work` is done. */
  whileDown<T>(work: () => Promise<T>): Promise<T>;
  /** Ends it for good, once it is ready. @returns the exit code after SIGTERM; null when it had to be killed */
  stop(): Promise<number | null>;
  /** Everything that every start of it printed. */
  said(): string;
  /** How often it was started. */
  starts(): number;
  /** Exit codes that no supervisor should see. */
  wrongEnds(): readonly string[];
}

const STOP_WITHIN_MS = 12_000;

/** @param envOfStart called for the environment of each start */
export function supervise(args: readonly string[], envOfStart: () => Environment): Supervised {
  const past: string[] = [];
  const wrong: string[] = [];
  let starts = 0;
  let isStopping = false;
  let down: Promise<unknown> = Promise.resolve();
  let current: RunningProgram = start();
  const forget = atExit(() => current.child.kill("SIGKILL"));

  function start(): RunningProgram {
    const program = startProgram(args, envOfStart());
    starts += 1;
    void program.ended.then(async ({ exitCode, stdout, stderr }) => {
      past.push(`--- ${args.join(" ")} ended: ${exitCode ?? program.child.signalCode}`, stdout, stderr);
      if (isStopping) return;
      if (!RIGHT_EXIT_CODES.includes(exitCode))
        wrong.push(`${args.join(" ")} ended with ${exitCode}: ${stderr.slice(-2000)}`);
      await delay(30);
      await down;
      if (!isStopping) current = start();
    });
    return program;
  }

  return {
    kill: () => void current.child.kill("SIGKILL"),
    async whileDown(work) {
      let up: () => void = () => undefined;
      down = new Promise<void>((resolve) => {
        up = resolve;
      });
      try {
        current.child.kill("SIGKILL");
        await current.ended;
        return await work();
      } finally {
        up();
      }
    },
    said: () => [...past, current.stdout(), current.stderr()].join("\n"),
    starts: () => starts,
    wrongEnds: () => wrong,
    async stop() {
      // A process that has just begun to load does not listen to signals yet.
      await current.says(/"msg":"ready"/).catch(() => undefined);
      isStopping = true;
      current.child.kill("SIGTERM");
      const timer = setTimeout(() => current.child.kill("SIGKILL"), STOP_WITHIN_MS);
      const { exitCode } = await current.ended;
      clearTimeout(timer);
      forget();
      return exitCode;
    },
  };
}
