// Puts the configuration together: defaults, config/default.yaml, the file of --config, the environment, each on top of the
// one before. Everything that is wrong is told at once. The only file that reads the environment.

import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { crossChecks, exposedSecrets, type YamlFile } from "./checks.ts";
import { buildConfig, type Config } from "./config.ts";
import { readEnvironmentLayer } from "./environment-layer.ts";
import type { Environment, Layer, Setting } from "./layer.ts";
import { abridged, ConfigProblems, type Problem } from "./problem.ts";
import { type ConfigValues, configSchema, OPTIONS, type Option } from "./schema.ts";
import { readSecretFile } from "./secret-file.ts";
import { strangers } from "./slips.ts";
import { readYamlLayer } from "./yaml-layer.ts";

export { ConfigProblems };

/** What a command cannot do without. */
export type Need = "tallyfy";

export interface LoadOptions {
  readonly env: Environment;
  /** The file of `--config`; it lies on top of the defaults. */
  readonly configFile: string | null;
  /** Relative paths start here. */
  readonly cwd: string;
  /** By default the config/default.yaml that came with the program. */
  readonly defaultFile?: string;
  readonly needs: readonly Need[];
  /** Whether a text is a schedule. */
  readonly isCron: (text: string) => boolean;
  /** False for commands that open no port: `HOST` is not looked at then. */
  readonly servesWeb?: boolean;
}

export interface LoadedConfig {
  readonly config: Config;
  /** By the option's path, such as `tallyfy.org_id`: where the value came from. */
  readonly sources: Readonly<Record<string, string>>;
  /** By the option's path, as it was set; holds secrets. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Variables that are ignored, and look as if they were meant for us. */
  readonly remarks: readonly Problem[];
}

const NEEDED: Record<Need, readonly string[]> = {
  tallyfy: ["tallyfy.org_id", "tallyfy.client_id", "tallyfy.client_secret"],
};

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}

/** @throws ConfigProblems with everything that is wrong */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const { env, cwd } = options;
  const problems: Problem[] = [];
  const files = yamlFiles(options);
  const layers: Layer[] = files.map(({ path, shown }) => readYamlLayer(path, shown));
  layers.push(readEnvironmentLayer(env, cwd));
  for (const layer of layers) problems.push(...layer.problems);

  const set = new Map<string, Setting>();
  for (const layer of layers) for (const [path, setting] of layer.settings) set.set(path, setting);
  const values = new Map<string, unknown>();
  const sources: Record<string, string> = {};
  const refused = new Set<string>();
  for (const option of OPTIONS) {
    const setting = set.get(option.path);
    const value =
      setting === undefined || (setting.value === "" && option.fallback === null) ? undefined : setting.value;
    const checked = option.type.safeParse(value);
    if (checked.success) {
      values.set(option.path, checked.data);
      sources[option.path] = sourceOf(setting, checked.data, option);
    } else {
      refused.add(option.path);
      values.set(option.path, option.fallback);
      const detail = checked.error.issues
        .map(inPlainWords)
        .filter((words) => words !== "")
        .join("; ");
      problems.push(refusal(option, setting, detail));
    }
  }

  const parsed = configSchema.parse(nest(values)) as ConfigValues;
  const whole = crossChecks(parsed, options).concat(exposedSecrets(files, layers, parsed));
  problems.push(...whole.filter(({ path }) => !refused.has(path)).map(({ problem }) => problem));
  for (const path of options.needs.flatMap((need) => NEEDED[need])) {
    const isMissing = values.get(path) === null && !refused.has(path) && !wasAttempted(path, problems);
    if (isMissing) problems.push(missing(path));
  }
  if (problems.length > 0) throw new ConfigProblems(problems);

  const machineTimeZone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  const clientSecret = secretReader(
    parsed.tallyfy.client_secret ?? "",
    sources["tallyfy.client_secret"] ?? "",
    options,
  );
  const config = buildConfig(parsed, { cwd, machineTimeZone, clientSecret });
  return { config, sources, values, remarks: strangers(env) };
}

function yamlFiles({ cwd, configFile, defaultFile }: LoadOptions): readonly YamlFile[] {
  const own = defaultFile ?? fileURLToPath(new URL("../../config/default.yaml", import.meta.url));
  const files: YamlFile[] =
    existsSync(own) || defaultFile !== undefined ? [{ path: own, shown: shownPath(own, cwd) }] : [];
  if (configFile !== null) {
    const path = resolve(cwd, configFile);
    files.push({ path, shown: shownPath(path, cwd) });
  }
  return files;
}

function shownPath(path: string, cwd: string): string {
  const fromHere = relative(cwd, path);
  return fromHere.startsWith("..") || isAbsolute(fromHere) ? path : fromHere;
}

/** Naming the default file for a default would only distract. */
function sourceOf(setting: Setting | undefined, value: unknown, option: Option): string {
  if (setting === undefined) return "default";
  const isDefault = JSON.stringify(value) === JSON.stringify(option.fallback);
  return isDefault && setting.source.includes("default.yaml line") ? "default" : setting.source;
}

function refusal(option: Option, setting: Setting | undefined, detail: string): Problem {
  const value = setting?.value;
  const name =
    setting === undefined || setting.source.startsWith("environment")
      ? option.env
      : `${option.path} (${setting.source})`;
  const shown =
    value === null || value === "" ? "Nothing" : option.isSecret || option.isPersonal ? "The value" : abridged(value);
  const isInside = option.kind === "json" && typeof value === "object" && value !== null && detail !== "";
  const where = isInside ? ` (${detail})` : "";
  return { name, message: `${shown} is not accepted here${where}.`, fix: `Give ${option.expected}.` };
}

function missing(path: string): Problem {
  const option = OPTIONS.find((candidate) => candidate.path === path);
  if (option === undefined) throw new Error(`There is no option ${path}.`);
  const file = option.isSecret ? `, or ${option.env}_FILE` : "";
  return {
    name: `${option.env} (${path}${file})`,
    message: "It is not set, and this command needs it.",
    fix: `Give ${option.expected}.`,
  };
}

/** A name that is wrong or a file that cannot be read is told already. */
function wasAttempted(path: string, problems: readonly Problem[]): boolean {
  const env = path.replaceAll(".", "_").toUpperCase();
  return problems.some(
    ({ name, fix }) =>
      name === env || name === `${env}_FILE` || fix === `Did you mean ${env}?` || fix === `Did you mean ${path}?`,
  );
}

/** Looks at a secret file again each time; while it cannot be read (somebody is just writing it) the last secret stays. */
function secretReader(secret: string, source: string, { env, cwd }: LoadOptions): () => string {
  const file = env.TALLYFY_CLIENT_SECRET_FILE;
  if (!source.startsWith("file named by") || file === undefined) return () => secret;
  let last = secret;
  return () => {
    try {
      last = readSecretFile(resolve(cwd, file));
    } catch {
      // As said above.
    }
    return last;
  };
}

function nest(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const parts = path.split(".");
    const last = parts.pop() ?? path;
    let place = root;
    for (const part of parts) {
      place[part] ??= {};
      place = place[part] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return root;
}

/** What is wrong inside a list or a map; what would be right is the option's own sentence. Empty where there is no inside. */
function inPlainWords(issue: z.core.$ZodIssue): string {
  const where = issue.path.map((part) => (typeof part === "number" ? `entry ${part + 1}` : String(part))).join(", ");
  if (issue.code === "unrecognized_keys") {
    return `${where === "" ? "" : `${where}: `}there is no ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
  }
  return where === "" ? "" : `${where} is missing or not accepted`;
}
