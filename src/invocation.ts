// How the program is called where it was started. Texts name it plainly, `roster-sync runs`: they are kept in Redis and in files, and read
// elsewhere. What stands in this terminal, or on this dashboard, is copied from there, and gets the form that works here.

import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Invocation {
  /** What stands in front of a command's name, such as `scripts/roster-sync`. */
  readonly program: string;
  /** What every command needs that reads the configuration, such as ` --config roster.yaml`; may be empty. */
  readonly options: string;
}

/** As node has it: its own program, the script, the words behind it. */
type Argv = readonly string[];

const COMMAND =
  /(?<![\w./-])roster-sync (?:(start|check|plan|sync|runs|approve|discard|users|token|tasks|rebuild|config|doctor)|(sandbox|demo|--help|\[options\]))(?!\.?[\w-])/g;

/** The text with every command as it is typed here. */
export function asTyped(text: string, { program, options }: Invocation): string {
  return text.replace(COMMAND, (_, configured?: string, other?: string) =>
    configured === undefined ? `${program} ${other}` : `${program} ${configured}${options}`,
  );
}

/** How this process was called. */
export function ownInvocation(): Invocation {
  const root = realpathSync(fileURLToPath(new URL("../", import.meta.url)));
  const isClone = existsSync(new URL("../src", import.meta.url));
  const [node = "", script = "", ...words] = process.argv;
  // The folder as it really is, to be compared with the clone; the name as it was called, which may be a link's.
  const called = join(realpathSync(dirname(script)), basename(script));
  return invocationOf([node, called, ...words], { cwd: process.cwd(), cloneAt: isClone ? root : null });
}

/** @param cloneAt the clone that the program is part of; null: it was installed, or is in its container */
export function invocationOf(argv: Argv, place: { readonly cwd: string; readonly cloneAt: string | null }): Invocation {
  return { program: programOf(argv, place), options: configOption(argv) };
}

/**
 * Never by `npx`: outside the clone it asks the public registry for a package of this name, and whoever had registered it would run with
 * our secrets in the environment. A path that does not exist is only not found.
 */
function programOf([, script = ""]: Argv, { cwd, cloneAt }: { cwd: string; cloneAt: string | null }): string {
  const own = cloneAt === null ? null : join(cloneAt, "scripts", "roster-sync");
  const isOfPackage = /[\\/]node_modules[\\/]\.bin[\\/]/.test(script);
  // Found on PATH under its name: an installed package, or `docker exec`.
  if (/[\\/]roster-sync$/.test(script) && !isOfPackage && script !== own) return "roster-sync";
  if (own === null) return isOfPackage ? shellWord(script) : "roster-sync";
  return join(cwd, "scripts", "roster-sync") === own ? "scripts/roster-sync" : shellWord(own);
}

/** Whoever gave a configuration file has to give it to the next command, too. */
function configOption(argv: Argv): string {
  const at = argv.findIndex((word) => word === "-c" || word === "--config" || word.startsWith("--config="));
  if (at < 0) return "";
  const file = argv[at]?.startsWith("--config=") ? argv[at].slice("--config=".length) : argv[at + 1];
  return file === undefined ? "" : ` --config ${shellWord(file)}`;
}

/** One word of a shell's line. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
