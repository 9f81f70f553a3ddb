// Makes a layer of the environment: one variable for each option, and for secrets a NAME_FILE. An empty variable counts as not
// set, since that is how compose files and unit files leave one out. `process.env` itself is read in load.ts only.

import { resolve } from "node:path";
import type { Environment, Layer, Setting } from "./layer.ts";
import type { Problem } from "./problem.ts";
import { OPTIONS, type Option } from "./schema.ts";
import { readSecretFile, SecretFileError } from "./secret-file.ts";
import { slips } from "./slips.ts";

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
