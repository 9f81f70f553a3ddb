// How the program is called where it was started. Texts name it plainly, `roster-sync runs`: they are kept in Redis and in files, and read
// elsewhere. What stands in this terminal, or on this dashboard, is copied from there, and gets the form that works here.

import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

export interface Invocation {
  /** What stands in front of a command's name, such as `npx roster-sync`. */
  readonly program: string;
  /** What every command needs that reads the configuration, such as ` --config roster.yaml`; may be empty. */
  readonly options: string;
}

/** As node has it: its own program, the script, the words behind it. */
type Argv = readonly string[];

const COMMAND =
  /(?<!npx |[\w./-])roster-sync (?:(start|check|plan|sync|runs|approve|discard|users|token|tasks|rebuild|config|doctor)|(sandbox|demo|--help|\[options\]))(?!\.?[\w-])/g;

/** The text with every command as it is typed here. */
export function asTyped(text: string, { program, options }: Invocation): string {
  return text.replace(COMMAND, (_, configured?: string, other?: string) =>
    configured === undefined ? `${program} ${other}` : `${program} ${configured}${options}`,
  );
}

/** How this process was called. */
export function ownInvocation(): Invocation {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const isClone = existsSync(new URL("../src", import.meta.url));
  return invocationOf(process.argv, { cwd: process.cwd(), cloneAt: isClone ? root : null });
}

/** @param cloneAt the clone that the program is part of; null: it was installed, or is in its container */
export function invocationOf(argv: Argv, place: { readonly cwd: string; readonly cloneAt: string | null }): Invocation {
  return { program: programOf(argv, place), options: configOption(argv) };
}

function programOf([, script = ""]: Argv, { cwd, cloneAt }: { cwd: string; cloneAt: string | null }): string {
  const isOfPackage = /[\\/]node_modules[\\/]\.bin[\\/]/.test(script);
  // Found on PATH under its name: an installed package, or `docker exec`.
  if (/[\\/]roster-sync$/.test(script) && !isOfPackage) return "roster-sync";
  if (cloneAt === null) return isOfPackage ? "npx roster-sync" : "roster-sync";
  // Elsewhere npx would look for a package of this name on the network.
  return relative(cloneAt, cwd).startsWith("..") ? `node ${shellWord(script)}` : "npx roster-sync";
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
