// What no single option can tell by itself: options that contradict each other, files that are not what they must be.

import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { isLocalUrl, isLoopback } from "./fits.ts";
import type { Layer, Setting } from "./layer.ts";
import { abridged, type Problem } from "./problem.ts";
import { type ConfigValues, OPTIONS } from "./schema.ts";
import { isReadByOthers } from "./secret-file.ts";

interface Around {
  readonly isCron: (text: string) => boolean;
  readonly cwd: string;
  readonly servesWeb?: boolean;
}

export interface YamlFile {
  readonly path: string;
  readonly shown: string;
}

export interface Found {
  /** The option that would have to change. */
  readonly path: string;
  readonly problem: Problem;
}

/** What no option can tell by itself. */
export function crossChecks(values: ConfigValues, { isCron, cwd, servesWeb = true }: Around): Found[] {
  const found: Found[] = [];
  function note(path: string, message: string, fix: string): void {
    found.push({ path, problem: { name: path.replaceAll(".", "_").toUpperCase(), message, fix } });
  }
  const { schedule, host, dashboard, rate, redis, retry, tallyfy } = values;
  if (!isCron(schedule.cron)) {
    note(
      "schedule.cron",
      `${abridged(schedule.cron)} is no schedule.`,
      "Give five cron fields (minute hour day month weekday), such as 0 2 * * *.",
    );
  }
  if (servesWeb && !isLoopback(host) && dashboard.password === null) {
    note(
      "host",
      `${host} lets other machines in, and there is no password.`,
      "Set DASHBOARD_PASSWORD (or DASHBOARD_PASSWORD_FILE), or HOST to 127.0.0.1.",
    );
  }
  if (rate.max_per_second !== null && rate.max_per_second < rate.per_second) {
    note(
      "rate.max_per_second",
      `It is ${rate.max_per_second} and RATE_PER_SECOND, where the pace starts, is ${rate.per_second}.`,
      "Give a ceiling that is not below the start.",
    );
  }
  if (retry.cap_ms < retry.base_ms) {
    note(
      "retry.cap_ms",
      `It is ${retry.cap_ms} and RETRY_BASE_MS is ${retry.base_ms}.`,
      "Give a cap that is not below the base.",
    );
  }
  const files = {
    "tallyfy.ca_file": tallyfy.ca_file,
    "redis.ca_file": redis.ca_file,
    "redis.cert_file": redis.cert_file,
    "redis.key_file": redis.key_file,
  };
  for (const [option, file] of Object.entries(files)) {
    if (file !== null && !isReadable(resolve(cwd, file)))
      note(option, `The file ${resolve(cwd, file)} cannot be read.`, "Give a PEM file that this account may read.");
  }
  const { url, sentinels, cluster } = redis;
  if ([url, sentinels, cluster].filter((place) => place !== null).length > 1) {
    const option = sentinels === null ? "redis.cluster" : "redis.sentinels";
    note(option, "Redis is in several places at once.", "Give one of REDIS_URL, REDIS_SENTINELS and REDIS_CLUSTER.");
  }
  if ((redis.cert_file === null) !== (redis.key_file === null)) {
    const option = redis.cert_file === null ? "redis.cert_file" : "redis.key_file";
    note(option, "A certificate and its key go together.", "Give both REDIS_CERT_FILE and REDIS_KEY_FILE, or neither.");
  }
  const isTls = redis.tls || url?.startsWith("rediss:") === true;
  if (!isTls && (redis.ca_file !== null || redis.cert_file !== null)) {
    const option = redis.ca_file === null ? "redis.cert_file" : "redis.ca_file";
    note(option, "It is for TLS, and TLS is not asked for.", "Use rediss:// in REDIS_URL, or set REDIS_TLS to true.");
  }
  if (url?.startsWith("redis:") === true && redis.tls) {
    note("redis.tls", "REDIS_URL begins with redis://, which is without TLS.", "Let it begin with rediss://.");
  }
  return found;
}

/** Secrets in a file that everybody may read. With a Tallyfy on this machine it is a sandbox, and nothing is at stake. */
export function exposedSecrets(files: readonly YamlFile[], layers: readonly Layer[], values: ConfigValues): Found[] {
  if (isLocalUrl(values.tallyfy.token_url) && isLocalUrl(values.tallyfy.api_url)) return [];
  const found: Found[] = [];
  for (const [at, { path, shown }] of files.entries()) {
    const settings = layers[at]?.settings ?? new Map<string, Setting>();
    const secrets = OPTIONS.filter(
      (option) => option.isSecret && ![undefined, null, ""].includes(settings.get(option.path)?.value as never),
    );
    const first = secrets[0];
    if (first === undefined || !isReadByOthers(path)) continue;
    const names = secrets.map((secret) => secret.path).join(", ");
    const message = `It holds ${names}, and every account of this machine may read it.`;
    found.push({ path: first.path, problem: { name: shown, message, fix: `Type: chmod o-rwx ${path}` } });
  }
  return found;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
