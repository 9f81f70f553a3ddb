// The command line: reads the words, runs one command, and ends with its exit code. What commands do is in their files,
// which are loaded only when they are needed: `check` starts in a moment, without the daemon and its pages.

import { Command, CommanderError } from "commander";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { asTyped, ownInvocation } from "../invocation.ts";
import { VERSION } from "../version.ts";
import { warn, watchOutput } from "./output.ts";

const EXIT_CODES = `
Exit codes:
  0 done, or nothing to do             5 the roster was refused
  1 a bug                              6 Tallyfy refused the credentials
  2 wrong usage                        7 Tallyfy or Redis is out of reach
  3 held: a person must approve       78 the configuration has problems
  4 not all of it was done: rows left out, people failed, no seats left, or a newer roster took over
130 sync or approve was stopped with Ctrl-C; the run is kept and goes on later`;

const OPTIONS_LAST = "options come after the command: roster-sync runs --config FILE; ";

let exitCode: ExitCode = EXIT.done;

function build(): Command {
  // Examples bring the options that they need.
  const here = { ...ownInvocation(), options: "" };
  const [, , first = ""] = process.argv;
  const program = new Command("roster-sync")
    .description("Creates the people of a company's HR roster as Tallyfy users, once each.")
    .version(VERSION)
    .addHelpText("after", EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(asTyped(text, here)),
      writeErr: (text) => process.stderr.write(asTyped(text, here)),
    })
    .showHelpAfterError(`(${first.startsWith("-") ? OPTIONS_LAST : ""}roster-sync --help shows the commands)`);

  /** A command that reads the configuration. */
  function command(words: string, description: string, example: string): Command {
    return bare(words, description, example).option("-c, --config <file>", "a YAML file on top of the defaults");
  }
  function bare(words: string, description: string, example: string): Command {
    return program.command(words).description(description).addHelpText("after", `\nExample:\n  $ ${example}`);
  }

  command("start", "run the daemon until it is stopped", "roster-sync start --role intake --role worker")
    .option("-r, --role <role...>", "all, intake, worker or web; may be given several times (default: all)")
    .action(async (options) => done(await (await import("./start-command.ts")).startCommand(options)));
  command(
    "check <file>",
    "say how a roster file is read, and every problem in it",
    "roster-sync check monday.csv --write-config roster.yaml",
  )
    .option("--json", "for programs")
    .option("--write-config <file>", "write the mapping as configuration; open questions as comments")
    .option("--force", "replace the file given with --write-config")
    .action(async (file, options) => done(await (await import("./check-command.ts")).checkCommand(file, options)));
  command(
    "plan <file>",
    "say what would be done to whom and why; changes nothing",
    "roster-sync plan monday.csv --live",
  )
    .option("--json", "for programs")
    .option("--live", "compare with the members that Tallyfy has at this moment")
    .action(async (file, options) => done(await (await import("./plan-command.ts")).planCommand(file, options)));
  command("sync <file>", "make one run in the foreground, to its end", "roster-sync sync monday.csv")
    .option("-y, --yes", "approve the run if it is held")
    .option("--reason <text>", "with --yes: why, which is needed where the roster itself is in doubt")
    .option("--force", "run the file although its content is not new")
    .action(async (file, options) => done(await (await import("./sync-command.ts")).syncCommand(file, options)));
  command("runs [run]", "show the history, or the report of one run", "roster-sync runs 20261123-214544-3e73f9a2")
    .option("--json", "for programs")
    .action(async (run, options) => done(await (await import("./runs-command.ts")).runsCommand(run, options)));
  command(
    "approve <run>",
    "release a held run",
    'roster-sync approve 20261123-214544-3e73f9a2 --reason "two sites were closed"',
  )
    .option("--reason <text>", "why; needed where the roster itself is in doubt, and kept with the run")
    .action(async (run, options) => done(await (await import("./sync-command.ts")).approveCommand(run, options)));
  command("discard <run>", "drop a held run", "roster-sync discard 20261123-214544-3e73f9a2").action(
    async (run, options) => done(await (await import("./discard-command.ts")).discardCommand(run, options)),
  );
  command("users", "show Tallyfy's members, and how each stands to the ledger", "roster-sync users --json")
    .option("--json", "for programs")
    .action(async (options) => done(await (await import("./users-command.ts")).usersCommand(options)));
  command("token <email>", "exchange the app token for a member's token", "roster-sync token ana.ruiz@corp.example")
    .option("--reveal", "print the token itself")
    .action(async (email, options) => done(await (await import("./users-command.ts")).tokenCommand(email, options)));
  command(
    "tasks <email>",
    "show a member's tasks, acting as that member",
    "roster-sync tasks ana.ruiz@corp.example",
  ).action(async (email, options) => done(await (await import("./users-command.ts")).tasksCommand(email, options)));
  command(
    "rebuild",
    "make a lost ledger again from Tallyfy, archive/ and outbox/; only shows what it would write",
    "roster-sync rebuild --yes",
  )
    .option("-y, --yes", "write it")
    .option("--add", "also into a ledger that is not empty: what is there stays, people whom it lacks are added")
    .option("--no-tallyfy", "from the answer files alone, without asking Tallyfy for its members")
    .option("--json", "for programs")
    .action(async (options) => done(await (await import("./rebuild-command.ts")).rebuildCommand(options)));
  command(
    "config",
    "show every option, its value and where it came from",
    "roster-sync config --config /etc/roster-sync.yaml",
  )
    .option("--schema", "print the JSON Schema of the configuration file")
    .action(async (options) => done((await import("./config-command.ts")).configCommand(options)));
  command("doctor", "check everything that a start needs, all at once", "roster-sync doctor").action(async (options) =>
    done(await (await import("./doctor-command.ts")).doctorCommand(options)),
  );
  bare("sandbox", "run the stand-in Tallyfy API", "roster-sync sandbox --port 4010")
    .option("--port <n>", "0 takes any free one (default: 4010)")
    .action(async (options) => done(await (await import("./sandbox-command.ts")).sandboxCommand(options)));
  bare("demo", "show the main job with invented people and the sandbox", "roster-sync demo --exit")
    .option("--exit", "end when the run is done")
    .option("--port <n>", "port of the dashboard (default: any free one)")
    .action(async (options) => done(await (await import("./demo-command.ts")).demoCommand(options)));
  return program;
}

function done(code: ExitCode): void {
  exitCode = code;
}

const output = watchOutput();
try {
  await build().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  } else {
    const failure = (await import("./failure.ts")).failureOf(error);
    warn(failure.text);
    exitCode = failure.exitCode;
  }
}
const lost = await output.lost();
if (lost !== null) {
  warn(lost);
  if (exitCode === EXIT.done) exitCode = EXIT.usage;
}
// Everything was closed in order; what a library may still keep open must not keep the program.
process.exit(exitCode);
