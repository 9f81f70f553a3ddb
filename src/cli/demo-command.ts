// `demo`: the main job from a clean clone. Sandbox API, daemon, embedded Redis, 250 invented people; everything in a
// temporary folder that goes when the demo does.

import { copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Closers } from "../closers.ts";
import { loadConfig, processEnvironment } from "../config/load.ts";
import { OPTIONS } from "../config/schema.ts";
import { startDaemon } from "../daemon.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../domain/exit.ts";
import { isFinal, type Run } from "../domain/run.ts";
import { asTyped, type Invocation, ownInvocation, shellWord } from "../invocation.ts";
import { createLog } from "../log.ts";
import { repeat } from "../repeat.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import { isCron } from "../schedule/due.ts";
import { ROLES } from "../store/presence.ts";
import { say, warn } from "./output.ts";
import { createProgress } from "./progress.ts";
import { reportText } from "./report-text.ts";
import { stopSignal } from "./stop-signal.ts";
import { answerFilesOf } from "./sync-command.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LOOK_MS = 100;
const GIVE_UP_MS = 120_000;

export async function demoCommand(options: { readonly exit?: boolean; readonly port?: string }): Promise<ExitCode> {
  const stays = process.stdout.isTTY === true && options.exit !== true;
  const closers = new Closers();
  const stopped = stopSignal();
  const dataDir = await mkdtemp(join(tmpdir(), "roster-sync-demo-"));
  closers.add(() => rm(dataDir, { recursive: true, force: true }));
  try {
    const sandbox = await startSandbox();
    closers.add(() => sandbox.close());
    say(`Sandbox API (a stand-in for Tallyfy) at ${sandbox.url}`);

    const configFile = await writeConfig(dataDir, sandbox);
    const { config } = loadConfig({
      // The demo speaks to its sandbox, whatever the shell is set up for.
      env: { PORT: options.port ?? "0" },
      configFile,
      cwd: ROOT,
      isCron,
      needs: ["tallyfy"],
    });
    const invocation = invocationFor(configFile);
    const log = createLog("error", { write: (line) => process.stderr.write(line) });
    const daemon = await startDaemon(config, ROLES, log, invocation);
    closers.add(() => daemon.close());
    say(`Daemon with its own Redis, data in ${dataDir}`);

    const inbox = join(dataDir, "inbox");
    await copyFile(join(ROOT, "fixtures", "demo-roster.csv"), join(dataDir, "demo-roster.csv.part"));
    await rename(join(dataDir, "demo-roster.csv.part"), join(inbox, "demo-roster.csv"));
    say(`Dropped demo-roster.csv (250 invented people) into ${inbox}`);

    const exitCode = await Promise.race([watchFirstRun(daemon, stays ? dataDir : null), stopped.then(() => null)]);
    if (exitCode === null) {
      say("\nStopped before the run was done. The demo's folder goes with it.");
      return EXIT.interrupted;
    }
    say(`Tallyfy (sandbox) now has ${sandbox.counts.created} people that it did not have before.`);
    if (!stays) {
      const why = options.exit === true ? "As --exit asks" : "This is no terminal, so";
      say(
        `${why} the demo ends here and removes its folder. In a terminal, without --exit, it stays with its dashboard.`,
      );
    } else {
      const told = new Set((await daemon.assembly.app.runs.list(10)).map(tellingOf));
      say(`Dashboard: ${daemon.webUrl}`);
      say(`Look around, drop more files into ${inbox}, and press Ctrl-C to end.`);
      say("Everything in the demo's folder is removed at the end.");
      const stopWatching = repeat(
        "telling of runs",
        LOOK_MS,
        () => tellOfRuns(daemon, told, dataDir, invocation),
        daemon.assembly.log,
      );
      await stopped;
      await stopWatching();
    }
    return exitCode;
  } finally {
    await closers.close();
  }
}

/** The demo creates 250 people at once, holds nothing, and has no hour to spend on it. */
const IN_A_HURRY = `inbox:
  settle_ms: 500
limits:
  create_count: 300
rate:
  per_second: 40
hourly_budget: 100000
`;

/** The demo's configuration as a file, so that commands in another terminal find the demo with it. @returns its path */
async function writeConfig(dataDir: string, { url }: Sandbox): Promise<string> {
  const path = join(dataDir, "demo.yaml");
  const text = await readFile(join(ROOT, "config", "sandbox.yaml"), "utf8");
  const here = text.replaceAll("http://127.0.0.1:4010", url);
  await writeFile(path, `${here}\n${IN_A_HURRY}data_dir: ${JSON.stringify(dataDir)}\n`);
  return path;
}

/** How commands are typed that work on the demo, also in a shell that is set up for an organisation. */
function invocationFor(configFile: string): Invocation {
  const env = processEnvironment();
  const names = OPTIONS.flatMap((option) => [option.env, `${option.env}_FILE`]);
  const unset = names.filter((name) => (env[name] ?? "") !== "").map((name) => `-u ${name} `);
  const { program } = ownInvocation();
  return {
    program: unset.length === 0 ? program : `env ${unset.join("")}${program}`,
    options: ` --config ${shellWord(configFile)}`,
  };
}

/** Reports each further run once when it is held, and once when it has ended. */
async function tellOfRuns(daemon: Daemon, told: Set<string>, dataDir: string, invocation: Invocation): Promise<void> {
  const runs = await daemon.assembly.app.runs.list(10);
  for (const run of [...runs].reverse()) {
    if (told.has(tellingOf(run)) || !(isFinal(run.state) || run.state === "held")) continue;
    told.add(tellingOf(run));
    say(`\n${asTyped(reportText(run, answerFilesOf(run, dataDir)), invocation)}`);
  }
}

function tellingOf({ runId, state }: Run): string {
  return `${runId} ${state}`;
}

type Daemon = Awaited<ReturnType<typeof startDaemon>>;

/** @param dataDir null: it goes at once, so no file in it is named */
async function watchFirstRun(daemon: Daemon, dataDir: string | null): Promise<ExitCode> {
  const { runs } = daemon.assembly.app;
  const progress = createProgress(process.stdout);
  const deadline = Date.now() + GIVE_UP_MS;
  while (Date.now() < deadline) {
    const [run] = await runs.list(1);
    if (run !== undefined) progress.show(run, null);
    if (run !== undefined && (isFinal(run.state) || run.state === "held")) {
      progress.end();
      say(reportText(run, dataDir === null ? [] : answerFilesOf(run, dataDir)));
      return exitCodeOf(run);
    }
    await delay(LOOK_MS);
  }
  progress.end();
  const left = await readdir(join(daemon.assembly.config.dataDir, "inbox"));
  warn(`The run did not end within ${GIVE_UP_MS / 1000} s (${left.length} files in the inbox).`);
  return EXIT.bug;
}
