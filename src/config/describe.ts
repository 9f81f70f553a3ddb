// The configuration for people: the effective values with secrets covered, the options as a table, and as a JSON Schema.

import { z } from "zod";
import { coverUrl } from "./fits.ts";
import type { LoadedConfig } from "./load.ts";
import { configSchema, OPTIONS, type Option } from "./schema.ts";

export interface ConfigRow {
  /** Such as `tallyfy.org_id`. */
  readonly name: string;
  /** Such as `TALLYFY_ORG_ID`. */
  readonly env: string;
  /** Secrets are covered. */
  readonly value: string;
  /** Such as `environment TALLYFY_ORG_ID`. */
  readonly source: string;
  /** What the option is for. */
  readonly comment: string;
}

/** Every option, in the order of config/default.yaml. */
export function describeConfig({ config, sources, values }: LoadedConfig): readonly ConfigRow[] {
  return OPTIONS.map((option) => {
    const { path, env, about } = option;
    const source = sources[path] ?? "default";
    if (path === "data_dir") return { name: path, env, value: config.dataDir, source, comment: about };
    if (path === "schedule.timezone" && values.get(path) === null) {
      return { name: path, env, value: config.schedule.timeZone, source: "default (this machine's)", comment: about };
    }
    return { name: path, env, value: shown(option, values.get(path)), source, comment: about };
  });
}

function shown(option: Option, value: unknown): string {
  if (value === null || value === undefined) return "(not set)";
  if (option.path === "redis.url") return coverUrl(String(value));
  if (option.isSecret) return "(hidden)";
  if (option.isPersonal) return coverAddress(String(value));
  return option.kind === "text" ? plain(String(value)) : JSON.stringify(value);
}

/** Enough to see whose it is, for somebody who knows. */
function coverAddress(address: string): string {
  return address.replace(/^(.)[^@]*(@.*)$/, "$1***$2");
}

function plain(text: string): string {
  return text === "\t" ? "tab" : text;
}

/** JSON Schema (draft 2020-12) of a configuration file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: "input" });
}

/** The README's table of options. */
export function optionTable(): string {
  const rows = OPTIONS.map((option) => {
    const env = option.isSecret ? `\`${option.env}\` (or \`_FILE\`)` : `\`${option.env}\``;
    return `| \`${option.path}\` | ${env} | ${fallbackText(option)} | ${cell(meaningOf(option))} |`;
  });
  return ["| option | environment | default | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** What it is for; and what can be given, where nobody could guess it. */
function meaningOf({ about, expected }: Option): string {
  return /^one of |^a (list|map|pattern) /.test(expected) ? `${about} Give ${expected}.` : about;
}

function fallbackText({ fallback, kind }: Option): string {
  if (fallback === null) return "";
  return `\`${cell(kind === "text" ? String(fallback) : JSON.stringify(fallback))}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
