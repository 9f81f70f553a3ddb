// Makes a layer of the environment: one variable for each option, and for secrets a NAME_FILE. An empty variable counts as not
// set, since that is how compose files and unit files leave one out. `process.env` itself is read in load.ts only.

import { resolve } from "node:path";
import type { Layer, Setting } from "./layer.ts";
import { nearest, type Problem } from "./problem.ts";
import { OPTIONS, type Option } from "./schema.ts";
import { readSecretFile, SecretFileError } from "./secret-file.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Read by scripts/, not by the program. */
const OTHER_NAMES = ["ROSTER_SYNC_NO_INSTALL"];
/** A name that differs by more than this is somebody else's. */
const SLIP_LETTERS = 2;

export function readEnvironmentLayer(env: Environment, cwd: string): Layer {
  const settings = new Map<string, Setting>();
  const problems: Problem[] = [];
  for (const option of OPTIONS) {
    const given = env[option.env] ?? "";
    const file = option.isSecret ? (env[`${option.env}_FILE`] ?? "") : "";
    if (given !== "" && file !== "") {
      problems.push({
        name: option.env,
        message: `Both ${option.env} and ${option.env}_FILE are set.`,
        fix: "Set one of them only.",
      });
    } else if (given !== "") {
      settings.set(option.path, { value: converted(given, option), source: `environment ${option.env}` });
    } else if (file !== "") {
      readFile(option, resolve(cwd, file), settings, problems);
    }
  }
  problems.push(...slips(env));
  return { settings, problems };
}

function readFile(option: Option, path: string, settings: Map<string, Setting>, problems: Problem[]): void {
  const name = `${option.env}_FILE`;
  try {
    settings.set(option.path, { value: readSecretFile(path), source: `file named by ${name}` });
  } catch (error) {
    if (!(error instanceof SecretFileError)) throw error;
    problems.push({ name, message: `The file ${path} ${error.message}.`, fix: fixFor(error.message, path) });
  }
}

function fixFor(message: string, path: string): string {
  return message.startsWith("may be read")
    ? `Type: chmod o-rwx ${path}`
    : "Name a file that holds the secret and that this account may read.";
}

/** What does not convert stays text, and the check of the option says what would be right. */
function converted(text: string, option: Option): unknown {
  switch (option.kind) {
    case "text":
      return text === "\\t" ? "\t" : text;
    case "number":
      return /^[+-]?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case "flag":
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : text;
    case "json":
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return text;
      }
  }
}

/** Names that look like ours with a slip of the hand, and NAME_FILE for what is no secret. Anything else is not our business. */
function slips(env: Environment): Problem[] {
  const known = OPTIONS.flatMap(({ env: name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name]));
  const prefixes = new Set(
    known.filter((name) => name.includes("_")).map((name) => name.slice(0, name.indexOf("_") + 1)),
  );
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(env)) {
    const prefix = name.slice(0, name.indexOf("_") + 1);
    if (value === undefined || !prefixes.has(prefix) || known.includes(name) || OTHER_NAMES.includes(name)) continue;
    const withoutFile = name.replace(/_FILE$/, "");
    if (withoutFile !== name && known.includes(withoutFile)) {
      problems.push({ name, message: "Only secrets are read from a file.", fix: `Set ${withoutFile} itself.` });
      continue;
    }
    const near = nearest(name, known, SLIP_LETTERS);
    // Where the right name is set too, the other one has a purpose of its own.
    if (near === null || (env[near] ?? "") !== "") continue;
    problems.push({ name, message: "There is no such variable.", fix: `Did you mean ${near}?` });
  }
  return problems;
}
